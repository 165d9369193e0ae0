"""All answers put together by the database: sums, what looks unusual, one flat line a school."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F
from django.utils.translation import gettext as _

from lingqu.kernel import clock
from lingqu.kernel.spreadsheets import harmless

from ..computing import Problem, Table, problems
from ..models import Answer, Collection, Report
from ..suggesting import labels_of
from ..types.marks import Block, Marks
from ..types.words import REPORTED, AnswerState, MarkKind
from ..workbook.formulas import plain
from ..workbook.refs import ref_of, split_key
from .boards import within

_CURRENT = """FROM collection_answer a JOIN collection_report r ON r.answer_id = a.id AND r.version = a.version
WHERE a.collection_id = %(collection)s AND a.state = ANY(%(states)s) AND a.path <@ ANY(%(reach)s::text[]::ltree[])"""
NUMERIC = r"'^-?[0-9]+(\.[0-9]+)?$'"
SUMS_SQL = f"""WITH current AS MATERIALIZED (SELECT r.values {_CURRENT})
SELECT e.key, sum(e.value::numeric) FROM current, jsonb_each_text(current.values) e
WHERE e.key = ANY(%(keys)s) AND e.value ~ {NUMERIC} GROUP BY 1"""  # noqa: S608
COUNT_SQL = f"SELECT count(*), count(*) FILTER (WHERE a.warnings > 0) {_CURRENT}"
UNUSUAL_SQL = f"""WITH current AS MATERIALIZED (SELECT a.id, r.values, s.last {_CURRENT.replace("WHERE", "JOIN collection_sheet s ON s.answer_id = a.id WHERE")}
  AND s.last <> '{{}}'::jsonb)
SELECT c.id, e.key, e.value, c.last ->> e.key FROM current c, jsonb_each_text(c.values) e
WHERE e.key = ANY(%(keys)s) AND e.value ~ {NUMERIC} AND c.last ->> e.key ~ {NUMERIC}
  AND greatest(e.value::numeric, (c.last ->> e.key)::numeric) >= 10
  AND (e.value::numeric >= 10 * (c.last ->> e.key)::numeric OR e.value::numeric * 10 <= (c.last ->> e.key)::numeric)
ORDER BY c.id, e.key LIMIT 50"""  # noqa: S608
LIST_SQL = f"SELECT a.path::text, a.school_id, r.values -> %(key)s {_CURRENT} AND r.values ? %(key)s ORDER BY a.path"
FLAT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """``values``: sums and what is the same for all; ``schools``: how many went in, ``warned`` of them with remarks."""

    values: dict[str, Any]
    schools: int
    warned: int
    told: tuple[Problem, ...]


def _asked(collection: Collection, reach: tuple[str, ...], *, accepted_only: bool = False) -> dict[str, Any]:
    states = [AnswerState.ACCEPTED] if accepted_only else list(REPORTED)
    return {"collection": collection.id, "reach": list(reach), "states": [str(one) for one in states]}


def merge(
    collection: Collection, table: Table, reach: tuple[str, ...], name: str, *, accepted_only: bool = False
) -> Merged:
    """Sums over the current reports within ``reach``; ``name`` stands where a school's name stands. Rules are tried on the
    sums. Three statements, and one a list."""
    asked = _asked(collection, reach, accepted_only=accepted_only)
    keys = [key for key, mark in table.marks.cells.items() if mark.is_summed]
    with connection.cursor() as cursor:
        cursor.execute(SUMS_SQL, asked | {"keys": keys})
        values: dict[str, Any] = {key: plain(total) for key, total in cursor.fetchall()}
        cursor.execute(COUNT_SQL, asked)
        schools, warned = cursor.fetchone()
        for block in table.marks.blocks:
            cursor.execute(LIST_SQL, asked | {"key": block.key})
            rows = [row for _path, _school, held in cursor.fetchall() for row in _loaded(held)]
            if len(rows) <= block.last - block.first + 1 or block.most > block.last - block.first + 1:
                values[block.key] = rows
    for key, mark in table.marks.cells.items():
        if mark.figure in ("school_name", "county_name"):
            values[key] = name
    told = [one for one in problems(table, values) if one.key.endswith("!")]
    return Merged(values=values, schools=schools, warned=warned, told=tuple(told))


def _loaded(held: Any) -> list[list[str]]:
    found: list[list[str]] = json.loads(held) if isinstance(held, str) else held
    return found


def list_unusual(collection: Collection, marks: Marks, reach: tuple[str, ...]) -> list[tuple[UUID, str, str, str]]:
    """(answer, cell, now, last period) where a number became ten times as large or as small: often a lost decimal point."""
    keys = [key for key, mark in marks.cells.items() if mark.is_number and mark.kind != MarkKind.CONSTANT]
    with connection.cursor() as cursor:
        cursor.execute(UNUSUAL_SQL, _asked(collection, reach) | {"keys": keys})
        return cursor.fetchall()


def flat_lines(collection: Collection, table: Table, reach: tuple[str, ...]) -> Iterator[list[str]]:
    """Head and one line a school with every marked cell; each text harmless in a spreadsheet."""
    keys = sorted(
        (key for key, one in table.marks.cells.items() if one.kind != MarkKind.CONSTANT), key=split_key
    )  # fmt: skip
    yield [
        _("上级"), _("学校"), _("标识码"), _("状态"), _("版本"), _("上报时间"), _("审签"), _("说明"),
        *(harmless(head_of(table, key)) for key in keys),
    ]  # fmt: skip
    for report in _reports(collection, reach):
        answer = report.answer
        yield [
            *_school_cells(report), str(answer.get_state_display()), str(report.version),
            report.signed_at.astimezone(clock.ZONE).strftime("%Y-%m-%d %H:%M"), harmless(report.signed_by),
            harmless(report.note), *(_cell(report.values.get(key, "")) for key in keys),
        ]  # fmt: skip


def list_rows(collection: Collection, table: Table, block: Block, reach: tuple[str, ...]) -> Iterator[list[str]]:
    """Head and every row of a list with its school."""
    columns = [f"{block.sheet}!{_ref(block, at)}" for at in range(len(block.columns))]
    yield [_("上级"), _("学校"), _("标识码"), *(harmless(head_of(table, key)) for key in columns)]
    for report in _reports(collection, reach):
        for row in report.values.get(block.key, ()):
            yield [*_school_cells(report), *map(_cell, row)]


def _ref(block: Block, at: int) -> str:
    return ref_of(block.first, block.left + at)


def _school_cells(report: Report) -> list[str]:
    school = report.answer.school
    return [harmless(school.parent.name if school.parent else ""), harmless(school.name), school.code or ""]


def _cell(value: Any) -> str:
    """Numbers stay numbers, also negative ones; words become harmless."""
    text = str(value)
    try:
        float(text)
        return text
    except ValueError:
        return harmless(text)


def _reports(collection: Collection, reach: tuple[str, ...]) -> Iterator[Report]:
    """The current report of each school, page by page."""
    answers = within(Answer.objects.filter(collection=collection, state__in=REPORTED), reach)
    rows = Report.objects.filter(answer__in=answers, version=F("answer__version"))
    rows = rows.select_related("answer__school__parent").order_by("answer__path")
    yield from rows.iterator(chunk_size=FLAT)


def head_of(table: Table, key: str) -> str:
    """``基本情况 C5 小学 男``: where a cell stands and what its labels say."""
    sheet, row, column = split_key(key)
    left, above = labels_of(table.layout.sheets[sheet - 1], row, column)
    return " ".join([table.where(key), *left[:1], *above[:2]])
