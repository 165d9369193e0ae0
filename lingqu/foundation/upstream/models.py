"""Platforms above, who people are there, whom nobody could place, and visits that a logout above ends."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from lingqu.foundation.registry.models.keys import PersonKey
from lingqu.kernel.ids import uuid7

from .types import Kind, Reason, UnmatchedState


class Source(models.Model):
    """A platform from which people sign in. ``issuer`` names the space of its user ids; several sources may share one.

    ``options`` are addresses and public ids of its kind, ``sealed`` its secret.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.SlugField(unique=True, max_length=30)
    name = models.TextField()
    kind = models.TextField(choices=Kind.choices)
    issuer = models.TextField()
    options = models.JSONField(default=dict)
    sealed = models.BinaryField(null=True)
    link_by = ArrayField(models.TextField(), default=list, blank=True, help_text="attributes that it has verified")
    is_open = models.BooleanField(default=False)
    trusts_factor = models.BooleanField(default=False, help_text="its word for a second factor counts here")
    made_at = models.DateTimeField(db_default=Now())


class IssuerKeys(models.Model):
    """Public keys of an OpenID Connect issuer as read last."""

    issuer = models.TextField(primary_key=True)
    keys = models.JSONField(null=True)
    read_at = models.DateTimeField(null=True)
    tried_at = models.DateTimeField(null=True)


class Identifier(models.Model):
    """Who a person is elsewhere, from a day until a day: province number, national platform number, account above."""

    id = models.BigAutoField(primary_key=True)
    person = PersonKey("registry.Person", on_merge="follow", related_name="+", db_index=False)
    issuer = models.TextField()
    value = models.TextField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    linked_by = models.TextField(help_text="how it was found: an attribute, the person, or who decided")
    linked_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["issuer", "value"], condition=models.Q(valid_to=None), name="upstream_identifier_one_person"
            ),
            models.UniqueConstraint(
                fields=["person", "issuer"], condition=models.Q(valid_to=None), name="upstream_identifier_one_value"
            ),
        ]
        indexes = [models.Index(fields=["person"], name="upstream_identifier_person")]


class Unmatched(models.Model):
    """Somebody from above who is nobody here for sure; ``sealed`` holds the name and attributes that were told."""

    id = models.BigAutoField(primary_key=True)
    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="+")
    subject = models.TextField()
    sealed = models.BinaryField(null=True)
    reason = models.TextField(choices=Reason.choices)
    state = models.TextField(choices=UnmatchedState.choices, default=UnmatchedState.OPEN)
    times = models.IntegerField(default=1)
    first_at = models.DateTimeField(db_default=Now())
    last_at = models.DateTimeField(db_default=Now())
    decided_by = models.TextField(blank=True, default="")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "subject"], name="upstream_unmatched_once")]
        indexes = [models.Index(fields=["state", "-last_at", "-id"], name="upstream_unmatched_list")]


class Visit(models.Model):
    """A session here that came from above; the platform's logout names ``session_above`` or the subject."""

    id = models.BigAutoField(primary_key=True)
    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="+", db_index=False)
    session = models.ForeignKey("identity.SsoSession", on_delete=models.CASCADE, related_name="+")
    session_above = models.TextField(blank=True, default="")
    subject = models.TextField()

    class Meta:
        indexes = [
            models.Index(fields=["source", "session_above"], name="upstream_visit_session"),
            models.Index(fields=["source", "subject"], name="upstream_visit_subject"),
        ]


class SpentToken(models.Model):
    """A logout token that was used: it is not believed again."""

    id = models.BigAutoField(primary_key=True)
    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="+")
    jti = models.TextField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "jti"], name="upstream_token_once")]


HAS_NUMBER = """EXISTS (SELECT 1 FROM upstream_identifier x JOIN registry_person i ON i.id = x.person_id
  WHERE (i.id = p.id OR i.canonical_id = p.id) AND x.valid_to IS NULL AND x.issuer = '{number}')"""
"""Whether somebody has a number today, in SQL for ``registry_person p``; ``number`` is a :class:`NumberKind`."""
