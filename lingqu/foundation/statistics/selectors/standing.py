"""How the latest open round stands in one part of the area; one statement, for the start page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection

from ..types.words import SheetState
from .sheets import SCHOOL_KINDS

SQL = """WITH asked AS (SELECT id, year, term, deadline, path FROM statistics_round
  WHERE closed_at IS NULL AND path = ANY(%(line)s::text[]::ltree[]) ORDER BY opened_at DESC LIMIT 1),
newest AS (SELECT DISTINCT ON (s.school_id) s.school_id, s.state FROM statistics_sheet s JOIN asked a ON a.id = s.round_id
  ORDER BY s.school_id, s.version DESC),
stands AS (
  SELECT a.id, a.year, a.term, a.deadline, subpath(o.path, 0, least(nlevel(o.path), %(depth)s)) AS part,
    COALESCE(n.state, 'missing') AS state
  FROM asked a JOIN registry_organisation o ON o.path <@ %(path)s::ltree AND o.kind = ANY(%(kinds)s) AND o.closed_on IS NULL
  LEFT JOIN newest n ON n.school_id = o.id)
SELECT s.id, s.year, s.term, s.deadline, p.name, p.kind, s.state, count(*) FROM stands s
JOIN registry_organisation p ON p.path = s.part GROUP BY 1, 2, 3, 4, 5, 6, 7"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """``states``: schools by the state of their newest sheet, ``missing`` without one; ``left``: (office, how many of its
    schools have not confirmed), most first."""

    round_id: UUID
    year: str
    term: str
    deadline: date
    states: dict[str, int]
    left: tuple[tuple[str, int], ...]


def find_standing(path: str) -> Standing | None:
    """None where no round is open."""
    labels = path.split(".")
    line = [".".join(labels[:depth]) for depth in range(1, len(labels) + 1)]
    values: dict[str, Any] = {"line": line, "path": path, "depth": len(labels) + 1, "kinds": list(SCHOOL_KINDS)}
    with connection.cursor() as cursor:
        cursor.execute(SQL, values)
        rows = cursor.fetchall()
    if not rows:
        return None
    states: dict[str, int] = {}
    left: dict[str, int] = {}
    for _id, _year, _term, _deadline, name, kind, state, count in rows:
        states[state] = states.get(state, 0) + count
        if kind not in SCHOOL_KINDS and state not in (SheetState.CONFIRMED, SheetState.RECEIVED):
            left[name] = left.get(name, 0) + count
    return Standing(
        round_id=rows[0][0], year=rows[0][1], term=rows[0][2], deadline=rows[0][3], states=states,
        left=tuple(sorted(left.items(), key=lambda one: (-one[1], one[0]))),
    )  # fmt: skip
