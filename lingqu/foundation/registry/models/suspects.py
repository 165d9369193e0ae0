"""Two records that may be one person, and what somebody decided about them."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from ..types.words import SuspectRule, SuspectState
from .keys import PersonKey
from .people import Person


class SuspectPair(models.Model):
    """``first`` is the older record (lower id). ``rule`` says what they have in common.

    After a merge ``kept`` is the record that stands for both, ``carried`` are the ids that stood for the merged one
    before: taking the merge back gives them to it again.
    """

    id = models.BigAutoField(primary_key=True)
    first = PersonKey(Person, on_merge="follow", on_delete=models.CASCADE, related_name="+", db_index=False)
    second = PersonKey(Person, on_merge="follow", on_delete=models.CASCADE, related_name="+")
    rule = models.TextField(choices=SuspectRule.choices)
    state = models.TextField(choices=SuspectState.choices, default=SuspectState.OPEN)
    kept = PersonKey(Person, null=True, on_merge="follow", on_delete=models.CASCADE, related_name="+", db_index=False)
    carried = ArrayField(models.UUIDField(), default=list)
    reason = models.TextField(blank=True, default="")
    decided_by = models.TextField(blank=True, default="")
    decided_at = models.DateTimeField(null=True)
    found_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="registry_suspect_once"),
            models.CheckConstraint(condition=models.Q(first__lt=models.F("second")), name="registry_suspect_order"),
        ]
        indexes = [models.Index(fields=["state", "id"], name="registry_suspect_state")]
