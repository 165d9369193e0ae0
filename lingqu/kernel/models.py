"""Tables of the trail: audit, outbox, change log. Rows are written unchained inside the writer's transaction."""

from __future__ import annotations

from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models.expressions import RawSQL

from .fields import LtreeField, Xid8Field


def _xid() -> RawSQL:
    return RawSQL("pg_current_xact_id()", ())


class AuditEntry(models.Model):
    """Who did what to whom, where, why. Holds ids and printed names only; sealed in batches by the sealer."""

    id = models.BigAutoField(primary_key=True)
    xid = Xid8Field(db_default=_xid(), editable=False)
    at = models.DateTimeField(db_default=TransactionNow())
    actor_kind = models.TextField()
    account_id = models.UUIDField(null=True)
    person_id = models.UUIDField(null=True)
    actor_name = models.TextField()
    role = models.TextField(blank=True)
    action = models.TextField()
    subject_kind = models.TextField(blank=True)
    subject_id = models.TextField(blank=True)
    path = LtreeField(null=True)
    purpose = models.TextField(blank=True)
    request_id = models.TextField(blank=True)
    data = models.JSONField(default=dict)

    class Meta:
        db_table = "kernel_audit"
        indexes = [
            models.Index(fields=["subject_kind", "subject_id", "-id"], name="kernel_audit_subject"),
            models.Index(fields=["account_id", "-id"], name="kernel_audit_account"),
            models.Index(fields=["xid", "id"], name="kernel_audit_feed"),
        ]


class OutboxEvent(models.Model):
    """A fact waiting for its handlers; delivered after commit, at least once."""

    id = models.BigAutoField(primary_key=True)
    xid = Xid8Field(db_default=_xid(), editable=False)
    at = models.DateTimeField(db_default=TransactionNow())
    kind = models.TextField()
    payload = models.JSONField()

    class Meta:
        db_table = "kernel_outbox"
        indexes = [models.Index(fields=["xid", "id"], name="kernel_outbox_feed")]


class Change(models.Model):
    """One row per changed entity: what exchange and federation ship. Read only below the oldest running transaction."""

    id = models.BigAutoField(primary_key=True)
    xid = Xid8Field(db_default=_xid(), editable=False)
    at = models.DateTimeField(db_default=TransactionNow())
    entity = models.TextField()
    entity_id = models.TextField()
    operation = models.CharField(max_length=1)

    class Meta:
        db_table = "kernel_change"
        constraints = [
            models.CheckConstraint(condition=models.Q(operation__in=["c", "u", "d"]), name="kernel_change_operation")
        ]
