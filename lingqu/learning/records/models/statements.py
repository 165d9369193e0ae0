"""Statements in monthly partitions, and what finds them.

``seq`` is the moment of storing in microseconds since 2020 times 4096 plus a number that tells apart what was stored in one
microsecond; order of ``seq`` is order of storing, and partitions are ranges of it.
"""

from __future__ import annotations

from django.db import models

from .credentials import Tenant


class Statement(models.Model):
    """A statement as it was sent, without what the store adds and with agents as ids of faces. Partitioned by month."""

    pk = models.CompositePrimaryKey("tenant_id", "seq")
    tenant = models.ForeignKey(
        Tenant, on_delete=models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    seq = models.BigIntegerField()
    id = models.UUIDField()
    credential = models.IntegerField()
    version = models.SmallIntegerField(help_text="1 or 2")
    body = models.TextField(help_text="JSON")
    files = models.TextField(null=True, help_text="sha2 of its attachments that came along, with spaces")


class Mark(models.Model):
    """That a statement is about something: ``mark`` is the id of an actor, activity or verb with its role (types/marks.py)."""

    pk = models.CompositePrimaryKey("mark", "seq")
    mark = models.BigIntegerField()
    seq = models.BigIntegerField()


class LateMark(models.Model):
    """A mark of a statement that lay in a file already when it got it: what it refers to came later."""

    pk = models.CompositePrimaryKey("mark", "seq")
    mark = models.BigIntegerField()
    seq = models.BigIntegerField()


class StatementId(models.Model):
    """Ids are unique over all months and over files: the one table that is not partitioned."""

    pk = models.CompositePrimaryKey("id", "tenant_id")
    id = models.UUIDField()
    tenant = models.ForeignKey(
        Tenant, on_delete=models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    seq = models.BigIntegerField()


class Voiding(models.Model):
    """That a statement is void, by which; ``seq`` is empty while the statement has not come."""

    pk = models.CompositePrimaryKey("target", "tenant_id")
    target = models.UUIDField()
    tenant = models.ForeignKey(
        Tenant, on_delete=models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    seq = models.BigIntegerField(null=True)
    by = models.UUIDField()

    class Meta:
        indexes = [models.Index(fields=["seq"], name="records_voided_seq")]


class Reference(models.Model):
    """That the statement ``seq`` has the statement ``target`` as its object; ``is_open`` until its marks were taken over."""

    pk = models.CompositePrimaryKey("target", "seq", "tenant_id")
    target = models.UUIDField()
    tenant = models.ForeignKey(
        Tenant, on_delete=models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    seq = models.BigIntegerField()
    is_open = models.BooleanField(default=True)


class Attachment(models.Model):
    """Bytes that were sent with statements, once a tenant; kept by the file store."""

    id = models.BigAutoField(primary_key=True)
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="+", db_index=False)
    sha2 = models.TextField()
    file = models.TextField(help_text="digest in the file store")
    content_type = models.TextField()
    size = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "sha2"], name="records_one_attachment")]
