"""减负: how much schools were asked in a month, by whom, and which of them most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from lingqu.kernel import clock

FIRST_YEAR = 2000
MOST = 50
GOT = """WITH got AS (SELECT a.collection_id, a.school_id, a.path FROM collection_collection c
  JOIN collection_answer a ON a.collection_id = c.id
  WHERE c.published_at >= %(begin)s - interval '100 days' AND c.published_at < %(end)s AND c.state <> 'withdrawn'
    AND a.state <> 'excused' AND a.asked_at >= %(begin)s AND a.asked_at < %(end)s AND a.path <@ ANY(%(paths)s::text[]::ltree[]))"""
TABLES_SQL = f"""{GOT} SELECT c.id, c.number, c.title, o.name, c.published_at, c.previous_id IS NOT NULL, c.state, count(*),
  (SELECT count(*) FROM jsonb_each(c.marks -> 'cells') m WHERE m.value ->> 'kind' = 'fill' OR (m.value ->> 'kind' IN ('figure', 'last') AND m.value ->> 'editable' = 'true'))
FROM got JOIN collection_collection c ON c.id = got.collection_id JOIN registry_organisation o ON o.id = c.organisation_id
GROUP BY c.id, o.name ORDER BY c.published_at DESC LIMIT %(most)s"""  # noqa: S608
SCHOOLS_SQL = f"""{GOT} SELECT o.name, p.name, count(*) FROM got JOIN registry_organisation o ON o.id = got.school_id
LEFT JOIN registry_organisation p ON p.id = o.parent_id GROUP BY o.id, p.name ORDER BY 3 DESC, o.path LIMIT 20"""  # noqa: S608
SPREAD_SQL = f"""{GOT} SELECT n, count(*) FROM (SELECT count(*) AS n FROM got GROUP BY school_id) s
GROUP BY 1 ORDER BY 1 DESC"""  # noqa: S608


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One table; ``cells``: how many the school itself fills, without lists."""

    id: UUID
    number: str
    title: str
    office: str
    at: datetime
    is_repeat: bool
    state: str
    schools: int
    cells: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Burden:
    """``spread``: (tables, schools that got so many), the most first; ``schools``: (school, office, tables)."""

    tables: tuple[Asked, ...]
    schools: tuple[tuple[str, str, int], ...]
    spread: tuple[tuple[int, int], ...]

    @property
    def most(self) -> int:
        return self.spread[0][0] if self.spread else 0


def neighbours(begin: date) -> tuple[date, date | None]:
    """The months before and after; None where that one has not begun."""
    later = (begin + timedelta(days=32)).replace(day=1)
    return (begin - timedelta(days=1)).replace(day=1), later if later <= clock.today() else None


def count_burden(paths: Sequence[str], begin: date) -> Burden:
    """Of the schools below some offices, whoever asked them; three statements."""
    end = (begin + timedelta(days=32)).replace(day=1)
    values: dict[str, Any] = {
        "paths": list(paths), "begin": datetime.combine(begin, time(0), clock.ZONE), "end": datetime.combine(end, time(0), clock.ZONE),
        "most": MOST,
    }  # fmt: skip
    return Burden(
        tables=tuple(
            Asked(
                id=row[0], number=row[1], title=row[2], office=row[3], at=row[4], is_repeat=row[5], state=row[6],
                schools=row[7], cells=row[8],
            )
            for row in _rows(TABLES_SQL, values)
        ),
        schools=tuple((row[0], row[1] or "", row[2]) for row in _rows(SCHOOLS_SQL, values)),
        spread=tuple((row[0], row[1]) for row in _rows(SPREAD_SQL, values)),
    )  # fmt: skip


def _rows(sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()
