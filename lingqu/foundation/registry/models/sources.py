"""Where rows came from: which row of which source stands for which entity, with the digest of what it said last."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.expressions import RawSQL
from django.db.models.functions import Now

from lingqu.kernel.fields import Xid8Field


class Source(models.Model):
    """A delivering system or file series (``national-pupil``, ``school-roster``, a OneRoster system).

    ``kind`` is whose fields it may change once an owner has spoken: ``national_pupil``, ``national_staff``, ``province``
    or ``local`` (the owners of :class:`FieldDefinition`).
    """

    id = models.SmallAutoField(primary_key=True)
    code = models.TextField(unique=True)
    name = models.TextField()
    kind = models.TextField(default="local")
    created_at = models.DateTimeField(db_default=Now())


class SourceLink(models.Model):
    """Row ``key`` of kind ``kind`` in the source stands for ``entity_id``; ``row_hash`` lets an unchanged row be skipped.

    ``key_hash`` is the keyed digest of the key (keys may contain ID numbers). ``entity_uuid`` names an organisation, class
    or person, ``entity_row`` an episode; exactly one is set.
    """

    id = models.BigAutoField(primary_key=True)
    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    kind = models.TextField()
    key_hash = models.UUIDField()
    row_hash = models.UUIDField()
    entity_uuid = models.UUIDField(null=True)
    entity_row = models.BigIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "kind", "key_hash"], name="registry_source_link")]
        indexes = [
            models.Index(
                fields=["entity_uuid"], name="registry_source_entity", condition=models.Q(entity_uuid__isnull=False)
            )
        ]


class LoadedChunk(models.Model):
    """One chunk of one import that was applied. ``xid`` is its transaction: the change log under that id says what it made.

    ``touched`` are the organisations whose maintained counts it may have changed.
    """

    id = models.BigAutoField(primary_key=True)
    import_id = models.UUIDField()
    kind = models.TextField()
    position = models.IntegerField()
    xid = Xid8Field(db_default=RawSQL("pg_current_xact_id()", ()), editable=False)
    counts = models.JSONField(default=dict)
    touched = ArrayField(models.UUIDField(), default=list)
    applied_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["import_id", "id"], name="registry_chunk_import")]
