"""What an organisation says about leave; the nearest one upwards counts."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from ..types.words import Audience


class LeaveRule(models.Model):
    """``kinds``: a list of maps with code, name, is_illness and quota (days a school year as text, empty = no limit)."""

    id = models.BigAutoField(primary_key=True)
    organisation = models.ForeignKey("registry.Organisation", on_delete=models.CASCADE, related_name="leave_rules")
    audience = models.TextField(choices=Audience.choices)
    first_days = models.DecimalField(max_digits=4, decimal_places=1)
    second_days = models.DecimalField(max_digits=4, decimal_places=1)
    kinds = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "audience"], name="office_one_rule")]


class OnlineLeave(models.Model):
    """Whether leave is asked for online at a place and below, until a place nearer says otherwise; families read the reason
    where it is off."""

    id = models.BigAutoField(primary_key=True)
    organisation = models.OneToOneField("registry.Organisation", on_delete=models.CASCADE, related_name="online_leave")
    is_on = models.BooleanField()
    reason = models.TextField(blank=True, default="")
    set_by = models.TextField(blank=True, default="")
    set_at = models.DateTimeField(db_default=Now())
