"""Who may do what: every kind of holder × every action × own and other school."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction

from lingqu.foundation.registry import testing as register
from lingqu.foundation.timetable import policies, testing
from lingqu.foundation.timetable.models import BellSchedule, CalendarDay, Feed, Lesson, LessonChange, Timetable
from lingqu.foundation.timetable.services import bells, calendars, changes, feeds, importing, lessons, versions
from lingqu.foundation.timetable.types import rights
from lingqu.kernel.actor import Actor, Right
from lingqu.kernel.errors import Forbidden

pytestmark = pytest.mark.django_db
FRIDAY = date(2026, 11, 20)
HOLDERS = {
    "county_admin": ("county", rights.ALL), "academic_director": ("school", rights.ALL), "school_admin": ("school", rights.ALL),
    "principal": ("school", (rights.VIEW,)), "teacher": ("school", (rights.VIEW,)), "pupil": ("class", (rights.VIEW,)),
    "guardian": ("class", (rights.VIEW,)), "operator": ("county", ()), "stranger": ("elsewhere", rights.ALL), "nobody": ("", ()),
}  # fmt: skip
MAY_VIEW = {"county_admin", "academic_director", "school_admin", "principal", "teacher"}
MAY_WRITE = {"county_admin", "academic_director", "school_admin"}
MAY_SEE_CLASS = MAY_VIEW | {"pupil", "guardian"}


@pytest.fixture
def world() -> Any:
    county = register.make_organisation(kind="region")
    school, other = register.make_school(county), register.make_school(register.make_organisation(kind="region"))
    school.county, school.other, school.group = county, other, register.make_class(school)
    school.teacher, school.second = register.make_teacher(school), register.make_teacher(school, name="罗芷")
    testing.make_term()
    testing.make_bells(school)
    school.published = testing.make_timetable(
        school,
        [
            testing.lesson(school.group, 5, "1", "14", [school.teacher]),
            testing.lesson(school.group, 4, "1", "13", [school.second]),
        ],
    )
    school.draft = testing.make_timetable(
        school, [testing.lesson(school.group, 1, "1", "14", [school.teacher])], since=None
    )
    return school


def holder(world: Any, name: str) -> Actor:
    place, codes = HOLDERS[name]
    paths = {
        "county": str(world.county.path),
        "school": str(world.path),
        "class": f"class:{world.group.id}",
        "elsewhere": str(world.other.path),
    }
    return Actor(
        kind="account", name=name, role=name, account_id=uuid4(), person_id=world.teacher.id if name == "teacher" else None,
        rights=tuple(Right(code, paths[place]) for code in codes),
    )  # fmt: skip


def first_lesson(world: Any) -> Lesson:
    return world.published.lessons.get(weekday=5)


ACTIONS: dict[str, Callable[[Actor, Any], object]] = {
    "set_days": lambda actor, world: calendars.set_days(
        actor=actor, organisation_id=world.id, days=[calendars.Day(day=FRIDAY, kind="stop")]
    ),
    "remove_days": lambda actor, world: calendars.remove_days(actor=actor, organisation_id=world.id, days=[FRIDAY]),
    "set_term": lambda actor, world: calendars.set_term(
        actor=actor, organisation_id=world.id, school_year=testing.YEAR, code="2", name="春", start_on=date(2027, 2, 22),
        end_on=date(2027, 7, 2),
    ),
    "save_bells": lambda actor, world: bells.save_bells(
        actor=actor, school_id=world.id, name="x", periods="第1节 08:00-08:40", valid_from=FRIDAY
    ),
    "remove_bells": lambda actor, world: bells.remove_bells(
        actor=actor, school_id=world.id, bells_id=BellSchedule.objects.filter(school=world)[0].id
    ),
    "start_draft": lambda actor, world: versions.start_draft(actor=actor, school_id=world.id, term_id=world.draft.term_id),
    "publish": lambda actor, world: versions.publish(actor=actor, timetable_id=world.draft.id, effective_from=FRIDAY),
    "discard": lambda actor, world: versions.discard(actor=actor, timetable_id=world.draft.id),
    "put_lesson": lambda actor, world: lessons.put_lesson(
        actor=actor, timetable_id=world.draft.id, class_id=world.group.id, weekday=2, slot="2", subject="数学"
    ),
    "move_lesson": lambda actor, world: lessons.move_lesson(
        actor=actor, timetable_id=world.draft.id, lesson_id=world.draft.lessons.first().id, weekday=3, slot="2"
    ),
    "remove_lesson": lambda actor, world: lessons.remove_lesson(
        actor=actor, timetable_id=world.draft.id, lesson_id=world.draft.lessons.first().id
    ),
    "import_grid": lambda actor, world: importing.import_grid(
        actor=actor, school_id=world.id, term_id=world.draft.term_id, file_name="x.xlsx",
        data=testing.workbook({"八（1）班": [["", "周一", "周二", "周三"], ["1", "数学"]]}),
    ),
    "arrange": lambda actor, world: changes.arrange(
        actor=actor, wish=changes.Wish(lesson_id=first_lesson(world).id, day=FRIDAY, kind="cancel")
    ),
    "swap": lambda actor, world: changes.swap(
        actor=actor, lesson_id=first_lesson(world).id, day=FRIDAY, other_id=world.published.lessons.get(weekday=4).id,
        other_day=date(2026, 11, 26),
    ),
}  # fmt: skip


def rows() -> tuple[int, ...]:
    models = (CalendarDay, BellSchedule, Timetable, Lesson, LessonChange, Feed)
    return tuple(model.objects.count() for model in models)  # type: ignore[attr-defined]


def allowed(actor: Actor, action: str, world: Any) -> bool:
    """Whether the action goes through; what it wrote is taken back, and a refusal must have written nothing."""
    before = rows()
    try:
        with transaction.atomic():
            ACTIONS[action](actor, world)
            transaction.set_rollback(True)
    except Forbidden:
        assert rows() == before
        return False
    return True


@pytest.mark.parametrize("name", sorted(HOLDERS))
def test_who_may_write(world: Any, name: str) -> None:
    actor = holder(world, name)
    found = {action: allowed(actor, action, world) for action in ACTIONS}
    assert found == dict.fromkeys(ACTIONS, name in MAY_WRITE)


@pytest.mark.parametrize("name", sorted(HOLDERS))
def test_who_may_read(world: Any, name: str) -> None:
    actor, path = holder(world, name), str(world.path)
    assert policies.may_see_school(actor, path) == (name in MAY_VIEW)
    assert policies.may_see_class(actor, world.group.id, path) == (name in MAY_SEE_CLASS)
    assert policies.may_edit_school(actor, path) == (name in MAY_WRITE)
    assert policies.may_edit_calendar(actor, path) == (name in MAY_WRITE)
    assert (
        not policies.may_see_class(actor, register.make_class(world.other).id, str(world.other.path))
        or name == "stranger"
    )


def test_a_school_cannot_write_the_countys_calendar(world: Any) -> None:
    with pytest.raises(Forbidden):
        calendars.set_days(
            actor=holder(world, "school_admin"),
            organisation_id=world.county.id,
            days=[calendars.Day(day=FRIDAY, kind="stop")],
        )


@pytest.mark.parametrize("name", sorted(HOLDERS))
def test_only_somebody_who_teaches_follows_own_lessons(world: Any, name: str) -> None:
    actor = holder(world, name)
    if name == "teacher":
        assert feeds.open_feed(feeds.token_of(feeds.make_feed(actor=actor).id)).owner_id == world.teacher.id
    else:
        with pytest.raises(Forbidden):
            feeds.make_feed(actor=actor)
