"""What happens while applications are used: who is in, who is told of the end, what was given out, what was asked."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from lingqu.foundation.registry.models.keys import PersonKey

from ..types.words import NoticeState, Protocol
from .applications import Application


class Participation(models.Model):
    """An SSO session entered an application. ``key`` tells several entries by one protocol apart (a CAS ticket)."""

    id = models.BigAutoField(primary_key=True)
    session = models.ForeignKey(
        "identity.SsoSession", on_delete=models.CASCADE, related_name="participations", db_index=False
    )
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="participations")
    protocol = models.TextField(choices=Protocol.choices)
    key = models.TextField(blank=True, default="")
    data = models.JSONField(default=dict, help_text="what a logout message needs; no personal values")
    first_at = models.DateTimeField(db_default=Now())
    last_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["session", "application", "protocol", "key"], name="applications_participation_once"
            )
        ]


class LogoutNotice(models.Model):
    """An application has to be told that a session ended. The message is made anew for each try."""

    id = models.BigAutoField(primary_key=True)
    participation = models.OneToOneField(Participation, on_delete=models.CASCADE, related_name="notice")
    session_id = models.UUIDField()
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="notices", db_index=False)
    protocol = models.TextField(choices=Protocol.choices)
    target = models.TextField(blank=True, default="", help_text="address of the last try")
    state = models.TextField(choices=NoticeState.choices, default=NoticeState.WAITING)
    tries = models.SmallIntegerField(default=0)
    next_at = models.DateTimeField(db_default=Now())
    error = models.TextField(blank=True, default="")
    http_status = models.SmallIntegerField(null=True)
    made_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["next_at"], name="applications_notice_due", condition=models.Q(state__in=["waiting", "failed"])
            ),
            models.Index(fields=["application", "-id"], name="applications_notice_app"),
            models.Index(fields=["made_at"], name="applications_notice_age"),
        ]


class Release(models.Model):
    """Which fields of whom an application received on one day by one protocol, and how often."""

    id = models.BigAutoField(primary_key=True)
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="releases", db_index=False)
    account = models.ForeignKey("identity.Account", on_delete=models.CASCADE, related_name="+", db_index=False)
    person = PersonKey("registry.Person", null=True, on_merge="follow", related_name="+")
    protocol = models.TextField(choices=Protocol.choices)
    fields = ArrayField(models.TextField())
    fields_digest = models.BinaryField()
    day = models.DateField()
    first_at = models.DateTimeField(db_default=Now())
    last_at = models.DateTimeField(db_default=Now())
    count = models.IntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application", "account", "protocol", "fields_digest", "day"], name="applications_release_once"
            )
        ]
        indexes = [models.Index(fields=["account", "-id"], name="applications_release_account")]


class RequestLog(models.Model):
    """One request of an application, without secrets: for its developer and for the monitor."""

    id = models.BigAutoField(primary_key=True)
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="requests", db_index=False)
    at = models.DateTimeField(db_default=Now())
    protocol = models.TextField()
    endpoint = models.TextField()
    outcome = models.TextField(help_text="ok or an error code")
    detail = models.TextField(blank=True, default="")
    milliseconds = models.IntegerField()
    request_id = models.TextField(blank=True, default="")

    class Meta:
        indexes = [
            models.Index(fields=["application", "-id"], name="applications_request_app"),
            models.Index(fields=["at"], name="applications_request_age"),
            models.Index(fields=["application", "at"], name="applications_request_when"),
        ]
