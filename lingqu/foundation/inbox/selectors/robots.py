"""Which groups a notice concerns, and the groups of an office or a class."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q

from lingqu.kernel import delivery
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Forbidden
from lingqu.kernel.models import Message

from .. import policies
from ..models import GroupRound, Robot
from ..types.words import RoundCause
from .expected import values_of
from .reminders import MISSING
from .sending import Sender, list_senders

SUBJECT = "inbox.robot"
SHOWN = 3
CONCERNED = """
SELECT DISTINCT b.id FROM inbox_noticetarget t
LEFT JOIN registry_organisation o ON o.id = t.organisation_id
LEFT JOIN registry_post p ON p.id = t.post_id
JOIN inbox_robot b ON b.is_active AND CASE WHEN b.class_group_id IS NULL THEN
    (t.audience = 'post' AND p.organisation_id = b.organisation_id)
    OR (t.audience = 'post' AND t.post_id IS NULL AND b.path <@ o.path AND EXISTS (SELECT 1 FROM registry_post q
      JOIN registry_organisation s ON s.id = q.organisation_id WHERE q.organisation_id = b.organisation_id AND q.kind = t.code
        AND q.closed_on IS NULL AND (t.school_type = '' OR left(s.school_type, 2) = t.school_type)))
    OR (t.audience = 'staff' AND t.code = '' AND b.path <@ o.path)
  ELSE
    (t.audience = 'family' AND t.class_group_id = b.class_group_id)
    OR (t.audience = 'family' AND t.class_group_id IS NULL AND b.path <@ o.path AND EXISTS (SELECT 1 FROM registry_classgroup g
      WHERE g.id = b.class_group_id AND g.closed_on IS NULL AND (t.code = '' OR t.code = ANY(g.grades))))
  END
WHERE t.notice_id = ANY(%(notices)s::uuid[]) AND t.handed_by_id IS NULL
  AND (%(since)s::timestamptz IS NULL OR t.published_at >= %(since)s)
"""
"""Groups of offices for lines to posts and to everybody who works there; groups of classes for lines to families."""
OWING = f"""WITH {MISSING}, late AS MATERIALIZED (SELECT kind, subject FROM missing)
SELECT b.id FROM inbox_robot b WHERE b.id = ANY(%(robots)s) AND CASE WHEN b.class_group_id IS NULL THEN
    EXISTS (SELECT 1 FROM late JOIN registry_post p ON late.kind = 'post' AND p.id = late.subject
      WHERE p.organisation_id = b.organisation_id)
    OR EXISTS (SELECT 1 FROM late JOIN registry_appointment a ON late.kind = 'person' AND a.person_id = late.subject
      AND a.valid_to IS NULL WHERE a.organisation_id = b.organisation_id)
  ELSE EXISTS (SELECT 1 FROM late JOIN registry_classmembership m ON late.kind = 'child' AND m.person_id = late.subject
    AND m.valid_to IS NULL WHERE m.class_group_id = b.class_group_id) END"""  # noqa: S608
"""Of them, those in whose office or class somebody has not confirmed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A group as its page shows it: what it was told last, and why it was not."""

    robot: Robot
    sent_at: datetime | None
    error: str


def list_concerned(round_: GroupRound) -> list[UUID]:
    """Active groups to be told in a round, found now."""
    notice = round_.notice
    notices = [notice.id]
    if round_.cause == RoundCause.CORRECTED and notice.corrects_id is not None:
        notices.append(notice.corrects_id)
    values: dict[str, Any] = {"notices": notices, "since": round_.since}
    with connection.cursor() as cursor:
        cursor.execute(CONCERNED, values)
        found = [row[0] for row in cursor.fetchall()]
        if found and round_.cause == RoundCause.REMINDED:
            cursor.execute(OWING, {**values_of([notice.id]), "notice": notice.id, "robots": found})
            found = [row[0] for row in cursor.fetchall()]
    return sorted(found)


def list_owners(actor: Actor) -> tuple[Sender, ...]:
    """Offices and classes whose groups the actor keeps: each organisation of a held post once, and own classes."""
    found: dict[Any, Sender] = {}
    for sender in list_senders(actor):
        found.setdefault(sender.class_id or sender.organisation.id, sender)
    return tuple(found.values())


def list_groups(actor: Actor) -> tuple[Group, ...]:
    """Groups of these owners with their latest message; three statements beside the owners."""
    owners = list_owners(actor)
    offices = [one.organisation.id for one in owners if one.class_id is None]
    own = Q(class_group__in=[one.class_id for one in owners if one.class_id]) | Q(organisation__in=offices)
    rows = list(Robot.objects.filter(own).select_related("organisation", "class_group").order_by("path", "name")[:200])
    return tuple(_with_latest(rows))


def _with_latest(rows: list[Robot]) -> Iterable[Group]:
    told = Message.objects.filter(subject_kind=SUBJECT, subject_id__in=[str(one.id) for one in rows])
    latest = told.order_by("subject_id", "-created_at").distinct("subject_id")
    known = {one.subject_id: one for one in latest}
    for robot in rows:
        message = known.get(str(robot.id))
        error = message.error if message and message.state != "sent" else ""
        yield Group(
            robot=robot, sent_at=message.done_at if message and message.state == "sent" else None,
            error=str(delivery.WORDS.get(error, error)),
        )  # fmt: skip


def get_robot(actor: Actor, robot_id: UUID) -> Robot:
    """A group for whoever keeps it; refused alike for others and where there is none."""
    found = Robot.objects.select_related("organisation", "class_group").filter(id=robot_id).first()
    if found is None or not policies.may_keep_robot(actor, found):
        raise Forbidden()
    return found
