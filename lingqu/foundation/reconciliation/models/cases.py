"""What somebody must act on, with its evidence; and wishes to change 关键数据."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models.functions import Now

from lingqu.foundation.registry.models.keys import PersonKey
from lingqu.kernel.fields import LtreeField
from lingqu.kernel.ids import uuid7

from ..types.words import Bucket, CaseState, Cause, Handling, ReminderState, TicketField, TicketState
from .runs import Run


def _organisation(**more: Any) -> Any:
    return models.ForeignKey(
        "registry.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False, **more
    )


class Case(models.Model):
    """One mismatch of one child, or of an entry that fits no child; it lives on from file to file.

    ``path`` is where it is counted (where the child sits, else where the 学籍 is), ``other_path`` the second school,
    ``owner_path`` who must act. Only a newer file that agrees closes it; one that disagrees again opens it again.
    """

    id = models.BigAutoField(primary_key=True)
    key = models.UUIDField(unique=True)
    person = PersonKey("registry.Person", null=True, on_merge="follow", related_name="+", db_index=False)
    name = models.TextField()
    name_key = models.TextField()
    bucket = models.TextField(choices=Bucket.choices)
    cause = models.TextField(choices=Cause.choices, default=Cause.NONE)
    detail = models.TextField(blank=True, default="", help_text="file, sheet and row of what could not be read")
    entries = models.IntegerField(default=0)
    former = models.JSONField(default=dict)
    school = _organisation()
    path = LtreeField()
    other_school = _organisation(null=True)
    other_path = LtreeField(null=True)
    owner = _organisation()
    owner_path = LtreeField()
    assigned_by = models.TextField(blank=True, default="", help_text="who gave it to the owner, if not the rules")
    state = models.TextField(choices=CaseState.choices, default=CaseState.TODO)
    handling = models.TextField(choices=Handling.choices, blank=True, default="")
    note = models.TextField(blank=True, default="")
    is_beyond_province = models.BooleanField(default=False, help_text="转接 with another province is under way")
    answered_by = models.TextField(blank=True, default="")
    answered_at = models.DateTimeField(null=True)
    due_on = models.DateField()
    since = models.DateField(help_text="day of the file that showed it first, or again")
    seen_on = models.DateField(help_text="day of the newest file that shows it")
    last_run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="+", db_index=False)
    closed_on = models.DateField(null=True, help_text="day of the file that agreed")
    times = models.IntegerField(default=1, help_text="how often it was opened")

    class Meta:
        indexes = [
            models.Index(fields=["bucket", "path", "name_key", "id"], name="reconcile_case_list"),
            models.Index(fields=["path", "state"], name="reconcile_case_path"),
            models.Index(
                fields=["other_path"], name="reconcile_case_other", condition=models.Q(other_path__isnull=False)
            ),
            models.Index(fields=["owner_path"], name="reconcile_case_owner"),
            models.Index(fields=["person"], name="reconcile_case_person", condition=models.Q(person__isnull=False)),
        ]


class Reminder(models.Model):
    """One 催办: an organisation is told how many of its cases are late. ``message``: the id in delivery."""

    id = models.BigAutoField(primary_key=True)
    owner = _organisation()
    owner_path = LtreeField()
    place = models.TextField(help_text="name of the organisation that reminds")
    late = models.IntegerField(help_text="cases beyond their day when it was ordered")
    todo = models.IntegerField(help_text="cases that waited for the owner then")
    state = models.TextField(choices=ReminderState.choices, default=ReminderState.WAITING)
    message = models.UUIDField(null=True)
    told = models.TextField(blank=True, default="", help_text="name of the person on duty")
    sent_by = models.TextField()
    sent_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner"], condition=models.Q(state="waiting"), name="reconcile_reminder_once"
            )
        ]
        indexes = [models.Index(fields=["owner", "-sent_at"], name="reconcile_reminder_owner")]


class Ticket(models.Model):
    """关键数据变更: what the national system should say about a child. Closed when a file says it; changes nothing here."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = PersonKey("registry.Person", on_merge="follow", related_name="+")
    school = _organisation()
    path = LtreeField()
    field = models.TextField(choices=TicketField.choices)
    wanted_sealed = models.BinaryField(help_text="map with value")
    wanted_shown = models.TextField(help_text="masked as its field is")
    wanted_digest = models.UUIDField()
    reason = models.TextField()
    state = models.TextField(choices=TicketState.choices, default=TicketState.OPEN)
    case_id = models.UUIDField(null=True, unique=True, help_text="case of the process engine, if a family asked")
    opened_by = models.TextField()
    opened_at = models.DateTimeField(db_default=Now())
    due_on = models.DateField()
    closed_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "field"],
                condition=models.Q(state__in=["asked", "open"]),
                name="reconcile_ticket_once",
            )
        ]
        indexes = [models.Index(fields=["path", "state", "id"], name="reconcile_ticket_list")]


class Evidence(models.Model):
    """A scan or PDF in the file store; belongs to a case or to a ticket."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey(Case, null=True, on_delete=models.CASCADE, related_name="evidence")
    ticket = models.ForeignKey(Ticket, null=True, on_delete=models.CASCADE, related_name="evidence")
    digest = models.TextField()
    name = models.TextField()
    size = models.IntegerField()
    media_type = models.TextField()
    added_by = models.TextField()
    added_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(case__isnull=False) ^ models.Q(ticket__isnull=False), name="reconcile_evidence_owner"
            )
        ]
