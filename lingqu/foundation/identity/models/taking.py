"""Files with everything held about somebody, made by a job."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from lingqu.foundation.registry.models.keys import PersonKey
from lingqu.kernel.ids import uuid7

from ..types.words import DataFileState
from .accounts import Account


class DataFile(models.Model):
    """One order: of oneself, or of a child (``person``). The file is sealed and goes a day after it was made."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="data_files", help_text="who asked")
    person = PersonKey("registry.Person", null=True, on_merge="follow", related_name="+", help_text="whose data")
    role = models.TextField(blank=True, default="", help_text="role in which it was asked for")
    kind = models.TextField(help_text="json or xlsx")
    state = models.TextField(choices=DataFileState.choices, default=DataFileState.MAKING)
    done = models.SmallIntegerField(default=0, help_text="parts gathered")
    total = models.SmallIntegerField(default=0)
    digest = models.TextField(blank=True, default="")
    asked_at = models.DateTimeField(db_default=Now())
    ready_at = models.DateTimeField(null=True)
    taken_at = models.DateTimeField(null=True, help_text="latest download")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=models.Q(state="making"), name="identity_one_data_file_at_a_time"
            )
        ]
        indexes = [models.Index(fields=["asked_at"], name="identity_data_file_age")]
