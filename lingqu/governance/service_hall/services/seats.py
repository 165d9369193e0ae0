"""Planning classes and places: typed line by line, or pasted from a sheet."""

from __future__ import annotations

import tempfile
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.foundation.intake import api as intake
from lingqu.foundation.registry import api as registry
from lingqu.kernel import audit, changes
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import now
from lingqu.kernel.errors import Forbidden, Invalid

from .. import policies, register
from ..models import SeatPlan
from ..selectors.seats import years
from ..types.rules import MOST_PLACES

MOST_CLASSES, MOST_LINES, MOST_TEXT, MOST_BYTES = 99, 12_000, 1_200_000, 8 << 20
HEADINGS = {
    "school": ("学校标识码", "学校代码", "学校编码", "标识码"), "grade": ("年级",), "classes": ("班数", "计划班数", "班级数"),
    "per_class": ("每班学位", "每班人数", "班额"),
}  # fmt: skip
FIELDS = ("school", "grade", "classes", "per_class")


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One line of a plan; ``per_class`` None: the places of the county's rule. ``row``: where it stood."""

    school_code: str
    grade: str
    classes: int
    per_class: int | None = None
    row: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why a row cannot be taken: ``field`` of :data:`FIELDS`."""

    row: int
    field: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a line would change: classes and places a class before (None: no plan) and after."""

    school: str
    grade: str
    before: tuple[int, int | None] | None
    after: tuple[int, int | None]


Row = tuple[int, Sequence[str]]


def rows_of_text(text: str) -> list[Row]:
    """Lines ``学校标识码, 年级, 班数, 每班学位`` by tab, as copied from a sheet, with or without heading."""
    if len(text) > MOST_TEXT:
        raise Invalid(_("粘贴的内容太长，请分几次。"), code="too_long")
    found: list[Row] = []
    for at, raw in enumerate(unicodedata.normalize("NFKC", text).splitlines(), start=1):
        cells = [cell.strip() for cell in raw.split("\t")]
        if any(cells) and not (at == 1 and not any(cell.isdigit() for cell in cells)):
            found.append((at, (*cells, "", "", "", "")[:4]))
    return found


def rows_of_file(uploaded: Any) -> list[Row]:
    """The same columns of an XLSX, XLS or CSV file, found by their headings wherever they stand. Raises :class:`Invalid`
    for a file without them, and what reading raises for files that cannot be used."""
    if uploaded.size > MOST_BYTES:
        raise Invalid(_("文件太大，请拆分后再上传。"), code="too_large")
    with tempfile.NamedTemporaryFile(suffix=Path(uploaded.name).suffix[:8]) as held:
        for part in uploaded.chunks():
            held.write(part)
        held.flush()
        frame = intake.read_table(
            intake.ReadFile(name=uploaded.name, path=Path(held.name)), HEADINGS, required=("school", "grade", "classes"),
            most=MOST_LINES,
        )  # fmt: skip
    if frame is None:
        raise Invalid(_("没有找到“学校标识码”“年级”“班数”三列，请用模板。"), code="no_columns")
    rows = [
        (int(row["row_number"]), tuple(unicodedata.normalize("NFKC", str(row[name])).strip() for name in FIELDS))
        for row in frame.iter_rows(named=True)
    ]
    return [(at, cells) for at, cells in rows if any(cells[2:])]


def check_rows(rows: Iterable[Row]) -> tuple[list[Planned], list[Fault]]:
    """The lines that can be taken, and by row and field why the others cannot."""
    grades = {registry.grade_label(code): code for code in registry.GRADES} | {code: code for code in registry.GRADES}
    made: dict[tuple[str, str], Planned] = {}
    faults: list[Fault] = []
    for count, (at, (code, grade, classes, per_class)) in enumerate(rows):
        if count >= MOST_LINES:
            raise Invalid(_("一次最多 %(n)d 行。") % {"n": MOST_LINES}, code="too_many")
        key = (code, grades.get(grade, ""))
        field, why = _wrong(code, grades.get(grade, ""), classes, per_class)
        if not why and key in made:
            field, why = "grade", _("这所学校的这个年级写了两次。")
        if why:
            faults.append(Fault(row=at, field=field, text=why))
            continue
        made[key] = Planned(
            school_code=code,
            grade=key[1],
            classes=int(classes),
            per_class=int(per_class) if per_class else None,
            row=at,
        )
    return list(made.values()), faults


def read_plan(text: str) -> list[Planned]:
    """The pasted lines. Names the first one that is wrong."""
    lines, faults = check_rows(rows_of_text(text))
    if faults:
        first = faults[0]
        told = _("第 %(n)d 行：%(why)s") % {"n": first.row, "why": first.text}
        raise Invalid(told, code="line", details={"line": first.row})
    return lines


