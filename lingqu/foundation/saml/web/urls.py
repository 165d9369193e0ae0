"""Addresses of SAML."""

from __future__ import annotations

from django.urls import path

from . import settings, sso

app_name = "saml"
urlpatterns = [
    path("saml/metadata", sso.metadata, name="metadata"),
    path("saml/sso", sso.sso, name="sso"),
    path("saml/sso/<uuid:pending_id>", sso.go_on, name="go_on"),
    path("saml/slo", sso.slo, name="slo"),
    path("saml/enter/<str:client_id>", sso.enter, name="enter"),
    path("applications/<str:client_id>/saml", settings.edit, name="settings"),
]
