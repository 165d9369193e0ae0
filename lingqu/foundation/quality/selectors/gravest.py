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
SELECT o.name, o.code, w.blocks, w.reviews, w.hints, w.schools, f.function, f.since
FROM worst w JOIN registry_organisation o ON o.id = w.school_id LEFT JOIN LATERAL (
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


def gravest_schools(path: str, most: int) -> tuple[tuple[Grave, ...], int]:
    """Of the last evaluated day, and how many schools have findings at all."""
    with connection.cursor() as cursor:
        cursor.execute(SQL, {"path": path, "end": f"{path}-", "most": most})
        rows = cursor.fetchall()
    made = tuple(
        Grave(
            name=row[0], code=row[1] or "", blocks=row[2], reviews=row[3], hints=row[4],
            reason=str(CHECKS[row[6]].title) if row[6] in CHECKS else "", oldest=row[7],
        )
        for row in rows
    )  # fmt: skip
    return made, rows[0][5] if rows else 0
