"""Courses of cmi5, who learns them, and sessions of their units."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from lingqu.foundation.registry.models.keys import PersonKey
from lingqu.kernel.ids import uuid7

from .credentials import Tenant


class Course(models.Model):
    """A course of an organisation and what lies below it. ``structure`` is its cmi5.xml, never changed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation = models.ForeignKey("registry.Organisation", on_delete=models.PROTECT, related_name="+")
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="+", db_index=False)
    title = models.TextField()
    structure = models.BinaryField()
    unit_count = models.IntegerField()
    added_at = models.DateTimeField(db_default=Now())
    added_by = models.TextField(blank=True, default="")
    closed_at = models.DateTimeField(null=True)


class CourseFile(models.Model):
    """A file of a package by its name in it; the bytes lie in the file store."""

    id = models.BigAutoField(primary_key=True)
    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="files", db_index=False)
    name = models.TextField()
    digest = models.TextField()
    size = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["course", "name"], name="records_one_course_file")]


class Registration(models.Model):
    """Somebody learns a course. ``satisfied`` names the blocks, and the course, that are done."""

    id = models.UUIDField(primary_key=True, editable=False)
    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="registrations", db_index=False)
    person = PersonKey("registry.Person", on_merge="follow", related_name="+")
    actor_name = models.TextField(help_text="account name of its agent")
    satisfied = ArrayField(models.TextField(), default=list)
    started_at = models.DateTimeField(db_default=Now())
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["course", "person"], name="records_one_registration")]


class UnitState(models.Model):
    """What is known of a unit (``place``: its number in the course) in a registration."""

    id = models.BigAutoField(primary_key=True)
    registration = models.ForeignKey(Registration, on_delete=models.CASCADE, related_name="units", db_index=False)
    place = models.IntegerField()
    completed_at = models.DateTimeField(null=True)
    passed_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    waived_at = models.DateTimeField(null=True)
    waived_reason = models.TextField(blank=True, default="")
    scaled = models.FloatField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["registration", "place"], name="records_one_unit_state")]


class Session(models.Model):
    """One launch of a unit. ``mark`` is the keyed mark of the secret that was fetched, ``verbs`` what cmi5 statements came."""

    id = models.UUIDField(primary_key=True, editable=False)
    registration = models.ForeignKey(Registration, on_delete=models.CASCADE, related_name="sessions")
    place = models.IntegerField()
    mode = models.TextField()
    launched_at = models.DateTimeField()
    fetch_mark = models.BinaryField()
    fetched_at = models.DateTimeField(null=True)
    mark = models.BinaryField(null=True)
    preferences_at = models.DateTimeField(null=True)
    verbs = ArrayField(models.TextField(), default=list)
    last_at = models.DateTimeField(null=True, help_text="when its last statement came")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.TextField(blank=True, default="", help_text="terminated, abandoned or waived")

    class Meta:
        indexes = [
            models.Index(fields=["launched_at"], name="records_session_open", condition=models.Q(ended_at=None)),
        ]
