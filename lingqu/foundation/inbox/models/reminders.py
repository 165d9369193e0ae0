"""Reminders of notices: rounds, who was really reminded, and the hours in which nobody is."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Coalesce, Now

from lingqu.foundation.registry.models.keys import PersonKey

from ..types.words import Cause, Channel, Outcome, Subject
from .notices import Notice


class QuietHours(models.Model):
    """When nothing leaves for anybody at or below a place that has no nearer rule. Times of the region's clock; ``starts``
    after ``ends``: over midnight; both the same: no night. ``holidays``: nothing on holidays of the calendar either."""

    organisation = models.OneToOneField(
        "registry.Organisation", primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    starts = models.TimeField()
    ends = models.TimeField()
    holidays = models.BooleanField(default=True)
    changed_by = models.TextField()
    changed_at = models.DateTimeField(db_default=Now())


class ReminderRound(models.Model):
    """One reminding of everybody who has not confirmed a notice: pressed by the sender, or planned for a time before the
    deadline. Whom it concerns is found when it is due, not when it is made."""

    id = models.BigAutoField(primary_key=True)
    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="reminder_rounds", db_index=False)
    cause = models.TextField(choices=Cause.choices)
    due_at = models.DateTimeField()
    made_by = models.TextField()
    made_at = models.DateTimeField(db_default=Now())
    listed_at = models.DateTimeField(null=True, help_text="when whom it concerns was found")
    ended_at = models.DateTimeField(null=True)
    outcome = models.TextField(choices=Outcome.choices, blank=True, default="")
    missing = models.IntegerField(default=0, help_text="posts, children and people not confirmed when it was due")
    reached = models.IntegerField(default=0, help_text="of them, for how many somebody was reminded")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["notice"], condition=models.Q(cause="automatic"), name="inbox_one_automatic_round"
            )
        ]
        indexes = [
            models.Index(fields=["notice", "-id"], name="inbox_round_notice"),
            models.Index(fields=["due_at"], name="inbox_round_open", condition=models.Q(ended_at=None)),
        ]


class Reminder(models.Model):
    """Somebody who is to be reminded for a post, a child or himself; without ``sent_at`` only while its round is being
    sent: whoever could not be reached has no row afterwards."""

    id = models.BigAutoField(primary_key=True)
    round = models.ForeignKey(ReminderRound, on_delete=models.CASCADE, related_name="reminders")
    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.TextField(choices=Subject.choices)
    post = models.ForeignKey("registry.Post", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    person = PersonKey("registry.Person", null=True, on_merge="follow", related_name="+")
    subject = models.GeneratedField(
        expression=Coalesce("post_id", "person_id"), output_field=models.UUIDField(), db_persist=True
    )
    reader = PersonKey("registry.Person", on_merge="follow", related_name="+")
    channel = models.TextField(choices=Channel.choices, blank=True, default="")
    message_id = models.UUIDField(null=True, help_text="of the kernel's message; several reminders share one")
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "kind", "subject", "reader"], name="inbox_reminder_once"),
            models.CheckConstraint(
                condition=models.Q(kind="post", post__isnull=False, person=None)
                | models.Q(kind__in=["child", "person"], person__isnull=False, post=None),
                name="inbox_reminder_subject",
            ),
        ]
        indexes = [
            models.Index(fields=["notice", "subject"], name="inbox_reminder_notice"),
            models.Index(fields=["reader"], name="inbox_reminder_waiting", condition=models.Q(sent_at=None)),
            models.Index(
                fields=["message_id"], name="inbox_reminder_message", condition=models.Q(message_id__isnull=False)
            ),
        ]
