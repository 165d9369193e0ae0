"""To-dos that modules put on somebody's desk."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from lingqu.kernel.ids import uuid7

from ..types.words import TodoState


class Todo(models.Model):
    """One thing to do, known by the module that asks for it and the module's own key. ``address`` is a key of
    ``types.keys``: a post, a duty at a place, a person."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    module = models.TextField()
    key = models.TextField()
    address = models.TextField()
    title = models.TextField()
    url = models.TextField()
    due_at = models.DateTimeField(null=True)
    state = models.TextField(choices=TodoState.choices, default=TodoState.OPEN)
    created_at = models.DateTimeField(db_default=Now())
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["module", "key"], name="inbox_todo_key")]
        indexes = [models.Index(fields=["address"], name="inbox_todo_open", condition=models.Q(state="open"))]
