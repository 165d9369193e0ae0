"""What an application has set for OpenID Connect."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from ..types.words import Algorithm, AuthMethod, GrantType


def usual_grants() -> list[str]:
    return [GrantType.CODE.value, GrantType.REFRESH.value]


class OidcClient(models.Model):
    """Settings of one application. Its ``client_id``, secrets, scopes and state stand at the application."""

    application = models.OneToOneField(
        "applications.Application", on_delete=models.CASCADE, primary_key=True, related_name="oidc"
    )
    redirect_uris = ArrayField(models.TextField(), default=list)
    post_logout_uris = ArrayField(models.TextField(), default=list)
    backchannel_uri = models.TextField(blank=True, default="", help_text="receives logout tokens")
    auth_method = models.TextField(choices=AuthMethod.choices, default=AuthMethod.SECRET)
    jwks = models.JSONField(null=True, help_text="public keys of the client for private_key_jwt")
    grants = ArrayField(models.TextField(choices=GrantType.choices), default=usual_grants)
    id_token_alg = models.TextField(choices=Algorithm.choices, default=Algorithm.ES256)
    pkce_waived_because = models.TextField(blank=True, default="", help_text="empty: PKCE S256 is required")
    pkce_waived_by = models.TextField(blank=True, default="")
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(auth_method="none") | models.Q(pkce_waived_because=""),
                name="oidc_public_client_uses_pkce",
            ),
            models.CheckConstraint(
                condition=~models.Q(auth_method="private_key_jwt") | models.Q(jwks__isnull=False),
                name="oidc_key_client_has_keys",
            ),
        ]
