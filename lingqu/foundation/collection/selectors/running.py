"""What is running at an office, and what a school owes: one statement each, for the start pages."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from lingqu.kernel import clock

from ..types.words import MISSING, AnswerState
from .lists import month_begin

MOST = 6
RUNNING_SQL = """WITH live AS (
  SELECT id, title, deadline FROM collection_collection WHERE state = 'open' AND path = ANY(%(line)s::text[]::ltree[])),
stands AS (
  SELECT l.id, l.title, l.deadline, a.state, count(*) AS n FROM live l JOIN collection_answer a ON a.collection_id = l.id
  WHERE a.state <> 'excused' AND a.path <@ %(path)s::ltree GROUP BY 1, 2, 3, 4),
tables AS (SELECT id, title, deadline, jsonb_object_agg(state, n) AS states, count(*) OVER () AS total FROM stands GROUP BY 1, 2, 3
  ORDER BY deadline NULLS LAST, id LIMIT %(most)s),
month AS (SELECT count(DISTINCT a.collection_id) AS asked FROM collection_collection c
  JOIN collection_answer a ON a.collection_id = c.id
  WHERE c.published_at >= %(since)s - interval '100 days' AND c.state <> 'withdrawn' AND a.state <> 'excused'
    AND a.asked_at >= %(since)s AND a.path <@ %(path)s::ltree)
SELECT asked, COALESCE(total, 0), id, title, deadline, states FROM month LEFT JOIN tables ON true
ORDER BY deadline NULLS LAST, id"""
OWED_SQL = """SELECT a.id, c.title, o.name, c.deadline, a.state, a.reason, count(*) OVER () FROM collection_answer a
JOIN collection_collection c ON c.id = a.collection_id JOIN registry_organisation o ON o.id = c.organisation_id
WHERE a.school_id = (SELECT id FROM registry_organisation WHERE path = %(school)s::ltree) AND c.state = 'open' AND a.state = ANY(%(states)s)
ORDER BY c.deadline NULLS LAST, a.id LIMIT %(most)s"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """``states``: how many schools of the office stand where."""

    id: UUID
    title: str
    deadline: datetime | None
    states: dict[str, int]

    @property
    def missing(self) -> int:
        return sum(self.states.get(one, 0) for one in MISSING)

    @property
    def total(self) -> int:
        return sum(self.states.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    answer_id: UUID
    title: str
    office: str
    deadline: datetime | None
    state: AnswerState
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """``tables``: the most urgent of ``total``; ``asked``: tables that its schools got this month, from whomever."""

    tables: tuple[Running, ...]
    total: int
    asked: int


def running_at(path: str) -> Office:
    """Tables that schools below an office fill now, its own and those from above."""
    labels = path.split(".")
    line = [".".join(labels[:depth]) for depth in range(1, len(labels) + 1)]
    rows = _rows(RUNNING_SQL, {"line": line, "path": path, "most": MOST, "since": month_begin(clock.now())})
    made = tuple(
        Running(id=row[2], title=row[3], deadline=row[4], states=_loaded(row[5])) for row in rows if row[2] is not None
    )  # fmt: skip
    return Office(tables=made, total=rows[0][1], asked=rows[0][0])


def owed_by(path: str) -> tuple[tuple[Owed, ...], int]:
    """What a school has still to report, the most urgent first; and how many."""
    rows = _rows(OWED_SQL, {"school": path, "states": [str(one) for one in MISSING], "most": MOST})
    made = tuple(
        Owed(answer_id=row[0], title=row[1], office=row[2], deadline=row[3], state=AnswerState(row[4]), reason=row[5])
        for row in rows
    )
    return made, rows[0][6] if rows else 0


def _rows(sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def _loaded(held: Any) -> dict[str, int]:
    found: dict[str, int] = json.loads(held) if isinstance(held, str) else held
    return found
