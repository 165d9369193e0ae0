"""教务 records leave of a teacher and gives the lessons away; the substitute sees it on the phone, confirms, and gives it today."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from lingqu.campus.office.models import Absence, Cover
from lingqu.foundation.identity import testing
from lingqu.foundation.identity.middleware import forget_standings
from lingqu.foundation.registry import api as registry
from lingqu.foundation.timetable import testing as plans
from lingqu.kernel import clock
from tests.permissions.world import build_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world() -> Any:
    """The permission tests' school on every weekday: 王老师 gives the first period, who is on leave; teacher gives none then."""
    registry.prepare()
    forget_standings()
    made = build_world()
    node = made.own
    plans.make_term()
    plans.make_bells(node.school)
    absent = hired("王老师", node)
    lessons = [plans.lesson(node.group, day, "1", "13", [absent], room="302") for day in range(1, 8)]
    plans.make_timetable(node.school, lessons)
    plans.calendars.set_days(
        actor=plans.SYSTEM, organisation_id=node.school.id,
        days=[plans.calendars.Day(day=clock.today(), kind="workday", name="")],
    )  # fmt: skip
    return SimpleNamespace(own=node, accounts=made.accounts, absent=absent)


def hired(name: str, node: Any) -> Any:
    person = testing.make_person(name, organisation=node.school)
    testing.employ(person, node.school)
    testing.teach(person, node.group, "13")
    return person


def test_from_the_slip_to_the_lesson(desktop: Any, phone: Any, world: Any) -> None:
    desktop.sign_in(world.accounts["academic_director"].login, testing.PASSWORD)
    code = world.own.school.code
    page = desktop.visit(f"/leave/staff/{code}")
    desktop.check()
    page.get_by_role("link", name="登记请假").click()
    page.locator("[name=person]").select_option(world.absent.number)
    page.locator("[name=approved_by]").fill("高校长")
    desktop.check()
    page.get_by_role("button", name="登记并安排课").click()
    page.get_by_text("已登记，请安排这几天的课。").wait_for()
    desktop.shoot("absence-open")
    desktop.check()
    teacher = world.accounts["teacher"].person
    page.locator("select[name^='lesson:']").select_option(f"substitute:{teacher.id}")
    page.locator("[name=note]").fill("上到第 3 章")
    page.get_by_role("button", name="确定安排").click()
    page.get_by_text("已安排 1 节").wait_for()
    absence = Absence.objects.get()
    for path in (f"/leave/absences/{absence.id}", f"/leave/absences/{absence.id}/print", f"/leave/staff/{code}/month"):
        desktop.visit(path)
        desktop.shoot(path.rsplit("/", 1)[1][:8])
        desktop.check()

    phone.sign_in(world.accounts["teacher"].login, testing.PASSWORD)
    page = phone.visit("/")
    assert "代课" in page.locator("#today").inner_text()
    phone.shoot("today")
    phone.visit("/leave/covers")
    phone.shoot("covers")
    phone.check()
    page.get_by_role("button", name="可以代").click()
    page.get_by_text("已确认 1 节。").wait_for()
    assert Cover.objects.get().state == "confirmed"
    phone.visit("/timetable")
    phone.check()
    phone.visit("/leave/ask")
    phone.shoot("ask")
    phone.check()


def test_the_pages_of_a_class_teacher_and_of_rules_hold(desktop: Any, phone: Any, world: Any) -> None:
    for screen in (desktop, phone):
        screen.sign_in(world.accounts["class_teacher"].login, testing.PASSWORD)
        screen.visit(f"/classes/{world.own.group.id}/leave")
        screen.shoot("class")
        screen.check()
        screen.page.context.clear_cookies()
        screen.sign_in(world.accounts["school_admin"].login, testing.PASSWORD)
        for path in (f"/leave/rules/{world.own.school.code}", f"/leave/pupils/{world.own.school.code}"):
            screen.visit(path)
            screen.shoot(path.split("/")[2])
            screen.check()
