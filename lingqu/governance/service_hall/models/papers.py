"""Papers that the platform issues, and what families ask for."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from lingqu.foundation.registry.models.keys import PersonKey
from lingqu.kernel.fields import LtreeField
from lingqu.kernel.ids import uuid7

from ..types.words import PaperKind, RequestState


class PaperSerial(models.Model):
    """The last number that a school gave in a year, per series."""

    id = models.BigAutoField(primary_key=True)
    school = models.ForeignKey("registry.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False)
    series = models.CharField(max_length=2)
    year = models.IntegerField()
    last = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["school", "series", "year"], name="service_hall_one_serial")]


class Paper(models.Model):
    """One issued paper. ``facts`` are what was printed, as it was then; ``sealed`` holds the numbers on it (``id_number``
    masked by choice, ``register_number``). Never changed; taken back with a reason."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.TextField(unique=True)
    check_code = models.CharField(max_length=9)
    kind = models.TextField(choices=PaperKind.choices)
    person = PersonKey("registry.Person", on_merge="follow", related_name="+", db_index=False)
    school = models.ForeignKey("registry.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False)
    path = LtreeField()
    facts = models.JSONField(default=dict)
    sealed = models.BinaryField(null=True)
    purpose = models.TextField(blank=True, default="")
    issued_by = models.TextField(
        help_text="the clerk, or empty when the register agreed by itself", blank=True, default=""
    )
    issued_at = models.DateTimeField(db_default=Now())
    valid_until = models.DateField()
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.TextField(blank=True, default="")
    reason = models.TextField(blank=True, default="")

    class Meta:
        indexes = [
            models.Index(fields=["person", "id"], name="service_hall_paper_person"),
            models.Index(fields=["path", "id"], name="service_hall_paper_path"),
        ]


class PaperRequest(models.Model):
    """A paper that a family asked for and the register could not give at once: ``doubts`` are the sentences why."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.TextField(choices=PaperKind.choices)
    person = PersonKey("registry.Person", on_merge="follow", related_name="+", db_index=False)
    applicant = PersonKey("registry.Person", on_merge="follow", related_name="+", db_index=False)
    applicant_name = models.TextField()
    school = models.ForeignKey("registry.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False)
    path = LtreeField()
    purpose = models.TextField(blank=True, default="")
    doubts = models.JSONField(default=list)
    state = models.TextField(choices=RequestState.choices, default=RequestState.OPEN)
    answer = models.TextField(blank=True, default="")
    paper = models.ForeignKey(Paper, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    asked_at = models.DateTimeField(db_default=Now())
    due_on = models.DateField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind"], condition=models.Q(state="open"), name="service_hall_one_open_request"
            )
        ]
        indexes = [
            models.Index(fields=["applicant", "id"], name="service_hall_request_applicant"),
            models.Index(fields=["path", "id"], name="service_hall_request_open", condition=models.Q(state="open")),
        ]
