"""The sign-in log and the buckets that slow guessing down."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from .accounts import Account


class SignInAttempt(models.Model):
    """One attempt: login and address as keyed digests, outcome and cause; the base of the 登不上 help."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_default=Now())
    account = models.ForeignKey(Account, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    login_blind = models.UUIDField()
    address_blind = models.UUIDField()
    outcome = models.TextField(help_text="ok, bad_password, unknown, not_active, locked, throttled")

    class Meta:
        indexes = [
            models.Index(fields=["account", "-id"], name="identity_attempt_account"),
            models.Index(fields=["login_blind", "-id"], name="identity_attempt_login"),
            models.Index(fields=["at"], name="identity_attempt_at"),
        ]


class Throttle(models.Model):
    """A leaky bucket in one moment: ``free_at`` is when the bucket would be empty again. The table is UNLOGGED."""

    key = models.UUIDField(primary_key=True)
    free_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["free_at"], name="identity_throttle_free")]
