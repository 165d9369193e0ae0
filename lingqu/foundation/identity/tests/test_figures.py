"""Sign-in figures agree with a count by hand, stay inside the actor's place, and cost the same however many there are."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from lingqu.foundation.identity import testing
from lingqu.foundation.identity.jobs import count_sign_ins
from lingqu.foundation.identity.middleware import actor_for
from lingqu.foundation.identity.models import Account, SignInFigures
from lingqu.foundation.identity.selectors import figures
from lingqu.foundation.registry import api as registry
from lingqu.kernel.clock import now
from lingqu.kernel.errors import Forbidden, NotFound
from lingqu.kernel.ids import uuid7

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> dict[str, Any]:
    """Two counties; the first has two schools. Pupils of the first school: in use and busy, dormant, never in, dead."""
    county, other = (testing.make_school(f"33010{n}", f"县{n}", kind="region") for n in (1, 2))
    first, second = (testing.make_school(f"330100000{n}", f"学校{n}", parent=county) for n in (1, 2))
    testing.make_school("3302000001", "外县学校", parent=other)
    group = testing.make_class(first)
    pupils = [testing.make_person(f"学生{n}", organisation=first) for n in range(4)]
    for pupil in pupils:
        testing.seat(pupil, group)
    busy, dormant = (testing.account_for(one) for one in pupils[:2])
    testing.account_for(pupils[2], "")
    Account.objects.filter(id=busy.id).update(last_login=now() - timedelta(days=29), verified_phone_blind=uuid7())
    Account.objects.filter(id=dormant.id).update(activated_at=now() - timedelta(days=300), last_login=None)
    registry_people = type(pupils[3]).objects
    registry_people.filter(id=pupils[3].id).update(deceased_on="2026-10-01")
    parent = testing.make_person("家长", organisation=first)
    testing.guard(parent, pupils[0])
    testing.guard(parent, pupils[1])
    teacher = testing.make_person("老师", organisation=second)
    testing.employ(teacher, second)
    Account.objects.filter(id=testing.account_for(teacher).id).update(verified_email="a@example.org", last_login=now())
    count_sign_ins()
    return {"county": county, "other": other, "first": first, "second": second}


def _of(place: Any) -> dict[str, tuple[int, ...]]:
    page = figures.get_figures(actor=testing.SYSTEM, code=place.code)
    return {line.label: line.cells for line in page.parts}


def test_each_number_is_what_its_definition_says(city: dict[str, Any]) -> None:
    #       people, opened, activated, phone, email, active, dormant
    assert _of(city["first"]) == {
        "教职工": (0,) * 7, "学生": (3, 3, 2, 1, 0, 1, 1), "家长": (1, 0, 0, 0, 0, 0, 0),
    }  # fmt: skip
    assert _of(city["second"])["教职工"] == (1, 1, 1, 0, 1, 1, 0)


def test_a_county_is_the_sum_of_its_schools_and_leads_down(city: dict[str, Any]) -> None:
    page = figures.get_figures(actor=testing.SYSTEM, code=city["county"].code)
    assert [(line.label, line.code, line.cells[0]) for line in page.below] == [
        ("学校1", "3301000001", 4), ("学校2", "3301000002", 1),
    ]  # fmt: skip
    assert page.total.cells == (5, 4, 3, 1, 1, 2, 1)
    only = figures.get_figures(actor=testing.SYSTEM, code=city["county"].code, part="staff")
    assert (only.total.cells[0], [line.cells[0] for line in only.below]) == (1, [0, 1])
    top = figures.get_figures(actor=testing.SYSTEM, code=registry.ensure_root().code)
    assert {line.label: line.cells[0] for line in top.below} == {"县1": 5, "县2": 0}


def test_counting_again_replaces(city: dict[str, Any]) -> None:
    before = SignInFigures.objects.count()
    count_sign_ins()
    assert SignInFigures.objects.count() == before == 3


def test_the_page_and_the_file_stay_inside_the_actors_place(city: dict[str, Any]) -> None:
    account = testing.duty_account("county_admin", city["county"])
    browser = testing.browser(account)
    assert browser.get("/account-figures")["Location"] == "/account-figures/330101"
    page = browser.get("/account-figures/330101").content.decode()
    assert "学校1" in page
    assert "沉睡" in page
    assert all(str(text) in page for _code, _name, text in figures.COLUMNS)
    assert "教育局" not in page.split('aria-label="面包屑"')[-1].split("</nav>")[0]
    for path in ("330102", "330102/file", "3302000001"):
        assert browser.get(f"/account-figures/{path}").status_code == 403
    assert browser.get("/account-figures/nothing").status_code == 404
    file = browser.get("/account-figures/330101/file")
    book = load_workbook(io.BytesIO(b"".join(file.streaming_content) if file.streaming else file.content))
    rows = list(book.worksheets[0].values)
    assert rows[0][:5] == ("上级", "单位", "代码", "身份", "人数")
    assert {(row[1], row[3], row[4]) for row in rows[1:]} == {
        ("学校1", "学生", 3), ("学校1", "家长", 1), ("学校2", "教职工", 1),
    }  # fmt: skip
    assert [row[0] for row in book.worksheets[1].values] == [str(name) for _code, name, _text in figures.COLUMNS]


ROLES = {"operator", "system_admin", "bureau_leader", "county_admin"}


@pytest.mark.parametrize(
    "role",
    ["operator", "system_admin", "security_admin", "auditor", "bureau_leader", "county_admin", "vendor", "expert"],
)
def test_who_may_see_them(city: dict[str, Any], role: str) -> None:
    actor = actor_for(testing.duty_account(role, city["county"]))
    if role in ROLES:
        assert figures.get_figures(actor=actor, code="330101").name == "县1"
    else:
        with pytest.raises(Forbidden):
            figures.get_figures(actor=actor, code="330101")
    with pytest.raises(Forbidden):
        figures.get_figures(actor=actor, code="330102")


def test_the_page_is_bounded(city: dict[str, Any]) -> None:
    for number in range(60):
        testing.make_school(f"33010001{number:02d}", f"校{number:02d}", parent=city["county"])
    browser = testing.browser(testing.duty_account("bureau_leader"))
    browser.get("/account-figures/330101")
    with CaptureQueriesContext(connection) as queries:
        page = browser.get("/account-figures/330101").content.decode()
    assert len(queries) <= 12, "\n".join(query["sql"][:200] for query in queries)
    assert page.count("/account-figures/330100") == 50


def test_before_the_first_count_there_is_nothing_to_see() -> None:
    testing.make_school("330101", "县", kind="region")
    page = figures.get_figures(actor=testing.SYSTEM, code="330101")
    assert (page.counted_at, page.total.cells) == (None, (0,) * 7)
    with pytest.raises(NotFound):
        figures.get_figures(actor=testing.SYSTEM, code="999")
