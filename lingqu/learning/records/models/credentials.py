"""Who may write and read, and what was refused."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now


class Tenant(models.Model):
    """One closed set of records: those of an application at an organisation. Nothing is seen across tenants but a person's
    own record. Without both: the platform's own modules."""

    id = models.AutoField(primary_key=True)
    application = models.ForeignKey(
        "applications.Application", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    organisation = models.ForeignKey(
        "registry.Organisation", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    name = models.TextField(blank=True, default="")
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application", "organisation", "name"], name="records_one_tenant", nulls_distinct=False
            )
        ]


class Credential(models.Model):
    """A key with its secret: at least 256 random bits, of which a keyed mark is kept."""

    id = models.AutoField(primary_key=True)
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="credentials")
    key = models.TextField(unique=True)
    mark = models.BinaryField(help_text="keyed mark of the secret")
    name = models.TextField()
    scopes = ArrayField(models.TextField())
    made_at = models.DateTimeField(db_default=Now())
    made_by = models.TextField(blank=True, default="")
    revoked_at = models.DateTimeField(null=True)


class Refusal(models.Model):
    """A request that was refused, for the developers of the application; never what was sent."""

    id = models.BigAutoField(primary_key=True)
    credential = models.ForeignKey(Credential, on_delete=models.CASCADE, related_name="+", db_index=False)
    at = models.DateTimeField(db_default=Now())
    method = models.TextField()
    resource = models.TextField()
    status = models.SmallIntegerField()
    code = models.TextField()
    path = models.TextField(blank=True, default="", help_text="where in the JSON")
    message = models.TextField()

    class Meta:
        indexes = [models.Index(fields=["credential", "-id"], name="records_refusal_latest")]
