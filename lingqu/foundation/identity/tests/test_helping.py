"""登不上, resetting a PIN outside the lesson, and what ends when somebody leaves."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from lingqu.foundation.identity import api as identity
from lingqu.foundation.identity import register, testing
from lingqu.foundation.identity.models import Account, ClassPin, RoleAssignment, SignInAttempt, SsoSession
from lingqu.foundation.registry import api as registry
from lingqu.kernel import events
from lingqu.kernel.ids import uuid7
from lingqu.kernel.testing import deliver_events

pytestmark = pytest.mark.django_db


@pytest.fixture
def school() -> Any:
    return testing.make_school()


@pytest.fixture
def pupil(school: Any) -> Account:
    group = testing.make_class(school)
    person = testing.make_person("林小满", organisation=school)
    testing.seat(person, group)
    teacher = testing.make_person("班主任", organisation=school)
    testing.employ(teacher, school)
    testing.give_duty(teacher, "head_teacher", school, group)
    testing.account_for(teacher)
    return testing.account_for(person)


def _teacher() -> Any:
    return testing.browser(Account.objects.get(person__name="班主任"))


def test_the_class_teacher_sees_why_and_helps_at_once(pupil: Account, django_assert_max_num_queries: Any) -> None:
    SignInAttempt.objects.create(account=pupil, login_blind=uuid7(), address_blind=uuid7(), outcome="bad_password")
    ClassPin.objects.create(account=pupil, kind="digits", secret="x", confirmed_by="谁")
    teacher = _teacher()
    teacher.get("/cannot-sign-in")
    with django_assert_max_num_queries(12):
        page = teacher.get("/cannot-sign-in", {"q": pupil.login}).content.decode()
    assert "林小满 · 已开通" in page
    assert "密码不对" in page
    assert teacher.post(f"/people/{pupil.login}/account/reset-pin", {"next": "/cannot-sign-in?q=1"}).status_code == 302
    assert not ClassPin.objects.exists()
    assert teacher.post(f"/people/{pupil.login}/new-code").status_code == 200


def test_a_stranger_is_not_found_and_not_helped(pupil: Account) -> None:
    far = testing.make_school("3301000019", "远校")
    stranger = testing.make_person("远人", organisation=far)
    testing.seat(stranger, testing.make_class(far))
    account = testing.account_for(stranger)
    teacher = _teacher()
    assert "远人" not in teacher.get("/cannot-sign-in", {"q": account.login}).content.decode()
    assert teacher.post(f"/people/{account.login}/account/reset-pin").status_code in (403, 404)
    assert testing.browser(pupil).get("/cannot-sign-in").status_code == 403


def _clerk(school: Any, role: str) -> Account:
    person = testing.make_person("老教务", organisation=school)
    testing.employ(person, school)
    account = testing.account_for(person)
    identity.grant_role(actor=testing.SYSTEM, account=account, role=role, organisation=school)
    return account


def _relations_changed(account: Account) -> None:
    events.publish(registry.RelationsChanged(person_ids=(account.person_id,)))
    deliver_events()


def _leave(account: Account) -> None:
    posts = register.people().model._meta.get_field("appointments").related_model.objects
    posts.filter(person_id=account.person_id).update(valid_to=date(2026, 11, 1))


def test_who_leaves_is_out_and_without_the_role(school: Any) -> None:
    account = _clerk(school, "school_admin")
    browser = testing.browser(account)
    _relations_changed(account)
    assert browser.get("/me").status_code == 200
    _leave(account)
    _relations_changed(account)
    assert browser.get("/me").status_code == 302
    assert RoleAssignment.objects.get().ended_at is not None
    assert SsoSession.objects.get().ended_because == "left"
    _relations_changed(account)


def test_an_outside_expert_keeps_the_role(school: Any) -> None:
    account = _clerk(school, "expert")
    _leave(account)
    _relations_changed(account)
    assert RoleAssignment.objects.get().ended_at is None