def _wrong(code: str, grade: str, classes: str, per_class: str) -> tuple[str, str]:
    """Field and sentence; empty: the line can be taken."""
    if not code:
        return "school", _("缺学校标识码。")
    if not grade:
        return "grade", _("年级写成“七年级”或 G07。")
    if not (classes.isascii() and classes.isdigit() and int(classes) <= MOST_CLASSES):
        return "classes", _("班数应为 0 到 %(most)d 的整数。") % {"most": MOST_CLASSES}
    if per_class and not (per_class.isascii() and per_class.isdigit() and 1 <= int(per_class) <= MOST_PLACES):
        return "per_class", _("每班学位应为 1 到 %(most)d 的整数。") % {"most": MOST_PLACES}
    return "", ""


def _schools(actor: Actor, lines: Iterable[Planned]) -> dict[str, Any]:
    """Schools of the lines that the actor plans, by code."""
    codes = {line.school_code for line in lines}
    rows = register.schools().filter(code__in=codes)
    return {school.code: school for school in rows if policies.may_plan(actor, school)}


def _not_here(code: str) -> str:
    return _("没有标识码为 %(code)s 的学校，或者它不归本单位管理。") % {"code": code}


def _held(schools: Iterable[Any], year: str) -> dict[tuple[UUID, str], SeatPlan]:
    rows = SeatPlan.objects.filter(school_year=year, school__in=list(schools))
    return {(row.school_id, row.grade): row for row in rows}


def preview_plan(*, actor: Actor, year: str, lines: Sequence[Planned]) -> tuple[list[Change], list[Fault]]:
    """What the lines would change, and which name a school that is not the actor's to plan. Writes nothing."""
    if not actor.is_system and not actor.has(policies.rights.SEATS_PLAN):
        raise Forbidden()
    schools = _schools(actor, lines)
    held, changed, faults = _held(schools.values(), year), [], []
    for line in lines:
        school = schools.get(line.school_code)
        if school is None:
            faults.append(Fault(row=line.row, field="school", text=_not_here(line.school_code)))
            continue
        row = held.get((school.id, line.grade))
        before = (row.classes, row.per_class) if row else None
        if before != (line.classes, line.per_class):
            change = Change(school=school.name, grade=line.grade, before=before, after=(line.classes, line.per_class))
            changed.append(change)
    return changed, faults


@transaction.atomic
def save_plan(*, actor: Actor, year: str, lines: list[Planned]) -> int:
    """Plan classes and places of a school year; lines that say what is there change nothing. Returns how many changed.

    Raises :class:`Forbidden` for a school outside, :class:`Invalid` for a school or year that does not exist: then nothing
    is written.
    """
    if year not in years():
        raise Invalid(_("请选择学年。"), code="year")
    schools = _schools(actor, lines)
    for code in sorted({line.school_code for line in lines} - schools.keys()):
        if actor.is_system or actor.has(policies.rights.SEATS_PLAN):
            raise Invalid(_not_here(code), code="school")
        raise Forbidden()
    list(
        register.organisations().select_for_update().filter(id__in=[one.id for one in schools.values()]).order_by("id")
    )
    held = _held(schools.values(), year)
    changed: dict[UUID, dict[str, Planned]] = {}
    rows = []
    for line in lines:
        school = schools[line.school_code]
        row = held.get((school.id, line.grade))
        if row is None or (row.classes, row.per_class) != (line.classes, line.per_class):
            changed.setdefault(school.id, {})[line.grade] = line
            rows.append(
                SeatPlan(
                    school=school, school_year=year, grade=line.grade, classes=line.classes, per_class=line.per_class,
                    planned_by=actor.name, planned_at=now(),
                )
            )  # fmt: skip
    SeatPlan.objects.bulk_create(
        rows, batch_size=1000, update_conflicts=True, unique_fields=["school", "school_year", "grade"],
        update_fields=["classes", "per_class", "planned_by", "planned_at"],
    )  # fmt: skip
    for school in schools.values():
        if school.id in changed:
            data = {"year": year, "grades": {grade: line.classes for grade, line in changed[school.id].items()}}
            audit.record(
                actor, "service_hall.seats.planned", subject_kind="organisation", subject_id=school.id,
                path=str(school.path), data=data,
            )  # fmt: skip
    changes.log("service_hall.seat_plan", list(changed))
    return len(rows)


@transaction.atomic
def drop_plan(*, actor: Actor, school_code: str, year: str, grade: str) -> None:
    """Take a planned grade out: the classes that exist count again."""
    school = register.get_school(school_code)
    policies.require_plan(actor, school)
    if SeatPlan.objects.filter(school=school, school_year=year, grade=grade).delete()[0]:
        audit.record(
            actor, "service_hall.seats.dropped", subject_kind="organisation", subject_id=school.id,
            path=str(school.path), data={"year": year, "grade": grade},
        )  # fmt: skip
        changes.log("service_hall.seat_plan", [school.id])
