"""Figures of a snapshot for a place: the tables of ``tables``, computed once and kept, because frozen rows never change."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.db import connection
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel import audit
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Forbidden, Invalid, NotFound

from .. import policies, register
from ..models import Snapshot, SnapshotSchool
from ..tables import BY_CODE, EDUCATIONS, SOURCES, STAGES, TABLES, Table
from ..types import rights
from ..types.words import ConditionItem, RoomKind, Side, SnapshotState

KEPT_SECONDS = 24 * 3600
OF_ATTRIBUTES = ("migrant", "left_behind", "included")
SENSITIVE = ("left_behind", "included")
"""Columns whose names need the register's right about attributes; the sensitive ones also a stated purpose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Where figures are counted: a part of the tree and which schools of it."""

    snapshot: Snapshot
    path: str
    side: str = Side.AFFILIATION.value

    @property
    def where(self) -> str:
        column = "s.territory_path" if self.side == Side.TERRITORY else "s.path"
        return f"{column} >= %(path)s::ltree AND {column} < %(end)s::ltree"

    @property
    def values(self) -> dict[str, Any]:
        return {"snapshot": self.snapshot.id, "path": self.path, "end": f"{self.path}-"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    key: str
    label: str
    cells: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """One table with its figures. ``columns``: (code, label); ``total`` sums the lines."""

    code: str
    title: str
    row_title: str
    rule: str
    columns: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...] = ()
    total: tuple[int, ...] = ()

    def value(self, column: str, row: str | None = None) -> int:
        """The figure of a column, in one row or in total; nobody there is 0."""
        at = [code for code, _label in self.columns].index(column)
        if row is None:
            return self.total[at]
        return next((line.cells[at] for line in self.lines if line.key == row), 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionsTotal:
    """Sums over the schools of a scope. ``reported``: how many schools said something."""

    schools: int
    reported: int
    items: tuple[tuple[str, str, float, int], ...] = ()
    rooms: tuple[tuple[str, str, int], ...] = ()
    types: tuple[tuple[str, int], ...] = field(default=())


def get_snapshot(*, actor: Actor, snapshot_id: UUID, place: str = "", side: str = "") -> Scope:
    """The snapshot as the actor may read it at a place (an organisation code; empty: as far as they may see).

    属地 figures hold for whoever sees the region; a school has only its own. Raises :class:`Forbidden` outside one's place.
    """
    snapshot = Snapshot.objects.select_related("organisation").filter(id=snapshot_id).first()
    if snapshot is None:
        raise NotFound(_("没有这个快照。"))
    if place:
        found = register.organisations().filter(code=place).first()
        path = str(found.path) if found else ""
    else:
        path = _widest(actor, str(snapshot.path))
    if not path:
        raise Forbidden()
    policies.require_view(actor, path)
    if not (path == str(snapshot.path) or path.startswith(f"{snapshot.path}.")):
        raise Forbidden()
    return Scope(snapshot=snapshot, path=path, side=side if side in Side.values else Side.AFFILIATION.value)


def _widest(actor: Actor, path: str) -> str:
    if actor.holds(rights.SNAPSHOT_VIEW, path):
        return path
    inside = [held for held in actor.paths(rights.SNAPSHOT_VIEW) if held.startswith(f"{path}.")]
    return inside[0] if inside else ""


def list_tables(scope: Scope, codes: Iterable[str] | None = None) -> dict[str, Filled]:
    """Tables by code, in their order; one statement each, and none when kept from before."""
    wanted = [table for table in TABLES if codes is None or table.code in set(codes)]
    return {table.code: _filled(scope, table) for table in wanted}


def _counted(scope: Scope, table: Table) -> list[tuple[Any, ...]]:
    kept = f"statistics.{scope.snapshot.id}.{scope.path}.{scope.side}.{table.code}"
    sealed = scope.snapshot.state == SnapshotState.SEALED
    found: list[tuple[Any, ...]] | None = cache.get(kept) if sealed else None
    if found is None:
        sums = ", ".join(f"count(*) FILTER (WHERE {column.condition})" for column in table.columns)
        sql = f"""SELECT {table.row} AS k, {sums} FROM {SOURCES[table.source]} x
          JOIN statistics_snapshotschool s ON s.snapshot_id = x.snapshot_id AND s.school_id = x.school_id
          WHERE x.snapshot_id = %(snapshot)s AND {scope.where} AND ({table.where}) GROUP BY 1 ORDER BY 1"""  # noqa: S608
        with connection.cursor() as cursor:
            cursor.execute(sql, scope.values)
            found = [tuple(row) for row in cursor.fetchall()]
        if sealed:
            cache.set(kept, found, KEPT_SECONDS)
    return found


def _filled(scope: Scope, table: Table) -> Filled:
    rows = _counted(scope, table)
    if table.labels == "age":
        rows = sorted(rows, key=lambda row: int(row[0] or -1))
    if table.labels in ("grade", "stage", "education"):
        named = (*registry.GRADES, *(code for code, _label, _sql in STAGES), *(code for code, _label, _c in EDUCATIONS))
        order = {code: n for n, code in enumerate(named)}
        rows = sorted(rows, key=lambda row: order.get(row[0], -1))
    sums = [sum(row[n] for row in rows) for n in range(1, len(table.columns) + 1)]
    shown = [n for n, column in enumerate(table.columns) if not column.rare or sums[n]]
    return Filled(
        code=table.code, title=str(table.title), row_title=str(table.row_title), rule=str(table.rule),
        columns=tuple((table.columns[n].code, column_label(table, n)) for n in shown),
        lines=tuple(
            Line(key=row[0], label=label_of(table, row[0]), cells=tuple(row[n + 1] for n in shown))
            for row in rows
        ),
        total=tuple(sums[n] for n in shown),
    )  # fmt: skip


def column_label(table: Table, number: int) -> str:
    column = table.columns[number]
    return registry.grade_label(column.code) if column.code in registry.GRADES else str(column.label)


CODE_TABLES = {
    "title": "professional_titles_edu", "degree": "degree", "subject": "subjects_project", "change": "XSBD",
}  # fmt: skip


def label_of(table: Table, key: str) -> str:
    """A row's name in the reader's language; what has no name stays as it was written."""
    if not key:
        return _("未登记")
    if table.labels == "grade":
        return registry.grade_label(key)
    if table.labels == "stage":
        return next((str(label) for code, label, _sql in STAGES if code == key), key)
    if table.labels == "education":
        return next((str(label) for code, label, _codes in EDUCATIONS if code == key), key)
    if table.labels == "age":
        return _("%(n)s 岁") % {"n": key}
    words = {"0-24": _("24 岁及以下"), "60-": _("60 岁及以上"), "-?": _("其他减少")}
    if key in words:
        return words[key]
    if table.labels == "employment":
        return str(registry.EmploymentKind(key).label)
    return key if table.labels == "band" else registry.code_label(CODE_TABLES[table.labels], key)


def get_conditions_total(scope: Scope) -> ConditionsTotal:
    """办学条件 as frozen with the schools."""
    sql = f"SELECT s.conditions, s.rooms, s.school_type FROM statistics_snapshotschool s WHERE s.snapshot_id = %(snapshot)s AND {scope.where}"  # noqa: S608
    kept = f"statistics.{scope.snapshot.id}.{scope.path}.{scope.side}.conditions.{get_language()}"
    found: ConditionsTotal | None = cache.get(kept)
    if found is not None:
        return found
    with connection.cursor() as cursor:
        cursor.execute(sql, scope.values)
        rows = [(_json(values), _json(rooms), kind) for values, rooms, kind in cursor.fetchall()]
    items = tuple(
        (item.value, str(item.label), sum(values.get(item.value, 0) for values, _r, _t in rows),
         sum(item.value in values for values, _r, _t in rows))
        for item in ConditionItem
    )  # fmt: skip
    rooms = tuple(
        (kind.value, str(kind.label), sum(held.get(kind.value, 0) for _v, held, _t in rows)) for kind in RoomKind
    )
    types: dict[str, int] = {}
    for _values, _rooms, kind in rows:
        name = registry.code_label("school_types", kind) or _("未登记")
        types[name] = types.get(name, 0) + 1
    made = ConditionsTotal(
        schools=len(rows), reported=sum(bool(values) for values, _r, _t in rows), items=items,
        rooms=tuple(room for room in rooms if room[2]), types=tuple(sorted(types.items(), key=lambda one: -one[1])),
    )  # fmt: skip
    if scope.snapshot.state == SnapshotState.SEALED:
        cache.set(kept, made, KEPT_SECONDS)
    return made


def _json(value: Any) -> dict[str, Any]:
    return json.loads(value) if isinstance(value, str) else value


def schools_of(scope: Scope) -> int:
    column = "territory_path" if scope.side == Side.TERRITORY else "path"
    return SnapshotSchool.objects.filter(snapshot=scope.snapshot, **{f"{column}__within": scope.path}).count()


def rows_behind(
    *, actor: Actor, scope: Scope, table: str, row: str | None, column: str, after: str = "", limit: int = 100
) -> tuple[Sequence[tuple[Any, ...]], str]:
    """Who stands behind a figure: (number, name, school, class, detail) where the actor may see people by name, and the
    cursor of the next page. Classes are listed with their size. Somebody whose key was erased has no name any more."""
    found = BY_CODE.get(table)
    at = next((one for one in found.columns if one.code == column), None) if found else None
    if found is None or at is None:
        raise NotFound(_("没有这张表。"))
    if column in SENSITIVE:
        _require_purpose(actor, scope, column)
    right = registry.rights.ATTRIBUTE_VIEW if column in OF_ATTRIBUTES else registry.rights.PERSON_VIEW
    values = {**scope.values, "after": after or None, "limit": limit + 1, "row": row}
    values["paths"] = list(actor.paths(right))
    seen = "true" if actor.is_system else "s.path <@ ANY(%(paths)s::text[]::ltree[])"
    same = f"({found.row}) = %(row)s AND" if row is not None else ""
    if found.source == "class":
        shown = "x.class_id::text AS k, '' AS number, x.name, s.name AS school, '' AS class, x.size::text AS detail"
        joins, key = "", "x.class_id"
    else:
        shown = "x.key::text AS k, COALESCE(p.number, ''), COALESCE(p.name, ''), s.name, COALESCE(g.name, ''), COALESCE(x.sex, '')"
        group = "x.class_id" if found.source == "pupil" else "NULL::uuid"
        joins = f"""LEFT JOIN statistics_pseudonym k ON k.key = x.key LEFT JOIN registry_person p ON p.id = k.person_id
          LEFT JOIN statistics_snapshotclass g ON g.snapshot_id = x.snapshot_id AND g.school_id = x.school_id AND g.class_id = {group}"""
        key = "x.key"
    sql = f"""SELECT {shown} FROM {SOURCES[found.source]} x
      JOIN statistics_snapshotschool s ON s.snapshot_id = x.snapshot_id AND s.school_id = x.school_id {joins}
      WHERE x.snapshot_id = %(snapshot)s AND {scope.where} AND ({found.where}) AND {same} ({at.condition}) AND {seen}
        AND (%(after)s::uuid IS NULL OR {key} > %(after)s::uuid) ORDER BY {key} LIMIT %(limit)s"""  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows = cursor.fetchall()
    return [one[1:] for one in rows[:limit]], str(rows[limit - 1][0]) if len(rows) > limit else ""


def _require_purpose(actor: Actor, scope: Scope, column: str) -> None:
    """Names behind a sensitive attribute: only with a purpose stated for this visit, and never without a trace."""
    if actor.is_system:
        return
    if not actor.purpose:
        raise Invalid(_("这是敏感属性的名单，请先在一名学生的页面说明用途，再来查看。"), code="purpose_missing")
    audit.record(
        actor, "statistics.rows.revealed", subject_kind="snapshot", subject_id=scope.snapshot.id, path=scope.path,
        data={"column": column},
    )  # fmt: skip
