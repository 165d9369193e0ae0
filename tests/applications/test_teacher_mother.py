"""A mother of two who also teaches: one person, one account, two roles; what she may as one she may not as the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from lingqu.foundation.applications.testing import make_application
from lingqu.foundation.identity import api as identity
from lingqu.foundation.identity import testing
from lingqu.foundation.identity.models import Account, GuardianClaim
from lingqu.foundation.identity.selectors import accounts
from lingqu.foundation.identity.services import guardians
from lingqu.foundation.oidc.services import keys
from lingqu.foundation.oidc.testing import Registered, client
from tests.oidc.walking import answer_of, ask, code_for, redeem, userinfo

from .desk import text_of

PHONE, WORD = "13800000016", "Shan-shui-2026"


@dataclass
class Family:
    """She teaches ``taught`` at one school; ``elder`` sits there in another class, ``younger`` at another school."""

    mother: Any
    taught: Any
    elder: Any
    younger: Any
    other_school: Any
    younger_head: Account


@pytest.fixture
def family(school: Any, county: Any) -> Family:
    other = testing.make_school("3301010002", "实验小学", parent=county)
    mother = testing.make_person("王若琳", organisation=school, phone_blind=accounts.phone_blind(PHONE))
    taught, group = testing.make_class(school, "七（1）班"), testing.make_class(other, "二（1）班")
    testing.employ(mother, school, "T0009")
    testing.teach(mother, taught)
    elder, younger = testing.make_person("周禾", organisation=school), testing.make_person("周苗", organisation=other)
    testing.seat(elder, testing.make_class(school, "八（3）班"))
    testing.seat(younger, group)
    testing.guard(mother, elder)
    head = testing.make_person("李老师", organisation=other)
    testing.employ(head, other)
    testing.give_duty(head, "head_teacher", other, group)
    return Family(mother, taught, elder, younger, other, testing.account_for(head))


def claim_both(family: Family) -> None:
    """The elder by the register, the younger by the word of the class teacher."""
    proof = testing.proved(testing.guardian_code(family.elder), PHONE)
    assert guardians.claim_child(**proof, name="王若琳", relation="52", password=WORD).is_linked
    proof = testing.proved(testing.guardian_code(family.younger), PHONE)
    [behind] = guardians.list_persons_behind(**proof)
    said = guardians.claim_child(**proof, name="", relation="52", password="", account_id=behind.account_id)
    assert not said.is_linked
    head = identity.actor_for(family.younger_head)
    guardians.decide_claim(actor=head, claim_id=GuardianClaim.objects.get().id, is_confirmed=True)


def act_as(browser: Client, account: Account, role: str) -> None:
    [key] = {one.key for one in identity.standing_of(account).choices if one.role == role}
    assert browser.post("/me/role", {"role": key}).status_code == 302


def told_to(app: Registered, browser: Client) -> dict[str, Any]:
    code = code_for(browser, app, scope="openid profile roles")
    told: dict[str, Any] = userinfo(redeem(app, code).json()["access_token"]).json()
    return told


def test_one_account_for_lessons_and_children(family: Family, school: Any) -> None:
    keys.forget()
    account = testing.account_for(family.mother)
    claim_both(family)
    assert Account.objects.filter(person=family.mother).count() == 1
    browser = Client()
    assert browser.post("/sign-in", {"login": PHONE, "password": WORD}).status_code == 302
    assert Client().post("/sign-in", {"login": f"{school.code}-T0009", "password": WORD}).status_code == 302

    act_as(browser, account, "guardian")
    home = text_of(browser.get("/"))
    assert "周禾" in home and "周苗" in home
    for child in (family.elder, family.younger):
        text_of(browser.get(f"/people/{child.number}"))
        text_of(browser.get(f"/apps/mine/{child.number}"))
    assert browser.get(f"/classes/{family.taught.id}").status_code == 403

    act_as(browser, account, "teacher")
    text_of(browser.get(f"/classes/{family.taught.id}"))
    assert browser.get(f"/people/{family.younger.number}").status_code == 403


def test_applications_know_her_by_one_id_with_both_roles(family: Family, school: Any) -> None:
    keys.forget()
    claim_both(family)
    account = Account.objects.get(person=family.mother)
    browser = testing.signed_in(account)
    book = client(app=make_application("年级本", adopted_by=[school], audiences=["teacher"]))
    bus = client(app=make_application("校车", adopted_by=[family.other_school], audiences=["guardian"]))
    told = [told_to(app, browser) for app in (book, bus)]
    assert told[0]["sub"] != told[1]["sub"]
    act_as(browser, account, "guardian")
    assert told_to(book, browser) == told[0], "whatever role she has chosen, it is she"
    roles = {one["role"]: one.get("organisation", {}).get("code") for one in told[1]["lingqu_roles"]}
    assert roles == {"teacher": school.code, "guardian": None}

    stranger = testing.signed_in(family.younger_head)
    assert ask(stranger, bus).status_code == 403
    assert answer_of(ask(browser, bus))["code"]
