"""Bell times, versions of a school's timetable, and the lessons in them."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from lingqu.foundation.registry.models.keys import PersonKey
from lingqu.kernel.ids import uuid7

from ..types.weeks import ALL
from ..types.words import ImportState, PeriodKind, TimetableState


class BellSchedule(models.Model):
    """作息: the periods of a day. Empty ``campus`` and ``grades`` mean all; of several that fit, the most special counts."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    school = models.ForeignKey("registry.Organisation", on_delete=models.CASCADE, related_name="bell_schedules")
    name = models.TextField()
    campus = models.TextField(blank=True, default="")
    grades = ArrayField(models.CharField(max_length=3), default=list)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, help_text="first day on which it no longer counts")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_to=None) | models.Q(valid_to__gt=models.F("valid_from")),
                name="timetable_bells_end_after_start",
            )
        ]


class BellPeriod(models.Model):
    """One period. ``slot`` names it across seasons: ``1`` … the lessons, ``R1`` 早读, ``A1`` 课后服务, ``N1`` 晚自习."""

    id = models.BigAutoField(primary_key=True)
    schedule = models.ForeignKey(BellSchedule, on_delete=models.CASCADE, related_name="periods", db_index=False)
    slot = models.CharField(max_length=4)
    name = models.TextField()
    kind = models.TextField(choices=PeriodKind.choices)
    starts = models.TimeField()
    ends = models.TimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["schedule", "slot"], name="timetable_one_period_a_slot"),
            models.CheckConstraint(
                condition=models.Q(ends__gt=models.F("starts")), name="timetable_period_ends_after_start"
            ),
        ]


class Timetable(models.Model):
    """A version. A published one counts from ``effective_from`` until the next one's day, never beyond its term."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    school = models.ForeignKey("registry.Organisation", on_delete=models.CASCADE, related_name="timetables")
    term = models.ForeignKey("registry.Term", on_delete=models.PROTECT, related_name="+")
    number = models.IntegerField()
    state = models.TextField(choices=TimetableState.choices, default=TimetableState.DRAFT)
    effective_from = models.DateField(null=True)
    published_at = models.DateTimeField(null=True)
    published_by = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school", "term", "number"], name="timetable_number_of_version"),
            models.UniqueConstraint(
                fields=["school", "term"], condition=models.Q(state="draft"), name="timetable_one_draft"
            ),
            models.CheckConstraint(
                condition=models.Q(state="draft") | models.Q(effective_from__isnull=False),
                name="timetable_published_has_a_day",
            ),
        ]


class Lesson(models.Model):
    """One lesson of the week: class × weekday × slot × subject × room × weeks.

    Lessons with the same ``joint`` are one lesson for several classes (合班), so they do not clash. ``origin`` is the file,
    sheet and cell it was read from.
    """

    id = models.BigAutoField(primary_key=True)
    timetable = models.ForeignKey(Timetable, on_delete=models.CASCADE, related_name="lessons", db_index=False)
    class_group = models.ForeignKey("registry.ClassGroup", on_delete=models.CASCADE, related_name="lessons")
    weekday = models.SmallIntegerField(help_text="1 Monday … 7 Sunday")
    slot = models.CharField(max_length=4)
    subject = models.TextField(help_text="subject code, or the name of an activity")
    weeks = models.BigIntegerField(default=ALL)
    room = models.TextField(blank=True, default="")
    joint = models.TextField(blank=True, default="")
    origin = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(weekday__gte=1, weekday__lte=7), name="timetable_weekday_of_lesson"
            )
        ]
        indexes = [models.Index(fields=["timetable", "class_group"], name="timetable_lesson_version")]


class LessonTeacher(models.Model):
    """Who gives a lesson; several for one lesson (双师), none while it has no teacher."""

    id = models.BigAutoField(primary_key=True)
    lesson = models.ForeignKey(Lesson, on_delete=models.CASCADE, related_name="teachers")
    person = PersonKey("registry.Person", on_merge="follow", related_name="lessons")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lesson", "person"], name="timetable_teacher_once_a_lesson")]


class TimetableImport(models.Model):
    """A file that was read into a draft. ``findings`` are (severity, sheet, cell, rule, value, message, owner)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    school = models.ForeignKey("registry.Organisation", on_delete=models.CASCADE, related_name="+")
    timetable = models.ForeignKey(Timetable, null=True, on_delete=models.SET_NULL, related_name="imports")
    file_name = models.TextField()
    state = models.TextField(choices=ImportState.choices)
    classes = models.IntegerField(default=0)
    lessons = models.IntegerField(default=0)
    findings = models.JSONField(default=list)
    more_findings = models.IntegerField(default=0)
    read_by = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())
