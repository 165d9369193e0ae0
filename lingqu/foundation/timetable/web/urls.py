"""Addresses of calendar and timetable."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "timetable"
urlpatterns: list[URLPattern] = []
