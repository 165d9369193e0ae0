"""Alerts: what raises one, that a day's happenings are one, who sees, closes and is written to, and that nobody is stopped."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lingqu.foundation.identity import testing
from lingqu.foundation.identity.jobs import tell_alerts, watch_sign_ins
from lingqu.foundation.identity.middleware import actor_for
from lingqu.foundation.identity.models import (
    Account,
    Alert,
    AlertRecipient,
    AlertRule,
    Passkey,
    SchoolNetwork,
    SignInAttempt,
)
from lingqu.foundation.identity.selectors import alerts as reading
from lingqu.foundation.identity.services import activation, alerts, factors, signing_in
from lingqu.foundation.identity.types.words import AlertKind, NetworkSource
from lingqu.foundation.registry import api as registry
from lingqu.kernel import crypto
from lingqu.kernel.clock import now
from lingqu.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from lingqu.kernel.ids import uuid7
from lingqu.kernel.models import AuditEntry, Message

from .test_factors import turn_on

pytestmark = pytest.mark.django_db
ADDRESS = "203.0.113.7"


def _network(address: str = ADDRESS) -> UUID:
    return crypto.blind("address", address)


def _attempts(
    count: int, outcome: str = "bad_password", *, logins: int = 0, minutes: int = 1, account: Any = None
) -> None:
    """``count`` attempts from the one network, on as many logins unless fewer are asked for."""
    made = [uuid7() for _login in range(logins or count)]
    SignInAttempt.objects.bulk_create(
        SignInAttempt(
            login_blind=made[at % len(made)], address_blind=_network(), outcome=outcome, account=account,
            at=now() - timedelta(minutes=minutes),
        )
        for at in range(count)
    )  # fmt: skip


@pytest.fixture(autouse=True)
def root(db: None) -> Any:
    return registry.ensure_root()


@pytest.fixture
def security() -> Account:
    return testing.duty_account("security_admin")


@pytest.mark.parametrize(
    ("attempts", "raised"),
    [
        ({"count": 30}, True), ({"count": 29}, False), ({"count": 300, "logins": 5}, False),
        ({"count": 60, "outcome": "ok"}, False), ({"count": 60, "minutes": 20}, False),
        ({"count": 40, "outcome": "unknown"}, True), ({"count": 40, "outcome": "throttled"}, True),
    ],
)  # fmt: skip
def test_many_logins_of_one_network_that_all_fail(attempts: dict[str, Any], raised: bool) -> None:
    _attempts(**attempts)
    watch_sign_ins()
    assert Alert.objects.exists() == raised


def test_a_class_that_mistypes_and_then_gets_in_is_no_attack() -> None:
    _attempts(45)
    for login in SignInAttempt.objects.values_list("login_blind", flat=True):
        SignInAttempt.objects.create(login_blind=login, address_blind=_network(), outcome="ok")
    watch_sign_ins()
    assert not Alert.objects.exists()


def test_a_schools_network_is_known_or_learned_and_never_shut_out(security: Account) -> None:
    for _pupil in range(alerts.LEARNED_FROM):
        account = testing.duty_account("expert")
        _attempts(1, "ok", account=account)
    alerts.learn_networks()
    learned = SchoolNetwork.objects.get()
    assert (learned.source, learned.accounts) == (NetworkSource.LEARNED, alerts.LEARNED_FROM)
    _attempts(100)
    watch_sign_ins()
    assert not Alert.objects.exists(), "below five times the number"
    _attempts(60)
    watch_sign_ins()
    assert Alert.objects.get().rule == AlertKind.SPRAYING
    school = testing.Client(REMOTE_ADDR=ADDRESS)
    school.get("/sign-in")
    answer = school.post("/sign-in", {"login": security.login, "password": testing.PASSWORD})
    assert answer.status_code == 302, "an alert stops nobody"
    alerts.name_network(actor=testing.SYSTEM, name="实验小学", address=ADDRESS)
    Alert.objects.all().delete()
    watch_sign_ins()
    assert not Alert.objects.exists()
    alerts.refuse_network(actor=testing.SYSTEM, network_id=learned.id)
    alerts.learn_networks()
    assert SchoolNetwork.objects.get().source == NetworkSource.REFUSED
    watch_sign_ins()
    assert Alert.objects.count() == 1


def test_learned_networks_are_forgotten() -> None:
    SchoolNetwork.objects.create(address_blind=uuid7(), source="learned", seen_at=now() - timedelta(days=61))
    SchoolNetwork.objects.create(address_blind=uuid7(), source="set", seen_at=now() - timedelta(days=61))
    alerts.learn_networks()
    assert [one.source for one in SchoolNetwork.objects.all()] == ["set"]


def test_a_day_is_one_alert_however_often() -> None:
    _attempts(30)
    watch_sign_ins()
    _attempts(10)
    watch_sign_ins()
    found = Alert.objects.get()
    assert (found.count, found.subject, found.account_id) == (40, _network(), None)
    Alert.objects.update(day=now().date() - timedelta(days=1))
    watch_sign_ins()
    assert Alert.objects.count() == 2


@pytest.mark.parametrize(("role", "raised"), [("system_admin", True), ("county_admin", True), ("bureau_leader", False)])
def test_a_privileged_account_in_a_new_browser(role: str, raised: bool) -> None:
    account = testing.duty_account(role)
    for browser in ("first", "first", "second", "second"):
        signing_in.remember_device(account.id, browser)
    assert list(Alert.objects.values_list("rule", "count")) == ([("new_browser", 1)] if raised else [])
    signing_in.remember_device(account.id, "")
    assert Alert.objects.count() == int(raised)


def test_through_the_door_the_second_browser_is_told_once() -> None:
    account = testing.duty_account("auditor")
    for _browser in range(2):
        client = testing.Client()
        client.get("/sign-in")
        client.post("/sign-in", {"login": account.login, "password": testing.PASSWORD})
        client.post("/sign-out")
        client.post("/sign-in", {"login": account.login, "password": testing.PASSWORD})
    found = Alert.objects.get()
    assert (found.rule, found.account_id, found.count) == (AlertKind.NEW_BROWSER, account.id, 1)


def test_a_recovery_code_and_a_dropped_factor_are_told() -> None:
    account = testing.duty_account("expert")
    browser, _secret, recovery = turn_on(account)
    factors.check(account=account, typed=recovery[0])
    assert [one.rule for one in Alert.objects.all()] == ["recovery_code"]
    browser.post("/me/second-factor", {"remove": "1"})
    assert Alert.objects.count() == 1, "whoever is not privileged may"
    Passkey.objects.create(account=account, credential_id=b"x", public_key=b"", name="x")
    factors.remove_lost(actor=testing.SYSTEM, account=account)
    privileged = testing.duty_account("operator")
    turn_on(privileged)
    factors.remove(actor=actor_for(privileged), account=privileged)
    assert sorted(Alert.objects.values_list("rule", "account_id")) == sorted([
        ("recovery_code", account.id), ("factor_dropped", account.id), ("factor_dropped", privileged.id),
    ])  # fmt: skip


def test_resetting_many_passwords_is_told(root: Any) -> None:
    alerts.set_rule(actor=testing.SYSTEM, code="mass_reset", is_on=True, threshold=5)
    school = testing.make_school()
    group = testing.make_class(school)
    person = testing.make_person("管理员", organisation=school)
    testing.employ(person, school)
    testing.give_duty(person, "school_admin", school)
    admin = testing.account_for(person)
    for number in range(6):
        if number == 5:
            watch_sign_ins()
        pupil = testing.make_person(f"学生{number}", organisation=school)
        testing.seat(pupil, group)
        activation.issue_reset(actor=actor_for(admin), account=testing.account_for(pupil))
    watch_sign_ins()
    found = Alert.objects.get()
    assert (found.rule, found.account_id, found.count, found.path) == ("mass_reset", admin.id, 6, str(school.path))


def test_a_rule_that_is_off_says_nothing() -> None:
    for code in reading.RULES:
        alerts.set_rule(actor=testing.SYSTEM, code=code, is_on=False, threshold=30)
    _attempts(100)
    watch_sign_ins()
    alerts.note(AlertKind.RECOVERY_CODE, testing.duty_account("auditor").id)
    assert not Alert.objects.exists()


def test_one_message_tells_everything_new_once_without_names(security: Account) -> None:
    county = testing.make_school("330101", "县", kind="region")
    below = testing.duty_account("security_admin", county)
    Account.objects.filter(id=security.id).update(verified_email="top@example.org")
    Account.objects.filter(id=below.id).update(verified_email="county@example.org")
    alerts.add_recipient(actor=testing.SYSTEM, address=" Duty@Example.org ")
    for _alert in range(3):
        alerts.note(AlertKind.RECOVERY_CODE, testing.duty_account("auditor").id)
    tell_alerts()
    tell_alerts()
    bodies = [crypto.unseal_fields(bytes(one.sealed)) for one in Message.objects.filter(kind="identity.alert")]
    assert sorted(one["to"] for one in bodies) == ["duty@example.org", "top@example.org"]
    assert all("用了备用码：3 条" in one["body"] and "auditor" not in one["body"] for one in bodies)
    alerts.note(AlertKind.FACTOR_DROPPED, testing.duty_account("operator", county).id)
    tell_alerts()
    assert Message.objects.filter(kind="identity.alert").count() == 5


def test_it_is_seen_and_closed_with_a_note_on_the_page(security: Account) -> None:
    account = testing.duty_account("auditor")
    alerts.note(AlertKind.RECOVERY_CODE, account.id)
    found, browser = Alert.objects.get(), testing.browser(security)
    page = browser.get("/alerts").content.decode()
    assert account.login in page
    browser.post(f"/alerts/{found.id}/seen")
    browser.post(f"/alerts/{found.id}/close", {"note": "  "})
    assert Alert.objects.get().closed_at is None
    browser.post(f"/alerts/{found.id}/close", {"note": " 本人 换了手机 "})
    found.refresh_from_db()
    assert (found.note, found.handled_by) == ("本人 换了手机", security.name)
    assert found.seen_at is not None
    assert found.seen_at < found.closed_at
    assert account.login not in browser.get("/alerts").content.decode()
    assert "本人 换了手机" in browser.get("/alerts?closed=1").content.decode()
    with pytest.raises(Conflict):
        alerts.close(actor=actor_for(security), alert_id=found.id, note="again")
    assert AuditEntry.objects.filter(action__startswith="identity.alert.").count() == 2


def test_rules_recipients_and_networks_are_set_on_their_page(security: Account) -> None:
    browser = testing.browser(security)
    browser.post("/alerts/rules", {"rule": "spraying", "threshold": "50", "is_on": "on"})
    browser.post("/alerts/rules", {"rule": "mass_reset", "threshold": "x"})
    browser.post("/alerts/rules", {"rule": "new_browser"})
    assert sorted(AlertRule.objects.values_list("code", "is_on", "threshold")) == [
        ("new_browser", False, 0), ("spraying", True, 50),
    ]  # fmt: skip
    browser.post("/alerts/rules", {"address": "not an address"})
    browser.post("/alerts/rules", {"address": "a@example.org"})
    browser.post("/alerts/rules", {"network": ADDRESS, "name": "实验小学"})
    assert SchoolNetwork.objects.get().address_blind == _network()
    page = browser.get("/alerts/rules").content.decode()
    assert "a@example.org" in page
    assert "实验小学" in page
    browser.post(f"/alerts/recipients/{AlertRecipient.objects.get().id}/remove")
    browser.post(f"/alerts/networks/{SchoolNetwork.objects.get().id}/refuse")
    assert not AlertRecipient.objects.exists()
    assert "实验小学" not in browser.get("/alerts/rules").content.decode()
    _attempts(30)
    alerts.set_rule(actor=testing.SYSTEM, code="spraying", is_on=True, threshold=30)
    watch_sign_ins()
    browser.post(f"/alerts/{Alert.objects.get().id}/network", {"name": "第二小学"})
    assert (SchoolNetwork.objects.get().source, SchoolNetwork.objects.get().name) == ("set", "第二小学")


WRONG: tuple[tuple[Any, dict[str, Any], type[Exception]], ...] = (
    (alerts.set_rule, {"code": "nothing", "is_on": True, "threshold": 30}, NotFound),
    (alerts.set_rule, {"code": "spraying", "is_on": True, "threshold": 4}, Invalid),
    (alerts.add_recipient, {"address": "a b@c"}, Invalid),
    (alerts.name_network, {"name": "x"}, Invalid),
    (alerts.name_network, {"name": " ", "address": ADDRESS}, Invalid),
    (alerts.remove_recipient, {"recipient_id": 9}, NotFound),
    (alerts.refuse_network, {"network_id": 9}, NotFound),
)


@pytest.mark.parametrize(("step", "given", "refusal"), WRONG)
def test_what_cannot_be_is_refused(step: Any, given: dict[str, Any], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        step(actor=testing.SYSTEM, **given)


def test_every_step_asks_who_it_is() -> None:
    """Alerts by place; what has no place, at the top only; nobody else at all."""
    county, other = (testing.make_school(f"33010{n}", f"县{n}", kind="region") for n in (1, 2))
    alerts.note(AlertKind.RECOVERY_CODE, testing.duty_account("auditor", county).id)
    found = Alert.objects.get()
    below, beside = (testing.duty_account("security_admin", place) for place in (county, other))
    assert [one.id for one in reading.list_alerts(actor=actor_for(below))] == [found.id]
    assert list(reading.list_alerts(actor=actor_for(beside))) == []
    steps = [(step, {**given}) for step, given, _refusal in WRONG]
    for role in ("security_admin", "system_admin", "auditor", "operator", "county_admin"):
        actor = actor_for(testing.duty_account(role, other))
        for step, given in steps:
            with pytest.raises(Forbidden):
                step(actor=actor, **given)
        for hidden in (alerts.mark_seen, alerts.close):
            more = {"note": "x"} if hidden is alerts.close else {}
            with pytest.raises(NotFound):
                hidden(actor=actor, alert_id=found.id, **more)
    alerts.close(actor=actor_for(below), alert_id=found.id, note="x")


def test_the_list_is_bounded(security: Account) -> None:
    account = testing.duty_account("auditor")
    Alert.objects.bulk_create(
        Alert(
            rule="recovery_code",
            subject=uuid7(),
            account=account,
            path=str(registry.ensure_root().path),
            day=now().date(),
        )
        for _alert in range(70)
    )
    browser = testing.browser(security)
    browser.get("/alerts")
    with CaptureQueriesContext(connection) as queries:
        page = browser.get("/alerts").content.decode()
    assert len(queries) <= 12, "\n".join(query["sql"][:200] for query in queries)
    assert page.count("/close") == 30
