"""Where rows came from: which row of which source stands for which entity, with the digest of what it said last."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class Source(models.Model):
    """A delivering system or file series (``national_pupil``, ``school-roster``, a OneRoster system)."""

    id = models.SmallAutoField(primary_key=True)
    code = models.TextField(unique=True)
    name = models.TextField()
    created_at = models.DateTimeField(db_default=Now())


class SourceLink(models.Model):
    """Row ``key`` of kind ``kind`` in the source stands for ``entity_id``; ``row_hash`` lets an unchanged row be skipped.

    ``key_hash`` is the keyed digest of the key (keys may contain ID numbers). ``entity_uuid`` names an organisation, class
    or person, ``entity_row`` an episode; exactly one is set.
    """

    id = models.BigAutoField(primary_key=True)
    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.TextField()
    key_hash = models.UUIDField()
    row_hash = models.UUIDField()
    entity_uuid = models.UUIDField(null=True)
    entity_row = models.BigIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "kind", "key_hash"], name="registry_source_link")]
