"""Rules that a place set, with the days on which they count."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from lingqu.kernel.fields import LtreeField
from lingqu.kernel.ids import uuid7

from ..types.rules import RuleKind


class PlaceRule(models.Model):
    """One version of a rule of an organisation; it counts below it until an office nearer says otherwise. A change is a new
    row; ``valid_to`` is the first day on which the row no longer counts."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation = models.ForeignKey(
        "registry.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    path = LtreeField()
    kind = models.TextField(choices=RuleKind.choices)
    values = models.JSONField()
    source = models.TextField(help_text="the rule's own text or number, as the office states it")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    set_by = models.TextField(blank=True, default="")
    set_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "kind"], condition=models.Q(valid_to=None), name="service_hall_one_open_rule"
            ),
            models.CheckConstraint(
                condition=models.Q(valid_to=None) | models.Q(valid_to__gt=models.F("valid_from")),
                name="service_hall_rule_days",
            ),
        ]
        indexes = [models.Index(fields=["path"], name="service_hall_rule_path")]


class GuideNote(models.Model):
    """What an office adds to the guide of a service: whom to call, working days, materials of its own."""

    id = models.BigAutoField(primary_key=True)
    organisation = models.ForeignKey(
        "registry.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    path = LtreeField()
    service = models.TextField()
    contact = models.TextField(blank=True, default="")
    days = models.IntegerField(null=True)
    materials = models.JSONField(default=list, help_text="list of {name, spared, note}; empty: those of the platform")
    set_by = models.TextField(blank=True, default="")
    set_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "service"], name="service_hall_one_guide_note")]
