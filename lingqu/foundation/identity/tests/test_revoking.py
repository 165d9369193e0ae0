"""A guardian's rights end by two people and a document, the same minute; a 代办人 sees less."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from lingqu.foundation.identity import api as identity
from lingqu.foundation.identity import testing
from lingqu.foundation.identity.models import Account, GuardianRevocation
from lingqu.foundation.identity.selectors import revoking as reading
from lingqu.foundation.identity.selectors.standing import derived_choices
from lingqu.foundation.identity.services import revoking, texting
from lingqu.foundation.registry import api as registry
from lingqu.kernel import crypto
from lingqu.kernel.errors import Conflict, Forbidden, Invalid
from lingqu.kernel.models import AuditEntry, Message
from lingqu.kernel.testing import deliver_events

pytestmark = pytest.mark.django_db
see = registry.rights
PAPER = b"%PDF-1.7 judgment"


def paper(content: bytes = PAPER, name: str = "判决书.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


class Family:
    """A child with father and mother, a class teacher, a school administrator, another school's."""

    def __init__(self) -> None:
        self.school = testing.make_school()
        group = testing.make_class(self.school)
        self.child = testing.make_person("孩子", organisation=self.school)
        testing.seat(self.child, group)
        self.father, self.mother = (testing.make_person(name, organisation=self.school) for name in ("父亲", "母亲"))
        for number, person in enumerate((self.father, self.mother)):
            testing.guard(person, self.child)
            type(person).objects.filter(id=person.id).update(
                sealed=crypto.seal_fields({"phone": f"1380000000{number}"})
            )
        head = testing.make_person("班主任", organisation=self.school)
        testing.employ(head, self.school)
        testing.give_duty(head, "head_teacher", self.school, group)
        self.head, self.admin = testing.account_for(head), testing.duty_account("school_admin", self.school)
        self.link = self.father.wards.get().id

    def propose(self, actor: Any = None) -> Any:
        return revoking.propose(
            actor=actor or identity.actor_for(self.head), child_id=self.child.id, guardianship_id=self.link,
            reason="（2026）民初12号",
        )  # fmt: skip


@pytest.fixture
def family() -> Family:
    return Family()


def decide(found: Any, account: Account, **more: Any) -> int:
    wanted = {"is_confirmed": True, "document": paper()} | more
    return revoking.decide(actor=identity.actor_for(account), revocation_id=found, **wanted)


def test_confirmed_the_guardian_is_out_and_the_other_is_told(family: Family) -> None:
    father = testing.account_for(family.father)
    browser = testing.browser(father)
    assert browser.get(f"/people/{family.child.number}").status_code == 200
    found = family.propose()
    deliver_events()
    assert browser.get(f"/people/{family.child.number}").status_code == 200, "a proposal changes nothing"
    assert decide(found, family.admin) == 1
    deliver_events()
    assert browser.get("/me").status_code == 302
    assert testing.browser(father).get(f"/people/{family.child.number}").status_code in (403, 404)
    assert testing.browser(testing.account_for(family.mother)).get(f"/people/{family.child.number}").status_code == 200
    told = crypto.unseal_fields(Message.objects.get().sealed)
    assert told["to"] == "13800000001" and "父亲" not in told["body"] and "孩子在" in told["body"]
    actions = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"identity.guardian.revocation_proposed", "identity.guardian.revoked", "registry.guardian.ended"} <= actions


def test_a_guardian_of_another_child_keeps_that_one(family: Family) -> None:
    sister = testing.make_person("妹妹", organisation=family.school)
    testing.guard(family.father, sister)
    browser = testing.browser(testing.account_for(family.father))
    decide(family.propose(), family.admin)
    deliver_events()
    assert browser.get(f"/people/{sister.number}").status_code == 200
    assert browser.get(f"/people/{family.child.number}").status_code in (403, 404)


def test_the_document_is_sealed_and_for_the_school_only(family: Family) -> None:
    found = family.propose()
    decide(found, family.admin)
    row = GuardianRevocation.objects.get()
    assert PAPER not in bytes(row.sealed)
    assert revoking.read_document(actor=identity.actor_for(family.admin), revocation_id=found) == (
        PAPER, "判决书.pdf", "application/pdf",
    )  # fmt: skip
    with pytest.raises(Forbidden):
        revoking.read_document(actor=identity.actor_for(family.head), revocation_id=found)
    assert AuditEntry.objects.filter(action="identity.guardian.document_read").count() == 1
    GuardianRevocation.objects.update(decided_at="2016-01-01T00:00Z")
    assert revoking.purge() == 1


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (None, "document_missing"), (paper(b"MZ program"), "unknown_file"), (paper(b""), "unknown_file"),
        (paper(b"%PDF-" + b"x" * revoking.MOST_BYTES), "too_large"),
    ],
)  # fmt: skip
def test_without_a_document_nothing_ends(family: Family, document: Any, code: str) -> None:
    found = family.propose()
    with pytest.raises(Invalid) as refused:
        decide(found, family.admin, document=document)
    assert refused.value.code == code
    assert family.father.wards.get().valid_to is None
    assert GuardianRevocation.objects.get().state == "waiting"


