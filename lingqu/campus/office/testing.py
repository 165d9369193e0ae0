"""Factories: a school with a timetable, people of every role, leave; samples for tests that visit every address."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID, uuid4

from lingqu.foundation.registry import testing as registry
from lingqu.foundation.timetable import api as timetable
from lingqu.foundation.timetable import testing as plans
from lingqu.kernel import clock
from lingqu.kernel.actor import Actor, Right

from .models import Absence
from .services.absences import record_absence
from .types import rights
from .types.values import NewAbsence
from .types.words import Audience

SYSTEM = Actor.system("test")
FRIDAY, MONDAY = date(2026, 11, 20), date(2026, 11, 23)
TEACHERS = ("吴静", "程岳", "罗芷", "顾言", "沈一", "何清")


class School:
    """Two classes and six teachers. On Mondays and Fridays: 吴静 gives 数学 in one (1st) and two (2nd); 程岳 数学 in two (1st)
    and 语文 in one (3rd); 罗芷 语文 in one (2nd); 顾言 teaches 数学 of two and one by 任课, and gives nothing on these days;
    沈一 gives 英语 in two (3rd)."""

    def __init__(self, county: Any = None) -> None:
        self.row = registry.make_school(county, name="云汀市第三中学（演示）")
        self.one, self.two = (registry.make_class(self.row, serial=n, name=f"八（{n}）班") for n in (1, 2))
        self.people = {name: registry.make_teacher(self.row, name=name) for name in TEACHERS}
        plans.make_term()
        plans.make_bells(self.row)
        wu, cheng, luo, gu, shen = (self.people[name] for name in TEACHERS[:5])
        for person, group, subject in (
            (wu, self.one, "14"), (wu, self.two, "14"), (cheng, self.two, "14"), (cheng, self.one, "13"),
            (luo, self.one, "13"), (gu, self.one, "14"), (gu, self.two, "14"), (shen, self.two, "16"),
        ):  # fmt: skip
            plans.teach(person, group, subject)
        self.timetable = plans.make_timetable(
            self.row,
            [
                lesson
                for day in (1, 5)
                for lesson in (
                    plans.lesson(self.one, day, "1", "14", [wu]), plans.lesson(self.two, day, "2", "14", [wu]),
                    plans.lesson(self.two, day, "1", "14", [cheng]), plans.lesson(self.one, day, "3", "13", [cheng]),
                    plans.lesson(self.one, day, "2", "13", [luo]), plans.lesson(self.two, day, "3", "16", [shen]),
                )
            ],
        )  # fmt: skip

    @property
    def path(self) -> str:
        return str(self.row.path)

    def lesson_id(self, group: Any, weekday: int, slot: str) -> int:
        found = self.timetable.lessons.get(class_group=group, weekday=weekday, slot=slot)
        return int(found.id)

    def officer(self, *codes: str) -> Actor:
        """教务主任."""
        codes = codes or (*rights.ALL, *timetable.rights.ALL)
        return actor("顾言", "academic_director", self.path, [(code, self.path) for code in codes])

    def teacher(self, name: str) -> Actor:
        return actor(name, "teacher", self.path, [(timetable.rights.VIEW, self.path)], person_id=self.people[name].id)

    def head(self, group: Any) -> Actor:
        """班主任."""
        here = f"class:{group.id}"
        return actor("吴静", "class_teacher", self.path, [(rights.PUPIL_VIEW, here), (rights.PUPIL_RECORD, here)])


def actor(name: str, role: str, path: str, held: list[tuple[str, str]], person_id: UUID | None = None) -> Actor:
    return Actor(
        kind="account", name=name, role=role, path=path, account_id=uuid4(), person_id=person_id or uuid4(),
        rights=tuple(Right(code, where) for code, where in held),
    )  # fmt: skip


def staff_leave(
    school: School, name: str = "吴静", first: date = FRIDAY, last: date | None = None, **more: Any
) -> Absence:
    """Leave of a teacher, granted on paper by the principal."""
    new = NewAbsence(
        audience=Audience.STAFF, person_id=school.people[name].id, school_id=school.row.id, kind=more.pop("kind", "sick"),
        starts_on=first, ends_on=last or first, approved_by="高校长", **more,
    )  # fmt: skip
    return Absence.objects.get(id=record_absence(actor=SYSTEM, new=new))


def pupil_leave(pupil: Any, group: Any, first: date = FRIDAY, last: date | None = None, **more: Any) -> Absence:
    new = NewAbsence(
        audience=Audience.PUPIL, person_id=pupil.id, class_id=group.id, kind=more.pop("kind", "sick"), starts_on=first,
        ends_on=last or first, **more,
    )  # fmt: skip
    return Absence.objects.get(id=record_absence(actor=SYSTEM, new=new))


def node_samples(world: Any) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """Leave of a teacher in each school."""
    rows = []
    for node in (world.own, world.other):
        person = registry.make_teacher(node.school)
        rows.append(
            Absence.objects.create(
                school=node.school, path=node.school.path, audience=Audience.STAFF, person=person, kind="sick",
                kind_name="病假", starts_on=clock.today(), ends_on=clock.today(), days=1,
            )
        )  # fmt: skip
    pair = ({"absence_id": rows[0].id}, {"absence_id": rows[1].id})
    return {f"office:{name}": pair for name in ("absence", "end", "absence_print")}
