"""Signing keys, the private half sealed."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from ..types.words import Algorithm


class SigningKey(models.Model):
    """Published from ``made_at`` until ``withdrawn_at``; signs from ``signs_from`` until a later one does."""

    kid = models.TextField(primary_key=True)
    alg = models.TextField(choices=Algorithm.choices)
    sealed = models.BinaryField(help_text="private key, PKCS #8 DER")
    public = models.JSONField(help_text="JWK")
    made_at = models.DateTimeField(db_default=Now())
    signs_from = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["alg", "-signs_from"], name="oidc_key_alg")]