def test_two_people_and_once(family: Family) -> None:
    with pytest.raises(Invalid):
        revoking.propose(
            actor=identity.actor_for(family.head), child_id=family.child.id, guardianship_id=family.link, reason=" "
        )
    found = family.propose(identity.actor_for(family.admin))
    with pytest.raises(Conflict):
        family.propose()
    with pytest.raises(Conflict) as refused:
        decide(found, family.admin)
    assert refused.value.code == "same_person"
    second = testing.duty_account("school_admin", family.school)
    assert decide(found, second, is_confirmed=False, document=None) == 0
    assert family.father.wards.get().valid_to is None
    with pytest.raises(Conflict):
        decide(found, second)


def test_who_may_propose_and_confirm(family: Family) -> None:
    other = testing.make_school("3301000099", "远校")
    accounts = {
        "class_teacher": family.head, "school_admin": family.admin, "elsewhere": testing.duty_account("school_admin", other),
        "operator": testing.duty_account("operator"), "mother": testing.account_for(family.mother),
    }  # fmt: skip
    proposes, confirms = set(), set()
    for name, account in accounts.items():
        actor = identity.actor_for(account)
        try:
            found = family.propose(actor)
        except Forbidden:
            pass
        else:
            proposes.add(name)
            GuardianRevocation.objects.filter(id=found).delete()
        found = family.propose(testing.SYSTEM)
        try:
            decide(found, account, is_confirmed=False, document=None)
            confirms.add(name)
        except Forbidden:
            pass
        GuardianRevocation.objects.all().delete()
    assert (proposes, confirms) == ({"class_teacher", "school_admin"}, {"school_admin"})


def test_a_stop_of_sms_does_not_keep_anybody_in(family: Family) -> None:
    texting.set_budget(actor=testing.SYSTEM, organisation=registry.ensure_root(), monthly=None, stopped=True)
    assert decide(family.propose(), family.admin) == 0
    assert family.father.wards.filter(valid_to=None).count() == 0


def test_pages(family: Family) -> None:
    head, admin = testing.signed_in(family.head), testing.signed_in(family.admin)
    page = f"/people/{family.child.number}/guardians"
    assert page in head.get(f"/people/{family.child.number}").content.decode()
    assert head.post(page, {"guardianship": str(family.link), "reason": ""}).status_code == 422
    assert head.post(page, {"guardianship": str(family.link), "reason": "判决"}).status_code == 302
    found = GuardianRevocation.objects.get()
    assert "document" not in head.get(page).content.decode()
    assert 'name="document"' in admin.get(page).content.decode()
    url = f"/guardian-revocations/{found.id}"
    assert head.post(url, {"answer": "confirm", "document": paper()}).status_code == 403
    admin.post(url, {"answer": "confirm"})
    assert GuardianRevocation.objects.get().state == "waiting"
    admin.post(url, {"answer": "confirm", "document": paper()})
    assert GuardianRevocation.objects.get().state == "confirmed"
    assert admin.get(f"{url}/document").content == PAPER
    assert head.get(f"{url}/document").status_code == 403
    assert testing.signed_in(testing.account_for(family.mother)).get(page).status_code == 403


def test_rights_of_a_guardian_and_of_a_proxy(family: Family) -> None:
    """The table in the README."""
    grandmother = testing.make_person("奶奶", organisation=family.school)
    testing.guard(grandmother, family.child, kind="proxy")
    rights = {}
    for who in (family.mother, grandmother):
        [choice] = derived_choices(who.id)
        rights[who.name] = {
            (one.code, one.path.partition(":")[0] if ":" in one.path else "school") for one in choice.rights
        }
    shared = {(see.CLASS_VIEW, "class"), ("timetable.view", "class"), (see.ORGANISATION_VIEW, "school")}
    assert rights["奶奶"] == shared
    assert rights["母亲"] == shared | {(see.PERSON_VIEW, "person"), ("upstream.numbers.view", "person")}
    assert [one.name for one in reading.list_links(actor=testing.SYSTEM, child_id=family.child.id)] == [
        "父亲", "母亲", "奶奶",
    ]  # fmt: skip
    assert {one.person_id for one in reading.other_guardians(family.child.id, family.link)} == {family.mother.id}
