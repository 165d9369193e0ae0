"""Cases, their steps, timers, subscriptions and history. The engine's tokens stand in the case's row: they are read and
written together, under its lock (decision 0053)."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Now

from lingqu.foundation.registry.models.keys import PersonKey
from lingqu.kernel.fields import LtreeField
from lingqu.kernel.ids import uuid7

from ..types.words import OPEN_STATES, Act, CaseState, FileKind, TaskKind, TaskState
from .definitions import DefinitionVersion


def _person() -> Any:
    return PersonKey("registry.Person", null=True, on_merge="follow", related_name="+", db_index=False)


def _case(related_name: str) -> Any:
    return models.ForeignKey(Case, on_delete=models.CASCADE, related_name=related_name, db_index=False)


class Case(models.Model):
    """办件. ``organisation`` is where it is handled from; ``subject`` whom it is about. ``engine``: tokens and decisions.
    ``revision`` counts steps. While ``paused_at`` is set the clock stands."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    version = models.ForeignKey(DefinitionVersion, on_delete=models.PROTECT, related_name="+", db_index=False)
    number = models.TextField(help_text="BJ-2026-000387, counted by organisation and year")
    title = models.TextField()
    organisation = models.ForeignKey(
        "registry.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    path = LtreeField()
    starter = _person()
    starter_name = models.TextField()
    subject = _person()
    state = models.TextField(choices=CaseState.choices, default=CaseState.RUNNING)
    was = models.TextField(blank=True, default="", help_text="the state before it was suspended")
    reason = models.TextField(blank=True, default="", help_text="why it is stuck, suspended, cancelled or failed")
    decision = models.TextField(blank=True, default="", help_text="the last decision, when it is over")
    engine = models.JSONField()
    revision = models.IntegerField(default=0)
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="called", db_index=False)
    parent_token = models.IntegerField(null=True)
    saved = models.SmallIntegerField(default=0, help_text="papers that need not be brought")
    started_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    yellow_at = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    archived_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "number"], name="workflow_case_number"),
            models.CheckConstraint(
                condition=models.Q(state__in=OPEN_STATES) ^ models.Q(ended_at__isnull=False), name="workflow_case_ends"
            ),
        ]
        indexes = [
            models.Index(fields=["starter", "-id"], name="workflow_case_starter"),
            models.Index(fields=["subject", "-id"], name="workflow_case_subject"),
            models.Index(fields=["path", "-id"], name="workflow_case_path"),
            models.Index(fields=["version", "-id"], name="workflow_case_version"),
            models.Index(fields=["state", "-id", "path"], name="workflow_case_state"),
            models.Index(fields=["number"], name="workflow_case_by_number"),
            models.Index(fields=["starter_name", "-id"], name="workflow_case_by_name"),
            models.Index(
                fields=["path", "-id"], name="workflow_case_stuck", condition=models.Q(state=CaseState.STUCK)
            ),
            models.Index(
                fields=["parent"], name="workflow_case_called", condition=models.Q(parent__isnull=False)
            ),
            models.Index(
                fields=["-ended_at", "-id"], name="workflow_case_finished", condition=models.Q(ended_at__isnull=False)
            ),
            models.Index(
                fields=["ended_at"], name="workflow_case_ended", condition=models.Q(archived_at=None, ended_at__isnull=False)
            ),
        ]  # fmt: skip


class CaseSerial(models.Model):
    """The last number an organisation gave in a year."""

    organisation = models.ForeignKey(
        "registry.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    year = models.IntegerField()
    last = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "year"], name="workflow_one_serial")]


class CaseData(models.Model):
    """What the forms of a case hold, outside the engine's state."""

    case = models.OneToOneField(Case, primary_key=True, on_delete=models.CASCADE, related_name="data")
    fields = models.JSONField(default=dict)


