"""Tables of the trail: audit, outbox, change log. Rows are written unchained inside the writer's transaction."""

from __future__ import annotations

from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models.expressions import RawSQL
from django.db.models.functions import Now

from ..fields import LtreeField, Xid8Field


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
            models.Index(fields=["action", "-id"], name="kernel_audit_action"),
            models.Index(fields=["xid", "id"], name="kernel_audit_feed"),
        ]


class AuditSeal(models.Model):
    """One sealed batch: every audit row after the previous batch's end up to (``to_xid``, ``to_id``).

    ``content`` hashes the rows, ``digest`` chains content and bounds to ``previous``, ``mark`` is a keyed mark of the
    digest. An era begins when the database moved to another cluster, where transaction ids count anew: its rows are
    those with an id above ``floor``.
    """

    number = models.BigIntegerField(primary_key=True)
    era = models.IntegerField(default=0)
    floor = models.BigIntegerField()
    from_xid = Xid8Field()
    from_id = models.BigIntegerField()
    to_xid = Xid8Field()
    to_id = models.BigIntegerField()
    count = models.IntegerField()
    content = models.BinaryField()
    previous = models.BinaryField()
    digest = models.BinaryField()
    mark = models.BinaryField()
    at = models.DateTimeField()
    purged_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "kernel_audit_seal"


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


class OutboxCursor(models.Model):
    """How far one handler has come: every event up to (``xid``, ``id``) is done or stands in the retry table.

    ``trying_id`` and ``tries`` are written before a handler starts, so that an event that kills its worker is noticed.
    """

    handler = models.TextField(primary_key=True)
    era = models.IntegerField(default=0)
    xid = Xid8Field(db_default=RawSQL("'0'::xid8", ()))
    event_id = models.BigIntegerField(default=0)
    trying_id = models.BigIntegerField(default=0)
    tries = models.IntegerField(default=0)
    moved_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "kernel_outbox_cursor"


class OutboxRetry(models.Model):
    """An event whose handler failed: waits for its next try, or is ``dead`` after ten and waits for a person."""

    STATES = [("waiting", "waiting"), ("dead", "dead")]

    id = models.BigAutoField(primary_key=True)
    event = models.ForeignKey(OutboxEvent, on_delete=models.CASCADE, related_name="+")
    handler = models.TextField()
    state = models.TextField(choices=STATES, default="waiting")
    attempts = models.IntegerField()
    next_at = models.DateTimeField()
    error = models.TextField()
    failed_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "kernel_outbox_retry"
        indexes = [models.Index(fields=["state", "next_at"], name="kernel_outbox_retry_due")]
        constraints = [
            models.UniqueConstraint(fields=["event", "handler"], name="kernel_outbox_retry_once"),
            models.CheckConstraint(condition=models.Q(state__in=["waiting", "dead"]), name="kernel_outbox_retry_state"),
        ]


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
        indexes = [models.Index(fields=["xid", "id"], name="kernel_change_feed")]
        constraints = [
            models.CheckConstraint(condition=models.Q(operation__in=["c", "u", "d"]), name="kernel_change_operation")
        ]
