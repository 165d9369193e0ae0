from __future__ import annotations

from django.urls import path

from . import authorize, client, discovery, endpoints, logout

app_name = "oidc"
urlpatterns = [
    path(".well-known/openid-configuration", discovery.configuration, name="configuration"),
    path("oidc/jwks", discovery.jwks, name="jwks"),
    path("oidc/authorize", authorize.authorize, name="authorize"),
    path("oidc/token", endpoints.token, name="token"),
    path("oidc/userinfo", endpoints.userinfo, name="userinfo"),
    path("oidc/introspect", endpoints.introspect, name="introspect"),
    path("oidc/revoke", endpoints.revoke, name="revoke"),
    path("oidc/logout", logout.logout, name="logout"),
    path("oidc/logout/confirm", logout.confirm, name="confirm_logout"),
    path("applications/<str:client_id>/oidc", client.settings, name="client"),
]
