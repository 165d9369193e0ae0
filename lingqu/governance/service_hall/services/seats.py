"""Planning classes and places: typed line by line, or pasted from a sheet."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel import audit, changes
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Forbidden, Invalid

from .. import policies, register
from ..models import SeatPlan
from ..selectors.seats import years
from ..types.rules import MOST_PLACES

MOST_CLASSES, MOST_LINES, MOST_TEXT = 99, 3000, 300_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One line of a plan; ``per_class`` None: the places of the county's rule."""

    school_code: str
    grade: str
    classes: int
    per_class: int | None = None


def read_plan(text: str) -> list[Planned]:
    """Lines ``学校标识码, 年级, 班数, 每班学位`` by tab, as copied from a sheet, with or without heading. Names the first line that
    is wrong."""
    if len(text) > MOST_TEXT:
        raise Invalid(_("粘贴的内容太长，请分几次。"), code="too_long")
    grades = {registry.grade_label(code): code for code in registry.GRADES} | {code: code for code in registry.GRADES}
    made: dict[tuple[str, str], Planned] = {}
    for at, raw in enumerate(unicodedata.normalize("NFKC", text).splitlines(), start=1):
        cells = [cell.strip() for cell in raw.split("\t")]
        if not any(cells) or (at == 1 and not any(cell.isdigit() for cell in cells)):
            continue
        if len(made) >= MOST_LINES:
            raise Invalid(_("一次最多 %(n)d 行。") % {"n": MOST_LINES}, code="too_many")
        code, grade, classes, per_class = (*cells, "", "", "", "")[:4]
        key = (code, grades.get(grade, ""))
        why = _wrong(code, grades.get(grade, ""), classes, per_class)
        if not why and key in made:
            why = _("这所学校的这个年级写了两次。")
        if why:
            raise Invalid(_("第 %(n)d 行：%(why)s") % {"n": at, "why": why}, code="line", details={"line": at})
        made[key] = Planned(
            school_code=code, grade=key[1], classes=int(classes), per_class=int(per_class) if per_class else None
        )
    return list(made.values())


def _wrong(code: str, grade: str, classes: str, per_class: str) -> str:
    if not code:
        return _("缺学校标识码。")
    if not grade:
        return _("年级写成“七年级”或 G07。")
    if not (classes.isascii() and classes.isdigit() and int(classes) <= MOST_CLASSES):
        return _("班数应为 0 到 %(most)d 的整数。") % {"most": MOST_CLASSES}
    if per_class and not (per_class.isascii() and per_class.isdigit() and 1 <= int(per_class) <= MOST_PLACES):
        return _("每班学位应为 1 到 %(most)d 的整数。") % {"most": MOST_PLACES}
    return ""


@transaction.atomic
def save_plan(*, actor: Actor, year: str, lines: list[Planned]) -> int:
    """Plan classes and places of a school year; lines that say what is there change nothing. Returns how many changed.

    Raises :class:`Forbidden` for a school outside, :class:`Invalid` for a school or year that does not exist: then nothing
    is written.
    """
    if year not in years():
        raise Invalid(_("请选择学年。"), code="year")
    codes = {line.school_code for line in lines}
    schools = {school.code: school for school in register.schools().filter(code__in=codes)}
    for code in sorted(codes):
        if code not in schools or not policies.may_plan(actor, schools[code]):
            if actor.is_system or actor.has(policies.rights.SEATS_PLAN):
                raise Invalid(_("没有标识码为 %(code)s 的学校，或者它不归本单位管理。") % {"code": code}, code="school")
            raise Forbidden()
    list(
        register.organisations().select_for_update().filter(id__in=[one.id for one in schools.values()]).order_by("id")
    )
    rows = SeatPlan.objects.filter(school_year=year, school__in=list(schools.values()))
    held = {(row.school_id, row.grade): row for row in rows}
    changed = []
    for line in lines:
        school = schools[line.school_code]
        row = held.get((school.id, line.grade)) or SeatPlan(
            school=school, school_year=year, grade=line.grade, classes=-1
        )
        if (row.classes, row.per_class) != (line.classes, line.per_class):
            row.classes, row.per_class, row.planned_by = line.classes, line.per_class, actor.name
            row.save()
            changed.append((school, line))
    for school in {school.id: school for school, _line in changed}.values():
        data = {"year": year, "grades": {line.grade: line.classes for one, line in changed if one.id == school.id}}
        audit.record(
            actor, "service_hall.seats.planned", subject_kind="organisation", subject_id=school.id,
            path=str(school.path), data=data,
        )  # fmt: skip
    changes.log("service_hall.seat_plan", [school.id for school, _line in changed])
    return len(changed)


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
