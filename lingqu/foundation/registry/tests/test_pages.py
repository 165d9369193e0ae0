from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext

from lingqu.foundation.registry import testing
from lingqu.foundation.registry.models import ClassGroup, Person
from lingqu.foundation.registry.types import rights
from lingqu.kernel.actor import Actor, Right
from lingqu.kernel.errors import Forbidden
from lingqu.kernel.testing import actor_with

pytestmark = pytest.mark.django_db
Visit = Callable[..., HttpResponse]


@pytest.fixture
def group() -> ClassGroup:
    made = testing.make_class()
    testing.make_head(made)
    return made


@pytest.fixture
def pupil(group: ClassGroup) -> Person:
    child = testing.make_pupil(group, phone="12000000001", id_number="000101201301010027")
    testing.make_guardian(child)
    return child


def officer(path: object) -> Actor:
    return actor_with(*rights.ALL, path=str(path), role="register_officer")


PAGES = [
    "/organisations/{code}", "/organisations/{code}?part=classes", "/organisations/{code}?part=staff",
    "/organisations/{code}?part=students", "/organisations/{code}?part=changes", "/schools/{code}",
    "/schools/{code}/classes", "/schools/{code}/staff", "/schools/{code}/students", "/schools/{code}/teaching",
    "/classes/{group}", "/classes/{group}/roster", "/people/{number}", "/people/{number}?as_of=2026-09-02",
    "/people/{number}/edit", "/people", "/people?kind=staff", "/people?grade=G08",
]  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_pages_open_at_home_within_twelve_queries_and_stay_shut_elsewhere(
    page: str, visit: Visit, group: ClassGroup, pupil: Person
) -> None:
    url = page.format(code=group.school.code, group=group.id, number=pupil.number)
    visit(officer(group.school.path), url)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        answer = visit(officer(group.school.path), url)
    assert answer.status_code == 200
    assert len(queries) <= 9  # three are left for session, account and rights
    assert b"12000000001" not in answer.content
    if not url.startswith("/people?") and url != "/people":
        with pytest.raises(Forbidden):
            visit(officer(testing.make_school().path), url)


def test_numbers_of_others_and_of_nobody_answer_alike(visit: Visit, group: ClassGroup) -> None:
    other = testing.make_pupil()
    for number in (other.number, "001999999990"):
        with pytest.raises(Forbidden):
            visit(officer(group.school.path), f"/people/{number}")


def test_a_class_teacher_sees_the_own_class_and_no_other(visit: Visit, group: ClassGroup, pupil: Person) -> None:
    held = tuple(Right(code, f"class:{group.id}") for code in (rights.CLASS_VIEW, rights.PERSON_VIEW))
    actor = Actor(kind="account", name="吴静", role="class_teacher", rights=held)
    testing.make_pupil(testing.make_class(group.school, serial=2), "外班")
    answer = visit(actor, "/people").content.decode()
    assert pupil.name in answer
    assert "外班" not in answer
    assert visit(actor, f"/classes/{group.id}").status_code == 200
    with pytest.raises(Forbidden):
        visit(actor, f"/organisations/{group.school.code}")


def test_a_name_searched_for_never_stands_in_the_address(visit: Visit, group: ClassGroup, pupil: Person) -> None:
    actor = officer(group.school.path)
    answer = visit(actor, "/people", {"q": "周禾"})
    assert answer.status_code == 302
    assert "%E5%91%A8" not in answer["Location"]
    assert "周" not in answer["Location"]
    assert "周禾" in visit(actor, answer["Location"]).content.decode()


def test_revealing_by_form_shows_clear_values_once(visit: Visit, group: ClassGroup, pupil: Person) -> None:
    actor = officer(group.school.path)
    clear = visit(actor, f"/people/{pupil.number}/reveal", {"purpose": "check"})
    assert b"12000000001" in clear.content
    assert clear["Cache-Control"] == "no-store"
    later = visit(actor, f"/people/{pupil.number}").content.decode()
    assert "12000000001" not in later
    assert "核对学籍信息" in later
