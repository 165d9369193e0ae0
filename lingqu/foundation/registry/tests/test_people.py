from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from lingqu.foundation.registry import testing
from lingqu.foundation.registry.models import Enrolment, PersonHistory
from lingqu.foundation.registry.selectors.people import Filter, list_people
from lingqu.foundation.registry.selectors.person import get_person_page, list_accesses
from lingqu.foundation.registry.selectors.search import read_query, search_people
from lingqu.foundation.registry.services.people import edit_person, reveal_person
from lingqu.foundation.registry.types import rights
from lingqu.kernel import audit
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import today
from lingqu.kernel.errors import Forbidden, Invalid
from lingqu.kernel.testing import actor_with

pytestmark = pytest.mark.django_db
PHONE, ID = "12000000001", "000101201301010027"


def keeper(path: object) -> Actor:
    return actor_with(*rights.ALL, path=str(path), name="何清")


def test_an_edit_keeps_the_former_value_and_leaves_a_trace() -> None:
    pupil = testing.make_pupil(phone=PHONE, address="汀东街道 1 号")
    actor = keeper(pupil.path)
    assert (
        edit_person(actor=actor, person_id=pupil.id, changes={"phone": "12000000002", "boarding": "1"}, reason="换号")
        is True
    )
    assert edit_person(actor=actor, person_id=pupil.id, changes={"phone": "12000000002"}, reason="换号") is False
    page = get_person_page(pupil, is_revealed=False)
    pupil.refresh_from_db()
    assert Enrolment.objects.get(person=pupil).boarding is True
    assert PersonHistory.objects.get(person=pupil).before == {"boarding": None}
    assert [row.action for row in audit.list_for_subject("person", pupil.id)] == ["registry.person.edited"]
    assert {f.field: f.shown for f in get_person_page(pupil).fields}["phone"] == "120****0002"
    yesterday = get_person_page(pupil, as_of=today() - timedelta(days=1))
    assert {f.field: f.shown for f in yesterday.fields}["phone"] == "120****0001"
    assert page.entity == "student"


@pytest.mark.parametrize("field", ["name", "id_number", "sex", "register_number"])
def test_nationally_owned_fields_are_refused_and_nothing_happens(field: str) -> None:
    pupil = testing.make_pupil()
    with pytest.raises(Forbidden) as refusal:
        edit_person(actor=keeper(pupil.path), person_id=pupil.id, changes={field: "x"}, reason="改")
    assert refusal.value.code == "nationally_owned"
    assert not PersonHistory.objects.exists()


def test_a_stranger_edits_nothing() -> None:
    pupil = testing.make_pupil(phone=PHONE)
    with pytest.raises(Forbidden):
        edit_person(actor=keeper(testing.make_school().path), person_id=pupil.id, changes={"phone": "1"}, reason="改")
    assert not PersonHistory.objects.exists()


def test_clear_values_need_a_purpose_and_are_audited() -> None:
    pupil = testing.make_pupil(id_number=ID, phone=PHONE)
    mother = testing.make_guardian(pupil, phone="12000000009")
    actor = keeper(pupil.path)
    with pytest.raises(Invalid) as refusal:
        reveal_person(actor=actor, person_id=pupil.id)
    assert refusal.value.code == "purpose_missing"
    page = reveal_person(actor=replace(actor, purpose="核对学籍信息"), person_id=pupil.id)
    shown = {field.field: field.shown for field in page.fields}
    assert (shown["id_number"], shown["phone"], page.guardians[0].phone) == (ID, PHONE, "12000000009")
    masked = {field.field: field.shown for field in get_person_page(pupil).fields}
    assert masked["id_number"] == "00**************27"
    from lingqu.foundation.registry.policies import standing_on

    her = Actor(kind="account", name="王若琳", person_id=mother.id)
    entries = list_accesses(pupil, standing_on(her, pupil))
    assert [(entry.who, entry.purpose) for entry in entries] == [("何清", "核对学籍信息")]


@pytest.mark.parametrize(
    ("typed", "kind", "key", "initials"),
    [
        ("周 禾", "name", "zhou he", ""), ("zh", "pinyin", "", "zh"), ("zhou he", "pinyin", "zhou he", "zh"),
        ("zhouhe", "pinyin", "zhou he", "zh"), ("001000000010", "number", "", ""), ("12000000001", "phone", "", ""),
        (ID, "id", "", ""), ("G" + ID, "register", "", ""), ("T0431", "local", "", ""),
    ],
)  # fmt: skip
def test_what_is_typed_is_understood(typed: str, kind: str, key: str, initials: str) -> None:
    read = read_query(typed)
    assert read is not None
    assert (read.kind, read.key, read.initials) == (kind, key, initials)


@pytest.mark.parametrize("typed", ["单", "单雯", "sw", "shan wen", "shanwen", PHONE, ID, "T0431"])
def test_search_finds_a_teacher_in_reach_and_nobody_beyond(typed: str) -> None:
    school = testing.make_school()
    testing.make_teacher(school, "单雯", phone=PHONE, id_number=ID, staff_number="T0431")
    assert [row.name for row in search_people(keeper(school.path), typed).rows] == ["单雯"]
    assert search_people(keeper(testing.make_school().path), typed).rows == ()


def test_lists_page_by_key_and_show_only_what_is_in_reach() -> None:
    group = testing.make_class()
    names = ["安然", "白露", "程岳", "单雯"]
    for name in reversed(names):
        testing.make_pupil(group, name)
    testing.make_pupil(name="外人")
    actor = keeper(group.school.path)
    first = list_people(actor, "student", limit=3)
    second = list_people(actor, "student", limit=3, cursor=first.next or "")
    assert [row.name for row in (*first.rows, *second.rows)] == names
    assert (first.total_text, second.next) == ("4", None)
    with pytest.raises(Forbidden):
        list_people(keeper(testing.make_school().path), "student", Filter(path=str(group.school.path))).rows[0]
