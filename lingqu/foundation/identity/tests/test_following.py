"""Rights follow the tree and the relations of organisations; accounts follow merges."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from lingqu.foundation.identity import api as identity
from lingqu.foundation.identity import testing
from lingqu.foundation.identity.middleware import forget_standings
from lingqu.foundation.identity.models import Account
from lingqu.foundation.registry import api as registry
from lingqu.kernel import events
from lingqu.kernel.testing import deliver_events

pytestmark = pytest.mark.django_db
see = registry.rights


def relate(head: Any, member: Any, role: str) -> Any:
    relations = type(head)._meta.get_field("member_relations").related_model
    return relations.objects.create(kind="group", head=head, member=member, role=role, valid_from="2026-09-01")


@pytest.mark.parametrize(
    ("role", "reads", "edits"), [("", False, False), ("read", True, False), ("manage", True, True)]
)
def test_a_relation_lets_people_of_the_head_act_at_the_member(role: str, reads: bool, edits: bool) -> None:
    head, member = testing.make_school("3301000011", "总校"), testing.make_school("3301000012", "成员校")
    relation = relate(head, member, role)
    account = testing.duty_account("register_officer", head)
    actor = identity.actor_for(account)
    assert actor.holds(see.PERSON_EDIT, str(head.path))
    assert (actor.holds(see.PERSON_VIEW, str(member.path)), actor.holds(see.PERSON_EDIT, str(member.path))) == (
        reads,
        edits,
    )
    type(relation).objects.update(valid_to="2026-11-01")
    assert not identity.actor_for(account).holds(see.PERSON_VIEW, str(member.path))


def test_overseers_gain_nothing_by_a_relation() -> None:
    head, member = testing.make_school("3301000011", "一县", kind="region"), testing.make_school("3301000012", "二校")
    relate(head, member, "manage")
    for role in ("auditor", "system_admin", "security_admin"):
        actor = identity.actor_for(testing.duty_account(role, head))
        assert all(right.path != str(member.path) for right in actor.rights)


def test_cached_rights_end_when_a_place_moves_or_a_relation_changes() -> None:
    county = testing.make_school("330101", "县", kind="region")
    school = testing.make_school("3301000011", "学校", parent=county)
    far = testing.make_school("3301000019", "远校")
    account, other = testing.duty_account("register_officer", school), testing.duty_account("register_officer", far)
    child = testing.make_person("孩子", organisation=school)
    testing.seat(child, testing.make_class(school))
    pupil = testing.account_for(child)
    epochs = {one.id: one.epoch for one in Account.objects.all()}
    events.publish(registry.OrganisationMoved(organisation_id=county.id, before="1.zz", after=str(county.path)))
    deliver_events()
    risen = {one.id for one in Account.objects.all() if one.epoch > epochs[one.id]}
    assert {account.id, pupil.id} <= risen
    assert other.id not in risen
    events.publish(registry.OrganisationRelated(head_id=far.id, member_id=school.id))
    deliver_events()
    assert Account.objects.get(id=other.id).epoch > epochs[other.id]


def sign_in(login: str) -> Client:
    forget_standings()
    client = Client()
    client.get("/sign-in")
    client.post("/sign-in", {"login": login, "password": testing.PASSWORD})
    return client


def merge(kept: Any, merged: Any) -> None:
    type(kept).objects.filter(id=merged.id).update(canonical=kept)
    events.publish(registry.PeopleMerged(person_id=kept.id, merged_id=merged.id))
    deliver_events()


def two_records() -> tuple[Any, Any]:
    school = testing.make_school("3301000011", "学校")
    found = [testing.make_person(name, organisation=school) for name in ("周禾", "周禾二")]
    for person in found:
        testing.employ(person, school)
        testing.account_for(person)
    return found[0], found[1]


def test_the_account_in_use_goes_on_for_the_person_when_the_other_record_is_kept() -> None:
    """Only the merged record's account was ever opened: its login works on, and for everything of the person."""
    kept, merged = two_records()
    testing.set_state(Account.objects.get(person=kept), "new")
    testing.in_use(Account.objects.get(person=merged).id)
    merge(kept, merged)
    for login in (kept.number, merged.number):
        answer = sign_in(login).get("/me")
        assert answer.status_code == 200, login
        assert "周禾" in answer.content.decode() and "周禾二" not in answer.content.decode()
    assert identity.find_account_of(kept.id) == Account.objects.get(person=merged)


def test_once_the_kept_account_is_in_use_there_is_only_that_one() -> None:
    kept, merged = two_records()
    for person in (kept, merged):
        testing.in_use(Account.objects.get(person=person).id)
    merge(kept, merged)
    assert identity.find_account_of(merged.id) == Account.objects.get(person=kept)
    testing.set_state(Account.objects.get(person=kept), "locked")
    assert sign_in(merged.number).get("/me").status_code == 302, "a stopped person finds no way round"
