"""数据确认单: a round asks schools, a sheet is one answer with a number, a check code and frozen rows."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from lingqu.kernel.fields import LtreeField
from lingqu.kernel.ids import uuid7

from ..types.words import SchoolTerm, SheetState
from .frozen import Snapshot


class Round(models.Model):
    """One term's confirmation at a part of the tree. With ``snapshot`` its sheets show that day, else the moment of
    submission."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation = models.ForeignKey("registry.Organisation", on_delete=models.PROTECT, related_name="+")
    path = LtreeField()
    year = models.CharField(max_length=9)
    term = models.CharField(max_length=1, choices=SchoolTerm.choices)
    deadline = models.DateField()
    snapshot = models.ForeignKey(Snapshot, null=True, on_delete=models.PROTECT, related_name="+")
    opened_by = models.TextField(blank=True, default="")
    opened_at = models.DateTimeField(db_default=Now())
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "year", "term"], name="statistics_round_once"),
        ]
        indexes = [models.Index(fields=["path"], name="statistics_round_path")]


class Sheet(models.Model):
    """One submission. A correction is a new sheet with the next ``version``; a confirmed one never changes again.
    ``ticks``: codes of the blocks the principal looked at. ``digest``: SHA-256 of its totals as printed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="sheets", db_index=False)
    school = models.ForeignKey("registry.Organisation", on_delete=models.PROTECT, related_name="+")
    path = LtreeField()
    serial = models.IntegerField()
    version = models.IntegerField(default=1)
    number = models.TextField()
    check_code = models.CharField(max_length=9)
    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64)
    note = models.TextField(blank=True, default="", help_text="更正说明")
    state = models.TextField(choices=SheetState.choices, default=SheetState.SUBMITTED)
    submitted_by = models.TextField(blank=True, default="")
    submitted_at = models.DateTimeField(db_default=Now())
    ticks = models.JSONField(default=list)
    class_checks = models.JSONField(default=list, help_text="per class: name, size, by, at; fixed on confirming")
    confirmed_by = models.TextField(blank=True, default="")
    confirmed_at = models.DateTimeField(null=True)
    returned_by = models.TextField(blank=True, default="")
    returned_at = models.DateTimeField(null=True)
    return_reason = models.TextField(blank=True, default="")
    scan = models.CharField(max_length=64, blank=True, default="")
    scan_name = models.TextField(blank=True, default="")
    scan_by = models.TextField(blank=True, default="")
    scan_at = models.DateTimeField(null=True)
    received_by = models.TextField(blank=True, default="")
    received_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["number"], name="statistics_sheet_number"),
            models.UniqueConstraint(fields=["round", "school", "version"], name="statistics_sheet_version"),
        ]


class ClassCheck(models.Model):
    """One class that the school compared with its paper roster: ``size`` stood on the page, ``listed`` on the roster."""

    id = models.BigAutoField(primary_key=True)
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="class_checks", db_index=False)
    school = models.ForeignKey("registry.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False)
    class_id = models.UUIDField()
    name = models.TextField()
    size = models.IntegerField()
    listed = models.IntegerField()
    checked_by = models.TextField(blank=True, default="")
    checked_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "school", "class_id"], name="statistics_class_check_once"),
        ]


class Reminder(models.Model):
    """One reminding of one school in a round. ``people``: names of who got a message; ``messages``: their ids."""

    id = models.BigAutoField(primary_key=True)
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="reminders", db_index=False)
    school = models.ForeignKey("registry.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False)
    people = models.JSONField(default=list)
    messages = models.JSONField(default=list)
    sent_by = models.TextField(blank=True, default="")
    sent_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["round", "school", "-sent_at"], name="statistics_reminder_school")]
