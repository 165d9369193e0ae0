"""Lists that leave the platform: the columns an account likes, and every export with its reason and its file."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from lingqu.kernel.fields import LtreeField
from lingqu.kernel.ids import uuid7

from ..types.lists import ExportState, FileFormat, ListKind
from .classes import ClassGroup
from .organisations import Organisation


class ListLayout(models.Model):
    """Columns that an account chose for a kind of list, in their order."""

    id = models.BigAutoField(primary_key=True)
    account_id = models.UUIDField()
    kind = models.TextField(choices=ListKind.choices)
    columns = ArrayField(models.TextField())
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account_id", "kind"], name="registry_one_layout")]


class ListExport(models.Model):
    """One list that was asked for. The file is sealed and goes a day after it was made; the row stays as the record."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.TextField(choices=ListKind.choices)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    path = LtreeField()
    class_group = models.ForeignKey(
        ClassGroup, null=True, on_delete=models.PROTECT, related_name="+", db_index=False, help_text="only this class"
    )
    grade = models.CharField(max_length=3, blank=True, default="", help_text="only this grade")
    title = models.TextField()
    columns = ArrayField(models.TextField())
    file_format = models.TextField(choices=FileFormat.choices)
    is_clear = models.BooleanField(default=False, help_text="sensitive values in clear")
    reason = models.TextField(blank=True, default="")
    people = models.IntegerField()
    state = models.TextField(choices=ExportState.choices)
    actor = models.JSONField(help_text="who asked, with the role of that moment")
    made_by = models.UUIDField(help_text="account that asked")
    made_by_name = models.TextField()
    decided_by = models.UUIDField(null=True)
    decided_by_name = models.TextField(blank=True, default="")
    decision = models.TextField(blank=True, default="", help_text="what the other person wrote")
    decided_at = models.DateTimeField(null=True)
    digest = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())
    ready_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(decided_by=None) | ~models.Q(decided_by=models.F("made_by")),
                name="registry_export_decided_by_another",
            )
        ]
        indexes = [
            models.Index(fields=["made_by", "-id"], name="registry_export_made_by"),
            models.Index(fields=["path", "id"], name="registry_export_waiting", condition=models.Q(state="waiting")),
        ]
