"""How much came in."""

from __future__ import annotations

from django.db import models

from .credentials import Tenant


class Volume(models.Model):
    """Statements of a tenant on a day (UTC), counted again while the day is fresh."""

    pk = models.CompositePrimaryKey("tenant_id", "day")
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    statements = models.IntegerField()
