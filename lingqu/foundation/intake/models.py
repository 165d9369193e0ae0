"""Imports: one row per import with its files, state, progress and counts; findings name file, row, field and rule."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from lingqu.kernel.fields import LtreeField
from lingqu.kernel.ids import uuid7


class Import(models.Model):
    """One delivery of files. States: uploaded → reading → mapping (a person maps columns) → checked → applying → applied;
    refused (unusable), cancelled, withdrawn. ``chunks_done`` of ``chunks`` shows progress and where to resume.
    """

    STATES: ClassVar = [
        ("uploaded", "已上传"),
        ("reading", "识别中"),
        ("mapping", "待对应列"),
        ("checked", "已校验"),
        ("applying", "写入中"),
        ("applied", "已完成"),
        ("refused", "无法使用"),
        ("cancelled", "已取消"),
        ("withdrawn", "已撤回"),
    ]

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.TextField(unique=True, help_text="IM-20261120-07")
    source = models.ForeignKey("registry.Source", on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey("registry.Organisation", on_delete=models.PROTECT, related_name="+")
    path = LtreeField(help_text="scope: rows outside this subtree are refused")
    kind = models.TextField(default="roster", help_text="roster or oneroster")
    state = models.TextField(choices=STATES, default="uploaded")
    refusal = models.TextField(blank=True, default="")
    options = models.JSONField(default=dict)
    mapping = models.JSONField(default=dict)
    counts = models.JSONField(default=dict, help_text="rows, created, updated, unchanged, rejected, suspects per kind")
    chunks = models.IntegerField(default=0)
    chunks_done = models.IntegerField(default=0)
    created_by = models.TextField()
    created_by_account = models.UUIDField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["path", "-created_at"], name="intake_import_list")]


class ImportFile(models.Model):
    """One uploaded file; ``stored`` names it in the file store (content address)."""

    id = models.BigAutoField(primary_key=True)
    owner = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="files")
    name = models.TextField()
    size = models.BigIntegerField()
    digest = models.TextField()
    stored = models.TextField()
    sheets = models.JSONField(default=list)


class Finding(models.Model):
    """One problem: where it stands, which rule, what was found, who must fix it."""

    id = models.BigAutoField(primary_key=True)
    owner = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="findings", db_index=False)
    file = models.TextField()
    sheet = models.TextField(blank=True, default="")
    row = models.IntegerField()
    kind = models.TextField(blank=True, default="")
    field = models.TextField(blank=True, default="")
    column = models.TextField(blank=True, default="", help_text="column heading as written in the file")
    rule = models.TextField()
    severity = models.TextField()
    value = models.TextField(blank=True, default="", help_text="as found, sensitive ones masked")
    message = models.TextField()
    responsible = models.TextField(blank=True, default="", help_text="organisation that must fix it")
    state = models.TextField(default="open")

    class Meta:
        indexes = [models.Index(fields=["owner", "severity", "id"], name="intake_finding_list")]


class SavedMapping(models.Model):
    """A column mapping that somebody confirmed, found again by the digest of the headings."""

    id = models.BigAutoField(primary_key=True)
    headings_hash = models.TextField()
    kind = models.TextField()
    path = LtreeField()
    columns = models.JSONField()
    confirmed_by = models.TextField()
    confirmed_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["headings_hash", "path"], name="intake_saved_mapping")]


class PartialUpload(models.Model):
    """A file on its way in pieces. ``received`` bytes lie in the upload folder under the id; complete ones have a ``digest``."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account_id = models.UUIDField()
    name = models.TextField()
    size = models.BigIntegerField()
    received = models.BigIntegerField(default=0)
    fingerprint = models.TextField(
        help_text="name, size and time as the browser says: finds the same file after a reload"
    )
    digest = models.TextField(blank=True, default="")
    touched_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["account_id", "fingerprint"], name="intake_partial_upload")]
