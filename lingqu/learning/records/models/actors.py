"""Who and what statements speak of. Statements name agents by the ids of these rows only."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from lingqu.foundation.registry.models.keys import PersonKey

from .credentials import Tenant


class Actor(models.Model):
    """An agent or identified group of a tenant, known by one inverse functional identifier.

    Linked to a person when that is known, at once or later. Erasing a person deletes the rows; their ids stay in statements
    and mean nobody any more.
    """

    id = models.BigAutoField(primary_key=True)
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="+", db_index=False)
    digest = models.UUIDField(help_text="keyed digest of the identifier")
    person = PersonKey("registry.Person", on_merge="follow", null=True, related_name="+", db_index=False)
    asked_at = models.DateTimeField(null=True, help_text="when it was last looked up among people")
    seen_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "digest"], name="records_one_actor")]
        indexes = [
            models.Index(fields=["person"], name="records_actor_person", condition=models.Q(person__isnull=False)),
            models.Index(fields=["asked_at", "id"], name="records_actor_unasked", condition=models.Q(person=None)),
        ]


class Face(models.Model):
    """How an actor was written: the JSON object with identifier and name, sealed."""

    id = models.BigAutoField(primary_key=True)
    actor = models.ForeignKey(Actor, on_delete=models.CASCADE, related_name="faces", db_index=False)
    digest = models.UUIDField(help_text="keyed digest of the JSON")
    sealed = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["actor", "digest"], name="records_one_face")]


class Term(models.Model):
    """An activity or a verb of a tenant with what was last said about it (``body``: definition, or display)."""

    ACTIVITY, VERB = 1, 2

    id = models.BigAutoField(primary_key=True)
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.SmallIntegerField()
    iri_key = models.UUIDField(help_text="short form of the IRI")
    iri = models.TextField()
    body = models.TextField(null=True, help_text="JSON")
    seen_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "kind", "iri_key"], name="records_one_term")]
