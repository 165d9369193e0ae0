"""Two records of one person: suspects, merge, taking it back; deaths and guardianships beside it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from lingqu.foundation.registry import testing
from lingqu.foundation.registry.loading import recount
from lingqu.foundation.registry.models import Appointment, Guardianship, Person, PersonHistory, SuspectPair
from lingqu.foundation.registry.selectors.classes import list_roster
from lingqu.foundation.registry.selectors.people import list_people
from lingqu.foundation.registry.selectors.person import get_person, get_person_page
from lingqu.foundation.registry.selectors.places import ids_of, may_message, relations_of
from lingqu.foundation.registry.selectors.search import search_people
from lingqu.foundation.registry.selectors.suspects import get_comparison, list_suspects
from lingqu.foundation.registry.selectors.timeline import timeline_values
from lingqu.foundation.registry.services import deaths, guardians, merging
from lingqu.foundation.registry.types import rights
from lingqu.kernel.actor import Actor, Right
from lingqu.kernel.clock import today
from lingqu.kernel.errors import Conflict, Forbidden, Invalid
from lingqu.kernel.models import OutboxEvent
from lingqu.kernel.testing import actor_with

pytestmark = pytest.mark.django_db
ID = "000101201301010027"


def keeper(path: object) -> Actor:
    return actor_with(*rights.ALL, path=str(path), role="register_officer", name="何清")


def test_suspects_are_found_once_and_decided() -> None:
    group = testing.make_class()
    first, second = testing.make_pupil(group), testing.make_pupil(group)
    day = today() - timedelta(days=5000)
    Person.objects.filter(id__in=[first.id, second.id]).update(birth_date=day, sex="1")
    testing.make_pupil(group, "周禾", birth_date=day, sex="2")
    actor = keeper(group.school.path)
    assert merging.find_suspects(actor=actor, path=str(group.school.path)) == 1
    assert merging.find_suspects(actor=actor, path=str(group.school.path)) == 0
    (suspect,) = list_suspects(actor).items
    assert (suspect.rule, {suspect.first.id, suspect.second.id}) == ("same_birth", {first.id, second.id})
    comparison = get_comparison(actor, suspect.id)
    assert {line.label: line.same for line in comparison.lines}["姓名"] is True
    merging.keep_apart(actor=actor, first_id=first.id, second_id=second.id, reason="双胞胎登记错误")
    assert (list_suspects(actor).items, list_suspects(actor, "different").items[0].decided_by) == ((), "何清")
    assert merging.find_suspects(actor=actor, path=str(group.school.path)) == 0
    with pytest.raises(Forbidden):
        get_comparison(keeper(testing.make_school().path), suspect.id)


@pytest.mark.parametrize("rule", ["same_id", "same_phone"])
def test_numbers_make_suspects(rule: str) -> None:
    one, other = testing.make_school(), testing.make_school()
    numbers = {"id_number": ID} if rule == "same_id" else {"phone": "12000000001"}
    testing.make_person(one, "王若琳", **numbers)
    testing.make_person(other, "王若琳", **numbers)
    root = keeper(testing.make_root().path)
    assert merging.find_suspects(actor=root, path=str(one.path)) == 1
    assert SuspectPair.objects.get().rule == rule
    assert list_suspects(keeper(one.path)).items == ()  # reaches beyond the school: seen further up
    assert len(list_suspects(root).items) == 1


def reads(actor: Actor, people: list[Person], groups: list[Any]) -> dict[str, Any]:
    """Everything that is read about these people."""
    return {
        "pages": {person.number: get_person_page(get_person(actor, person.number)[0]) for person in people},
        "relations": {person.number: relations_of(person.id) for person in people},
        "timelines": {person.number: timeline_values(person) for person in people},
        "rosters": [[row.person.id for row in list_roster(group)] for group in groups],
        "students": list_people(actor, "student").rows,
        "staff": list_people(actor, "staff").rows,
        "search": search_people(actor, "周禾").rows,
        "messages": {person.number: may_message(person.id) for person in people},
        "ids": {person.number: set(ids_of(person.id)) for person in people},
    }


def keys_of(people: list[Person]) -> dict[str, list[Any]]:
    """Every key to these people, in every table of the platform."""
    ids = [person.id for person in people]
    return {
        f"{model._meta.label}.{field.name}": sorted(
            model._default_manager.filter(**{f"{field.name}__in": ids}).values_list("pk", field.attname)
        )
        for model, field in merging.person_keys()
        if model is not SuspectPair
    }  # fmt: skip


class Merges(TestCase):
    @settings(max_examples=10, suppress_health_check=list(HealthCheck))
    @given(
        kinds=st.lists(st.sampled_from(["pupil", "teacher", "guardian", "bare"]), min_size=2, max_size=4),
        order=st.permutations(range(4)),
    )
    def test_merge_and_unmerge_leave_every_read_as_before(self, kinds: list[str], order: list[int]) -> None:
        """Any chain of merges, taken back in the reverse order: pages, lists, timelines, rights and keys are the same."""
        from lingqu.foundation.registry import api as registry

        registry.prepare()
        group = testing.make_class()
        other = testing.make_class(group.school, serial=2)
        child = testing.make_pupil(group, "孩子")
        make = {
            "pupil": lambda: testing.make_pupil(other), "teacher": lambda: testing.make_teacher(group.school, "周禾"),
            "guardian": lambda: testing.make_guardian(child, "周禾"), "bare": lambda: testing.make_person(group.school),
        }  # fmt: skip
        people = [make[kind]() for kind in kinds]
        actor = keeper(group.school.path)
        recount()
        before, keys = reads(actor, people, [group, other]), keys_of(people)
        chosen = [index for index in order if index < len(people)]
        merged = []
        for kept, gone in zip(chosen[1:], chosen, strict=False):
            merging.merge_people(actor=actor, kept_id=people[kept].id, merged_id=people[gone].id, reason="同一人")
            merged.append(people[gone].id)
        last = people[chosen[-1]].id
        assert set(ids_of(people[chosen[0]].id)) == {person.id for person in people}
        assert ids_of(people[chosen[0]].id)[0] == last
        assert keys_of(people) == keys  # nothing was rewritten
        for merged_id in reversed(merged):
            merging.unmerge_people(actor=actor, merged_id=merged_id, reason="合并有误")
        for person in people:
            person.refresh_from_db()
        assert reads(actor, people, [group, other]) == before


def test_a_merged_person_is_one_in_lists_pages_and_search() -> None:
    group = testing.make_class()
    first, second = testing.make_pupil(group), testing.make_pupil(testing.make_class(group.school, serial=2))
    actor = keeper(group.school.path)
    merging.merge_people(actor=actor, kept_id=first.id, merged_id=second.id, reason="同一人")
    page = get_person_page(get_person(actor, second.number)[0])
    assert (page.number, page.merged_numbers, len(page.enrolments)) == (first.number, (second.number,), 2)
    assert [row.number for row in list_people(actor, "student").rows] == [first.number]
    assert [row.number for row in search_people(actor, "周禾").rows] == [first.number]
    event = OutboxEvent.objects.get(kind="registry.PeopleMerged")
    assert event.payload == {"person_id": str(first.id), "merged_id": str(second.id)}


def test_a_family_shows_a_merged_mother_once() -> None:
    child = testing.make_pupil()
    one, other = testing.make_guardian(child), testing.make_guardian(child)
    actor = keeper(child.path)
    merging.merge_people(actor=actor, kept_id=one.id, merged_id=other.id, reason="同一人")
    assert [guardian.name for guardian in get_person_page(child).guardians] == ["王若琳"]
    assert [ward.number for ward in relations_of(one.id).wards] == [child.number]


@pytest.mark.parametrize("why", ["twice", "dead", "family", "refuse", "class", "elsewhere"])
def test_what_must_not_be_merged_is_refused(why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    group = testing.make_class()
    first, second = testing.make_pupil(group), testing.make_pupil(group)
    actor: Actor = keeper(group.school.path)
    expected: type[Exception] = Conflict
    if why == "twice":
        merging.merge_people(actor=actor, kept_id=first.id, merged_id=second.id, reason="同一人")
    elif why == "dead":
        Person.objects.filter(id=second.id).update(deceased_on=today())
    elif why == "family":
        second = testing.make_guardian(first)
    elif why == "refuse":
        first, second = testing.make_teacher(group.school), testing.make_teacher(group.school)
        monkeypatch.setattr(Appointment._meta.get_field("person"), "on_merge", "refuse")
    elif why == "class":
        actor, expected = (
            Actor(kind="account", name="吴", rights=(Right(rights.PERSON_EDIT, f"class:{group.id}"),)),
            Forbidden,
        )
    else:
        actor, expected = keeper(testing.make_school().path), Forbidden
    with pytest.raises(expected):
        merging.merge_people(actor=actor, kept_id=first.id, merged_id=second.id, reason="同一人")
    assert Person.objects.filter(canonical__isnull=False).count() == (1 if why == "twice" else 0)


def test_the_deceased_leave_lists_and_silence_messages_until_corrected() -> None:
    group = testing.make_class()
    pupil, other = testing.make_pupil(group, "周禾"), testing.make_pupil(group, "贺宁")
    actor = keeper(group.school.path)
    recount()
    before = get_person_page(pupil)
    with pytest.raises(Invalid) as refusal:
        deaths.mark_deceased(actor=actor, person_id=pupil.id, on=today(), proof=" ")
    assert refusal.value.code == "proof_missing"
    deaths.mark_deceased(actor=actor, person_id=pupil.id, on=today(), proof="死亡医学证明 0012")
    assert [row.name for row in list_people(actor, "student").rows] == ["贺宁"]
    assert [row.name for row in search_people(actor, "周禾").rows] == []
    assert (may_message(pupil.id), may_message(other.id)) == (False, True)
    with pytest.raises(Conflict):
        deaths.mark_deceased(actor=actor, person_id=pupil.id, on=today(), proof="再次")
    with pytest.raises(Forbidden):
        deaths.correct_death(actor=keeper(testing.make_school().path), person_id=pupil.id, reason="外人")
    assert deaths.correct_death(actor=actor, person_id=pupil.id, reason="同名误登") == 2
    pupil.refresh_from_db()
    after = get_person_page(pupil)
    assert (after.enrolments, after.classes, after.deceased_on) == (before.enrolments, before.classes, None)
    assert may_message(pupil.id)
    assert [event.title for event in after.timeline[:2]] == ["更正去世登记", "写入去世登记"]
    assert PersonHistory.objects.filter(person=pupil).count() == 2


def test_guardianships_have_kind_period_and_proof() -> None:
    child = testing.make_pupil()
    actor = keeper(child.path)
    with pytest.raises(Invalid) as refusal:
        guardians.add_guardian(
            actor=actor, child_id=child.id, kind="entrusted", relation="53", proof="", valid_from=today(), name="陈玉兰",
            phone="12000000007",
        )  # fmt: skip
    assert refusal.value.code == "proof_missing"
    made = guardians.add_guardian(
        actor=actor, child_id=child.id, kind="entrusted", relation="", proof="委托书 2026-11", valid_from=today(),
        until=today() + timedelta(days=30), name="陈玉兰", phone="12000000007",
    )  # fmt: skip
    with pytest.raises(Conflict):
        guardians.add_guardian(
            actor=actor, child_id=child.id, kind="entrusted", relation="", proof="再次", valid_from=today(), name="陈玉兰",
            phone="12000000007",
        )  # fmt: skip
    card = get_person_page(child).guardians[0]
    assert (card.kind_label, card.until, card.proof) == ("委托监护", today() + timedelta(days=30), "委托书 2026-11")
    guardians.end_guardian(actor=actor, guardianship_id=made, on=today(), reason="委托结束")
    assert get_person_page(child).guardians == ()
    home = testing.make_organisation(kind="institution", name="云汀市儿童福利院（演示）")
    guardians.add_guardian(
        actor=actor, child_id=child.id, kind="institution", relation="", proof="民政文件", valid_from=today(),
        organisation_code=str(home.code),
    )  # fmt: skip
    assert get_person_page(child).guardians[0].name == home.name
    assert Guardianship.objects.filter(child=child).count() == 1
