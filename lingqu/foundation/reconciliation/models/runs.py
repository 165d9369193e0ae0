"""Comparing one file: the run that history lists, and its figures by school."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from lingqu.kernel.fields import LtreeField
from lingqu.kernel.ids import uuid7

from ..types.words import Bucket, RunState
from .files import NationalFile


class Run(models.Model):
    """One comparison of one file. Comparing the same file again replaces its figures; older runs stay as they were."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    file = models.OneToOneField(NationalFile, on_delete=models.PROTECT, related_name="run")
    path = LtreeField()
    as_of = models.DateField()
    state = models.TextField(choices=RunState.choices, default=RunState.WAITING)
    rows = models.IntegerField(default=0)
    people = models.IntegerField(default=0, help_text="with an open 就读 when it was compared")
    listed = models.IntegerField(default=0)
    mismatched = models.IntegerField(default=0)
    new_cases = models.IntegerField(default=0)
    closed_cases = models.IntegerField(null=True, help_text="none for the first file of a place")
    actor_name = models.TextField()
    created_at = models.DateTimeField(db_default=Now())
    beat_at = models.DateTimeField(null=True)
    compared_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["path", "-as_of", "-created_at"], name="reconcile_run_latest")]


class Tally(models.Model):
    """Figures of one bucket at one school in one run. Every part of the tree is a sum of these, so its equation holds.

    ``entries`` are rows of the file at the school, ``people`` children who sit there, ``listed`` children of the third list,
    ``cases`` mismatches whose first place is the school.
    """

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="tallies", db_index=False)
    path = LtreeField()
    bucket = models.TextField(choices=Bucket.choices)
    cause = models.TextField(blank=True, default="")
    entries = models.IntegerField(default=0)
    people = models.IntegerField(default=0)
    listed = models.IntegerField(default=0)
    cases = models.IntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["run", "path"], name="reconcile_tally_path")]
