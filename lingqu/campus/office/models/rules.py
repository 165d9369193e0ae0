"""What an organisation says about leave; the nearest one upwards counts."""

from __future__ import annotations

from django.db import models

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
