"""What the platform tells security administrators: rules, alerts, who is written to, networks that are schools."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from lingqu.kernel.fields import LtreeField
from lingqu.kernel.ids import uuid7

from ..types.words import AlertKind, NetworkSource
from .accounts import Account


class AlertRule(models.Model):
    """What the node changed about a rule; rules without a row hold as ``selectors.alerts.RULES`` says."""

    code = models.TextField(primary_key=True, choices=AlertKind.choices)
    is_on = models.BooleanField()
    threshold = models.IntegerField(help_text="0: the rule has none")
    changed_by = models.TextField()
    changed_at = models.DateTimeField(db_default=Now())


class Alert(models.Model):
    """One rule, one subject, one day. ``subject`` is an account, or the digest of a network; ``count`` how often or how many.

    ``path`` is the place whose security administrators see it. ``told_at``: e-mail went out, once.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    rule = models.TextField(choices=AlertKind.choices)
    subject = models.UUIDField()
    account = models.ForeignKey(Account, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    path = LtreeField()
    day = models.DateField()
    count = models.IntegerField(default=1)
    first_at = models.DateTimeField(db_default=Now())
    last_at = models.DateTimeField(db_default=Now())
    seen_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    handled_by = models.TextField(blank=True, default="", db_default="")
    note = models.TextField(blank=True, default="", db_default="")
    told_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rule", "subject", "day"], name="identity_alert_once_a_day")]
        indexes = [
            models.Index(fields=["-last_at", "-id"], name="identity_alert_newest"),
            models.Index(fields=["path"], name="identity_alert_open", condition=models.Q(closed_at__isnull=True)),
            models.Index(fields=["id"], name="identity_alert_untold", condition=models.Q(told_at__isnull=True)),
        ]


class AlertRecipient(models.Model):
    """An e-mail address that is told of every alert, beside the verified ones of security administrators."""

    id = models.BigAutoField(primary_key=True)
    address = models.TextField(unique=True)
    added_by = models.TextField()
    added_at = models.DateTimeField(db_default=Now())


class SchoolNetwork(models.Model):
    """A network behind which many people sit: named by an administrator, or learned because many accounts come in from it.

    Only its digest is kept, as in the sign-in log. ``refused``: an administrator said that it is none.
    """

    id = models.BigAutoField(primary_key=True)
    address_blind = models.UUIDField(unique=True)
    source = models.TextField(choices=NetworkSource.choices)
    name = models.TextField(blank=True, default="")
    accounts = models.IntegerField(default=0, help_text="accounts that came in from it in a day")
    seen_at = models.DateTimeField(db_default=Now())
    added_by = models.TextField(blank=True, default="")
