"""Sums of notices to tens of thousands, counted once for everybody who looks."""

from __future__ import annotations

from django.db import models

from .notices import Notice


class Sum(models.Model):
    """How many stand in which state, by part of the area: ``counted`` holds (path, state, number)."""

    id = models.BigAutoField(primary_key=True)
    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="sums", db_index=False)
    kind = models.TextField()
    counted = models.JSONField()
    counted_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["notice", "kind"], name="inbox_sum_once")]
