"""学年升级: the year, the plan of each school, what people decided, and the runs that compute, apply and undo."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from lingqu.foundation.registry.models.keys import PersonKey
from lingqu.kernel.fields import LtreeField
from lingqu.kernel.ids import uuid7

from ..types.words import NoteKind, PlanState, RunKind, RunState


class Rollover(models.Model):
    """One step of the node into a school year. ``locks_at``: until then schools can be undone."""

    to_year = models.CharField(max_length=9, primary_key=True)
    from_year = models.CharField(max_length=9)
    starts_on = models.DateField()
    new_from = models.DateField(help_text="pupils without a class who came since belong to the new year")
    locks_at = models.DateTimeField()
    locked_at = models.DateTimeField(null=True)
    locked_by = models.TextField(blank=True, default="")


class SchoolPlan(models.Model):
    """The preview of one school, and whether it has been applied. Nothing of it is in the register before that.

    ``figures`` are what was counted; applying refuses when the register no longer gives them. ``rules``: ``top`` (oldest
    grade of a teaching point), ``regroup`` (classes are mixed anew between primary and junior school).
    """

    id = models.BigAutoField(primary_key=True)
    rollover = models.ForeignKey(Rollover, on_delete=models.CASCADE, related_name="plans", db_index=False)
    school = models.ForeignKey("registry.Organisation", on_delete=models.PROTECT, related_name="+")
    path = LtreeField()
    name_key = models.TextField()
    state = models.TextField(choices=PlanState.choices, default=PlanState.PENDING)
    up = models.IntegerField(default=0)
    stage = models.IntegerField(default=0)
    central = models.IntegerField(default=0)
    graduate = models.IntegerField(default=0)
    new = models.IntegerField(default=0)
    stay = models.IntegerField(default=0)
    undecided = models.IntegerField(default=0)
    figures = models.JSONField(default=dict)
    entering = models.JSONField(default=dict)
    missing = models.JSONField(default=list)
    heads_missing = models.IntegerField(default=0)
    rules = models.JSONField(default=dict)
    fault = models.TextField(blank=True, default="", help_text="code of why it was not applied")
    computed_at = models.DateTimeField(null=True)
    applied_at = models.DateTimeField(null=True)
    applied_by = models.TextField(blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rollover", "school"], name="yearly_plan_once")]
        indexes = [models.Index(fields=["rollover", "path"], name="yearly_plan_path")]


class PlannedClass(models.Model):
    """One class of a school plan: before → after."""

    id = models.BigAutoField(primary_key=True)
    plan = models.ForeignKey(SchoolPlan, on_delete=models.CASCADE, related_name="classes")
    class_group = models.ForeignKey("registry.ClassGroup", on_delete=models.CASCADE, related_name="+")
    position = models.IntegerField()
    name = models.TextField()
    grades = models.JSONField(default=list)
    size = models.IntegerField()
    target_name = models.TextField(blank=True, default="")
    target_grades = models.JSONField(default=list)
    is_new = models.BooleanField(default=True)
    after = models.IntegerField(default=0)
    moves = models.JSONField(default=dict)
    head = PersonKey("registry.Person", null=True, on_merge="follow", related_name="+", db_index=False)
    head_stays = models.BooleanField(default=False)


class PupilDecision(models.Model):
    """A pupil the plan names, with what happens; ``grade_after`` once a person decided (复学, 跳级, 高中留级)."""

    id = models.BigAutoField(primary_key=True)
    plan = models.ForeignKey(SchoolPlan, on_delete=models.CASCADE, related_name="pupils", db_index=False)
    person = PersonKey("registry.Person", on_merge="follow", related_name="+")
    kind = models.TextField(choices=NoteKind.choices)
    grade = models.CharField(max_length=3, blank=True, default="")
    class_group = models.ForeignKey("registry.ClassGroup", null=True, on_delete=models.SET_NULL, related_name="+")
    grade_after = models.CharField(max_length=3, blank=True, default="")
    class_after = models.ForeignKey(
        "registry.ClassGroup", null=True, on_delete=models.SET_NULL, related_name="+",
        help_text="this year's class whose successor the pupil joins",
    )  # fmt: skip
    reason = models.TextField(blank=True, default="")
    decided_by = models.TextField(blank=True, default="")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "person"], name="yearly_decision_once")]
        indexes = [models.Index(fields=["kind", "plan"], name="yearly_decision_kind")]


class RolloverRun(models.Model):
    """One computing, applying or undoing of a part of the tree; a killed one goes on where it was."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    rollover = models.ForeignKey(Rollover, on_delete=models.CASCADE, related_name="runs")
    path = LtreeField()
    kind = models.TextField(choices=RunKind.choices)
    state = models.TextField(choices=RunState.choices, default=RunState.WAITING)
    total = models.IntegerField(default=0)
    done = models.IntegerField(default=0)
    options = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    account_id = models.UUIDField(null=True)
    person_id = models.UUIDField(null=True)
    actor_name = models.TextField()
    role = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())
    beat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["rollover", "-created_at"], name="yearly_run_latest")]
