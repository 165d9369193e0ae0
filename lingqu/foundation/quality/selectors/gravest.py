"""The schools of an office with the gravest findings; one statement, for the start page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import connection

from ..checks import CHECKS

SQL = """WITH latest AS (SELECT max(day) AS day FROM quality_dayscore WHERE path >= %(path)s::ltree AND path < %(end)s::ltree),
worst AS (
  SELECT d.school_id, d.blocks, d.reviews, d.hints, count(*) OVER () AS schools FROM quality_dayscore d JOIN latest l ON l.day = d.day
  WHERE d.path >= %(path)s::ltree AND d.path < %(end)s::ltree AND d.blocks + d.reviews + d.hints > 0
  ORDER BY d.blocks DESC, d.reviews DESC, d.hints DESC, d.id LIMIT %(most)s)
SELECT l.day, o.name, o.code, w.blocks, w.reviews, w.hints, w.schools, f.function, f.since
FROM latest l LEFT JOIN worst w ON true LEFT JOIN registry_organisation o ON o.id = w.school_id LEFT JOIN LATERAL (
  SELECT r.function, min(min(q.since)) OVER () AS since FROM quality_finding q JOIN quality_qualityrule r ON r.code = q.rule_id
  WHERE q.school_id = w.school_id AND q.gone_on IS NULL AND q.state = 'open' GROUP BY r.function
  ORDER BY count(*) FILTER (WHERE q.severity = 'block') DESC, count(*) DESC LIMIT 1) f ON true
ORDER BY w.blocks DESC, w.reviews DESC, w.hints DESC, o.code"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grave:
    """``reason``: the rule with most of its open findings; ``oldest``: since when the oldest stands."""

    name: str
    code: str
    blocks: int
    reviews: int
    hints: int
    reason: str
    oldest: date | None


def gravest_schools(path: str, most: int) -> tuple[tuple[Grave, ...], int] | None:
    """Of the last evaluated day, and how many schools have findings at all; None where nothing was evaluated yet."""
    with connection.cursor() as cursor:
        cursor.execute(SQL, {"path": path, "end": f"{path}-", "most": most})
        rows = cursor.fetchall()
    made = tuple(
        Grave(
            name=row[1], code=row[2] or "", blocks=row[3], reviews=row[4], hints=row[5],
            reason=str(CHECKS[row[7]].title) if row[7] in CHECKS else "", oldest=row[8],
        )
        for row in rows
        if row[1] is not None
    )  # fmt: skip
    return None if rows[0][0] is None else (made, rows[0][6] or 0)
