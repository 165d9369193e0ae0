"""Real-name states: four sources, history, never twice, never again by itself after a person took it back."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from lingqu.foundation.applications import api as applications
from lingqu.foundation.applications.testing import make_application
from lingqu.foundation.identity import api as identity
from lingqu.foundation.identity import testing
from lingqu.foundation.identity.models import Account, RealNameProof
from lingqu.foundation.identity.selectors import real_names as reading
from lingqu.foundation.identity.services import real_names
from lingqu.foundation.registry import testing as registry_testing
from lingqu.foundation.registry.models import Person, Source, SourceLink
from lingqu.kernel import crypto
from lingqu.kernel.errors import Conflict, Forbidden, Invalid
from lingqu.kernel.ids import uuid7

ID = "330102201501011239"


def imported(person: Any, kind: str = "national_pupil") -> Any:
    source, _is_new = Source.objects.get_or_create(code=kind, defaults={"name": f"来源 {kind}", "kind": kind})
    SourceLink.objects.create(source=source, kind="students", key_hash=uuid7(), row_hash=uuid7(), entity_uuid=person.id)
    return person


@pytest.fixture
def pupil(school: Any) -> Account:
    person = testing.make_person("王小明", organisation=school)
    testing.seat(person, testing.make_class(school))
    return testing.account_for(person)


@pytest.fixture
def head(pupil: Account) -> Account:
    group = pupil.person.class_memberships.get().class_group
    person = testing.make_person("李老师", organisation=group.school)
    testing.employ(person, group.school)
    testing.give_duty(person, "head_teacher", group.school, group)
    return testing.account_for(person)


def with_id(person: Any, number: str = ID) -> Any:
    type(person).objects.filter(id=person.id).update(id_blind=crypto.blind("id", number))
    return person


def sources(account: Account) -> list[str]:
    return [one.source for one in reading.proofs_of(account.id) if one.revoked_at is None]


def test_the_national_register_verifies_who_alone_has_the_number(pupil: Account, school: Any) -> None:
    other = testing.account_for(
        imported(with_id(testing.make_person("李四", organisation=school), "330102201502021239"))
    )
    local = testing.account_for(with_id(testing.make_person("王五", organisation=school), "330102201503031239"))
    imported(with_id(pupil.person))
    assert real_names.match_register() == {"withdrawn": 0, "register": 2, "phone": 0}
    assert (sources(pupil), sources(other), sources(local)) == (["register"], ["register"], [])
    assert real_names.match_register() == {"withdrawn": 0, "register": 0, "phone": 0}
    with_id(local.person)
    assert real_names.match_register()["withdrawn"] == 1
    assert sources(pupil) == []
    with_id(local.person, "330102201504041239")
    assert real_names.match_register()["register"] == 1
    assert [one.revoked_at is None for one in reading.proofs_of(pupil.id)] == [True, False]


def test_what_a_person_took_back_is_not_noted_again_by_the_job(pupil: Account, head: Account) -> None:
    imported(with_id(pupil.person))
    real_names.match_register()
    actor = identity.actor_for(head)
    real_names.revoke(actor=actor, account=pupil, proof_id=RealNameProof.objects.get().id, reason="证件是别人的")
    assert real_names.match_register()["register"] == 0
    assert sources(pupil) == []
    real_names.confirm_in_person(actor=actor, account=pupil, paper="household")
    assert sources(pupil) == ["teacher"]


def test_an_imported_phone_verifies_the_one_adult_who_proved_it(pupil: Account) -> None:
    phone = crypto.blind("phone", "13800001234")
    adults = []
    for name, is_imported in (("王母", True), ("后来录的", False)):
        person = registry_testing.make_guardian(pupil.person, name)
        Person.objects.filter(id=person.id).update(
            phone_blind=phone if is_imported else crypto.blind("phone", "13900001234")
        )
        adults.append(testing.account_for(imported(person, "local") if is_imported else person))
    Account.objects.filter(id=adults[0].id).update(verified_phone_blind=phone)
    Account.objects.filter(id=adults[1].id).update(verified_phone_blind=crypto.blind("phone", "13900001234"))
    imported(pupil.person)
    Person.objects.filter(id=pupil.person_id).update(phone_blind=phone)
    assert real_names.match_register()["phone"] == 1
    assert (sources(adults[0]), sources(adults[1]), sources(pupil)) == (["phone"], [], [])


def test_a_phone_that_two_accounts_proved_verifies_nobody(pupil: Account) -> None:
    phone = crypto.blind("phone", "13800001234")
    for name in ("王母", "王父"):
        person = (
            imported(registry_testing.make_guardian(pupil.person, name), "local")
            if name == "王母"
            else testing.make_person(name)
        )
        Person.objects.filter(id=person.id).update(phone_blind=phone)
        Account.objects.filter(id=testing.account_for(person).id).update(verified_phone_blind=phone)
    assert real_names.match_register()["phone"] == 0


def test_a_class_teacher_confirms_own_pupils_once_and_with_a_paper(pupil: Account, head: Account, school: Any) -> None:
    actor = identity.actor_for(head)
    with pytest.raises(Invalid):
        real_names.confirm_in_person(actor=actor, account=pupil, paper="")
    real_names.confirm_in_person(actor=actor, account=pupil, paper="id_card")
    with pytest.raises(Conflict):
        real_names.confirm_in_person(actor=actor, account=pupil, paper="id_card")
    with pytest.raises(Forbidden):
        real_names.confirm_in_person(actor=actor, account=head, paper="id_card")
    stranger = testing.account_for(testing.make_person("远人", organisation=testing.make_school("3301990001", "远校")))
    with pytest.raises(Forbidden):
        real_names.confirm_in_person(actor=actor, account=stranger, paper="id_card")
    with pytest.raises(Invalid):
        real_names.revoke(actor=actor, account=pupil, proof_id=RealNameProof.objects.get().id, reason=" ")


def test_pages_tell_state_source_and_day(pupil: Account, head: Account, school: Any) -> None:
    browser = testing.signed_in(head)
    page = f"/people/{pupil.login}/account"
    assert "未核验" in browser.get(page).content.decode()
    assert browser.post(f"{page}/real-name", {"paper": "household"}).status_code == 302
    text = browser.get(page).content.decode()
    assert "户口簿" in text and "李老师" in text
    group = pupil.person.class_memberships.get().class_group
    listed = browser.get(f"/classes/{group.id}/accounts", {"real_name": "no"}).content.decode()
    assert pupil.login not in listed.split('id="list"')[1]
    assert "已核验" in browser.get("/cannot-sign-in", {"q": "王小明"}).content.decode()
    assert "当面核验" in testing.signed_in(pupil).get("/me").content.decode()
    admin = testing.signed_in(testing.duty_account("school_admin", school))
    for part, state, shown in (("students", "yes", True), ("students", "no", False), ("staff", "", False)):
        answer = admin.get(f"/schools/{school.code}/real-names", {"part": part, "state": state})
        assert answer.status_code == 200
        assert (pupil.login in answer.content.decode()) == shown
    proof = RealNameProof.objects.get()
    browser.post(f"{page}/real-name/{proof.id}/revoke", {"reason": "看错了"})
    assert "看错了" in browser.get(page).content.decode()
    assert browser.post(f"{page}/real-name/{proof.id}/revoke", {"reason": "再来"}).status_code == 302
    assert Client().get(f"/schools/{school.code}/real-names").status_code == 302


def test_an_application_is_told_only_what_was_granted(pupil: Account, school: Any) -> None:
    plain = make_application("不知", adopted_by=[school])
    told = make_application("知道", scopes=("profile", "real_name"), adopted_by=[school])
    asked = {"account_id": pupil.id, "scopes": ["openid", "profile", "real_name"], "subject": "x"}
    assert "lingqu_real_name" not in applications.claims_of(app=plain, **asked)
    assert applications.claims_of(app=told, **asked)["lingqu_real_name"] == {"verified": False}
    identity.note_real_name(
        actor=testing.SYSTEM, account_id=pupil.id, source=identity.RealNameSource.UPSTREAM, detail="市平台"
    )
    claim = applications.claims_of(app=told, **asked)["lingqu_real_name"]
    assert (claim["verified"], claim["source"], sorted(claim)) == (True, "upstream", ["on", "source", "verified"])


def test_matching_costs_the_same_statements_for_any_number(school: Any, django_assert_max_num_queries: Any) -> None:
    for n in range(60):
        person = imported(with_id(testing.make_person(f"人{n}", organisation=school), f"33010220150101{n:04d}"))
        testing.account_for(person, password="")
    with django_assert_max_num_queries(5):
        assert real_names.match_register()["register"] == 60
