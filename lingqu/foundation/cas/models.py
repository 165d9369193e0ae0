"""Registered services and the tickets that were given to them."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class Service(models.Model):
    """A place where an application lives: tickets go only to addresses at or below one.

    ``origin`` is ``scheme://host:port`` in lower case with the port written, ``path`` a prefix that ends at a ``/``.
    """

    id = models.BigAutoField(primary_key=True)
    application = models.ForeignKey("applications.Application", on_delete=models.CASCADE, related_name="+")
    origin = models.TextField()
    path = models.TextField()
    added_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["origin", "path"], name="cas_service_once")]


class Ticket(models.Model):
    """A service ticket. Only its digest is kept; ``session`` says who, when and how they proved themselves.

    ``is_fresh``: they proved it for this very ticket and not by an earlier sign-in.
    """

    digest = models.BinaryField(primary_key=True, help_text="SHA-256 of the ticket")
    application = models.ForeignKey(
        "applications.Application", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    session = models.ForeignKey("identity.SsoSession", on_delete=models.CASCADE, related_name="+")
    service = models.TextField(help_text="the exact address that it was made for")
    is_fresh = models.BooleanField(default=False)
    made_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["expires_at"], name="cas_ticket_expires")]
