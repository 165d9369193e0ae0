"""Documents that applications keep beside statements: states and profiles."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from .actors import Actor
from .credentials import Tenant


class Document(models.Model):
    """One document. A state has an actor, an activity and perhaps a registration; a profile has an actor or an activity.

    Erasing a person deletes its actors, and these their documents.
    """

    id = models.BigAutoField(primary_key=True)
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.SmallIntegerField(help_text="1 state, 2 profile of an agent, 3 profile of an activity")
    actor = models.ForeignKey(Actor, null=True, on_delete=models.CASCADE, related_name="+")
    activity_key = models.UUIDField(null=True, help_text="digest of the IRI")
    activity = models.TextField(blank=True, default="")
    registration = models.UUIDField(null=True)
    name_key = models.UUIDField(help_text="digest of the name")
    name = models.TextField()
    content_type = models.TextField()
    body = models.BinaryField()
    etag = models.TextField(help_text="SHA-1 of the body")
    stored_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "kind", "actor", "activity_key", "registration", "name_key"],
                name="records_one_document", nulls_distinct=False,
            )
        ]  # fmt: skip
