"""Leave as it was granted, and what became of the lessons meanwhile."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from lingqu.foundation.registry.models.keys import PersonKey
from lingqu.kernel.fields import LtreeField
from lingqu.kernel.ids import uuid7

from ..types.words import Audience, CoverState, Way


class Absence(models.Model):
    """Granted leave of a pupil or of somebody who works at a school. ``path`` is the school's.

    ``kind_name`` is the kind's name that day; ``days`` counts school days, halves included; ``sealed`` holds the reason.
    ``returned_on``: back from that day on, whatever was granted. ``open_lessons``: lessons nobody takes yet, as of the last
    change.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    school = models.ForeignKey("registry.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False)
    path = LtreeField()
    audience = models.TextField(choices=Audience.choices)
    person = PersonKey("registry.Person", on_merge="follow", related_name="absences", db_index=False)
    class_group = models.ForeignKey(
        "registry.ClassGroup", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    kind = models.TextField()
    kind_name = models.TextField()
    starts_on = models.DateField()
    starts_at = models.TimeField(null=True)
    ends_on = models.DateField()
    ends_at = models.TimeField(null=True)
    days = models.DecimalField(max_digits=5, decimal_places=1)
    symptoms = ArrayField(models.TextField(), default=list)
    sealed = models.BinaryField(null=True, help_text="map with reason")
    asked_by = models.TextField(blank=True, default="")
    way = models.TextField(choices=Way.choices, default=Way.PAPER)
    approved_by = models.TextField(blank=True, default="")
    recorded_by = models.TextField(blank=True, default="")
    case_id = models.UUIDField(null=True, help_text="the case in which it was decided")
    open_lessons = models.IntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now())
    returned_on = models.DateField(null=True)
    returned_by = models.TextField(blank=True, default="")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.TextField(blank=True, default="")
    withdrawn_why = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("starts_on")), name="office_absence_ends_after_it_starts"
            ),
            models.UniqueConstraint(
                fields=["case_id"], condition=models.Q(case_id__isnull=False), name="office_one_absence_a_case"
            ),
        ]
        indexes = [
            models.Index(fields=["person", "ends_on"], name="office_absence_person"),
            models.Index(fields=["school", "audience", "-starts_on", "-id"], name="office_absence_school"),
            models.Index(
                fields=["class_group", "ends_on"], name="office_absence_class",
                condition=models.Q(class_group__isnull=False),
            ),
        ]  # fmt: skip


class Cover(models.Model):
    """A lesson of somebody on leave and the change of the timetable that takes care of it; ``substitute`` is who is asked."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    absence = models.ForeignKey(Absence, on_delete=models.CASCADE, related_name="covers", db_index=False)
    change = models.OneToOneField("timetable.LessonChange", on_delete=models.PROTECT, related_name="+")
    substitute = PersonKey("registry.Person", null=True, on_merge="follow", related_name="covers", db_index=False)
    day = models.DateField(help_text="of the lesson")
    state = models.TextField(choices=CoverState.choices, default=CoverState.ASKED)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.TextField(blank=True, default="")
    reason = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [
            models.Index(fields=["absence", "day"], name="office_cover_absence"),
            models.Index(
                fields=["substitute", "day"], name="office_cover_substitute",
                condition=models.Q(substitute__isnull=False),
            ),
        ]  # fmt: skip
