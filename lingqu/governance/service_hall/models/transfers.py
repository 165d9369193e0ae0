"""Transfers between schools of the platform, as facts beside their case."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from lingqu.foundation.registry.models.keys import PersonKey
from lingqu.kernel.fields import LtreeField
from lingqu.kernel.ids import uuid7

from ..types.words import TransferState


class Transfer(models.Model):
    """A child wants to move. ``path`` is that of the new school. While it is open it holds a place of the grade there;
    ``serial`` is the number of the national system, ``took`` what beginning to sit ended, so that it can be taken back."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case_id = models.UUIDField(null=True, unique=True, help_text="case of the process engine")
    person = PersonKey("registry.Person", on_merge="follow", related_name="+", db_index=False)
    from_school = models.ForeignKey("registry.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False)
    to_school = models.ForeignKey("registry.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False)
    path = LtreeField()
    grade = models.CharField(max_length=3)
    state = models.TextField(choices=TransferState.choices, default=TransferState.OPEN)
    serial = models.TextField(blank=True, default="")
    took = models.JSONField(null=True)
    sits_from = models.DateField(null=True)
    asked_at = models.DateTimeField(db_default=Now())
    asked_by = models.TextField(blank=True, default="")
    submitted_on = models.DateField(null=True)
    ended_on = models.DateField(null=True)
    ending = models.TextField(blank=True, default="", help_text="how it was settled, or why not")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=models.Q(ended_on=None), name="service_hall_one_open_transfer"
            ),
            models.UniqueConstraint(
                fields=["serial"], condition=~models.Q(serial="") & ~models.Q(state="closed"),
                name="service_hall_transfer_serial",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["person", "id"], name="service_hall_transfer_person"),
            models.Index(
                fields=["to_school", "grade"], name="service_hall_transfer_open", condition=models.Q(ended_on=None)
            ),
        ]
