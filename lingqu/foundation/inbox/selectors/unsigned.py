"""Who has not signed what an office sent, over all its notices: by part of the area, with a phone and the way to the board."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from lingqu.foundation.registry import api as registry
from lingqu.kernel import clock
from lingqu.kernel.actor import Actor

from .. import register
from ..models import Notice
from ..types import rights
from ..types.words import NoticeState
from .expected import POSTS, SENT, values_of

LOOKED_BACK = timedelta(days=400)
MOST_NOTICES, MOST_PARTS = 40, 8
MISSING = f"""WITH {SENT}, expected AS ({POSTS}),
missing AS (SELECT e.notice_id, e.subject, o.path, n.deadline, COALESCE(n.deadline < %(now)s, false) AS is_late
  FROM expected e JOIN inbox_notice n ON n.id = e.notice_id JOIN registry_post p ON p.id = e.subject
  JOIN registry_organisation o ON o.id = p.organisation_id
  WHERE NOT EXISTS (SELECT 1 FROM inbox_receipt r WHERE r.notice_id = e.notice_id AND r.kind = 'post'
    AND r.subject = e.subject AND r.confirmed_at IS NOT NULL))
SELECT subpath(path, 0, least(nlevel(path), %(depth)s))::text, count(DISTINCT subject),
  count(DISTINCT subject) FILTER (WHERE is_late), count(DISTINCT notice_id),
  (array_agg(notice_id ORDER BY is_late DESC, deadline NULLS LAST, notice_id))[1],
  (array_agg(subject ORDER BY is_late DESC, deadline NULLS LAST, notice_id))[1]
FROM missing GROUP BY 1 ORDER BY 3 DESC, 2 DESC, 1"""  # noqa: S608


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of the area, or a school: posts that have not signed, those whose time is over, and the notice that waits
    longest, of ``notices``. ``code`` leads to the part on that notice's board."""

    name: str
    code: str
    posts: int
    overdue: int
    notices: int
    notice_id: UUID
    title: str
    deadline: datetime | None
    calls: tuple[registry.Call, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsigned:
    """``posts``: receivers that owe at least one signature. ``parts``: the first of ``all_parts``."""

    posts: int
    overdue: int
    all_parts: int
    parts: tuple[Part, ...]


def unsigned_at(actor: Actor, path: str) -> Unsigned | None:
    """Of the notices that posts of the office at ``path`` sent in the last 400 days (the latest 40); None for whoever does
    not follow receipts there. Six statements."""
    if not actor.holds(rights.FOLLOW, path):
        return None
    sent = Notice.objects.filter(
        path=path, state=NoticeState.PUBLISHED, needs_confirmation=True, post__isnull=False,
        published_at__gte=clock.now() - LOOKED_BACK,
    ).exclude(corrections__state=NoticeState.PUBLISHED)  # fmt: skip
    notices = {one.id: one for one in sent.order_by("-id")[:MOST_NOTICES]}
    if not notices:
        return Unsigned(posts=0, overdue=0, all_parts=0, parts=())
    with connection.cursor() as cursor:
        values = values_of(notices) | {"now": clock.now(), "depth": len(path.split(".")) + 1}
        cursor.execute(MISSING, values)
        rows = cursor.fetchall()
    return Unsigned(
        posts=sum(row[1] for row in rows), overdue=sum(row[2] for row in rows), all_parts=len(rows),
        parts=tuple(_parts(rows[:MOST_PARTS], notices)),
    )  # fmt: skip


def _parts(rows: list[Any], notices: dict[UUID, Notice]) -> Iterable[Part]:
    known = {str(one.path): one for one in register.organisations().filter(path__in=[row[0] for row in rows])}
    own = register.posts().filter(organisation__in=[one.id for one in known.values()], closed_on=None)
    desks = {one.organisation_id: one.id for one in own.order_by("-created_at")}
    chosen = {row[0]: desks.get(known[row[0]].id, row[5]) for row in rows}
    calls = registry.post_calls(list(chosen.values()))
    for path, posts, overdue, count, notice_id, _subject in rows:
        place, notice = known[path], notices[notice_id]
        yield Part(
            name=place.name, code=place.code or "", posts=posts, overdue=overdue, notices=count, notice_id=notice_id,
            title=notice.title, deadline=notice.deadline, calls=calls.get(chosen[path], ()),
        )  # fmt: skip
