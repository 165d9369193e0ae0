"""Who an account's person is, as far as anybody has checked it."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from ..types.words import RealNameSource
from .accounts import Account


class RealNameProof(models.Model):
    """One check that an account stands for the person whose name it bears. It never expires; revoked ones stay as history.

    An account is verified while one of its proofs is open. ``detail`` is what was seen: a paper, a register, a platform.
    """

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="real_name_proofs", db_index=False)
    source = models.TextField(choices=RealNameSource.choices)
    detail = models.TextField(blank=True, default="", db_default="")
    noted_at = models.DateTimeField(db_default=Now())
    noted_by = models.TextField()
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.TextField(blank=True, default="", db_default="")
    reason = models.TextField(blank=True, default="", db_default="", help_text="why it was revoked")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "source"], condition=models.Q(revoked_at=None), name="identity_one_open_proof"
            )
        ]
        indexes = [models.Index(fields=["account", "id"], name="identity_real_name_account")]
