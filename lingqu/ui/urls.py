from __future__ import annotations

from django.urls import path

from . import views

app_name = "ui"
urlpatterns = [
    path("ui/type", views.switch_type, name="type"),
    path("ui/language", views.switch_language, name="language"),
]
