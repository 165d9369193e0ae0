"""Pupil attributes: sealed, masked, dated, with their own rights; what 就读 says is written there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext

from lingqu.foundation.registry import testing
from lingqu.foundation.registry.models import ClassGroup, Enrolment, Person, PersonHistory, PupilAttribute
from lingqu.foundation.registry.selectors.pupil_attributes import list_attributes, list_ticks
from lingqu.foundation.registry.services.attributes import record_attributes
from lingqu.foundation.registry.types import rights
from lingqu.foundation.registry.types.attributes import AttributeWish
from lingqu.kernel.actor import Actor, Right
from lingqu.kernel.clock import today
from lingqu.kernel.errors import Forbidden, Invalid
from lingqu.kernel.testing import actor_with

pytestmark = pytest.mark.django_db
Visit = Callable[..., HttpResponse]


@pytest.fixture
def group(db: None) -> ClassGroup:
    return testing.make_class()


@pytest.fixture
def pupil(group: ClassGroup) -> Person:
    return testing.make_pupil(group)


def keeper(group: ClassGroup) -> Actor:
    return actor_with(*rights.ALL, path=str(group.school.path))


def put(actor: Actor, pupil: Person, kind: str, value: str = "", **more: object) -> int:
    wish = AttributeWish(
        person_id=pupil.id, is_on=bool(more.pop("is_on", True)), value=value, note=str(more.pop("note", ""))
    )
    return record_attributes(
        actor=actor, kind=kind, wishes=(wish,), on=more.pop("on", today()), source=str(more.pop("source", "家长申请"))
    )  # type: ignore[arg-type]


def test_a_sensitive_value_is_sealed_and_withheld_with_its_kind(group: ClassGroup, pupil: Person) -> None:
    assert put(keeper(group), pupil, "disability", "hearing", note="助听器") == 1
    row = PupilAttribute.objects.get()
    assert (row.value, row.note, row.is_sensitive) == ("", "", True)
    assert b"hearing" not in bytes(row.sealed)
    [shown] = list_attributes([pupil.id], is_revealed=False)
    assert (shown.label, shown.kind, shown.value_label, shown.note, shown.source) == ("敏感属性", "", "", "", "")
    [clear] = list_attributes([pupil.id], is_revealed=True)
    assert (clear.label, clear.value_label, clear.note) == ("残疾", "听力残疾", "助听器")


def test_another_value_ends_the_episode_and_the_same_one_changes_nothing(group: ClassGroup, pupil: Person) -> None:
    actor, before = keeper(group), today() - timedelta(days=30)
    put(actor, pupil, "left_behind", "single", on=before)
    assert put(actor, pupil, "left_behind", "single") == 0
    assert put(actor, pupil, "left_behind", "both") == 1
    first, second = PupilAttribute.objects.order_by("id")
    assert (first.valid_from, first.valid_to, second.valid_from, second.valid_to) == (before, today(), today(), None)
    assert put(actor, pupil, "left_behind", is_on=False) == 1
    assert [row.valid_to for row in PupilAttribute.objects.order_by("id")] == [today()]
    assert put(actor, pupil, "left_behind", is_on=False) == 0
    [then] = list_attributes([pupil.id], is_revealed=True, as_of=before)
    assert then.value == "single"


@pytest.mark.parametrize(
    ("kind", "value", "more"),
    [
        ("wealth", "", {}), ("disability", "", {}), ("disability", "both", {}), ("school_bus", "yes", {}),
        ("migrant", "same_city", {"source": " "}), ("migrant", "same_city", {"on": today() + timedelta(days=1)}),
    ],
)  # fmt: skip
def test_bad_input_is_refused_and_writes_nothing(
    kind: str, value: str, more: dict[str, object], group: ClassGroup, pupil: Person
) -> None:
    with pytest.raises(Invalid):
        put(keeper(group), pupil, kind, value, **more)
    assert not PupilAttribute.objects.exists()


def test_boarding_and_home_teaching_have_one_truth(group: ClassGroup, pupil: Person) -> None:
    actor = keeper(group)
    assert put(actor, pupil, "boarding") == 1
    assert put(actor, pupil, "home_taught") == 1
    sits = Enrolment.objects.get(person=pupil)
    assert (sits.boarding, sits.attendance) == (True, "home_taught")
    assert not PupilAttribute.objects.exists()
    assert PersonHistory.objects.filter(person=pupil).count() == 2
    assert [row.is_on for row in list_ticks(actor, group, "boarding")] == [True]
    assert put(actor, pupil, "home_taught", is_on=False) == 1
    assert Enrolment.objects.get(person=pupil).attendance == "registered"


def on_class(group: ClassGroup, *codes: str) -> Actor:
    return Actor(
        kind="account",
        name="吴静",
        account_id=UUID(int=5),
        rights=tuple(Right(code, f"class:{group.id}") for code in codes),
    )


WHO: dict[str, Callable[[ClassGroup, Person], Actor]] = {
    "keeper": lambda group, _pupil: keeper(group),
    "reader": lambda group, _pupil: actor_with(
        rights.PERSON_VIEW, rights.ATTRIBUTE_VIEW, rights.PERSON_REVEAL, path=str(group.school.path)
    ),
    "without the right": lambda group, _pupil: actor_with(
        rights.PERSON_VIEW, rights.PERSON_EDIT, rights.PERSON_REVEAL, path=str(group.school.path)
    ),
    "class teacher": lambda group, _pupil: on_class(
        group, rights.PERSON_VIEW, rights.CLASS_VIEW, rights.ATTRIBUTE_VIEW, rights.ATTRIBUTE_EDIT, rights.PERSON_REVEAL
    ),
    "teacher": lambda group, _pupil: on_class(group, rights.PERSON_VIEW, rights.CLASS_VIEW),
    "parent": lambda _group, pupil: Actor(
        kind="account", name="家长", account_id=UUID(int=7), rights=(Right(rights.PERSON_VIEW, f"person:{pupil.id}"),)
    ),
    "elsewhere": lambda _group, _pupil: actor_with(*rights.ALL, path=str(testing.make_school().path)),
}
MAY = {
    "keeper": {"read", "reveal", "record", "ticks"}, "reader": {"read", "reveal"}, "without the right": set(),
    "class teacher": {"read", "reveal", "record", "ticks"}, "teacher": set(), "parent": set(), "elsewhere": set(),
}  # fmt: skip


@pytest.mark.parametrize("who", sorted(WHO))
def test_who_may_do_what(who: str, group: ClassGroup, pupil: Person, visit: Visit) -> None:
    put(keeper(group), pupil, "school_bus")
    put(keeper(group), pupil, "aid", "minimum")
    actor, done = WHO[who](group, pupil), set()
    page = f"/people/{pupil.number}"

    def asks(action: str, url: str, sign: str, data: dict[str, str] | None = None) -> None:
        try:
            text = visit(actor, url, data).content.decode()
        except Forbidden:
            return
        if sign in text:
            done.add(action)

    asks("read", page, "乘坐校车")
    asks("reveal", f"{page}/reveal", "城乡低保", {"purpose": "check"})
    asks("ticks", f"/classes/{group.id}/attributes?kind=aid", "城乡低保")
    try:
        put(actor, pupil, "ethnic_class")
        done.add("record")
    except Forbidden:
        pass
    assert done == MAY[who]
    assert PupilAttribute.objects.filter(kind="ethnic_class").exists() == ("record" in MAY[who])


def test_no_list_page_tells_an_attribute(group: ClassGroup, pupil: Person, visit: Visit) -> None:
    put(keeper(group), pupil, "orphan", "unsupported")
    put(keeper(group), pupil, "migrant", "same_city")
    for url in (f"/classes/{group.id}", f"/classes/{group.id}/roster", f"/people/{pupil.number}"):
        told = visit(keeper(group), url).content.decode()
        assert "事实无人抚养" not in told
        if "/people/" not in url:
            assert "随迁子女" not in told


def test_one_pupil_out_of_reach_stops_the_whole_list(group: ClassGroup, pupil: Person) -> None:
    stranger = testing.make_pupil()
    wishes = [AttributeWish(person_id=one.id, is_on=True) for one in (pupil, stranger)]
    with pytest.raises(Forbidden):
        record_attributes(actor=keeper(group), kind="school_bus", wishes=wishes, on=today(), source="乘车登记")
    assert not PupilAttribute.objects.exists()


def test_a_class_is_ticked_after_a_purpose(group: ClassGroup, pupil: Person, visit: Visit) -> None:
    other, actor = testing.make_pupil(group, "陆子昂"), keeper(group)
    url = f"/classes/{group.id}/attributes?kind=left_behind"
    assert "先说明用途" in visit(actor, url).content.decode()
    assert visit(actor, url, {"action": "purpose", "purpose": "aid"}).status_code == 302
    with CaptureQueriesContext(connection) as queries:
        assert "陆子昂" in visit(actor, url).content.decode()
    assert len(queries) <= 12
    data = {"on": str(other.id), f"value-{other.id}": "both", "day": today().isoformat(), "source": "家访"}
    assert visit(actor, url, {**data, "source": ""}).status_code == 422
    assert visit(actor, url, data).status_code == 302
    assert PupilAttribute.objects.get().person_id == other.id
    done = visit(actor, f"/people/{other.number}/attributes", {
        "what": "left_behind:single", "state": "on", "on": today().isoformat(), "source": "家访", "note": "",
    })  # fmt: skip
    assert done.status_code == 302
    assert [fact.value for fact in list_attributes([other.id], is_revealed=True)] == ["single"]
