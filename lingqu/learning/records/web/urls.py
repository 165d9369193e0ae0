"""Addresses of the interface. None has a parameter, so each takes the short way."""

from __future__ import annotations

from django.urls import path

from .statements import statements

app_name = "records"
urlpatterns = [
    path("xapi/statements", statements, name="statements"),
]
