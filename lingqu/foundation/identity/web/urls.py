"""Addresses of identity."""

from __future__ import annotations

from django.urls import path

from . import door, me

app_name = "identity"
urlpatterns = [
    path("sign-in", door.sign_in, name="sign_in"),
    path("sign-out", door.sign_out, name="sign_out"),
    path("activate", door.activate, name="activate"),
    path("me", me.show, name="me"),
    path("me/role", me.choose_role, name="choose_role"),
]
