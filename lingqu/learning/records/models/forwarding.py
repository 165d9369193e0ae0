"""Stores elsewhere to which statements go on."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from .credentials import Tenant


class Forward(models.Model):
    """Statements of a tenant go on to another store, in the order in which they came. ``position`` is the last one sent."""

    id = models.AutoField(primary_key=True)
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="+")
    name = models.TextField()
    endpoint = models.TextField(help_text="xAPI address without /statements")
    version = models.TextField(help_text="spoken with it")
    sealed = models.BinaryField(help_text="key and secret")
    position = models.BigIntegerField()
    sent = models.BigIntegerField(default=0)
    is_on = models.BooleanField(default=True)
    failures = models.IntegerField(default=0, help_text="in a row")
    failing_since = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True, help_text="not before, after a failure")
    last_error = models.TextField(blank=True, default="")
    last_at = models.DateTimeField(null=True, help_text="of the last success")
    made_at = models.DateTimeField(db_default=Now())
    made_by = models.TextField(blank=True, default="")


class DeadLetter(models.Model):
    """A statement that the other store refuses; it can be sent again by hand."""

    id = models.BigAutoField(primary_key=True)
    forward = models.ForeignKey(Forward, on_delete=models.CASCADE, related_name="letters")
    statement = models.UUIDField()
    status = models.SmallIntegerField()
    message = models.TextField(blank=True, default="")
    tries = models.IntegerField(default=1)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["forward", "statement"], name="records_one_dead_letter")]
