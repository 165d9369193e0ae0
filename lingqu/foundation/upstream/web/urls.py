"""Addresses of sign-in from above."""

from __future__ import annotations

from django.urls import path

from . import desk, doors

app_name = "upstream"
urlpatterns = [
    path("from/<slug:code>", doors.begin, name="begin"),
    path("from/<slug:code>/back", doors.back, name="back"),
    path("from/<slug:code>/logout", doors.logout, name="logout"),
    path("bind/<str:token>", doors.bind, name="bind"),
    path("me/bindings", doors.bindings, name="bindings"),
    path("me/bindings/<int:identifier_id>/end", doors.unbind, name="unbind"),
    path("upstream", desk.sources, name="sources"),
    path("upstream/new", desk.edit, name="new"),
    path("upstream/sources/<slug:code>", desk.edit, name="edit"),
    path("upstream/unmatched", desk.unmatched, name="unmatched"),
    path("upstream/unmatched/<int:unmatched_id>", desk.decide, name="decide"),
]
