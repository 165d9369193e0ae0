"""Which schools went up into which school year, in which transaction: what undoing starts from."""

from __future__ import annotations

from django.db import models
from django.db.models.expressions import RawSQL
from django.db.models.functions import Now

from lingqu.kernel.fields import Xid8Field
from lingqu.kernel.ids import uuid7

from .organisations import Organisation


class SchoolAdvance(models.Model):
    """学年升级 of one school. ``xid`` is its transaction: the change log under that id and
    between ``change_after`` and ``change_until`` says what it made and ended."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    school = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    to_year = models.CharField(max_length=9)
    starts_on = models.DateField(help_text="first day of the new school year")
    xid = Xid8Field(db_default=RawSQL("pg_current_xact_id()", ()), editable=False)
    change_after = models.BigIntegerField(default=0, help_text="its change rows have ids above this one")
    change_until = models.BigIntegerField(default=0, help_text="and up to this one")
    last_enrolment = models.BigIntegerField(help_text="highest id of an enrolment then: higher ones came later")
    counts = models.JSONField(default=dict)
    actor_name = models.TextField(blank=True, default="")
    applied_at = models.DateTimeField(db_default=Now())
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school", "to_year"], condition=models.Q(undone_at=None), name="registry_one_advance"
            )
        ]
