"""Changes of class are listed to who keeps the pupils; leaves that end soon stand on the school's page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext

from lingqu.foundation.registry import testing
from lingqu.foundation.registry.models import Enrolment
from lingqu.foundation.registry.selectors import moves
from lingqu.foundation.registry.services import seats
from lingqu.foundation.registry.tests.test_write_pages import officer
from lingqu.kernel.clock import today
from lingqu.kernel.errors import Forbidden

pytestmark = pytest.mark.django_db
Visit = Callable[..., HttpResponse]


def moved(county: object, name: str, reason: str = "家长申请") -> tuple[object, object]:
    school = testing.make_school(county)
    first, second = testing.make_class(school), testing.make_class(school, serial=2)
    pupil = testing.make_pupil(first, name)
    seats.move_to_class(
        actor=officer(school.path), person_id=pupil.id, class_id=second.id, on=testing.START + timedelta(days=9),
        reason=reason,
    )  # fmt: skip
    return school, pupil


def test_the_county_reads_who_was_moved_when_by_whom_and_why(visit: Visit) -> None:
    county = testing.make_organisation(kind="region")
    school, pupil = moved(county, "周禾")
    moved(county, "李晓", "双胞胎分班")
    page = moves.list_class_moves(officer(county.path), None)
    assert [move.name for move in page.items] == ["李晓", "周禾"]
    last = page.items[1]
    assert (last.former, last.present, last.reason) == (("八（1）班",), "八（2）班", "家长申请")
    assert (last.day, last.school, last.number) == (testing.START + timedelta(days=9), school.name, pupil.number)
    only = moves.list_class_moves(officer(county.path), school)
    assert [move.name for move in only.items] == ["周禾"]
    with CaptureQueriesContext(connection) as queries:
        answer = visit(officer(county.path), "/class-moves").content.decode()
    assert len(queries) <= 8
    assert "双胞胎分班" in answer and "八（1）班" in answer


def test_nobody_reads_the_moves_of_another_county(visit: Visit) -> None:
    school, _pupil = moved(testing.make_organisation(kind="region"), "周禾")
    other = officer(testing.make_organisation(kind="region").path)
    assert "周禾" not in visit(other, "/class-moves").content.decode()
    with pytest.raises(Forbidden):
        moves.list_class_moves(other, school)
    with pytest.raises(Forbidden):
        moves.list_class_moves(class_teacher(), None)


def class_teacher() -> object:
    from lingqu.foundation.registry.types import rights
    from lingqu.kernel.testing import actor_with

    return actor_with(rights.PERSON_EDIT, path="class:01890000-0000-7000-8000-000000000001")


@pytest.mark.parametrize(("days", "is_shown"), [(-3, True), (0, True), (30, True), (31, False)])
def test_a_leave_is_remembered_a_month_before_its_end(visit: Visit, days: int, is_shown: bool) -> None:
    county = testing.make_organisation(kind="region")
    school = testing.make_school(county)
    pupil = testing.make_pupil(testing.make_class(school), "周禾")
    Enrolment.objects.filter(person=pupil).update(
        attendance="absent", reason="治病", expected_on=today() + timedelta(days=days)
    )
    due = moves.list_due_back(officer(county.path), school)
    assert [(one.name, one.days) for one in due] == ([("周禾", days)] if is_shown else [])
    answer = visit(officer(county.path), f"/organisations/{school.code}").content.decode()
    assert ("休学快到期或已到期" in answer) is is_shown
    assert moves.list_due_back(officer(testing.make_organisation(kind="region").path), school) == ()
