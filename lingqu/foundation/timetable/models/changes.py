"""What happens to one lesson on one day, and addresses under which calendars are followed."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from lingqu.foundation.registry.models.keys import PersonKey
from lingqu.kernel.ids import uuid7

from ..types.words import ChangeKind
from .lessons import Lesson


class LessonChange(models.Model):
    """代课, 调课, 自习, 停上 of ``lesson`` on ``day``; the timetable itself stays as it is.

    A swap is two moves with the same ``pair``. ``subject`` is what is taught instead, empty = the same. Withdrawn ones
    stay as history.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    school = models.ForeignKey("registry.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False)
    lesson = models.ForeignKey(Lesson, on_delete=models.PROTECT, related_name="changes", db_index=False)
    day = models.DateField()
    kind = models.TextField(choices=ChangeKind.choices)
    original = PersonKey("registry.Person", null=True, on_merge="follow", related_name="lessons_given_away")
    substitute = PersonKey("registry.Person", null=True, on_merge="follow", related_name="lessons_taken_over")
    subject = models.TextField(blank=True, default="")
    to_day = models.DateField(null=True)
    to_slot = models.CharField(max_length=4, blank=True, default="")
    pair = models.UUIDField(null=True)
    reason = models.TextField(blank=True, default="")
    note = models.TextField(blank=True, default="", help_text="to whoever takes the lesson")
    counts = models.BooleanField(default=True, help_text="counted as a lesson of the substitute")
    made_by = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["lesson", "day"], condition=models.Q(withdrawn_at=None), name="timetable_one_change_a_lesson"
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="move") | models.Q(to_day__isnull=False), name="timetable_move_has_a_day"
            ),
        ]
        indexes = [
            models.Index(fields=["school", "day"], name="timetable_change_day"),
            models.Index(
                fields=["school", "to_day"], name="timetable_change_to_day", condition=models.Q(to_day__isnull=False)
            ),
        ]


class Feed(models.Model):
    """An address for calendar programs, made from the row's id and the node's key; nothing secret is stored.

    ``owner`` asked for it and must still belong to what it shows; it shows a class, or the owner's own lessons.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = PersonKey("registry.Person", on_merge="follow", related_name="calendar_feeds")
    class_group = models.ForeignKey("registry.ClassGroup", null=True, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    read_on = models.DateField(null=True)
    revoked_at = models.DateTimeField(null=True)
