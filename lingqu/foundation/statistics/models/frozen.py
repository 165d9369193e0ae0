"""Snapshots: what was known about a day, school by school, under pseudonyms.

The rows name nobody: ``key`` stands for a person through :class:`Pseudonym`, and erasing that row breaks the link for good.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from lingqu.foundation.registry.models.keys import PersonKey
from lingqu.kernel.fields import LtreeField
from lingqu.kernel.ids import uuid7

from ..types.words import SnapshotKind, SnapshotState


class Pseudonym(models.Model):
    """The joining key: the same person has the same ``key`` in every snapshot."""

    key = models.UUIDField(primary_key=True, editable=False)
    person = PersonKey("registry.Person", on_merge="follow", on_delete=models.CASCADE, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person"], name="statistics_pseudonym_person")]


class Snapshot(models.Model):
    """``number`` is the version among snapshots of one day and place; a correction adds one and the old one stays.
    ``digest``: SHA-256 over the digests of its schools in the order of their ids, one hex text a line."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.TextField(choices=SnapshotKind.choices, default=SnapshotKind.DAY)
    organisation = models.ForeignKey("registry.Organisation", on_delete=models.PROTECT, related_name="+")
    path = LtreeField()
    taken_on = models.DateField(help_text="the day of statistics; rows are those open on it")
    year = models.CharField(max_length=9)
    number = models.IntegerField(default=1)
    state = models.TextField(choices=SnapshotState.choices, default=SnapshotState.RUNNING)
    reason = models.TextField(blank=True, default="", help_text="why a new version was made")
    schools = models.IntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True, default="")
    created_by = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())
    sealed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "taken_on", "number"], name="statistics_snapshot_version",
                condition=models.Q(kind="day"),
            )
        ]  # fmt: skip
        indexes = [models.Index(fields=["path", "taken_on"], name="statistics_snapshot_path")]


class SnapshotSchool(models.Model):
    """A school as it was, with its conditions. Written last: from then on nothing can be added to the school.
    ``previous``: the snapshot its changes are counted against."""

    id = models.BigAutoField(primary_key=True)
    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="school_rows", db_index=False)
    school = models.ForeignKey("registry.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False)
    previous = models.ForeignKey(Snapshot, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    path = LtreeField()
    territory_path = LtreeField(null=True)
    code = models.TextField(blank=True, default="")
    name = models.TextField()
    kind = models.TextField()
    school_type = models.TextField(blank=True, default="")
    schooling = models.TextField(blank=True, default="")
    urban_rural = models.TextField(blank=True, default="")
    ownership = models.TextField(blank=True, default="")
    conditions = models.JSONField(default=dict)
    rooms = models.JSONField(default=dict, help_text="number of rooms by kind")
    digest = models.CharField(max_length=64)
    frozen_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["snapshot", "school"], name="statistics_school_once"),
        ]


class SnapshotPupil(models.Model):
    """One pupil at one school. Attributes are empty when the register does not hold them."""

    id = models.BigAutoField(primary_key=True)
    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="+", db_index=False)
    school_id = models.UUIDField()
    key = models.UUIDField()
    class_id = models.UUIDField(null=True)
    grade = models.CharField(max_length=3, blank=True, default="")
    sex = models.CharField(max_length=1)
    age = models.IntegerField(null=True, help_text="full years on the day")
    register_state = models.CharField(max_length=2, blank=True, default="", help_text="XSDQZT; empty: no 学籍 here")
    attendance = models.TextField()
    boarding = models.BooleanField(null=True)
    migrant = models.BooleanField(default=False)
    left_behind = models.BooleanField(default=False)
    included = models.BooleanField(default=False, help_text="随班就读")
    household = models.TextField(blank=True, default="", help_text="户口性质")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["snapshot", "school_id", "key"], name="statistics_pupil_once"),
        ]


class SnapshotStaff(models.Model):
    """One member of staff at one organisation: working there, or only on its establishment."""

    id = models.BigAutoField(primary_key=True)
    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="+", db_index=False)
    school_id = models.UUIDField()
    key = models.UUIDField()
    works = models.BooleanField(help_text="works here")
    employs = models.BooleanField(help_text="the establishment is here")
    employment_kind = models.TextField()
    sex = models.CharField(max_length=1)
    age = models.IntegerField(null=True)
    title = models.TextField(blank=True, default="")
    degree = models.TextField(blank=True, default="", help_text="GB/T 6864; 0: none")
    education = models.TextField(blank=True, default="", help_text="学历, GB/T 4658")
    subject = models.TextField(blank=True, default="")
    stage = models.TextField(blank=True, default="")
    full_time_teacher = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["snapshot", "school_id", "key"], name="statistics_staff_once"),
        ]


class SnapshotClass(models.Model):
    """One class with its size: pupils of the snapshot who sit in it."""

    id = models.BigAutoField(primary_key=True)
    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="+", db_index=False)
    school_id = models.UUIDField()
    class_id = models.UUIDField()
    name = models.TextField()
    kind = models.TextField()
    grades = ArrayField(models.CharField(max_length=3), default=list)
    grade = models.CharField(max_length=3, blank=True, default="", help_text="the lowest of its grades")
    size = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["snapshot", "school_id", "class_id"], name="statistics_class_once"),
        ]


class SnapshotChange(models.Model):
    """A pupil who came or went since the school's previous snapshot. ``code``: XSBD, or ``+?`` / ``-?`` where the register
    does not say how. ``direction`` is +1 or -1."""

    id = models.BigAutoField(primary_key=True)
    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="+", db_index=False)
    school_id = models.UUIDField()
    key = models.UUIDField()
    code = models.CharField(max_length=2)
    direction = models.SmallIntegerField()
    grade = models.CharField(max_length=3, blank=True, default="")
    sex = models.CharField(max_length=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["snapshot", "school_id", "key"], name="statistics_change_once"),
        ]
