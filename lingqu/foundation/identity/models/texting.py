"""What SMS may be sent: approved templates, budgets of places, use by month."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from lingqu.kernel.ids import uuid7

from ..types.words import TemplateState


class SmsTemplate(models.Model):
    """The service's template for one kind of SMS. Only an approved one is used."""

    kind = models.TextField(primary_key=True)
    code = models.TextField(help_text="the service's id of the template")
    sign_name = models.TextField()
    state = models.TextField(choices=TemplateState.choices, default=TemplateState.WAITING)
    changed_by = models.TextField()
    changed_at = models.DateTimeField(db_default=Now())


class SmsBudget(models.Model):
    """``monthly`` SMS for each school at or below the place that has no nearer number; ``stopped``: none below it leaves."""

    organisation = models.OneToOneField(
        "registry.Organisation", primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    monthly = models.IntegerField(null=True)
    stopped = models.BooleanField(default=False, db_default=False)
    changed_by = models.TextField()
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(monthly=None) | models.Q(monthly__gte=0), name="identity_sms_budget_positive"
            )
        ]


class SmsUse(models.Model):
    """SMS that were queued for a place in a month."""

    organisation = models.ForeignKey(
        "registry.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    month = models.DateField(help_text="its first day")
    sent = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "month"], name="identity_sms_use_once")]


class SliderChallenge(models.Model):
    """A slider shown to one browser before an SMS to one phone. Used up by its first answer."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    browser_blind = models.UUIDField()
    destination_blind = models.UUIDField()
    place = models.SmallIntegerField(help_text="left edge of the gap in pixels")
    total = models.SmallIntegerField(help_text="answer of the sum")
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)
