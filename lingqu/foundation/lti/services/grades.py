"""Line items that tools make, and scores that they send (AGS 2.0)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from lingqu.foundation.applications import api as applications
from lingqu.kernel import audit
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import now
from lingqu.kernel.ids import as_uuid, uuid7

from .. import register
from ..models import LineItem, Score, Tool
from ..selectors.links import links_of
from ..types.words import Activity, Grading
from . import members, reading
from .access import ServiceError

MOST_TEXT, MOST_COMMENT, MOST_ITEMS = 200, 4000, 500
AHEAD = timedelta(minutes=10)
"""How far the clock of a tool may be before ours."""
_KEEP = """
INSERT INTO lti_score AS held
    (id, item_id, account_id, person_id, subject, given, maximum, activity, grading, comment, scored_at, received_at)
VALUES (%(id)s, %(item)s, %(account)s, %(person)s, %(subject)s, %(given)s, %(maximum)s, %(activity)s, %(grading)s,
        %(comment)s, %(scored_at)s, clock_timestamp())
ON CONFLICT (item_id, account_id) DO UPDATE SET
    subject = EXCLUDED.subject, given = EXCLUDED.given, maximum = EXCLUDED.maximum, activity = EXCLUDED.activity,
    grading = EXCLUDED.grading, comment = EXCLUDED.comment, scored_at = EXCLUDED.scored_at,
    received_at = EXCLUDED.received_at
WHERE held.scored_at < EXCLUDED.scored_at
"""


@transaction.atomic
def make_item(*, app: applications.App, tool: Tool, group: Any, given: Mapping[str, Any]) -> LineItem:
    if LineItem.objects.filter(tool=tool, **register.in_class(group), removed_at=None).count() >= MOST_ITEMS:
        raise ServiceError("too_many", f"a class has at most {MOST_ITEMS} line items of a tool", 403)
    made = LineItem.objects.create(tool=tool, **register.in_class(group), **_columns(tool, group, given))
    _trace(app, "lti.item_made", group, made)
    return made


@transaction.atomic
def change_item(*, app: applications.App, tool: Tool, item: LineItem, given: Mapping[str, Any]) -> LineItem:
    """Every field as sent; what is left out is empty (AGS 3.2.4)."""
    for name, value in _columns(tool, item.group, given).items():
        setattr(item, name, value)
    item.save()
    _trace(app, "lti.item_changed", item.group, item)
    return item


@transaction.atomic
def remove_item(*, app: applications.App, item: LineItem) -> None:
    """The tool sees it no more. Scores of pupils are the school's and stay."""
    LineItem.objects.filter(id=item.id).update(removed_at=now())
    _trace(app, "lti.item_removed", item.group, item)


@transaction.atomic
def take_score(*, app: applications.App, item: LineItem, given: Mapping[str, Any]) -> None:
    """Keep it as the pupil's latest. Raises 409 for one that is not newer than what is held (AGS 3.4.3)."""
    values = _score(given)
    subject = reading.text(given.get("userId"), 64)
    account_id = applications.find_account_by_subject(app=app, subject=subject)
    seat = next((one for one in members.list_seats(app, item.group) if one.account_id == account_id), None)
    if seat is None or "student" not in seat.roles:
        raise ServiceError("not_found", "userId is no pupil of this class", 404)
    with connection.cursor() as cursor:
        cursor.execute(
            _KEEP, {"id": uuid7(), "item": item.id, "account": seat.account_id, "person": seat.person_id,
                    "subject": subject, **values},
        )  # fmt: skip
        if not cursor.rowcount:
            raise ServiceError("conflict", "a score of the same time or later is held", 409)
    audit.record(
        Actor.system(app.name), "lti.score_kept", subject_kind="person" if seat.person_id else "account",
        subject_id=seat.person_id or seat.account_id, path=str(item.group.school.path), data={"application": app.client_id, "item": str(item.id)},
    )  # fmt: skip


def result_of(score: Score, maximum: Decimal) -> tuple[Decimal, Decimal] | None:
    """Points on the scale of the line item, and that scale; None while it is not fully graded."""
    if score.grading != Grading.FULLY or score.given is None or not score.maximum:
        return None
    return (score.given * maximum / score.maximum).quantize(Decimal("0.0001")), maximum


def _columns(tool: Tool, group: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    label, maximum = reading.text(given.get("label"), MOST_TEXT), reading.points(given.get("scoreMaximum"))
    if not label or maximum is None or maximum <= 0:
        raise ServiceError("invalid_request", "label and a positive scoreMaximum are required")
    link_id, wanted = None, given.get("resourceLinkId")
    if wanted:
        link_id = as_uuid(str(wanted))
        if link_id is None or not links_of(tool, group, [link_id]):
            raise ServiceError("not_found", "resourceLinkId is not of this class", 404)
    return {
        "label": label, "maximum": maximum, "link_id": link_id, "tag": reading.text(given.get("tag"), MOST_TEXT),
        "resource_id": reading.text(given.get("resourceId"), MOST_TEXT), "starts_at": _moment(given, "startDateTime"),
        "ends_at": _moment(given, "endDateTime"),
    }  # fmt: skip


def _moment(given: Mapping[str, Any], name: str) -> datetime | None:
    if not given.get(name):
        return None
    found = reading.moment(given[name])
    if found is None:
        raise ServiceError("invalid_request", f"{name} is no moment with a time zone")
    return found


def _score(given: Mapping[str, Any]) -> dict[str, Any]:
    """Checked columns of a score (AGS 3.4). Without ``scoreGiven`` there is no score any more."""
    scored_at = _moment(given, "timestamp")
    if scored_at is None or scored_at > now() + AHEAD:
        raise ServiceError("invalid_request", "timestamp is missing or in the future")
    activity, grading = given.get("activityProgress"), given.get("gradingProgress")
    if activity not in Activity.values or grading not in Grading.values:
        raise ServiceError("invalid_request", "activityProgress or gradingProgress is unknown")
    points = maximum = None
    if given.get("scoreGiven") is not None:
        points, maximum = reading.points(given["scoreGiven"]), reading.points(given.get("scoreMaximum"))
        if points is None or not maximum:
            raise ServiceError("invalid_request", "scoreGiven needs a number and a positive scoreMaximum")
    return {
        "given": points, "maximum": maximum, "activity": activity, "grading": grading, "scored_at": scored_at,
        "comment": reading.text(given.get("comment"), MOST_COMMENT),
    }  # fmt: skip


def _trace(app: applications.App, action: str, group: Any, item: LineItem) -> None:
    audit.record(
        Actor.system(app.name), action, subject_kind="class", subject_id=group.id, path=str(group.school.path),
        data={"application": app.client_id, "item": str(item.id)},
    )  # fmt: skip
