"""Definitions in versions. A published version is never changed: running cases finish on theirs."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from lingqu.kernel.fields import LtreeField
from lingqu.kernel.ids import uuid7

from ..types.words import Origin, VersionState


class DefinitionVersion(models.Model):
    """One version of a process of an organisation. ``graph`` is what runs, ``bpmn`` what is exchanged, ``outline`` what the
    simple designer drew, ``forms`` the forms by key."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation = models.ForeignKey(
        "registry.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    path = LtreeField()
    key = models.TextField()
    number = models.IntegerField(default=1)
    name = models.TextField()
    summary = models.TextField(blank=True, default="")
    state = models.TextField(choices=VersionState.choices, default=VersionState.DRAFT)
    bpmn = models.TextField(blank=True, default="")
    graph = models.JSONField(null=True)
    outline = models.JSONField(null=True)
    forms = models.JSONField(default=dict)
    audience = ArrayField(
        models.TextField(), default=list, help_text="who may start it, as the graph says; empty: everybody"
    )
    digest = models.TextField(blank=True, default="", help_text="SHA-256 of bpmn, graph and forms when published")
    origin = models.TextField(choices=Origin.choices, blank=True, default="")
    derived_from = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    author = models.TextField()
    created_at = models.DateTimeField(db_default=Now())
    published_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "key", "number"], name="workflow_version_number"),
            models.UniqueConstraint(
                fields=["organisation", "key"], condition=models.Q(state="published"), name="workflow_one_published"
            ),
            models.UniqueConstraint(
                fields=["organisation", "key"], condition=models.Q(state="draft"), name="workflow_one_draft"
            ),
            models.CheckConstraint(
                condition=models.Q(state="draft") | ~models.Q(digest=""), name="workflow_published_is_fixed"
            ),
        ]
        indexes = [models.Index(fields=["key", "organisation"], name="workflow_version_key")]
