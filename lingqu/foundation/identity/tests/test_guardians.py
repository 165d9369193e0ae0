"""A parent's way in: phone proof, matching with the register, claims and the class teacher's word."""

from __future__ import annotations

import pytest

from lingqu.foundation.identity import testing
from lingqu.foundation.identity.models import Account, GuardianClaim, PhoneCode
from lingqu.foundation.identity.selectors import accounts, claims
from lingqu.foundation.identity.services import codes, guardians, phones
from lingqu.foundation.registry import api as registry
from lingqu.kernel import home
from lingqu.kernel.actor import Actor, Right
from lingqu.kernel.errors import Conflict, Forbidden, Invalid, TooMany
from lingqu.kernel.ids import uuid7
from lingqu.kernel.models import AuditEntry, HomeState, Message

pytestmark = pytest.mark.django_db
PHONE, WORD = "13800000016", "Shan-shui-2026"


@pytest.fixture
def family() -> dict:
    school = testing.make_school()
    group = testing.make_class(school)
    child = testing.make_person("周禾", organisation=school)
    mother = testing.make_person("王若琳", organisation=school, phone_blind=accounts.phone_blind(PHONE))
    testing.seat(child, group)
    testing.guard(mother, child)
    return {"school": school, "group": group, "child": child, "mother": mother}


def proved(code: str, phone: str = PHONE):
    return testing.proved(code, phone)


def class_teacher(group, child_view: bool = True) -> Actor:
    place = f"class:{group.id}"
    held = ("identity.account.reset", "identity.account.view", "registry.person.edit", "registry.person.view")
    return Actor(kind="account", name="班主任", account_id=uuid7(), rights=tuple(Right(code, place) for code in held))


def test_a_registered_guardian_with_this_phone_is_in_at_once(family) -> None:
    outcome = guardians.claim_child(
        **proved(testing.guardian_code(family["child"])), name="王 若琳".replace(" ", ""), relation="52", password=WORD
    )
    account = Account.objects.get(person=family["mother"])
    assert outcome == guardians.Outcome(is_linked=True, account_id=account.id)
    assert (account.state, account.verified_phone_blind) == ("active", accounts.phone_blind(PHONE))
    assert accounts.find_accounts_by_login(PHONE) == (account,)
    assert not GuardianClaim.objects.exists()


def test_an_imported_phone_opens_nothing_before_it_was_proved(family) -> None:
    testing.account_for(family["mother"])
    assert accounts.find_accounts_by_login(PHONE) == ()


def test_somebody_else_waits_for_the_class_teacher(family) -> None:
    outcome = guardians.claim_child(
        **proved(testing.guardian_code(family["child"]), "13900000002"), name="周大山", relation="51", password=WORD
    )
    assert outcome == guardians.Outcome(is_linked=False, account_id=None)
    assert not Account.objects.filter(state="active").exists()
    teacher = class_teacher(family["group"])
    [claim] = claims.list_claims(actor=teacher, class_id=family["group"].id)
    assert (claim.name, claim.phone_masked, claim.child_name, claim.registered) == (
        "周大山", "139****0002", "周禾", ("王若琳",),
    )  # fmt: skip
    guardians.decide_claim(actor=teacher, claim_id=claim.id, is_confirmed=True)
    [account] = accounts.find_accounts_by_login("13900000002")
    assert (account.person.name, account.state) == ("周大山", "active")
    [ward] = registry.relations_of(account.person_id).wards
    assert (ward.person_id, ward.relation) == (family["child"].id, "51")
    row = GuardianClaim.objects.get()
    assert (row.state, row.sealed, row.password, row.decided_by) == ("confirmed", None, "", "班主任")
    assert AuditEntry.objects.filter(action="identity.claim.confirmed").count() == 1
    with pytest.raises(Conflict):
        guardians.decide_claim(actor=teacher, claim_id=claim.id, is_confirmed=False)


def test_a_refused_claim_leaves_nothing_behind(family) -> None:
    guardians.claim_child(
        **proved(testing.guardian_code(family["child"]), "13900000002"), name="路人", relation="", password=WORD
    )
    claim = GuardianClaim.objects.get()
    guardians.decide_claim(actor=class_teacher(family["group"]), claim_id=claim.id, is_confirmed=False)
    claim.refresh_from_db()
    assert (claim.state, claim.sealed, claim.password) == ("refused", None, "")
    assert accounts.find_accounts_by_login("13900000002") == ()
    assert not registry.relations_of(family["child"].id).wards


def test_only_the_own_class_teacher_or_school_decides(family) -> None:
    guardians.claim_child(
        **proved(testing.guardian_code(family["child"]), "13900000002"), name="周大山", relation="", password=WORD
    )
    claim, other = GuardianClaim.objects.get(), testing.make_class(family["school"], "三（2）班")
    with pytest.raises(Forbidden):
        guardians.decide_claim(actor=class_teacher(other), claim_id=claim.id, is_confirmed=True)
    with pytest.raises(Forbidden):
        claims.list_claims(actor=class_teacher(other), class_id=family["group"].id)
    assert GuardianClaim.objects.get().state == "waiting"


