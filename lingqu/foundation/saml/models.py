"""Signing keys, the service providers of applications, and requests that wait for a sign-in."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from lingqu.kernel.ids import uuid7


class Key(models.Model):
    """A signing key with its self-signed certificate. It stands in the metadata from ``made_at``, signs from
    ``signs_from`` until a later one does, and leaves the metadata at ``retired_at``."""

    id = models.BigAutoField(primary_key=True)
    certificate = models.TextField(help_text="PEM")
    sealed = models.BinaryField(help_text="sealed map with the private key, PKCS 8")
    made_at = models.DateTimeField(db_default=Now())
    signs_from = models.DateTimeField()
    ends_at = models.DateTimeField(help_text="end of the certificate")
    retired_at = models.DateTimeField(null=True)


class Provider(models.Model):
    """The service provider of one application, as its metadata says. ``acs`` and ``slo`` are lists of endpoints."""

    id = models.BigAutoField(primary_key=True)
    application = models.OneToOneField("applications.Application", on_delete=models.CASCADE, related_name="+")
    entity_id = models.TextField()
    acs = models.JSONField()
    slo = models.JSONField(default=list)
    certificates = ArrayField(models.TextField(), default=list, help_text="base64 DER of its signing keys")
    wants_signed_requests = models.BooleanField(default=False)
    set_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entity_id"], name="saml_provider_once")]


class Pending(models.Model):
    """A checked request that waits until somebody has signed in. It is answered once."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="+")
    request_id = models.TextField()
    acs_url = models.TextField()
    relay_state = models.TextField(blank=True, default="")
    force = models.BooleanField(default=False)
    made_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["expires_at"], name="saml_pending_expires")]
