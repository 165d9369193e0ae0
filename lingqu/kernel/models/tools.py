"""Rows of the kernel's tools: limits, files, messages, workers, the home itself."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from ..ids import uuid7


class Limit(models.Model):
    """Hits of one key in its running window. UNLOGGED: written by one statement, empty after a crash."""

    key = models.UUIDField(primary_key=True, help_text="keyed digest")
    hits = models.IntegerField()
    ends_at = models.DateTimeField()

    class Meta:
        db_table = "kernel_limit"
        indexes = [models.Index(fields=["ends_at"], name="kernel_limit_over")]


class StoredFile(models.Model):
    """Bytes in the file store, named by their SHA-256; removed some time after the last reference went."""

    digest = models.CharField(primary_key=True, max_length=64)
    size = models.BigIntegerField()
    stored_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "kernel_file"


class FileReference(models.Model):
    """Who keeps a stored file, and under which display name."""

    id = models.BigAutoField(primary_key=True)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="references")
    owner_kind = models.TextField()
    owner_id = models.TextField()
    name = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "kernel_file_reference"
        constraints = [
            models.UniqueConstraint(
                fields=["owner_kind", "owner_id", "file", "name"], name="kernel_file_reference_once"
            )
        ]


class Message(models.Model):
    """One e-mail or SMS on its way. Destination and text are sealed, and forgotten when the message has left."""

    STATES = [("queued", "queued"), ("sent", "sent"), ("failed", "failed"), ("expired", "expired")]

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    channel = models.TextField()
    kind = models.TextField(help_text="what it is about: identity.code")
    subject_kind = models.TextField(blank=True, default="")
    subject_id = models.TextField(blank=True, default="")
    sealed = models.BinaryField(null=True)
    state = models.TextField(choices=STATES, default="queued")
    tries = models.IntegerField(default=0)
    error = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    provider_id = models.TextField(blank=True, default="", db_default="", help_text="the SMS service's id of it")
    report = models.TextField(
        blank=True,
        default="",
        db_default="",
        help_text="waiting, delivered, failed or unknown; empty without a service",
    )
    reported_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "kernel_message"
        indexes = [
            models.Index(fields=["state", "created_at"], name="kernel_message_state"),
            models.Index(
                fields=["reported_at", "id"], name="kernel_message_report", condition=models.Q(report="waiting")
            ),
            models.Index(fields=["subject_kind", "subject_id", "-created_at"], name="kernel_message_subject"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["queued", "sent", "failed", "expired"]), name="kernel_message_state_known"
            )
        ]


class WorkerBeat(models.Model):
    """Sign of life of one long-running process."""

    name = models.TextField(primary_key=True)
    pid = models.IntegerField()
    host = models.TextField()
    started_at = models.DateTimeField()
    beat_at = models.DateTimeField()

    class Meta:
        db_table = "kernel_worker_beat"


class HomeState(models.Model):
    """The one row that says what this installation is."""

    KINDS = [("demo", "demo"), ("real", "real")]

    id = models.SmallIntegerField(primary_key=True, default=1)
    kind = models.TextField(choices=KINDS)
    node_code = models.CharField(max_length=3)
    schema_version = models.TextField()
    cluster = models.TextField(blank=True, default="", help_text="system identifier of the PostgreSQL cluster")
    feed_era = models.IntegerField(default=0, help_text="counts moves to another cluster")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "kernel_home_state"
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="kernel_home_state_single"),
            models.CheckConstraint(condition=models.Q(kind__in=["demo", "real"]), name="kernel_home_state_kind"),
        ]