def test_a_second_child_joins_the_account_behind_the_phone(family) -> None:
    guardians.claim_child(**proved(testing.guardian_code(family["child"])), name="王若琳", relation="52", password=WORD)
    second = testing.make_person("周苗", organisation=family["school"])
    testing.seat(second, family["group"])
    proof = proved(testing.guardian_code(second))
    [behind] = guardians.list_persons_behind(**proof)
    assert behind.name == "王若琳"
    outcome = guardians.claim_child(**proof, name="", relation="52", password="", account_id=behind.account_id)
    assert outcome.is_linked is False
    guardians.decide_claim(
        actor=class_teacher(family["group"]), claim_id=GuardianClaim.objects.get().id, is_confirmed=True
    )
    wards = {ward.name for ward in registry.relations_of(family["mother"].id).wards}
    assert wards == {"周禾", "周苗"}


def test_grandmother_and_mother_share_a_phone_with_an_account_each(family) -> None:
    guardians.claim_child(**proved(testing.guardian_code(family["child"])), name="王若琳", relation="52", password=WORD)
    guardians.claim_child(
        **proved(testing.guardian_code(family["child"])), name="李桂芳", relation="62", password="Lao-ren-2026"
    )
    guardians.decide_claim(
        actor=class_teacher(family["group"]), claim_id=GuardianClaim.objects.get().id, is_confirmed=True
    )
    found = accounts.find_accounts_by_login(PHONE)
    assert {accounts.name_of(one) for one in found} == {"王若琳", "李桂芳"}


def test_a_guardian_code_is_used_once(family) -> None:
    proof = proved(testing.guardian_code(family["child"]))
    guardians.claim_child(**proof, name="王若琳", relation="52", password=WORD)
    with pytest.raises(codes.CodeUnusable):
        guardians.claim_child(**proof, name="王若琳", relation="52", password=WORD)


def test_digits_allow_five_tries_and_only_their_own_cause(family) -> None:
    code = testing.guardian_code(family["child"])
    cause = codes.digest_of(code)
    testing.forget_limits()
    made = guardians.send_phone_code(code_hash=cause, phone=" 138-0000-0016 ", solved=testing.solved("13800000016"))
    right = testing.sent_digits()
    wrong = "000000" if right != "000000" else "111111"
    with pytest.raises(phones.PhoneCodeWrong):
        phones.prove(phone_code_id=made, cause=uuid7(), digits=right)
    for _attempt in range(5):
        with pytest.raises(phones.PhoneCodeWrong):
            phones.prove(phone_code_id=made, cause=cause, digits=wrong)
    with pytest.raises(phones.PhoneCodeWrong):
        phones.prove(phone_code_id=made, cause=cause, digits=right)
    assert PhoneCode.objects.get().tries_left == 0


def test_a_code_sends_five_messages_at_most(family) -> None:
    cause = codes.digest_of(testing.guardian_code(family["child"]))
    for at in range(5):
        guardians.send_phone_code(code_hash=cause, phone=f"1380000010{at}", solved=testing.solved(f"1380000010{at}"))
    with pytest.raises(TooMany):
        guardians.send_phone_code(code_hash=cause, phone="13800000109", solved=testing.solved("13800000109"))
    with pytest.raises(Invalid):
        phones.send_code(cause=uuid7(), phone="12345")


def test_nothing_is_told_about_a_child_that_died(family) -> None:
    guardians.claim_child(
        **proved(testing.guardian_code(family["child"]), "13900000002"), name="周大山", relation="", password=WORD
    )
    type(family["child"]).objects.filter(id=family["child"].id).update(deceased_on="2026-10-01")
    guardians.decide_claim(actor=testing.SYSTEM, claim_id=GuardianClaim.objects.get().id, is_confirmed=False)
    assert not Message.objects.filter(kind="identity.claim").exists()


@pytest.mark.parametrize(("kind", "allowed"), [("demo", True), ("real", False)])
def test_invented_phones_are_let_through_in_a_demo_home_only(kind: str, allowed: bool) -> None:
    HomeState.objects.all().delete()
    home.set_up(kind=kind, node_code="001", version="test")
    assert accounts.normalised_phone("120 3827 3609") == ("12038273609" if allowed else "")
    assert accounts.normalised_phone("13800000016") == "13800000016"
    for nothing in ("1203827360", "110", "12138273609", "120382736090"):
        assert accounts.normalised_phone(nothing) == ""


def test_the_teacher_confirms_a_grandmother_as_a_proxy(family) -> None:
    guardians.claim_child(
        **proved(testing.guardian_code(family["child"]), "13900000001"), name="李奶奶", relation="62", password=WORD
    )
    [claim] = claims.list_claims(actor=class_teacher(family["group"]), class_id=family["group"].id)
    guardians.decide_claim(actor=class_teacher(family["group"]), claim_id=claim.id, is_confirmed=True, as_proxy=True)
    [link] = family["child"].guardianships.filter(guardian__name="李奶奶")
    assert (link.kind, link.is_primary, link.relation) == ("proxy", False, "62")
