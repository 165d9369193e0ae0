"""The account page: who sees what, who may do what, and what a stop does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from lingqu.foundation.identity import api as identity
from lingqu.foundation.identity import testing
from lingqu.foundation.identity.models import Account, OneTimeApp, RoleAssignment, SignInAttempt
from lingqu.foundation.identity.selectors.account_page import get_account_page
from lingqu.foundation.identity.services import activation, codes, locking, places, throttle
from lingqu.foundation.registry import api as registry
from lingqu.kernel import events
from lingqu.kernel.clock import now
from lingqu.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from lingqu.kernel.ids import uuid7
from lingqu.kernel.models import AuditEntry
from lingqu.kernel.testing import deliver_events

from .world import World

pytestmark = pytest.mark.django_db


HELPERS = ("class_teacher", "county_admin", "school_admin")
ACTIONS = {
    "person_account": (*HELPERS, "operator", "principal", "register_officer", "security_admin"),
    "lock_account": (*HELPERS, "security_admin"),
    "unlock_account": (*HELPERS, "security_admin"),
    "end_sessions": (*HELPERS, "security_admin"),
    "drop_factor": (*HELPERS, "security_admin"),
    "new_code": HELPERS,
    "confirm_real_name": HELPERS,
    "person_slip": HELPERS,
    "invite_person": (),
}


@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_every_role_times_every_action_on_a_pupils_account(world: World, action: str, settings: Any) -> None:
    pupil = testing.account_for(world.own.pupil)
    done = set()
    for role, account in world.accounts.items():
        client = testing.signed_in(account, raise_request_exception=False)
        OneTimeApp.objects.update_or_create(account=pupil, defaults={"sealed": b"x", "confirmed_at": now()})
        Account.objects.filter(id=pupil.id).update(state="locked" if action == "unlock_account" else "active")
        url = f"/people/{pupil.login}/" + {
            "person_account": "account", "lock_account": "account/lock", "unlock_account": "account/unlock",
            "end_sessions": "account/end-sessions", "drop_factor": "account/factor", "new_code": "new-code", "confirm_real_name": "account/real-name", "person_slip": "account/slip",
            "invite_person": "account/invite",
        }[action]  # fmt: skip
        answer = client.get(url) if action == "person_account" else client.post(url)
        assert answer.status_code in (200, 302, 403, 404), (role, answer.status_code)
        if answer.status_code == 200 or (answer.status_code == 302 and not answer["Location"].startswith("/sign-in")):
            done.add(role)
    assert done == set(ACTIONS[action])


@pytest.mark.parametrize("role", ["class_teacher", "county_admin", "school_admin", "security_admin"])
@pytest.mark.parametrize("holder", ["student", "guardian", "teacher"])
def test_the_page_of_an_account_is_bounded(world: World, role: str, holder: str) -> None:
    account = testing.in_use(world.accounts[holder].id)
    for _attempt in range(8):
        SignInAttempt.objects.create(
            account=account, login_blind=uuid7(), address_blind=uuid7(), outcome="bad_password"
        )
    activation.issue_reset(actor=testing.SYSTEM, account=account)
    browser = testing.browser(world.accounts[role])
    browser.get(f"/people/{account.login}/account")
    with CaptureQueriesContext(connection) as queries:
        answer = browser.get(f"/people/{account.login}/account")
    assert answer.status_code == (404 if (role, holder) == ("class_teacher", "teacher") else 200)
    assert len(queries) <= 12, "\n".join(query["sql"][:200] for query in queries)


def test_the_security_administrator_is_not_told_whose_account_it_is(world: World) -> None:
    pupil = testing.account_for(world.own.pupil)
    security = identity.actor_for(world.accounts["security_admin"])
    page = get_account_page(actor=security, login=pupil.login)[1]
    assert (page.login, page.name, page.person_number, page.where) == (pupil.login, "", "", ())
    teacher = identity.actor_for(world.accounts["class_teacher"])
    page = get_account_page(actor=teacher, login=pupil.login)[1]
    assert (page.name, page.person_number) == (world.own.pupil.name, world.own.pupil.number)


def test_nobody_else_learns_that_the_account_exists(world: World) -> None:
    stranger = testing.account_for(world.other.pupil)
    for login in (stranger.login, "999999999999"):
        with pytest.raises(NotFound):
            get_account_page(actor=identity.actor_for(world.accounts["class_teacher"]), login=login)


def test_a_stop_ends_sessions_codes_and_sign_in_until_its_day(world: World) -> None:
    pupil, teacher = world.accounts["student"], identity.actor_for(world.accounts["class_teacher"])
    browser, code = testing.browser(pupil), activation.issue_reset(actor=testing.SYSTEM, account=pupil)
    until = now() + timedelta(days=3)
    locking.lock_account(actor=teacher, account=pupil, until=until, reason=" 冒用\n他人 ")
    assert browser.get("/me").status_code == 302
    with pytest.raises(Conflict):
        activation.activate(code_hash=codes.digest_of(code), password="Shan-shui-2026")
    page = get_account_page(actor=teacher, login=pupil.login)[1]
    assert (page.state, page.locked_until, page.lock_reason) == ("locked", until, "冒用 他人")
    assert locking.open_due() == 0
    Account.objects.filter(id=pupil.id).update(locked_until=now() - timedelta(minutes=1))
    assert locking.open_due() == 1
    pupil.refresh_from_db()
    assert (pupil.state, pupil.locked_until, pupil.lock_reason) == ("active", None, "")
    assert testing.browser(pupil).get("/me").status_code == 200
    assert AuditEntry.objects.filter(action="identity.account.locked", subject_id=str(pupil.id)).count() == 1


def test_a_stop_has_an_end_ahead_and_nobody_stops_themselves(world: World) -> None:
    pupil, teacher = world.accounts["student"], world.accounts["class_teacher"]
    actor = identity.actor_for(teacher)
    for until in (now() - timedelta(hours=1), now() + timedelta(days=400)):
        with pytest.raises(Invalid):
            locking.lock_account(actor=actor, account=pupil, until=until)
    with pytest.raises(Forbidden):
        locking.lock_account(actor=actor, account=teacher)
    with pytest.raises(Forbidden):
        locking.end_all_sessions(actor=actor, account=teacher)


def test_a_school_stops_nobody_on_whom_a_separated_duty_stands(world: World) -> None:
    clerk = testing.account_for(testing.make_person("兼操作员", organisation=world.own.school))
    testing.employ(clerk.person, world.own.school)
    identity.grant_role(actor=testing.SYSTEM, account=clerk, role="operator", organisation=world.own.county)
    with pytest.raises(Forbidden):
        locking.lock_account(actor=identity.actor_for(world.accounts["school_admin"]), account=clerk)
    locking.lock_account(actor=identity.actor_for(world.accounts["security_admin"]), account=clerk)


def test_a_classmate_at_the_shared_computer_keeps_nobody_out(world: World, monkeypatch: Any) -> None:
    """Fifty wrong passwords in the very browser that the pupil used before."""
    monkeypatch.setattr(throttle, "LONGEST_WAIT", 0)
    pupil = world.accounts["student"]
    shared = Client(REMOTE_ADDR="10.1.2.3")
    shared.get("/sign-in")
    shared.post("/sign-in", {"login": pupil.login, "password": testing.PASSWORD})
    shared.post("/sign-out")
    seen = [shared.post("/sign-in", {"login": pupil.login, "password": f"wrong-{at}"}).status_code for at in range(50)]
    assert set(seen) == {422, 429}
    assert seen[-1] == 429
    own = Client(REMOTE_ADDR="10.1.2.3")
    own.get("/sign-in")
    assert own.post("/sign-in", {"login": pupil.login, "password": testing.PASSWORD}).status_code == 302
    code = activation.issue_reset(actor=identity.actor_for(world.accounts["class_teacher"]), account=pupil)
    shared.get(f"/activate?code={code}")
    word = {"password": "Shan-shui-2026", "repeat": "Shan-shui-2026"}
    assert shared.post("/activate", word).status_code == 302
    assert shared.get("/me").status_code == 200


OVERSEERS = ("auditor", "security_admin", "system_admin")


@pytest.mark.parametrize("first", [*OVERSEERS, "operator", "bureau_leader"])
@pytest.mark.parametrize("second", [*OVERSEERS, "operator", "bureau_leader"])
def test_the_database_keeps_duties_apart_whoever_writes(first: str, second: str) -> None:
    if first == second:
        return
    account = testing.duty_account(first)
    root = registry.ensure_root()
    apart = first in OVERSEERS or second in OVERSEERS
    try:
        with transaction.atomic():
            RoleAssignment.objects.create(account=account, role=second, organisation=root)
    except IntegrityError:
        assert apart
    else:
        assert not apart
    RoleAssignment.objects.filter(account=account, role=first).update(ended_at=now())
    RoleAssignment.objects.get_or_create(account=account, role=second, organisation=root, ended_at=None)


def test_a_role_ends_within_one_request(world: World) -> None:
    leader = world.accounts["bureau_leader"]
    browser = testing.browser(leader)
    assert browser.get("/organisations", follow=True).status_code == 200
    identity.end_role(actor=testing.SYSTEM, assignment_id=leader.roles.get().id)
    assert browser.get("/organisations", follow=True).status_code == 403


def test_rights_follow_a_moved_school_within_one_request(world: World) -> None:
    """Grants name the organisation; what was cached with the old path ends."""
    school, accounts = world.own.school, world.accounts
    touched = ("student", "guardian", "teacher", "class_teacher", "principal", "school_admin")
    epochs = {role: Account.objects.get(id=accounts[role].id).epoch for role in (*touched, "operator")}
    events.publish(
        registry.OrganisationMoved(organisation_id=school.id, before=f"{school.path}old", after=str(school.path))
    )
    deliver_events()
    for role in touched:
        assert Account.objects.get(id=accounts[role].id).epoch == epochs[role] + 1, role
    assert Account.objects.get(id=accounts["operator"].id).epoch == epochs["operator"]
    assert places.refresh_rights_at(str(world.own.county.path)) >= len(touched)