class Task(models.Model):
    """One thing that a person is asked for. ``addresses`` are keys of the inbox: whoever has one of them may act; a
    claimed task is ``holder``'s. ``asked_by``: the step for which a countersignature was asked."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = _case("tasks")
    token = models.IntegerField()
    node = models.TextField()
    name = models.TextField()
    kind = models.TextField(choices=TaskKind.choices, default=TaskKind.STEP)
    addresses = ArrayField(models.TextField())
    holder = _person()
    asked_by = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="asked", db_index=False)
    state = models.TextField(choices=TaskState.choices, default=TaskState.OPEN)
    decision = models.TextField(blank=True, default="")
    comment = models.TextField(blank=True, default="")
    actor = _person()
    actor_name = models.TextField(blank=True, default="")
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    yellow_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    days_used = models.SmallIntegerField(null=True, help_text="working days from opening to end")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state=TaskState.OPEN) ^ models.Q(ended_at__isnull=False), name="workflow_task_ends"
            )
        ]
        indexes = [
            GinIndex(fields=["addresses"], name="workflow_task_open", condition=models.Q(state=TaskState.OPEN)),
            models.Index(fields=["case", "id"], name="workflow_task_case"),
            models.Index(
                fields=["actor", "-id"], name="workflow_task_actor", condition=models.Q(actor__isnull=False)
            ),
            models.Index(
                fields=["holder"], name="workflow_task_holder",
                condition=models.Q(state=TaskState.OPEN, holder__isnull=False),
            ),
            models.Index(
                fields=["due_at"], name="workflow_task_due",
                condition=models.Q(state=TaskState.OPEN, due_at__isnull=False),
            ),
        ]  # fmt: skip


class Timer(models.Model):
    """A moment that a token waits for. Gone when it fired or is not needed any more."""

    id = models.BigAutoField(primary_key=True)
    case = _case("timers")
    token = models.IntegerField()
    node = models.TextField()
    due_at = models.DateTimeField()
    left = models.IntegerField(default=0, help_text="how often it fires again; -1 without end")
    attempts = models.SmallIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="workflow_timer_due"),
            models.Index(fields=["case"], name="workflow_timer_case"),
        ]


class Subscription(models.Model):
    """A message (with its correlation key) or signal that a token waits for."""

    id = models.BigAutoField(primary_key=True)
    case = _case("subscriptions")
    token = models.IntegerField()
    node = models.TextField()
    name = models.TextField()
    key = models.TextField(blank=True, default="")
    is_signal = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["name", "key"], name="workflow_subscription_name"),
            models.Index(fields=["case"], name="workflow_subscription_case"),
        ]


class Call(models.Model):
    """A handler that did its work for a case: what has to be undone when the case is cancelled."""

    id = models.BigAutoField(primary_key=True)
    case = _case("calls")
    token = models.IntegerField()
    node = models.TextField()
    handler = models.TextField()
    inputs = models.JSONField(default=dict)
    answer = models.JSONField(null=True)
    done_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["case", "id"], name="workflow_call_case")]


class CaseLog(models.Model):
    """What happened, by whom, in order."""

    id = models.BigAutoField(primary_key=True)
    case = _case("log")
    at = models.DateTimeField(db_default=Now())
    act = models.TextField(choices=Act.choices)
    node = models.TextField(blank=True, default="")
    task = models.UUIDField(null=True)
    person = _person()
    name = models.TextField(blank=True, default="")
    decision = models.TextField(blank=True, default="")
    comment = models.TextField(blank=True, default="")
    data = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["case", "id"], name="workflow_log_case")]


class CaseFile(models.Model):
    """A file beside a case. ``node``: the step it came with, empty for the application."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = _case("files")
    task = models.ForeignKey(Task, null=True, on_delete=models.CASCADE, related_name="files", db_index=False)
    node = models.TextField(blank=True, default="")
    field = models.TextField(blank=True, default="", help_text="the form field it stands in")
    kind = models.TextField(choices=FileKind.choices, default=FileKind.MATERIAL)
    digest = models.TextField()
    name = models.TextField()
    size = models.BigIntegerField()
    media_type = models.TextField()
    person = _person()
    added_by = models.TextField()
    added_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["case", "id"], name="workflow_file_case")]


class CaseArchive(models.Model):
    """A finished case packed into one row: its steps, calls and history as compressed JSON."""

    case = models.OneToOneField(Case, primary_key=True, on_delete=models.CASCADE, related_name="archive")
    packed = models.BinaryField()
    packed_at = models.DateTimeField(db_default=Now())
