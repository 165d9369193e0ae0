"""办学条件 and rooms of a school year: every save is a new version, the newest counts."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from lingqu.kernel.fields import LtreeField

from ..types.words import RoomKind


class Conditions(models.Model):
    """``values``: number by ``ConditionItem`` code; an item that is absent was not reported."""

    id = models.BigAutoField(primary_key=True)
    school = models.ForeignKey("registry.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False)
    path = LtreeField()
    year = models.CharField(max_length=9)
    version = models.IntegerField(default=1)
    values = models.JSONField(default=dict)
    entered_by = models.TextField(blank=True, default="")
    entered_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school", "year", "version"], name="statistics_conditions_version"),
        ]


class Room(models.Model):
    """A room of one version of a school's year."""

    id = models.BigAutoField(primary_key=True)
    owner = models.ForeignKey(Conditions, on_delete=models.CASCADE, related_name="rooms", db_index=False)
    name = models.TextField()
    kind = models.TextField(choices=RoomKind.choices)
    seats = models.IntegerField(null=True)
    building = models.TextField(blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "building", "name"], name="statistics_room_once")]
