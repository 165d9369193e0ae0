"""Group chats of WeCom and DingTalk that are told through their robots, and what they still have to be told."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from lingqu.kernel.fields import LtreeField
from lingqu.kernel.ids import uuid7

from ..types.words import RobotKind, RoundCause
from .notices import Notice


class Robot(models.Model):
    """The robot of one group: colleagues of an office, or the families of a class. ``sealed``: its address, whose key lets
    anybody write to the group, and its secret."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation = models.ForeignKey(
        "registry.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    path = LtreeField()
    class_group = models.ForeignKey(
        "registry.ClassGroup", null=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    name = models.TextField()
    kind = models.TextField(choices=RobotKind.choices)
    sealed = models.BinaryField()
    is_active = models.BooleanField(default=True)
    added_by = models.TextField()
    added_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "class_group", "name"], nulls_distinct=False, name="inbox_robot_name")
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["path"], name="inbox_robot_path"),
            models.Index(
                fields=["class_group"], name="inbox_robot_class", condition=models.Q(class_group__isnull=False)
            ),
        ]


class GroupRound(models.Model):
    """One telling of the groups that a notice concerns; which they are is found when it is due. ``robots`` are told in
    pages, ``done`` of them so far."""

    id = models.BigAutoField(primary_key=True)
    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="group_rounds", db_index=False)
    cause = models.TextField(choices=RoundCause.choices)
    since = models.DateTimeField(null=True, help_text="only lines of addresses that went out from here on")
    due_at = models.DateTimeField()
    listed_at = models.DateTimeField(null=True)
    robots = ArrayField(models.UUIDField(), default=list)
    done = models.IntegerField(default=0)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["notice", "id"], name="inbox_group_round_notice"),
            models.Index(fields=["due_at"], name="inbox_group_round_open", condition=models.Q(ended_at=None)),
        ]
