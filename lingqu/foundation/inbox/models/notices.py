"""Notices, whom they are addressed to, and receipts. Nobody has a row before somebody reads."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models.functions import Coalesce, Now

from lingqu.foundation.registry.models.keys import PersonKey
from lingqu.kernel.fields import LtreeField
from lingqu.kernel.ids import uuid7

from ..types.words import Audience, NoticeState, StepKind, Subject, Way


def _person() -> Any:
    return PersonKey("registry.Person", null=True, on_merge="follow", related_name="+", db_index=False)


def _post() -> Any:
    return models.ForeignKey("registry.Post", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)


def _class() -> Any:
    return models.ForeignKey(
        "registry.ClassGroup", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )


class Notice(models.Model):
    """A notice of a post, or of a class teacher to the families of the class. Published, its words never change: a
    correction is a notice of its own that names the one it replaces."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation = models.ForeignKey(
        "registry.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    path = LtreeField()
    post = _post()
    class_group = _class()
    number = models.TextField(blank=True, default="", help_text="TZ-2026-0387, counted by organisation and year")
    title = models.TextField()
    text = models.TextField()
    needs_confirmation = models.BooleanField(default=True)
    deadline = models.DateTimeField(null=True)
    remind_before = models.SmallIntegerField(
        null=True, help_text="days before the deadline; empty: no reminder by itself"
    )
    is_urgent = models.BooleanField(default=False, db_default=False, help_text="reminders leave on holidays too")
    corrects = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="corrections")
    state = models.TextField(choices=NoticeState.choices, default=NoticeState.DRAFT)
    reason = models.TextField(blank=True, default="", help_text="why it was withdrawn")
    reach = models.JSONField(default=dict, help_text="posts, children and persons counted when it was published")
    author = models.TextField()
    created_at = models.DateTimeField(db_default=Now())
    published_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "number"], condition=~models.Q(number=""), name="inbox_notice_number"
            ),
            models.CheckConstraint(
                condition=models.Q(post__isnull=False) ^ models.Q(class_group__isnull=False), name="inbox_notice_sender"
            ),
        ]
        indexes = [
            models.Index(fields=["post", "-id"], name="inbox_notice_post"),
            models.Index(fields=["class_group", "-id"], name="inbox_notice_class"),
            models.Index(fields=["path", "-id"], name="inbox_notice_path"),
        ]


class NoticeSerial(models.Model):
    """The last number an organisation gave in a year."""

    organisation = models.ForeignKey(
        "registry.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    year = models.IntegerField()
    last = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "year"], name="inbox_one_serial_a_year")]


class NoticeTarget(models.Model):
    """One line of addresses (``types.keys``). ``published_at`` is empty while nobody may see the notice.

    ``handed_by``: the receipt of whoever passed it on; such lines do not count among the sender's.
    """

    id = models.BigAutoField(primary_key=True)
    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="targets", db_index=False)
    audience = models.TextField(choices=Audience.choices)
    organisation = models.ForeignKey(
        "registry.Organisation", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    code = models.TextField(blank=True, default="")
    school_type = models.TextField(blank=True, default="")
    class_group = _class()
    post = _post()
    person = _person()
    key = models.TextField()
    published_at = models.DateTimeField(null=True)
    handed_by = models.ForeignKey("Receipt", null=True, on_delete=models.CASCADE, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["notice", "key"], name="inbox_target_once")]
        indexes = [
            models.Index(
                fields=["key", "-published_at"], name="inbox_target_key", condition=models.Q(published_at__isnull=False)
            )
        ]


class Receipt(models.Model):
    """Written when somebody reads or confirms: for a post, for a child (any one guardian), or for a person."""

    id = models.BigAutoField(primary_key=True)
    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="receipts", db_index=False)
    kind = models.TextField(choices=Subject.choices)
    post = _post()
    person = _person()
    subject = models.GeneratedField(
        expression=Coalesce("post_id", "person_id"), output_field=models.UUIDField(), db_persist=True
    )
    read_at = models.DateTimeField(db_default=Now())
    confirmed_at = models.DateTimeField(null=True)
    way = models.TextField(choices=Way.choices, blank=True, default="")
    by_name = models.TextField(blank=True, default="", help_text="who confirmed, or who noted the call or slip")
    heard_by = models.TextField(blank=True, default="", help_text="who answered the phone")
    note = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["notice", "kind", "subject"], name="inbox_receipt_once"),
            models.CheckConstraint(
                condition=models.Q(kind="post", post__isnull=False, person=None)
                | models.Q(kind__in=["child", "person"], person__isnull=False, post=None),
                name="inbox_receipt_subject",
            ),
        ]
        indexes = [
            models.Index(
                fields=["person"], name="inbox_receipt_person", condition=models.Q(person__isnull=False)
            )
        ]  # fmt: skip


class Step(models.Model):
    """What a receiver did with a notice inside the own organisation: 转办, 传阅, 批示."""

    id = models.BigAutoField(primary_key=True)
    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="steps")
    organisation = models.ForeignKey(
        "registry.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    kind = models.TextField(choices=StepKind.choices)
    to_post = _post()
    to_person = _person()
    text = models.TextField(blank=True, default="")
    by_name = models.TextField()
    at = models.DateTimeField(db_default=Now())


class Attachment(models.Model):
    """A file beside a notice, or beside the receipt of one receiver (回执附件)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="attachments")
    receipt = models.ForeignKey(Receipt, null=True, on_delete=models.CASCADE, related_name="attachments")
    digest = models.TextField()
    name = models.TextField()
    size = models.BigIntegerField()
    media_type = models.TextField()
    added_by = models.TextField()
    added_at = models.DateTimeField(db_default=Now())
