"""One-use codes on paper, by e-mail and by SMS, claims of guardians, and printed batches."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from lingqu.foundation.registry.models.keys import PersonKey
from lingqu.kernel.ids import uuid7

from ..types.words import ClaimState, CodePurpose
from .accounts import Account


class ActivationCode(models.Model):
    """A one-use code of 60 bits, of which only the keyed digest is stored.

    ``account`` is whom it activates or resets. A guardian's code has no account but names the child in ``person``.
    ``sent_to`` is the e-mail address it went to, ``sent_phone`` the digest of the phone; both empty for paper. Using
    it verifies that address or phone.
    """

    id = models.BigAutoField(primary_key=True)
    code_hash = models.UUIDField()
    account = models.ForeignKey(Account, null=True, on_delete=models.CASCADE, related_name="codes")
    person = PersonKey("registry.Person", null=True, on_merge="follow", related_name="+")
    purpose = models.TextField(choices=CodePurpose.choices)
    sent_to = models.TextField(blank=True, default="")
    sent_phone = models.UUIDField(null=True)
    issued_at = models.DateTimeField(db_default=Now())
    issued_by = models.TextField(blank=True, default="")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    voided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code_hash"], name="identity_code_hash"),
            models.CheckConstraint(
                condition=models.Q(account__isnull=False) ^ models.Q(person__isnull=False),
                name="identity_code_for_account_or_child",
            ),
        ]
        indexes = [models.Index(fields=["expires_at"], name="identity_code_expiry")]


class PhoneCode(models.Model):
    """Six digits sent to a phone: valid for ten minutes and five tries. ``sealed`` holds the number itself.

    ``cause`` ties it to what it was asked for (the digest of a guardian's code, an account's id), so that it proves
    nothing elsewhere.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    cause = models.UUIDField()
    phone_blind = models.UUIDField()
    sealed = models.BinaryField()
    code_hash = models.UUIDField()
    tries_left = models.SmallIntegerField(default=5)
    sent_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    proved_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["cause", "-sent_at"], name="identity_phone_code_cause"),
            models.Index(fields=["expires_at"], name="identity_phone_code_expiry"),
        ]


class GuardianClaim(models.Model):
    """Somebody with a child's guardian code and a proved phone says to be the child's guardian.

    ``account`` is set when an account of the same phone was chosen; otherwise name, phone and the password's hash wait
    here, and confirming opens the account.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    child = PersonKey("registry.Person", on_merge="follow", related_name="+")
    account = models.ForeignKey(Account, null=True, on_delete=models.CASCADE, related_name="claims")
    name = models.TextField()
    relation = models.CharField(max_length=2, blank=True, default="", help_text="GB/T 4761")
    phone_blind = models.UUIDField()
    sealed = models.BinaryField(null=True, help_text="map with phone; forgotten when decided")
    password = models.TextField(blank=True, default="", help_text="hash; forgotten when decided")
    state = models.TextField(choices=ClaimState.choices, default=ClaimState.WAITING)
    made_at = models.DateTimeField(db_default=Now())
    decided_at = models.DateTimeField(null=True)
    decided_by = models.TextField(blank=True, default="")

    class Meta:
        indexes = [
            models.Index(fields=["child"], name="identity_claim_waiting", condition=models.Q(state="waiting")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["child", "phone_blind", "name"],
                condition=models.Q(state="waiting"),
                name="identity_one_waiting_claim",
            )
        ]


class SlipBatch(models.Model):
    """Slips of a whole school, made by a job: one sealed ZIP with a PDF a class, collected a day later."""

    STATES = [("waiting", "waiting"), ("ready", "ready"), ("failed", "failed")]

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation = models.ForeignKey("registry.Organisation", on_delete=models.CASCADE, related_name="+")
    only_new = models.BooleanField(default=True)
    state = models.TextField(choices=STATES, default="waiting")
    classes = models.IntegerField(default=0)
    people = models.IntegerField(default=0)
    digest = models.TextField(blank=True, default="")
    actor = models.JSONField(help_text="who asked: ids, name, role")
    made_by = models.UUIDField(help_text="account that may download it")
    made_at = models.DateTimeField(db_default=Now())
    ready_at = models.DateTimeField(null=True)
    downloaded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation"], condition=models.Q(state="waiting"), name="identity_one_waiting_batch"
            )
        ]
