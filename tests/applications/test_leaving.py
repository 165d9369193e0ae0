"""Graduation, leaving, death and a withdrawn file end a pupil's access the same minute; what is the pupil's own stays."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from lingqu.foundation.applications import api as applications
from lingqu.foundation.applications.testing import make_application
from lingqu.foundation.identity import api as identity
from lingqu.foundation.identity import testing
from lingqu.foundation.identity.middleware import forget_standings
from lingqu.foundation.identity.models import Account, RoleAssignment, SsoSession
from lingqu.foundation.identity.selectors.sessions import as_fact
from lingqu.foundation.identity.selectors.standing import standing_of
from lingqu.foundation.identity.services.leaving import end_after_leaving
from lingqu.foundation.registry.models import Enrolment
from lingqu.foundation.registry.services import deaths, seats
from lingqu.foundation.registry.testing import make_guardian, make_school
from lingqu.kernel.clock import now
from lingqu.kernel.testing import deliver_events
from tests.yearly.conftest import in_august  # noqa: F401  the fixture
from tests.yearly.worlds import SYSTEM, add_class, add_pupil, five_four_nine_year, run


def account_of(person: Any) -> Account:
    return testing.account_for(person)


def pupil_called(name: str) -> Any:
    return Enrolment.objects.get(person__name=name, valid_to=None).person


def is_running(account: Account) -> bool:
    return SsoSession.objects.filter(account=account, ended_at=None).exists()


def may_enter(app: Any, account: Account) -> bool:
    forget_standings()
    try:
        session = as_fact(SsoSession(account=account, kind="browser", auth_time=now(), expires_at=now()))
        applications.require_entry(app=app, session=session, standing=standing_of(account))
    except applications.EntryRefused as refusal:
        assert refusal.code == "not_adopted"
        return False
    return True


@pytest.mark.usefixtures("in_august")
def test_graduates_keep_account_and_record_and_lose_the_school() -> None:
    """G09 of a whole school; everybody else goes on in the running session."""
    school = five_four_nine_year()
    app = make_application(adopted_by=[school])
    graduate, other = account_of(pupil_called("甲9")), account_of(pupil_called("甲5"))
    mother = account_of(make_guardian(graduate.person))
    browsers = {who.id: testing.browser(who) for who in (graduate, other, mother)}
    assert may_enter(app, graduate)
    run("preview")
    assert run("apply", include_missing=True) == {"applied": 1}
    deliver_events()
    assert [is_running(who) for who in (graduate, other, mother)] == [False, True, True]
    assert SsoSession.objects.get(account=graduate).ended_because == "left"
    assert browsers[graduate.id].get("/me").status_code == 302
    again = testing.browser(graduate)
    assert again.get("/me").status_code == 200
    assert again.get(f"/people/{graduate.person.number}").status_code == 200
    assert again.get(f"/schools/{school.code}").status_code in (403, 404)
    assert (may_enter(app, graduate), may_enter(app, other)) == (False, True)
    assert standing_of(graduate).choices == ()
    assert browsers[mother.id].get(f"/people/{graduate.person.number}").status_code == 200


@pytest.mark.usefixtures("in_august")
@pytest.mark.parametrize(("school_type", "grade"), [("211", "G06"), ("342", "G12")])
def test_the_last_grade_of_a_stage_is_out(school_type: str, grade: str) -> None:
    school = make_school(school_type=school_type)
    account = account_of(add_pupil(add_class(school, [grade])))
    browser = testing.browser(account)
    run("preview")
    run("apply", include_missing=True)
    deliver_events()
    assert browser.get("/me").status_code == 302
    assert testing.browser(account).get("/me").status_code == 200, "the account itself stays"


def leaves(account: Account, school: Any) -> None:
    seats.leave_school(
        actor=SYSTEM,
        person_id=account.person_id,
        school_id=school.id,
        on=date(2026, 11, 1),
        kind="left",
        reason="迁出本市",
    )


def dies(account: Account, school: Any) -> None:
    deaths.mark_deceased(actor=SYSTEM, person_id=account.person_id, on=date(2026, 11, 1), proof="死亡医学证明")


@pytest.mark.parametrize("goes", [leaves, dies])
def test_leaving_the_region_and_death_end_sessions_and_grants(school: Any, goes: Any) -> None:
    person = testing.make_person(organisation=school)
    testing.seat(person, testing.make_class(school))
    account = account_of(person)
    identity.grant_role(actor=testing.SYSTEM, account=account, role="school_admin", organisation=school)
    browser = testing.browser(account)
    assert browser.get("/me").status_code == 200
    goes(account, school)
    deliver_events()
    assert browser.get("/me").status_code == 302
    assert RoleAssignment.objects.get(account=account).ended_at is not None
    assert Client().post("/sign-in", {"login": account.login, "password": testing.PASSWORD}).status_code == (
        422 if goes is dies else 302
    )


def test_a_child_at_home_for_a_while_goes_on(school: Any) -> None:
    person = testing.make_person(organisation=school)
    testing.seat(person, testing.make_class(school))
    account = account_of(person)
    browser = testing.browser(account)
    seats.leave_school(
        actor=SYSTEM, person_id=person.id, school_id=school.id, on=date(2026, 11, 1), kind="suspended", reason="生病",
        expected_on=date(2027, 2, 20),
    )  # fmt: skip
    deliver_events()
    assert browser.get("/me").status_code == 200


def test_a_merged_record_that_still_sits_keeps_the_person_in(school: Any) -> None:
    first, second = (testing.make_person(name, organisation=school) for name in ("周禾", "周禾二"))
    for person in (first, second):
        testing.seat(person, testing.make_class(school, name=f"{person.name}班"))
    type(first).objects.filter(id=second.id).update(canonical=first)
    account = account_of(first)
    testing.browser(account)
    Enrolment.objects.filter(person=first).update(valid_to=date(2026, 11, 1))
    assert end_after_leaving([first.id]) == 0
    Enrolment.objects.filter(person=second).update(valid_to=date(2026, 11, 1))
    assert end_after_leaving([second.id]) == 1
    assert not is_running(account)


def test_a_seat_of_long_ago_says_nothing(school: Any) -> None:
    person = testing.make_person(organisation=school)
    testing.seat(person, testing.make_class(school))
    Enrolment.objects.filter(person=person).update(valid_from=date(2010, 9, 1), valid_to=date(2019, 7, 1))
    testing.guard(person, testing.make_person("孩子", organisation=school))
    account = account_of(person)
    identity.grant_role(actor=testing.SYSTEM, account=account, role="school_admin", organisation=school)
    testing.browser(account)
    assert end_after_leaving([person.id]) == 0
    assert is_running(account)


def test_any_number_of_graduates_costs_the_same_statements(school: Any) -> None:
    group = testing.make_class(school)
    people = [testing.make_person(f"学生{n}", organisation=school) for n in range(40)]
    for person in people:
        testing.seat(person, group)
        testing.signed_in(testing.account_for(person))
    Enrolment.objects.update(valid_to=date(2026, 11, 1))
    counts = []
    for some in (people[:2], people[2:]):
        with CaptureQueriesContext(connection) as seen:
            assert end_after_leaving([person.id for person in some]) == len(some)
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 10
