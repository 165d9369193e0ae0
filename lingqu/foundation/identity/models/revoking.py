"""Taking a legal guardian's rights away: proposed by the class teacher, confirmed by the school with a document."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from lingqu.foundation.registry.models.keys import PersonKey
from lingqu.kernel.ids import uuid7

from ..types.words import ClaimState


class GuardianRevocation(models.Model):
    """One proposal to end a guardianship. ``guardianship`` is the register's link; ``sealed`` the document, sealed whole."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    child = PersonKey("registry.Person", on_merge="follow", related_name="+")
    guardianship = models.BigIntegerField()
    guardian_name = models.TextField()
    reason = models.TextField()
    state = models.TextField(choices=ClaimState.choices, default=ClaimState.WAITING)
    proposed_by = models.TextField()
    proposed_account = models.UUIDField(null=True)
    proposed_at = models.DateTimeField(db_default=Now())
    decided_by = models.TextField(blank=True, default="", db_default="")
    decided_at = models.DateTimeField(null=True)
    document_name = models.TextField(blank=True, default="", db_default="")
    media = models.TextField(blank=True, default="", db_default="")
    sealed = models.BinaryField(null=True, help_text="the document; sealed as a whole")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["guardianship"], condition=models.Q(state="waiting"), name="identity_one_waiting_revocation"
            )
        ]
