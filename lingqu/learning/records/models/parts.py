"""Months that lie in files."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class Month(models.Model):
    """A month whose statements and marks were moved into files; ``begin`` and ``end`` bound its numbers."""

    name = models.TextField(primary_key=True, help_text="2026_11")
    begin = models.BigIntegerField()
    end = models.BigIntegerField()
    statements = models.BigIntegerField()
    archived_at = models.DateTimeField(db_default=Now())


class Part(models.Model):
    """A Parquet file of a month: statements of a tenant ordered by ``seq``, or marks ordered by ``mark`` and ``seq``."""

    STATEMENTS, MARKS = 1, 2

    id = models.BigAutoField(primary_key=True)
    month = models.ForeignKey(Month, on_delete=models.CASCADE, related_name="parts", db_index=False)
    kind = models.SmallIntegerField()
    tenant = models.IntegerField(default=0, help_text="0 for marks")
    first = models.BigIntegerField(help_text="least seq, or mark")
    last = models.BigIntegerField(help_text="greatest seq, or mark")
    rows = models.IntegerField()
    size = models.BigIntegerField()
    file = models.TextField(help_text="digest in the file store")

    class Meta:
        indexes = [models.Index(fields=["month", "kind", "tenant", "first"], name="records_part_place")]
