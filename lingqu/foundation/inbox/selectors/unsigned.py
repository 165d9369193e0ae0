"""Who has not signed what an office sent, over all its notices: by part of the area, with a phone and the way to the board."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from lingqu.foundation.registry import api as registry
from lingqu.kernel import clock
from lingqu.kernel.actor import Actor

from ..types import rights
from .expected import POSTS, SENT, values_of

LOOKED_BACK = timedelta(days=400)
MOST_NOTICES, MOST_PARTS = 40, 8
ASKED = """SELECT n.id FROM inbox_notice n WHERE n.path = %(path)s AND n.state = 'published' AND n.needs_confirmation
  AND n.post_id IS NOT NULL AND n.published_at >= %(since)s
  AND NOT EXISTS (SELECT 1 FROM inbox_notice c WHERE c.corrects_id = n.id AND c.state = 'published')
  ORDER BY n.id DESC LIMIT %(most)s"""
MISSING = f"""WITH asked AS MATERIALIZED ({ASKED}),
{SENT.replace("%(notices)s::uuid[]", "ARRAY(SELECT id FROM asked)")}, expected AS ({POSTS}),
missing AS (SELECT e.notice_id, e.subject, o.path, n.deadline, COALESCE(n.deadline < %(now)s, false) AS is_late
  FROM expected e JOIN inbox_notice n ON n.id = e.notice_id JOIN registry_post p ON p.id = e.subject
  JOIN registry_organisation o ON o.id = p.organisation_id
  WHERE NOT EXISTS (SELECT 1 FROM inbox_receipt r WHERE r.notice_id = e.notice_id AND r.kind = 'post'
    AND r.subject = e.subject AND r.confirmed_at IS NOT NULL)),
part AS (SELECT subpath(path, 0, least(nlevel(path), %(depth)s)) AS path, count(DISTINCT subject) AS posts,
  count(DISTINCT subject) FILTER (WHERE is_late) AS late, count(DISTINCT notice_id) AS notices,
  (array_agg(notice_id ORDER BY is_late DESC, deadline NULLS LAST, notice_id))[1] AS notice_id,
  (array_agg(subject ORDER BY is_late DESC, deadline NULLS LAST, notice_id))[1] AS subject
  FROM missing GROUP BY 1)
SELECT o.name, o.code, part.posts, part.late, part.notices, n.id, n.title, n.deadline, COALESCE((SELECT d.id FROM registry_post d
  WHERE d.organisation_id = o.id AND d.closed_on IS NULL ORDER BY d.created_at LIMIT 1), part.subject)
FROM part JOIN registry_organisation o ON o.path = part.path JOIN inbox_notice n ON n.id = part.notice_id
ORDER BY part.late DESC, part.posts DESC, part.path"""  # noqa: S608
"""A line a part of the area; the last column is the post to call: the part's own desk, else one that has not signed."""


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
    not follow receipts there. Two statements."""
    if not actor.holds(rights.FOLLOW, path):
        return None
    values = values_of(()) | {
        "path": path, "since": clock.now() - LOOKED_BACK, "most": MOST_NOTICES, "now": clock.now(),
        "depth": len(path.split(".")) + 1,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(MISSING, values)
        rows = cursor.fetchall()
    calls = registry.post_calls([row[8] for row in rows[:MOST_PARTS]]) if rows else {}
    return Unsigned(
        posts=sum(row[2] for row in rows), overdue=sum(row[3] for row in rows), all_parts=len(rows),
        parts=tuple(
            Part(
                name=row[0], code=row[1] or "", posts=row[2], overdue=row[3], notices=row[4], notice_id=row[5],
                title=row[6], deadline=row[7], calls=calls.get(row[8], ()),
            )
            for row in rows[:MOST_PARTS]
        ),
    )  # fmt: skip
