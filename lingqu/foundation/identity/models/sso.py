"""The visit of an account in one browser: what every protocol joins and what ends everything."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from lingqu.kernel.ids import uuid7

from ..types.words import SessionEnd, SessionKind
from .accounts import Account


class SsoSession(models.Model):
    """One sign-in until its end. ``id`` is the ``sid`` of OIDC and the SessionIndex of SAML.

    ``auth_time`` and ``amr`` (RFC 8176) say when and how the account proved itself last; they are copied to codes,
    tickets and tokens and never worked out again. ``group_id`` is the class session it belongs to, which ends all.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="sso_sessions", db_index=False)
    kind = models.TextField(choices=SessionKind.choices, default=SessionKind.BROWSER)
    amr = ArrayField(models.TextField(), default=list)
    auth_time = models.DateTimeField()
    agent = models.TextField(blank=True, default="", help_text="what the browser calls itself, cut to 200 characters")
    address_blind = models.UUIDField(null=True, help_text="digest of the network it came from")
    group_id = models.UUIDField(null=True)
    began_at = models.DateTimeField(db_default=Now())
    seen_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_because = models.TextField(blank=True, default="", choices=SessionEnd.choices)

    class Meta:
        indexes = [
            models.Index(fields=["account", "-began_at"], name="identity_sso_account"),
            models.Index(fields=["expires_at"], name="identity_sso_running", condition=models.Q(ended_at__isnull=True)),
            models.Index(
                fields=["group_id"],
                name="identity_sso_group",
                condition=models.Q(group_id__isnull=False, ended_at__isnull=True),
            ),
            models.Index(fields=["ended_at"], name="identity_sso_ended", condition=models.Q(ended_at__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True, ended_because="")
                | (models.Q(ended_at__isnull=False) & ~models.Q(ended_because="")),
                name="identity_sso_end_has_a_cause",
            )
        ]
