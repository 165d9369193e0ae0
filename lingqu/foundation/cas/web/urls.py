"""Addresses of CAS. The names under ``/cas`` are those of the protocol."""

from __future__ import annotations

from django.urls import path

from . import login, settings, validation

app_name = "cas"
urlpatterns = [
    path("cas/login", login.login, name="login"),
    path("cas/logout", login.logout, name="logout"),
    path("cas/validate", validation.validate, name="validate"),
    path("cas/serviceValidate", validation.service_validate, name="service_validate"),
    path("cas/proxyValidate", validation.proxy_validate, name="proxy_validate"),
    path("cas/p3/serviceValidate", validation.p3_service_validate, name="p3_service_validate"),
    path("cas/p3/proxyValidate", validation.p3_proxy_validate, name="p3_proxy_validate"),
    path("cas/samlValidate", validation.saml_validate, name="saml_validate"),
    path("applications/<str:client_id>/cas", settings.edit, name="settings"),
]
