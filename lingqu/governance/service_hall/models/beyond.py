"""Transfers from and to other provinces, followed beside the national system."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from lingqu.foundation.registry.models.keys import PersonKey
from lingqu.kernel.fields import LtreeField
from lingqu.kernel.ids import uuid7

from ..types.beyond import BeyondState, Direction


class BeyondTransfer(models.Model):
    """Who moves where and how far it is. ``school`` is ours, ``path`` its; ``person`` empty: a child that is not in the
    register yet. ``links``: link → day on which the national system shows it done. ``due_on``: until when the next one should be."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    direction = models.TextField(choices=Direction.choices)
    person = PersonKey("registry.Person", null=True, on_merge="follow", related_name="+", db_index=False)
    name = models.TextField()
    grade = models.CharField(max_length=3)
    school = models.ForeignKey("registry.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False)
    path = LtreeField()
    other_province = models.TextField()
    other_school = models.TextField()
    serial = models.TextField(blank=True, default="")
    links = models.JSONField(default=dict)
    due_on = models.DateField()
    state = models.TextField(choices=BeyondState.choices, default=BeyondState.OPEN)
    ending = models.TextField(blank=True, default="")
    opened_by = models.TextField(blank=True, default="")
    opened_at = models.DateTimeField(db_default=Now())
    ended_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=models.Q(state="open"), name="service_hall_one_open_beyond"
            ),
            models.UniqueConstraint(
                fields=["serial"],
                condition=~models.Q(serial="") & ~models.Q(state="closed"),
                name="service_hall_beyond_serial",
            ),
            models.CheckConstraint(
                condition=models.Q(state="open") ^ models.Q(ended_on__isnull=False), name="service_hall_beyond_ended"
            ),
        ]
        indexes = [
            models.Index(fields=["path", "-id"], name="service_hall_beyond_path"),
            models.Index(fields=["person"], name="service_hall_beyond_person"),
            models.Index(fields=["due_on", "id"], name="service_hall_beyond_due", condition=models.Q(state="open")),
        ]
