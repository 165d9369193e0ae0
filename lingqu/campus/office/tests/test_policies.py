"""Who may do what: every kind of holder × every action, and what a refusal leaves behind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from lingqu.campus.office import testing
from lingqu.campus.office.models import Absence, Cover, LeaveRule
from lingqu.campus.office.selectors import absences, covers
from lingqu.campus.office.services import covering, rules
from lingqu.campus.office.services.absences import note_return, record_absence, withdraw_absence
from lingqu.campus.office.testing import FRIDAY
from lingqu.campus.office.types.rights import ALL, PUPIL_RECORD, PUPIL_VIEW, RULES, STAFF_RECORD, STAFF_VIEW
from lingqu.campus.office.types.values import BEGINNING, Choice, NewAbsence
from lingqu.campus.office.types.words import Audience
from lingqu.foundation.registry import testing as registry
from lingqu.foundation.timetable import api as timetable
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Forbidden

pytestmark = pytest.mark.django_db
SCHOOL, CLASS, ELSEWHERE, COUNTY = "school", "class", "elsewhere", "county"
HOLDERS: dict[str, tuple[str, tuple[str, ...]]] = {
    "school_admin": (SCHOOL, (*ALL, *timetable.rights.ALL)),
    "academic_director": (SCHOOL, (STAFF_VIEW, STAFF_RECORD, PUPIL_VIEW, *timetable.rights.ALL)),
    "principal": (SCHOOL, (STAFF_VIEW, PUPIL_VIEW)), "moral_director": (SCHOOL, (PUPIL_VIEW, PUPIL_RECORD)),
    "class_teacher": (CLASS, (PUPIL_VIEW, PUPIL_RECORD)), "teacher": (CLASS, (PUPIL_VIEW,)), "county_admin": (COUNTY, (RULES,)),
    "guardian": (CLASS, ()), "student": (CLASS, ()), "stranger": (ELSEWHERE, (*ALL, *timetable.rights.ALL)),
    "substitute": (SCHOOL, ()),
}  # fmt: skip
STAFF_SEERS = {"school_admin", "academic_director", "principal"}
STAFF_KEEPERS = {"school_admin", "academic_director"}
PUPIL_KEEPERS = {"school_admin", "moral_director", "class_teacher"}
ALLOWED: dict[str, set[str]] = {
    "record_staff": STAFF_KEEPERS, "record_pupil": PUPIL_KEEPERS, "withdraw_staff": STAFF_KEEPERS,
    "withdraw_pupil": PUPIL_KEEPERS, "return_pupil": PUPIL_KEEPERS, "assign": STAFF_KEEPERS, "withdraw_cover": STAFF_KEEPERS,
    "answer": {"substitute"}, "set_rules": {"school_admin", "county_admin"}, "unset_rules": {"school_admin", "county_admin"},
    "list_staff": STAFF_SEERS, "get_staff": STAFF_SEERS, "get_pupil": PUPIL_KEEPERS, "list_class": PUPIL_KEEPERS,
    "list_school": {"school_admin", "moral_director"}, "month": STAFF_SEERS,
}  # fmt: skip


class World(testing.School):
    def __init__(self) -> None:
        super().__init__()
        self.county = self.row.parent
        self.other = registry.make_school(registry.make_organisation(kind="region"))
        self.pupil, self.second = registry.make_pupil(self.one), registry.make_pupil(self.one, name="周穗")
        self.staff_leave, self.pupil_leave = testing.staff_leave(self), testing.pupil_leave(self.pupil, self.one)
        choice = Choice(
            lesson_id=self.lesson_id(self.one, 5, "1"), day=FRIDAY, kind="substitute", substitute=self.people["顾言"].id
        )
        covering.assign(actor=testing.SYSTEM, absence_id=self.staff_leave.id, choices=[choice])
        self.cover = Cover.objects.get()

    def holder(self, name: str) -> Actor:
        place, codes = HOLDERS[name]
        where = {
            SCHOOL: self.path, CLASS: f"class:{self.one.id}", ELSEWHERE: str(self.other.path), COUNTY: str(self.county.path),
        }[place]  # fmt: skip
        person = self.people["顾言"].id if name == "substitute" else None
        return testing.actor(name, name, self.path, [(code, where) for code in codes], person_id=person)


def _staff(world: World) -> NewAbsence:
    return NewAbsence(
        audience=Audience.STAFF, person_id=world.people["何清"].id, school_id=world.row.id, kind="sick", starts_on=FRIDAY,
        ends_on=FRIDAY, approved_by="高校长",
    )  # fmt: skip


def _pupil(world: World) -> NewAbsence:
    return NewAbsence(
        audience=Audience.PUPIL, person_id=world.second.id, class_id=world.one.id, kind="sick", starts_on=FRIDAY,
        ends_on=FRIDAY,
    )  # fmt: skip


def _rules(actor: Actor, world: World) -> object:
    begin = BEGINNING[Audience.PUPIL]
    return rules.set_rules(
        actor=actor, organisation=world.row, audience="pupil", first=begin.first, second=begin.second, kinds=begin.kinds
    )


def _second_lesson(world: World) -> list[Choice]:
    return [Choice(lesson_id=world.lesson_id(world.two, 5, "2"), day=FRIDAY, kind="self_study")]


ACTIONS: dict[str, Callable[[Actor, World], object]] = {
    "record_staff": lambda actor, world: record_absence(actor=actor, new=_staff(world)),
    "record_pupil": lambda actor, world: record_absence(actor=actor, new=_pupil(world)),
    "withdraw_staff": lambda actor, world: withdraw_absence(actor=actor, absence_id=world.staff_leave.id),
    "withdraw_pupil": lambda actor, world: withdraw_absence(actor=actor, absence_id=world.pupil_leave.id),
    "return_pupil": lambda actor, world: note_return(actor=actor, absence_id=world.pupil_leave.id, day=FRIDAY),
    "assign": lambda actor, world: covering.assign(
        actor=actor, absence_id=world.staff_leave.id, choices=_second_lesson(world)
    ),
    "withdraw_cover": lambda actor, world: covering.withdraw_cover(actor=actor, cover_id=world.cover.id),
    "answer": lambda actor, world: covering.answer(actor=actor, cover_ids=[world.cover.id], accepts=True),
    "set_rules": _rules,
    "unset_rules": lambda actor, world: rules.unset_rules(actor=actor, organisation=world.row, audience="pupil"),
    "list_staff": lambda actor, world: absences.list_staff_absences(actor, world.row),
    "get_staff": lambda actor, world: absences.get_absence(actor, world.staff_leave.id),
    "get_pupil": lambda actor, world: absences.get_absence(actor, world.pupil_leave.id),
    "list_class": lambda actor, world: absences.list_class_absences(actor, world.one, FRIDAY),
    "list_school": lambda actor, world: absences.list_school_pupils(actor, world.row, FRIDAY),
    "month": lambda actor, world: covers.month_of_school(actor, world.row, FRIDAY),
}


def state() -> Any:
    return [list(model.objects.order_by("pk").values()) for model in (Absence, Cover, LeaveRule)]  # type: ignore[attr-defined]


def test_every_action_is_in_the_table() -> None:
    assert set(ACTIONS) == set(ALLOWED)


def test_who_may_do_what() -> None:
    world, found, before = World(), {}, state()
    for action, act in ACTIONS.items():
        found[action] = set()
        for name in HOLDERS:
            try:
                with transaction.atomic():
                    act(world.holder(name), world)
                    transaction.set_rollback(True)
            except Forbidden:
                assert state() == before, (action, name)
            else:
                found[action].add(name)
    assert found == ALLOWED
