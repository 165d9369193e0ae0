"""Which home page a role sees, and what stands on it. Each function asks the modules below; nothing is stored here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from lingqu.campus.office import api as office
from lingqu.foundation.identity import api as identity
from lingqu.foundation.registry import api as registry
from lingqu.foundation.timetable import api as timetable
from lingqu.kernel import clock
from lingqu.kernel.actor import Actor
from lingqu.ui import worklist

from .health import GOOD, brief
from .importing import latest_imports

SCHOOL_KINDS = frozenset({"school", "teaching_point", "campus"})
MOST_TASKS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Something to settle: a sentence, why, and where."""

    title: str
    why: str
    url_name: str
    url_argument: Any
    verb: str
    tone: str = "coral"


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    template: str
    values: dict[str, Any]


def greeting() -> str:
    """Of the hour at the platform's place."""
    hour = clock.now().astimezone(clock.ZONE).hour
    for until, words in ((5, _("夜深了")), (9, _("早上好")), (12, _("上午好")), (14, _("中午好")), (18, _("下午好"))):
        if hour < until:
            return words
    return _("晚上好")


def home_of(actor: Actor, *, child: str = "") -> Home:
    """The page of the actor's chosen role; ``child`` is the number of the child a guardian looks at."""
    if actor.role == "guardian":
        return guardian_home(actor, child)
    found = BY_ROLE.get(actor.role, plain_home)(actor)
    return Home(template=found.template, values={"greeting": greeting(), **found.values})


def teacher_home(actor: Actor) -> Home:
    """任课 and one's own class; the pupils themselves are one step further."""
    home = registry.get_teaching_home(actor)
    waiting = identity.count_claims([card.id for card in home.headed]) if home.headed else 0
    values = {"home": home, "claims": waiting, **teachers_day(actor, home.ids)}
    return Home(template="portal/teacher.html", values=values)


def teachers_day(actor: Actor, ids: tuple[UUID, ...]) -> dict[str, Any]:
    """第 n 周, today's lessons of a teacher, and the one that comes next."""
    desk = timetable.Desk()
    lessons = timetable.lessons_today(ids, desk=desk) if ids else ()
    held = [one for one in lessons if one.state not in ("away", "cancelled")]
    week = timetable.week_at(actor.path, desk=desk) if actor.path else None
    return {"lessons": lessons, "held": len(held), "next": timetable.next_lesson(held), "week": week}


def class_day(pupil: Any) -> dict[str, Any]:
    """Today's lessons of the class in which a pupil sits."""
    class_id = pupil.class_id if pupil is not None else None
    lessons = timetable.lessons_of_class(class_id) if class_id else ()
    shown = tuple(one for one in lessons if one.state != "away")
    return {"lessons": shown, "next": timetable.next_lesson(shown)}


def pupil_home(actor: Actor) -> Home:
    pupil = registry.get_pupil_home(actor)
    return Home(template="portal/pupil.html", values={"pupil": pupil, **class_day(pupil)})


def guardian_home(actor: Actor, number: str) -> Home:
    children, chosen = registry.get_child(actor, number)
    values = {
        "greeting": greeting(), "children": children, "child": chosen, "leave": office.leave_of_child(chosen.person.id) if chosen else (),
        **class_day(chosen),
    }  # fmt: skip
    return Home(template="portal/guardian.html", values=values)


def place_home(actor: Actor) -> Home:
    """Officers and heads work at a school or at an office; the same role sees the page of its place."""
    place = registry.organisation_at(actor.path)
    return school_home(actor, place) if place.kind in SCHOOL_KINDS else office_home(actor, place)


def school_home(actor: Actor, school: Any) -> Home:
    """What waits at its desks, grades, and what is missing in the classes of one school."""
    cards = registry.list_classes(school)
    tasks = tuple(_class_tasks(cards))
    values = {
        "leave": office.day_of_school(actor, school), "school": school, "totals": registry.count_subtree(str(school.path)), "grades": registry.group_by_grade(cards),
        "tasks": tasks[:MOST_TASKS], "task_count": len(tasks), "title": identity.title_of(actor.role),
        "mean": _mean(sum(card.size for card in cards if card.kind != "teaching"), len(cards)),
        "work": list_work(actor, school),
    }  # fmt: skip
    return Home(template="portal/school.html", values=values)


