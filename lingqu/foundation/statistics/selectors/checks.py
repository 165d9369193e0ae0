"""逐班核对: how far a school is with comparing its classes with the rosters on paper."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q

from .. import register
from ..models import ClassCheck, Round, Sheet
from .sheets import Figures

TODO, EQUAL, DIFFERS, STALE = "todo", "equal", "differs", "stale"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassLine:
    """One class: its ``size`` on the page now, what was ``listed`` on the roster. ``stale``: checked with another size."""

    class_id: UUID
    name: str
    size: int
    listed: int | None
    state: str
    by: str = ""
    at: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Of the classes of a school: how many are equal, how many differ."""

    classes: int = 0
    equal: int = 0
    differ: int = 0


def list_checks(round_: Round, school: Any, found: Figures) -> tuple[ClassLine, ...]:
    """Every class of the figures with its check. The caller has checked that the reader may see the sheet."""
    held = {one.class_id: one for one in ClassCheck.objects.filter(round=round_, school=school)}
    return tuple(_line(room.class_id, room.name, room.size, held.get(room.class_id)) for room in found.rooms)


def _line(class_id: UUID, name: str, size: int, check: ClassCheck | None) -> ClassLine:
    if check is None:
        return ClassLine(class_id=class_id, name=name, size=size, listed=None, state=TODO)
    state = STALE if check.size != size else EQUAL if check.listed == size else DIFFERS
    return ClassLine(
        class_id=class_id,
        name=name,
        size=size,
        listed=check.listed,
        state=state,
        by=check.checked_by,
        at=check.checked_at,
    )


def progress_of(lines: tuple[ClassLine, ...]) -> Progress:
    return Progress(
        classes=len(lines),
        equal=sum(one.state == EQUAL for one in lines),
        differ=sum(one.state == DIFFERS for one in lines),
    )


def progress_by_school(round_: Round, schools: Any) -> dict[UUID, Progress]:
    """Of many schools in two statements: classes open now, and checks of the round. ``schools``: a queryset."""
    year = round_.year
    classes = dict(
        register.classes().filter(school__in=schools, school_year_id=year, closed_on=None).exclude(kind="teaching")
        .values_list("school_id").annotate(n=Count("id"))
    )  # fmt: skip
    checks = ClassCheck.objects.filter(round=round_).values_list("school_id").annotate(
        equal=Count("id", filter=Q(listed=F("size"))), differ=Count("id", filter=~Q(listed=F("size")))
    )  # fmt: skip
    done = {school: (equal, differ) for school, equal, differ in checks}
    return {
        school: Progress(classes=number, equal=done.get(school, (0, 0))[0], differ=done.get(school, (0, 0))[1])
        for school, number in classes.items()
    }


def of_sheet(sheet: Sheet) -> tuple[int, str]:
    """How many classes were checked when the sheet was confirmed, and by whom."""
    names = dict.fromkeys(str(one["by"]) for one in sheet.class_checks)
    return len(sheet.class_checks), next(iter(names)) if len(names) == 1 else ""
