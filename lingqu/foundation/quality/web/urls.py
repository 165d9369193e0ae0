"""Addresses of quality."""

from __future__ import annotations

from django.urls import path

from . import views

app_name = "quality"
urlpatterns = [
    path("quality", views.start, name="start"),
    path("quality/rules", views.rules, name="rules"),
    path("quality/rules/<slug:rule>", views.rule, name="rule"),
    path("quality/findings/<int:finding_id>/waive", views.waive, name="waive"),
    path("quality/at/<str:code>", views.place, name="place"),
    path("quality/at/<str:code>/evaluate", views.evaluate, name="evaluate"),
    path("quality/at/<str:code>/remind", views.remind, name="remind"),
    path("quality/at/<str:code>/order", views.order, name="order"),
]
