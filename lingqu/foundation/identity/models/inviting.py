"""Invitations of staff by e-mail and SMS, and the rounds in which a whole school is invited."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from lingqu.kernel.ids import uuid7

from .accounts import Account


class InvitationRound(models.Model):
    """A school administrator invites everybody whose account is not in use; a job sends the messages."""

    STATES = [("waiting", "waiting"), ("done", "done")]

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation = models.ForeignKey("registry.Organisation", on_delete=models.CASCADE, related_name="+")
    state = models.TextField(choices=STATES, default="waiting")
    by_email = models.IntegerField(default=0)
    by_sms = models.IntegerField(default=0)
    without_address = models.IntegerField(default=0, help_text="neither e-mail nor mobile number: a slip is for them")
    shared_address = models.IntegerField(default=0, help_text="the address stands for somebody else of the staff too")
    recent = models.IntegerField(
        default=0, help_text="left out: invited within the last day, or the address had its share"
    )
    actor = models.JSONField(help_text="who asked: ids, name, role")
    made_by = models.UUIDField(help_text="account that asked")
    made_at = models.DateTimeField(db_default=Now())
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation"], condition=models.Q(state="waiting"), name="identity_one_waiting_round"
            )
        ]
        indexes = [models.Index(fields=["organisation", "-made_at"], name="identity_round_place")]


class Invitation(models.Model):
    """One message with a one-use code to an address that was only imported. ``shown`` is the masked address."""

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="invitations", db_index=False)
    round_id = models.UUIDField(null=True)
    channel = models.TextField(choices=[("email", "email"), ("sms", "sms")])
    shown = models.TextField()
    message_id = models.UUIDField()
    invited_by = models.TextField(blank=True, default="")
    invited_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [
            models.Index(fields=["account", "-id"], name="identity_invitation_account"),
            models.Index(fields=["invited_at"], name="identity_invitation_at"),
        ]
