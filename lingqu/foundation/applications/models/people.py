"""Whom an application knows: the one user id in every protocol, users of a former system, people of a sandbox."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from lingqu.foundation.registry.models.keys import PersonKey
from lingqu.kernel.ids import uuid7

from ..types.sandbox import SandboxSchool
from ..types.words import MatchState
from .applications import Application, Vendor


class Subject(models.Model):
    """The user id of one account in one application, the same in every protocol, for good.

    After a merge of two people each value still says whom it meant: the present account is found through the person.
    """

    id = models.BigAutoField(primary_key=True)
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="subjects", db_index=False)
    account = models.ForeignKey("identity.Account", null=True, on_delete=models.SET_NULL, related_name="+")
    person = PersonKey("registry.Person", null=True, on_merge="pick", related_name="+")
    value = models.TextField()
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application", "value"], name="applications_subject_value"),
            models.UniqueConstraint(fields=["application", "account"], name="applications_subject_account"),
        ]


class LegacyAccount(models.Model):
    """旧账号对照: a user of the vendor's former system, and who that is here. Only digests of what was uploaded stay."""

    id = models.BigAutoField(primary_key=True)
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="legacy", db_index=False)
    vendor_user = models.TextField()
    name = models.TextField()
    phone_blind = models.UUIDField(null=True)
    id_blind = models.UUIDField(null=True)
    number = models.TextField(blank=True, default="", help_text="pupil or staff number")
    school_code = models.TextField(blank=True, default="")
    state = models.TextField(choices=MatchState.choices, default=MatchState.MISSING)
    person = PersonKey("registry.Person", null=True, on_merge="follow", related_name="+")
    way = models.TextField(blank=True, default="", help_text="by what it was matched: id, phone, number, hand")
    uploaded_at = models.DateTimeField(db_default=Now())
    settled_by = models.TextField(blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["application", "vendor_user"], name="applications_legacy_once")]
        indexes = [
            models.Index(fields=["application", "state", "id"], name="applications_legacy_state"),
            models.Index(
                fields=["application", "person"],
                name="applications_legacy_person",
                condition=models.Q(person__isnull=False),
            ),
        ]


class SandboxClass(models.Model):
    """An invented class in which a vendor's sandbox people sit and teach. No list, count or search of the register knows it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    vendor = models.ForeignKey(Vendor, on_delete=models.CASCADE, related_name="sandbox_classes", db_index=False)
    code = models.TextField(help_text="which of the classes it is, the same at every vendor")
    name = models.TextField()
    grade = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["vendor", "code"], name="applications_sandbox_class_once")]

    @property
    def school(self) -> SandboxSchool:
        return SandboxSchool(path=str(self.vendor.organisation.path))


class SandboxPerson(models.Model):
    """An account in which a vendor tries an application that is not live: an invented person."""

    id = models.BigAutoField(primary_key=True)
    vendor = models.ForeignKey(Vendor, on_delete=models.CASCADE, related_name="sandbox")
    account = models.ForeignKey("identity.Account", on_delete=models.CASCADE, related_name="+")
    told = models.TextField(help_text="who it plays")
    claims = models.JSONField(default=dict, help_text="what an application is told, by scope; all of it invented")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["vendor", "account"], name="applications_sandbox_person_once")]
