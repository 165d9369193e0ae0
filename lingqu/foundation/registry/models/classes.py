"""School years, terms, classes per school year, who sits in them and who teaches what."""

from __future__ import annotations

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from lingqu.kernel.ids import uuid7

from ..types.words import ClassKind
from .keys import PersonKey
from .organisations import Organisation


class SchoolYear(models.Model):
    """学年, code as JY/T 1001 XN (``2026-2027``); starts on 1 September unless the region says otherwise."""

    code = models.CharField(max_length=9, primary_key=True)
    start_on = models.DateField()
    end_on = models.DateField()
    is_current = models.BooleanField(default=False)


class Term(models.Model):
    """学期 and other sessions; ``code`` is JY/T 1001 XQ (1 秋季, 2 春季, 3 夏季, 9 其他)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    school_year = models.ForeignKey(SchoolYear, on_delete=models.CASCADE, related_name="terms")
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.CASCADE, related_name="+")
    code = models.CharField(max_length=1, default="9")
    kind = models.TextField(
        default="term", help_text="term, semester, gradingPeriod, schoolYear (OneRoster sessionType)"
    )
    name = models.TextField()
    start_on = models.DateField()
    end_on = models.DateField()


class Course(models.Model):
    """课程: what a class is about, when the source says so (OneRoster course); ``subject`` is a subject code."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.CASCADE, related_name="+")
    name = models.TextField()
    code = models.TextField(blank=True, default="")
    subject = models.TextField(blank=True, default="")


class ClassGroups(models.QuerySet["ClassGroup"]):
    def in_use(self) -> Self:
        """Classes of the present school year, and those of the last one in which pupils sit until their school goes up."""
        return self.filter(models.Q(school_year__is_current=True) | models.Q(size__gt=0), closed_on=None)


CLASS_IN_USE = "c.closed_on IS NULL AND (y.is_current OR c.size > 0)"
"""The same in SQL, for ``registry_classgroup c`` joined with ``registry_schoolyear y``."""


class ClassGroup(models.Model):
    """A class in one school year: grade set, entry cohort, serial, local name. ``written_name`` keeps the file's spelling."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    school = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="class_groups", db_index=False)
    school_year = models.ForeignKey(SchoolYear, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.TextField(choices=ClassKind.choices, default=ClassKind.ADMINISTRATIVE)
    grades = ArrayField(models.CharField(max_length=3), default=list)
    entry_year = models.IntegerField(null=True)
    serial = models.IntegerField(null=True)
    name = models.TextField(help_text="display name by the school's rule")
    written_name = models.TextField()
    local_name = models.TextField(blank=True, default="")
    campus = models.TextField(blank=True, default="")
    room = models.TextField(blank=True, default="")
    course = models.ForeignKey(Course, null=True, on_delete=models.SET_NULL, related_name="+")
    terms = models.ManyToManyField(Term, related_name="+")
    size = models.IntegerField(default=0, help_text="maintained count of pupils")
    closed_on = models.DateField(null=True, help_text="first day on which the class no longer exists")
    source = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    objects = ClassGroups.as_manager()

    class Meta:
        indexes = [models.Index(fields=["school", "school_year", "name"], name="registry_class_school")]


class ClassMembership(models.Model):
    """A pupil in a class. ``number`` is the 班内学号."""

    id = models.BigAutoField(primary_key=True)
    class_group = models.ForeignKey(ClassGroup, on_delete=models.PROTECT, related_name="memberships", db_index=False)
    person = PersonKey("registry.Person", on_merge="follow", related_name="class_memberships", db_index=False)
    number = models.IntegerField(null=True)
    source = models.TextField(blank=True, default="")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["class_group", "person"], condition=models.Q(valid_to=None), name="registry_one_open_membership"
            )
        ]
        indexes = [
            models.Index(fields=["person"], name="registry_membership_person"),
            models.Index(fields=["class_group"], name="registry_membership_class"),
        ]


class TeachingAssignment(models.Model):
    """任课: teacher × class × subject × weekly periods."""

    id = models.BigAutoField(primary_key=True)
    class_group = models.ForeignKey(ClassGroup, on_delete=models.PROTECT, related_name="teaching", db_index=False)
    person = PersonKey("registry.Person", on_merge="follow", related_name="teaching", db_index=False)
    subject = models.TextField(help_text="subject code, or as the source wrote it")
    role = models.TextField(default="teacher", help_text="OneRoster enrolment role of staff in the class")
    weekly_periods = models.DecimalField(max_digits=4, decimal_places=1, null=True)
    source = models.TextField(blank=True, default="")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["class_group", "subject", "person"],
                condition=models.Q(valid_to=None),
                name="registry_one_open_assignment",
            )
        ]
        indexes = [
            models.Index(fields=["person"], name="registry_teaching_person"),
            models.Index(fields=["class_group"], name="registry_teaching_class"),
        ]
