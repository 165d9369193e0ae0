"""The second factor of an account: an authenticator app, and recovery codes on paper."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from .accounts import Account


class OneTimeApp(models.Model):
    """A shared secret of an authenticator app (RFC 6238: SHA-1, six digits, thirty seconds, what every app speaks).

    It asks for nothing until ``confirmed_at``: a code was typed that proves the app holds it. ``last_step`` is the latest
    interval whose code was used, so that none is used twice.
    """

    account = models.OneToOneField(Account, primary_key=True, on_delete=models.CASCADE, related_name="one_time_app")
    sealed = models.BinaryField(help_text="map with secret")
    made_at = models.DateTimeField(db_default=Now())
    confirmed_at = models.DateTimeField(null=True)
    last_step = models.BigIntegerField(default=0)


class RecoveryCode(models.Model):
    """One of ten one-use codes for the day the phone is gone."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="recovery_codes")
    code_hash = models.UUIDField(unique=True)
    made_at = models.DateTimeField(db_default=Now())
    used_at = models.DateTimeField(null=True)
