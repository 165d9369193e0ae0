"""One entry into an application: its code, and the family of refresh tokens that grew out of it."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from lingqu.kernel.ids import uuid7

from ..types.words import GrantEnd, SpentKind


class Grant(models.Model):
    """A code and what came of it. No secret stands here: code and refresh tokens carry a keyed mark over this id.

    ``generation`` counts refresh tokens given out: only the newest is good, an older one ends the grant. ``auth_time``
    and ``amr`` are copies of the SSO session at the moment of entry.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    application = models.ForeignKey("applications.Application", on_delete=models.CASCADE, related_name="oidc_grants")
    account = models.ForeignKey(
        "identity.Account", on_delete=models.CASCADE, related_name="oidc_grants", db_index=False
    )
    session = models.ForeignKey("identity.SsoSession", on_delete=models.CASCADE, related_name="oidc_grants")
    subject = models.TextField()
    scopes = ArrayField(models.TextField())
    redirect_uri = models.TextField()
    challenge = models.TextField(blank=True, default="", help_text="S256; empty where PKCE is waived")
    nonce = models.TextField(blank=True, default="")
    auth_time = models.DateTimeField()
    amr = ArrayField(models.TextField(), default=list)
    made_at = models.DateTimeField(db_default=Now())
    code_until = models.DateTimeField()
    redeemed_at = models.DateTimeField(null=True)
    generation = models.PositiveIntegerField(default=0)
    lasts_until = models.DateTimeField(help_text="no token of this grant is good after it")
    ended_at = models.DateTimeField(null=True)
    ended_because = models.TextField(blank=True, default="", choices=GrantEnd.choices)

    class Meta:
        indexes = [
            models.Index(fields=["account", "application"], name="oidc_grant_account"),
            models.Index(fields=["lasts_until"], name="oidc_grant_until"),
        ]


class SpentId(models.Model):
    """A ``jti`` that is not good (again): a client's assertion that was used, an access token that was revoked."""

    kind = models.TextField(choices=SpentKind.choices)
    value = models.TextField(help_text="client_id and jti")
    until = models.DateTimeField(help_text="afterwards the token is over by itself")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "value"], name="oidc_spent_once")]
        indexes = [models.Index(fields=["until"], name="oidc_spent_until")]
