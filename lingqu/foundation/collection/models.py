"""A collection asks schools for one table; an answer is one school's; a report is one frozen copy of it."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from lingqu.kernel.fields import LtreeField
from lingqu.kernel.ids import uuid7

from .types.words import AnswerState, CollectionState, StepKind


class Collection(models.Model):
    """``file``: the original by content; ``layout``: as drawn (``workbook.grid``); ``marks``: ``types.marks``; ``scope``:
    codes of places, school types and single schools. Nothing of it changes after publishing but the deadline."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.TextField(blank=True, default="")
    organisation = models.ForeignKey("registry.Organisation", on_delete=models.PROTECT, related_name="+")
    path = LtreeField()
    title = models.TextField()
    note = models.TextField(blank=True, default="")
    state = models.TextField(choices=CollectionState.choices, default=CollectionState.DRAFT)
    file = models.CharField(max_length=64)
    file_name = models.TextField()
    layout = models.JSONField(default=dict)
    marks = models.JSONField(default=dict)
    scope = models.JSONField(default=dict)
    post_kind = models.TextField(default="school_office", help_text="code of post_kinds: whose desk it lands on")
    needs_sign = models.BooleanField(default=True)
    keep_last = models.BooleanField(default=False, help_text="entered cells begin with the former values")
    deadline = models.DateTimeField(null=True)
    remind_before = models.SmallIntegerField(
        null=True, help_text="days before the deadline on which schools that are missing are reminded; none: never"
    )
    reminded_for = models.DateTimeField(null=True, help_text="the deadline for which that happened, or was given up")
    previous = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="following")
    created_by = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())
    published_by = models.TextField(blank=True, default="")
    published_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["number"], condition=~models.Q(number=""), name="collection_number_once"
            )
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["path", "-id"], name="collection_path"),
            models.Index(fields=["deadline"], name="collection_open", condition=models.Q(state="open")),
        ]


class Answer(models.Model):
    """What one school owes. ``version``: of the latest report; 0 before the first."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="answers", db_index=False)
    school = models.ForeignKey("registry.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False)
    path = LtreeField()
    post = models.ForeignKey("registry.Post", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    state = models.TextField(choices=AnswerState.choices, default=AnswerState.UNOPENED)
    version = models.IntegerField(default=0)
    filled = models.IntegerField(default=0)
    warnings = models.IntegerField(default=0)
    asked_at = models.DateTimeField()
    changed_at = models.DateTimeField(null=True)
    changed_by = models.TextField(blank=True, default="")
    reported_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True, default="", help_text="why it came back, or need not be reported")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["collection", "school"], name="collection_answer_once"),
        ]
        indexes = [
            models.Index(fields=["school", "-asked_at"], name="collection_answer_school"),
            models.Index(fields=["post"], name="collection_answer_post"),
        ]


class Sheet(models.Model):
    """The values a school works on, apart from the answer so that boards stay small. ``prefill``: what the register and
    the last period said; ``last``: the last period alone."""

    answer = models.OneToOneField(Answer, on_delete=models.CASCADE, primary_key=True, related_name="sheet")
    values = models.JSONField(default=dict)
    prefill = models.JSONField(default=dict)
    last = models.JSONField(default=dict)
    note = models.TextField(blank=True, default="", help_text="the school's word on what looks unusual")
    taken_at = models.DateTimeField(help_text="when the register was read")


class Report(models.Model):
    """A frozen copy that was signed and reported; never changed. ``digest``: SHA-256 of its values."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    answer = models.ForeignKey(Answer, on_delete=models.CASCADE, related_name="reports", db_index=False)
    version = models.IntegerField()
    values = models.JSONField()
    note = models.TextField(blank=True, default="")
    digest = models.CharField(max_length=64)
    filled_by = models.TextField(blank=True, default="")
    signed_by = models.TextField(blank=True, default="")
    signed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["answer", "version"], name="collection_report_version")]


class Step(models.Model):
    """What happened: to the whole collection (no answer), or to one school's answer. ``text``: reason, who answered a
    call, how many."""

    id = models.BigAutoField(primary_key=True)
    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="steps", db_index=False)
    answer = models.ForeignKey(Answer, null=True, on_delete=models.CASCADE, related_name="steps", db_index=False)
    kind = models.TextField(choices=StepKind.choices)
    text = models.TextField(blank=True, default="")
    by_name = models.TextField(blank=True, default="")
    at = models.DateTimeField()
    path = LtreeField()

    class Meta:
        indexes = [
            models.Index(fields=["collection", "-id"], name="collection_step_whole", condition=models.Q(answer=None)),
            models.Index(fields=["answer", "-id"], name="collection_step_answer"),
            models.Index(fields=["collection", "kind"], name="collection_step_kind"),
        ]


class Part(models.Model):
    """A county that handed its schools up: what is its becomes the collecting office's to return."""

    id = models.BigAutoField(primary_key=True)
    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="parts", db_index=False)
    organisation = models.ForeignKey(
        "registry.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    path = LtreeField()
    handed_by = models.TextField(blank=True, default="")
    handed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["collection", "organisation"], name="collection_part_once")]
