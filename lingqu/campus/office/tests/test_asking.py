"""Leave asked for online: who is asked, what is recorded at the end, what is refused before."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from lingqu.campus.office import testing
from lingqu.campus.office.models import Absence
from lingqu.campus.office.selectors.absences import day_of_school, leave_of_child
from lingqu.campus.office.selectors.rules import online_at
from lingqu.campus.office.services import asking
from lingqu.campus.office.testing import FRIDAY, MONDAY
from lingqu.campus.office.types.values import NewAbsence
from lingqu.campus.office.types.words import Audience
from lingqu.foundation.inbox import testing as inbox
from lingqu.foundation.registry import testing as registry
from lingqu.foundation.workflow import api as workflow
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Conflict, Forbidden, Invalid, NotFound

pytestmark = pytest.mark.django_db
THURSDAY = date(2026, 11, 26)


class Town(testing.School):
    """With a mother, a proxy, a class teacher, 德育主任, 校长 and the processes in force at the county."""

    def __init__(self) -> None:
        super().__init__()
        self.pupil = registry.make_pupil(self.one)
        self.mother = registry.make_guardian(self.pupil, "王若琳")
        self.proxy = registry.make_guardian(self.pupil, "邻居", kind="proxy")
        registry.make_head(self.one, self.people["吴静"])
        for name, duty in (("何清", "moral_director"), ("顾言", "academic_director"), ("沈一", "principal")):
            person = self.people[name]
            person.duties.create(organisation=self.row, path=self.row.path, kind=duty, valid_from=registry.START)
        asking.offer(actor=testing.SYSTEM, organisation=self.row.parent)

    def who(self, person: Any, role: str = "teacher") -> Actor:
        return testing.actor(person.name, role, self.path, [], person_id=person.id)

    def child(self, last: date = FRIDAY, **more: Any) -> NewAbsence:
        return NewAbsence(
            audience=Audience.PUPIL, person_id=self.pupil.id, class_id=self.one.id, kind="sick", starts_on=FRIDAY, ends_on=last,
            symptoms=["fever"], reason="发烧", **more,
        )  # fmt: skip

    def agree(self, name: str, decision: str = "agree") -> None:
        actor = self.who(self.people[name])
        [task] = workflow.list_open(actor).items
        workflow.complete(actor=actor, task_id=task.id, decision=decision, comment="见假条")


@pytest.fixture
def town(db: None) -> Town:
    return Town()


@pytest.mark.parametrize(
    ("last", "deciders"), [(FRIDAY, ["吴静"]), (MONDAY, ["吴静", "何清"]), (THURSDAY, ["吴静", "何清", "何清"])]
)
def test_a_parent_asks_and_as_many_decide_as_the_days_ask(town: Town, last: date, deciders: list[str]) -> None:
    case = asking.ask(actor=town.who(town.mother, "guardian"), new=town.child(last))
    for name in deciders:
        assert not Absence.objects.exists()
        town.agree(name)
    absence = Absence.objects.get()
    assert (absence.case_id, absence.asked_by, absence.way, absence.symptoms) == (case, "王若琳", "online", ["fever"])
    assert absence.approved_by.startswith("网上审批 ")


def test_a_refused_leave_is_not_recorded(town: Town) -> None:
    asking.ask(actor=town.who(town.mother, "guardian"), new=town.child())
    town.agree("吴静", "refuse")
    assert not Absence.objects.exists()


def test_both_parents_ask_and_it_is_one_leave(town: Town) -> None:
    father = registry.make_guardian(town.pupil, "周父")
    for parent in (town.mother, father):
        asking.ask(actor=town.who(parent, "guardian"), new=town.child())
    actor = town.who(town.people["吴静"])
    for task in workflow.list_open(actor).items:
        workflow.complete(actor=actor, task_id=task.id, decision="agree")
    assert Absence.objects.count() == 1
    with pytest.raises(Conflict):
        asking.ask(actor=town.who(father, "guardian"), new=town.child())


def test_who_may_not_ask_and_what_cannot_be(town: Town) -> None:
    stranger = registry.make_guardian(name="外人")
    for person in (town.proxy, stranger, town.people["罗芷"]):
        with pytest.raises(Forbidden):
            asking.ask(actor=town.who(person, "guardian"), new=town.child())
    with pytest.raises(Invalid):
        asking.ask(actor=town.who(town.mother, "guardian"), new=town.child(date(2026, 11, 19)))
    other = NewAbsence(
        audience=Audience.STAFF, person_id=town.people["罗芷"].id, school_id=town.row.id, kind="duty", starts_on=FRIDAY,
        ends_on=FRIDAY,
    )  # fmt: skip
    with pytest.raises(Forbidden):
        asking.ask(actor=town.who(town.people["程岳"]), new=other)


def test_a_teachers_leave_opens_the_lessons(town: Town) -> None:
    new = NewAbsence(
        audience=Audience.STAFF, person_id=town.people["程岳"].id, school_id=town.row.id, kind="duty", starts_on=FRIDAY,
        ends_on=THURSDAY, reason="外出教研",
    )  # fmt: skip
    asking.ask(actor=town.who(town.people["程岳"]), new=new)
    town.agree("顾言")
    town.agree("沈一")
    absence = Absence.objects.get()
    assert absence.open_lessons == 4
    assert "程岳 2026-11-20 起请假，4 节课待安排" in inbox.open_todos("office")


def test_without_the_processes_nobody_asks_online(school: testing.School) -> None:
    new = NewAbsence(
        audience=Audience.STAFF, person_id=school.people["程岳"].id, school_id=school.row.id, kind="duty", starts_on=FRIDAY,
        ends_on=FRIDAY,
    )  # fmt: skip
    with pytest.raises(NotFound):
        asking.ask(actor=school.teacher("程岳"), new=new)


def test_the_page_on_a_phone(town: Town, visit: Any) -> None:
    mother, head = town.who(town.mother, "guardian"), town.who(town.people["吴静"], "class_teacher")
    second = registry.make_pupil(town.two, name="周穗")
    second.guardianships.create(guardian=town.mother, relation="52", kind="legal", valid_from=registry.START)
    page = visit(mother, f"/leave/ask?child={second.number}").content.decode()
    assert "给周穗请假" in page and "周禾" in page
    with pytest.raises(Forbidden):
        visit(mother, "/leave/ask?child=1")
    here = f"/leave/ask?child={town.pupil.number}"
    form = {
        "kind": "sick",
        "symptoms": ["cough"],
        "starts_on": "2026-11-20",
        "ends_on": "2026-11-20",
        "part": "morning",
    }
    assert visit(mother, here, {**form, "ends_on": "2026-11-01"}).status_code == 422
    assert visit(mother, here, form).status_code == 302
    assert "正在审批" in visit(mother, here).content.decode()
    [task] = workflow.list_open(head).items
    workflow.complete(actor=head, task_id=task.id, decision="agree")
    assert Absence.objects.get().days == 0.5
    assert "病假 2026-11-20 至 2026-11-20 12:30" in visit(mother, here).content.decode()
    assert "这里没有可以请假的人" in visit(town.who(town.proxy, "guardian"), "/leave/ask").content.decode()
    assert "事由" in visit(head, "/leave/ask").content.decode()


def test_a_school_switches_it_off_with_a_reason_that_families_read(town: Town, visit: Any) -> None:
    mother, officer, here = town.who(town.mother, "guardian"), town.officer(), f"/leave/rules/{town.row.code}"
    case = asking.ask(actor=mother, new=town.child())
    assert "已启用" in visit(officer, here).content.decode()
    visit(officer, f"{here}/online", {"off": "1", "reason": ""})
    assert online_at(town.path).is_on
    visit(officer, f"{here}/online", {"off": "1", "reason": "本校用纸质假条"})
    assert (online_at(town.path).is_on, online_at(town.path).reason) == (False, "本校用纸质假条")
    assert online_at(str(town.row.parent.path)).is_on
    page = visit(mother, f"/leave/ask?child={town.pupil.number}").content.decode()
    assert "学校没有启用网上请假" in page and "本校用纸质假条" in page
    with pytest.raises(NotFound):
        asking.ask(actor=mother, new=town.child(MONDAY))
    town.agree("吴静")
    assert Absence.objects.get().case_id == case
    visit(officer, f"{here}/online", {"on": "1"})
    assert "提交" in visit(mother, f"/leave/ask?child={town.pupil.number}").content.decode()


def test_homes_tell_who_is_away_and_what_waits(town: Town) -> None:
    testing.staff_leave(town, "程岳")
    asking.ask(actor=town.who(town.mother, "guardian"), new=town.child())
    found = day_of_school(town.officer(), town.row)
    assert found is not None and (found.pupils, found.staff, found.asked) == (0, 1, 1) and found.open_lessons > 0
    assert day_of_school(town.who(town.people["顾言"]), town.row) is None
    town.agree("吴静")
    found = day_of_school(town.officer(), town.row)
    assert found is not None and (found.pupils, found.asked) == (1, 0)
    assert [one.kind for one in leave_of_child(town.pupil.id)] == ["sick"]
