"""The second factor of an account: an authenticator app, passkeys, recovery codes on paper; and who must have one."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from lingqu.kernel.ids import uuid7

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


class Passkey(models.Model):
    """A WebAuthn credential of an account: the public half, and what told it apart when it was made.

    ``sign_count`` is the highest counter seen; many authenticators never count and stay at 0. ``is_synced``: the key may be
    copied to other devices of its owner (backup eligible), so it counts as a software key.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="passkeys")
    credential_id = models.BinaryField(unique=True)
    public_key = models.BinaryField(help_text="COSE key in CBOR")
    sign_count = models.BigIntegerField(default=0)
    is_synced = models.BooleanField(default=False)
    name = models.TextField()
    made_at = models.DateTimeField(db_default=Now())
    last_used_at = models.DateTimeField(null=True)


class FactorRule(models.Model):
    """Which roles must have a second factor on this node, and how many days somebody has to set one up. One row at most;
    without it the defaults of ``selectors.requiring`` hold."""

    id = models.SmallIntegerField(primary_key=True, default=1, editable=False)
    roles = ArrayField(models.TextField(), default=list)
    grace_days = models.IntegerField()
    since = models.DateTimeField(null=True, help_text="when a role was added last: nobody's grace began earlier")
    changed_by = models.TextField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="identity_factor_rule_is_one"),
            models.CheckConstraint(condition=models.Q(grace_days__range=(0, 90)), name="identity_factor_rule_grace"),
        ]
