"""Rules, findings, daily scores and work orders."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from lingqu.kernel.fields import LtreeField
from lingqu.kernel.ids import uuid7

from .types import EvaluationState, FindingState, OrderState, ReminderState, RuleOwner, Severity, Subject


class QualityRule(models.Model):
    """One check. ``function`` names code in ``checks``; there is no executable text in the table."""

    code = models.TextField(primary_key=True)
    function = models.TextField()
    severity = models.TextField(choices=Severity.choices)
    owner = models.TextField(choices=RuleOwner.choices)
    parameter = models.IntegerField(null=True)
    is_active = models.BooleanField(default=True)
    changed_by = models.TextField(blank=True, default="")


class WorkOrder(models.Model):
    """What a school is asked to mend until a day. It closes itself when nothing of it is left."""

    id = models.BigAutoField(primary_key=True)
    school = models.ForeignKey("registry.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False)
    path = LtreeField()
    deadline = models.DateField()
    note = models.TextField(blank=True, default="")
    total = models.IntegerField(help_text="findings when it was given")
    state = models.TextField(choices=OrderState.choices, default=OrderState.OPEN)
    given_by = models.TextField()
    given_by_account = models.UUIDField()
    reminder = models.TextField(choices=ReminderState.choices, blank=True, default="", help_text="the latest 催办")
    reminders = models.IntegerField(default=0)
    reminded_at = models.DateTimeField(null=True)
    given_at = models.DateTimeField(db_default=Now())
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["path", "id"], name="quality_order_path"),
            models.Index(fields=["school"], name="quality_order_open", condition=models.Q(state="open")),
        ]


class Finding(models.Model):
    """A rule that a person, class or school does not meet. ``detail``: figures only, never personal values."""

    id = models.BigAutoField(primary_key=True)
    rule = models.ForeignKey(QualityRule, on_delete=models.PROTECT, related_name="findings", db_index=False)
    severity = models.TextField(choices=Severity.choices)
    subject_kind = models.TextField(choices=Subject.choices)
    subject_id = models.UUIDField()
    school = models.ForeignKey("registry.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False)
    path = LtreeField()
    detail = models.TextField(blank=True, default="")
    state = models.TextField(choices=FindingState.choices, default=FindingState.OPEN)
    since = models.DateField()
    gone_on = models.DateField(null=True)
    reason = models.TextField(blank=True, default="", help_text="why it may stay")
    waived_by = models.TextField(blank=True, default="")
    waived_at = models.DateTimeField(null=True)
    work_order = models.ForeignKey(
        WorkOrder, null=True, on_delete=models.SET_NULL, related_name="findings", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "subject_id", "school"], condition=models.Q(gone_on=None), name="quality_finding_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["path", "severity", "id"], name="quality_finding_open", condition=models.Q(state="open")
            ),
            models.Index(
                fields=["school", "rule", "id"], name="quality_finding_school", condition=models.Q(gone_on=None)
            ),
            models.Index(
                fields=["work_order"], name="quality_finding_order", condition=models.Q(work_order__isnull=False)
            ),
        ]


class Evaluation(models.Model):
    """One check of a place and everything below it. ``rules`` are those of its beginning; ``staged`` the ones of the whole
    node that were looked for; ``next_path`` is the first place in the order of the tree that was not."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    path = LtreeField()
    day = models.DateField()
    state = models.TextField(choices=EvaluationState.choices, default=EvaluationState.RUNNING)
    rules = models.JSONField(default=list)
    staged = ArrayField(models.TextField(), default=list)
    next_path = LtreeField(null=True)
    schools = models.IntegerField(default=0, help_text="organisations done")
    found = models.JSONField(default=dict, help_text="new findings by rule")
    created_at = models.DateTimeField(db_default=Now())
    beat_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["path"], condition=models.Q(state="running"), name="quality_evaluation_once"
            )
        ]


class WideFinding(models.Model):
    """What a rule of the whole node found in an evaluation under way, until its school's turn comes."""

    id = models.BigAutoField(primary_key=True)
    evaluation = models.ForeignKey(Evaluation, on_delete=models.CASCADE, related_name="wide", db_index=False)
    rule = models.TextField()
    subject = models.UUIDField()
    school = models.UUIDField()
    path = LtreeField()
    detail = models.TextField()

    class Meta:
        indexes = [models.Index(fields=["evaluation", "path"], name="quality_wide_path")]


class DayScore(models.Model):
    """A school on one day: what was checked and what was open."""

    id = models.BigAutoField(primary_key=True)
    school = models.ForeignKey("registry.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False)
    path = LtreeField()
    day = models.DateField()
    checked = models.IntegerField(help_text="pupils, staff and classes")
    blocks = models.IntegerField()
    reviews = models.IntegerField()
    hints = models.IntegerField()
    cost = models.IntegerField(help_text="weighted findings in tenths")
    score = models.DecimalField(max_digits=4, decimal_places=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "school"], name="quality_score_once_a_day")]
        indexes = [
            models.Index(fields=["day", "path"], name="quality_score_path"),
            models.Index(fields=["school", "-day"], name="quality_score_school"),
        ]
