"""学位余量: places against who sits and who wants to come, by school and grade."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, Sum

from lingqu.foundation.registry import api as registry
from lingqu.kernel import clock
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Forbidden
from lingqu.kernel.pages import Page, page_of

from .. import policies, register
from ..models import SeatPlan
from ..types import rights
from ..types.rules import SeatRule, entry_grades
from ..types.seats import Seats, Sums, sums_of
from ..types.words import Shown
from .rules import seat_rules
from .transfers import pending_at

ROWS = 30
MOST_SCHOOLS = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolSeats:
    school: Any
    lines: tuple[Seats, ...]

    @property
    def sums(self) -> Sums:
        return sums_of(self.lines)

    def line(self, grade: str) -> Seats | None:
        return next((one for one in self.lines if one.grade == grade), None)


def year_now() -> str:
    return registry.current_school_year()


def seats_of(schools: Sequence[Any], year: str = "") -> dict[UUID, tuple[Seats, ...]]:
    """Lines of each school in order of grades: four statements for any number of schools."""
    year = year or year_now()
    ids = [school.id for school in schools]
    rules = seat_rules({str(school.path) for school in schools})
    plans = {(row.school_id, row.grade): row for row in SeatPlan.objects.filter(school_id__in=ids, school_year=year)}
    held = _sitting(Q(school_id__in=ids), year)
    waiting = pending_at(ids) if year == year_now() else {}
    made: dict[UUID, list[Seats]] = defaultdict(list)
    for school in schools:
        known = {grade for one, grade in (*plans, *held) if one == school.id}
        for grade in sorted(known, key=_order):
            made[school.id].append(
                _line(school, grade, rules[str(school.path)], plans.get((school.id, grade)),
                      held.get((school.id, grade), (0, 0)), waiting.get((school.id, grade), 0))
            )  # fmt: skip
    return {school_id: tuple(made[school_id]) for school_id in ids}


def _line(school: Any, grade: str, rule: SeatRule, plan: SeatPlan | None, held: tuple[int, int], pending: int) -> Seats:
    classes, sitting = held
    norm = rule.places(grade, school.schooling)
    return Seats(
        school_id=school.id, grade=grade, classes=plan.classes if plan else classes,
        per_class=(plan.per_class if plan else None) or norm, sitting=sitting, pending=pending,
        is_entry=grade in entry_grades(school.schooling), planned=plan is not None,
    )  # fmt: skip


def _order(grade: str) -> int:
    return registry.GRADES.index(grade) if grade in registry.GRADES else len(registry.GRADES)


def _sitting(where: Q, year: str) -> dict[tuple[UUID, str], tuple[int, int]]:
    """Classes and pupils by school and grade, from the register's counters; 复式班 count in their lowest grade."""
    rows = (
        register.classes().filter(where, school_year_id=year, closed_on=None).exclude(kind="teaching")
        .annotate(grade=F("grades__0")).values_list("school_id", "grade").annotate(n=Count("id"), pupils=Sum("size"))
    )  # fmt: skip
    return {(school_id, grade or ""): (n, pupils or 0) for school_id, grade, n, pupils in rows if grade}


def free_at(school: Any, grade: str) -> int:
    """Free places of a grade now; a grade that the school does not have has none."""
    line = next((one for one in seats_of([school])[school.id] if one.grade == grade), None)
    return line.free if line else 0


def get_school_seats(actor: Actor, code: str, year: str = "") -> SchoolSeats:
    school = register.get_school(code)
    if not policies.may_see_seats(actor, school):
        raise Forbidden()
    return SchoolSeats(school=school, lines=seats_of([school], year)[school.id])


def own_school(actor: Actor) -> Any | None:
    """The school of the actor's role; None for offices."""
    return register.schools().filter(path=actor.path).first() if actor.path else None


def _scope(actor: Actor) -> Any:
    places = actor.paths(rights.SEATS_VIEW)
    condition = Q(pk=None)
    for path in places:
        condition |= Q(path__within=path)
    return register.schools().filter(condition)


def list_board(actor: Actor, *, year: str = "", cursor: str = "") -> tuple[Page[SchoolSeats], Sums]:
    """A page of schools with their grades, and the sums of everything that the actor sees."""
    scope = _scope(actor)
    page = page_of(scope, order=("name_key", "id"), limit=ROWS, cursor=cursor)
    whole = list(scope.only("id", "path", "schooling")) if page.next or page.previous else list(page)
    every = seats_of(whole, year)
    shown = page.showing(SchoolSeats(school=school, lines=every.get(school.id, ())) for school in page)
    return shown, sums_of(line for found in every.values() for line in found)


def list_plannable(actor: Actor, year: str) -> list[SchoolSeats]:
    """Every school that the actor plans, with its grades: what a plan's template begins with. Seven statements."""
    condition = Q(pk=None)
    for path in actor.paths(rights.SEATS_PLAN):
        condition |= Q(path__within=path)
    schools = list(register.schools().filter(condition).exclude(code=None).order_by("name_key", "id")[:MOST_SCHOOLS])
    lines = seats_of(schools, year)
    return [SchoolSeats(school=school, lines=lines[school.id]) for school in schools]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicSeats:
    """What families are told about a school: a number or only whether, by grade; nothing where the county says so."""

    school: Any
    grades: tuple[tuple[str, int | bool], ...]


def list_public(county: Any, *, cursor: str = "") -> tuple[Page[PublicSeats], str]:
    """Free places of a county's schools, as much as its rule lets families see; and what it lets them see."""
    shown = seat_rules([str(county.path)])[str(county.path)].shown
    if shown == Shown.NOTHING:
        return Page(items=(), next=None, previous=None, total=0, total_is_exact=True), shown
    page = page_of(
        register.schools().filter(path__within=str(county.path)), order=("name_key", "id"), limit=ROWS, cursor=cursor
    )
    lines, own = seats_of(list(page)), seat_rules({str(school.path) for school in page})
    found = page.showing(
        PublicSeats(school=school, grades=_told(lines[school.id], own[str(school.path)].shown)) for school in page
    )
    return found, shown


def _told(lines: Iterable[Seats], shown: str) -> tuple[tuple[str, int | bool], ...]:
    if shown == Shown.NOTHING:
        return ()
    return tuple(
        (registry.grade_label(one.grade), one.free if shown == Shown.NUMBER else one.free > 0) for one in lines
    )


def counties() -> list[Any]:
    """Places whose free seats families may look at: regions and bureaus that have schools directly below."""
    parents = register.schools().values("parent_id")
    return list(register.organisations().filter(id__in=parents, closed_on=None).order_by("path")[:100])


def years() -> tuple[str, ...]:
    """This school year and the next, for which places are planned."""
    begin = int(registry.school_year_of(clock.today())[:4])
    return f"{begin}-{begin + 1}", f"{begin + 1}-{begin + 2}"
