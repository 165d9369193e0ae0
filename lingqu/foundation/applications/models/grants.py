"""What an application may know, who uses it, and who consented."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from lingqu.foundation.registry.models.keys import PersonKey
from lingqu.kernel.ids import uuid7

from ..types.words import Basis
from .applications import Application


class ScopeGrant(models.Model):
    """A scope with its legal basis and purpose."""

    id = models.BigAutoField(primary_key=True)
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="grants", db_index=False)
    scope = models.TextField()
    basis = models.TextField(choices=Basis.choices)
    purpose = models.TextField()
    granted_by = models.TextField(blank=True, default="")
    granted_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application", "scope"], condition=models.Q(ended_at=None), name="applications_one_open_grant"
            )
        ]
        indexes = [models.Index(fields=["application"], name="applications_grant_app")]


class Adoption(models.Model):
    """选用: an organisation and its subtree use an application, for some roles, from a day until a day."""

    id = models.BigAutoField(primary_key=True)
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="adoptions", db_index=False)
    organisation = models.ForeignKey("registry.Organisation", on_delete=models.PROTECT, related_name="+")
    audiences = ArrayField(models.TextField(), default=list, blank=True)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, help_text="first day on which it is no longer used")
    meeting_date = models.DateField(null=True, help_text="when the organisation decided")
    approval_number = models.TextField(blank=True, default="")
    by = models.TextField(blank=True, default="")
    made_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application", "organisation"],
                condition=models.Q(ended_at=None),
                name="applications_one_open_adoption",
            )
        ]


class ConsentBatch(models.Model):
    """Paper consents of a class that were collected together: one scan for all of them."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="+")
    class_group = models.ForeignKey("registry.ClassGroup", on_delete=models.PROTECT, related_name="+")
    scopes = ArrayField(models.TextField())
    digest = models.TextField(help_text="the scan in the file store")
    name = models.TextField()
    media_type = models.TextField()
    people = models.IntegerField()
    by = models.TextField()
    made_at = models.DateTimeField(db_default=Now())


class Consent(models.Model):
    """Somebody agreed that an application receives some scopes: for oneself, or as guardian of a child.

    ``account`` is empty where a child has none yet; then the person alone says whose data it is.
    """

    GIVERS = [("self", "self"), ("guardian", "guardian")]

    id = models.BigAutoField(primary_key=True)
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="consents", db_index=False)
    account = models.ForeignKey("identity.Account", null=True, on_delete=models.CASCADE, related_name="+")
    person = PersonKey("registry.Person", null=True, on_merge="follow", related_name="+")
    scopes = ArrayField(models.TextField())
    given_by = models.TextField(choices=GIVERS)
    giver_name = models.TextField(blank=True, default="")
    batch = models.ForeignKey(ConsentBatch, null=True, on_delete=models.PROTECT, related_name="consents")
    given_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)
    ended_by = models.TextField(blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["application", "person"], name="applications_consent_app")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(account__isnull=False) | models.Q(person__isnull=False),
                name="applications_consent_of_somebody",
            )
        ]