def _class_tasks(cards: Iterable[Any]) -> Iterable[Task]:
    for card in cards:
        if card.lacks_head:
            yield Task(
                title=_("%(name)s 没有班主任") % {"name": card.name}, why=_("%(n)d 名学生") % {"n": card.size},
                url_name="registry:class", url_argument=card.id, verb=_("指定"),
            )  # fmt: skip
    for card in cards:
        if card.is_over and card.kind != "teaching":
            words = {"n": card.size, "norm": card.norm, "over": card.size - card.norm}
            yield Task(
                title=_("%(name)s 超出班额") % {"name": card.name},
                why=_("%(n)d 人，标准 %(norm)d 人，多 %(over)d 人") % words,
                url_name="registry:class", url_argument=card.id, verb=_("查看"), tone="amber",
            )  # fmt: skip


def office_home(actor: Actor, office: Any) -> Home:
    """A leader sees the sums of the area and its parts, whoever works there what waits."""
    work = list_work(actor, office)
    sees_it = actor.holds(registry.rights.ORGANISATION_VIEW, str(office.path))
    values = {"office": office, "title": identity.title_of(actor.role), "work": work, "sees_it": sees_it}
    if actor.role != "bureau_leader":
        return Home(template="portal/worklist.html", values=values)
    totals = registry.count_subtree(str(office.path))
    parts = registry.list_parts(actor, office) if actor.holds(registry.rights.COUNT_VIEW, str(office.path)) else ()
    values |= {
        "totals": totals, "parts": parts, "mean": _mean(totals.students, totals.classes),
        "ratio": _mean(totals.students, totals.staff), "largest": max((part.students for part in parts), default=0),
    }  # fmt: skip
    return Home(template="portal/office.html", values=values)


def desk_home(actor: Actor) -> Home:
    """Whoever holds a post without another role sees what lies on its desk."""
    return office_home(actor, registry.organisation_at(actor.path)) if actor.path else plain_home(actor)


def list_work(actor: Actor, place: Any) -> tuple[worklist.Card, ...]:
    """What every module has waiting at a place."""
    where = worklist.Place(
        path=str(place.path), code=place.code or "", is_school=place.kind in SCHOOL_KINDS
    )  # fmt: skip
    return worklist.CARDS.collect(actor, where)


def operator_home(actor: Actor) -> Home:
    """What came in, what is wrong with it, and whether the platform is well."""
    cards = brief(actor)
    imports = latest_imports(actor)
    values = {
        "title": identity.title_of(actor.role), "totals": registry.count_subtree(actor.path), "imports": imports,
        "blocked": sum(line.blocked for line in imports), "to_review": sum(line.to_review for line in imports),
        "unwell": [card for card in cards if card.state != GOOD], "cards": len(cards),
    }  # fmt: skip
    return Home(template="portal/operator.html", values=values)


def _mean(whole: int, parts: int) -> float:
    return round(whole / parts, 1) if parts else 0.0


def plain_home(actor: Actor) -> Home:
    """Roles whose work lies on other pages: the way there, and what the role may do."""
    role = identity.ROLES.get(actor.role)
    values = {"title": identity.title_of(actor.role) if actor.role else "", "summary": role.summary if role else ""}
    return Home(template="portal/plain.html", values=values)


BY_ROLE: dict[str, Callable[[Actor], Home]] = {
    "class_teacher": teacher_home,
    "teacher": teacher_home,
    "student": pupil_home,
    "operator": operator_home,
    "staff": desk_home,
    "principal": place_home,
    "deputy_principal": place_home,
    "academic_director": place_home,
    "moral_director": place_home,
    "school_admin": place_home,
    "register_officer": place_home,
    "county_admin": place_home,
    "bureau_leader": place_home,
}
