"""阳光分班: one draw for one entry grade of a school, its pupils with what the draw may know, and the sealed result."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from lingqu.foundation.registry.models.keys import PersonKey
from lingqu.kernel.fields import LtreeField
from lingqu.kernel.ids import uuid7

from ..types.words import Bond, PlacementState


class Placement(models.Model):
    """``inputs_sha256`` is sealed before the seed is drawn; ``sealed`` is the file that others recompute, without names.
    ``teams``: list of {name, head}, head being a person number of the school's staff or empty."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    school = models.ForeignKey("registry.Organisation", on_delete=models.PROTECT, related_name="+")
    path = LtreeField()
    year = models.CharField(max_length=9)
    grade = models.CharField(max_length=3)
    classes = models.IntegerField()
    reduction = models.IntegerField(default=5)
    most_included = models.IntegerField(default=2)
    teams = models.JSONField(default=list)
    state = models.TextField(choices=PlacementState.choices, default=PlacementState.DRAFT)
    inputs_sha256 = models.CharField(max_length=64, blank=True, default="")
    frozen_at = models.DateTimeField(null=True)
    seed = models.TextField(blank=True, default="")
    seed_source = models.TextField(blank=True, default="", help_text="where the seed comes from and who entered it")
    witnesses = models.TextField(blank=True, default="")
    drawn_at = models.DateTimeField(null=True)
    drawn_by = models.TextField(blank=True, default="")
    sealed = models.JSONField(default=dict)
    sha256 = models.CharField(max_length=64, blank=True, default="")
    class_ids = models.JSONField(default=list)
    applied_at = models.DateTimeField(null=True)
    created_by = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["school", "year", "grade"], name="yearly_placement_once")]
        indexes = [models.Index(fields=["path", "id"], name="yearly_placement_path")]


class PlacementPupil(models.Model):
    """``band`` is the ordinal of the entry attribute, ``bond_group`` twins with one wish. ``place``: class index."""

    id = models.BigAutoField(primary_key=True)
    placement = models.ForeignKey(Placement, on_delete=models.CASCADE, related_name="pupils", db_index=False)
    person = PersonKey("registry.Person", on_merge="follow", related_name="+")
    number = models.CharField(max_length=12)
    sex = models.CharField(max_length=1)
    band = models.IntegerField(default=0)
    included = models.BooleanField(default=False)
    bond = models.TextField(choices=Bond.choices, blank=True, default="")
    bond_group = models.TextField(blank=True, default="")
    place = models.IntegerField(null=True)
    position = models.IntegerField(null=True)
    is_late = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["placement", "person"], name="yearly_placed_once")]
