"""Addresses of the portal."""

from __future__ import annotations

from django.urls import path

from . import operations, views

app_name = "portal"
urlpatterns = [
    path("", views.home, name="home"),
    path("search", views.search, name="search"),
    path("operations/health", operations.health, name="health"),
    path("operations/letters/<int:letter_id>/retry", operations.retry_letter, name="retry_letter"),
]
