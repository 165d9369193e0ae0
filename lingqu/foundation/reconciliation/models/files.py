"""What the latest national file says, row by row, and the optional list of children of school age."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from lingqu.foundation.registry.models.keys import PersonKey
from lingqu.kernel.fields import LtreeField
from lingqu.kernel.ids import uuid7


class NationalFile(models.Model):
    """One delivery of the national pupil system. ``path``: for which part of the tree it speaks; ``rows``: all its
    pupils, also those that could not be read (``rejected``)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    import_id = models.UUIDField(unique=True)
    import_number = models.TextField()
    path = LtreeField()
    as_of = models.DateField(help_text="day of the file")
    rows = models.IntegerField(default=0)
    rejected = models.IntegerField(default=0)
    loaded_by = models.TextField()
    staged_at = models.DateTimeField(db_default=Now())


class FileEntry(models.Model):
    """One row of a national file; kept until a newer file of the same place was compared.

    ``group_key`` names whose row it is: the person's id, else the ID number's digest, else the row itself. Identifiers are
    kept as digests and as they are shown (masked). ``faults``: what reading found (id_wrong, id_missing, unreadable) and
    what differed from the register before this file was taken over (name_differs).
    """

    id = models.BigAutoField(primary_key=True)
    file = models.ForeignKey(NationalFile, on_delete=models.CASCADE, related_name="entries")
    place = models.TextField(help_text="file, sheet and row")
    person = PersonKey("registry.Person", null=True, on_merge="follow", related_name="+", db_index=False)
    school = models.ForeignKey(
        "registry.Organisation", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    path = LtreeField()
    name = models.TextField()
    sex = models.CharField(max_length=1, default="0")
    birth_date = models.DateField(null=True)
    id_blind = models.UUIDField(null=True)
    number_blind = models.UUIDField(null=True)
    id_shown = models.TextField(blank=True, default="")
    number_shown = models.TextField(blank=True, default="")
    state = models.CharField(max_length=2, default="01", help_text="JY/T 1001 XSDQZT")
    grade = models.CharField(max_length=3, blank=True, default="")
    entry_on = models.DateField(null=True)
    faults = ArrayField(models.TextField(), default=list)
    former = models.JSONField(default=dict, help_text="name, sex, birth_date of the register where they differed")
    group_key = models.UUIDField(null=True)

    class Meta:
        indexes = [models.Index(fields=["file", "group_key"], name="reconcile_entry_group")]


class ListedChild(models.Model):
    """A child of the list of 适龄儿童 that a county was given; the newest list of a place replaces the former."""

    id = models.BigAutoField(primary_key=True)
    organisation = models.ForeignKey("registry.Organisation", on_delete=models.CASCADE, related_name="+")
    path = LtreeField()
    name = models.TextField()
    name_key = models.TextField()
    id_blind = models.UUIDField(null=True)
    id_shown = models.TextField(blank=True, default="")
    sealed = models.BinaryField(null=True, help_text="map with guardian_phone")
    loaded_by = models.TextField()
    loaded_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["path", "id"], name="reconcile_listed_path")]
