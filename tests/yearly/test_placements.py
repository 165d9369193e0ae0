"""阳光分班 in the register: list, sealed draw, seats, late-comers, moves afterwards."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lingqu.config.cli import main
from lingqu.foundation.registry import api as registry
from lingqu.foundation.registry.models import ClassGroup, ClassMembership, Duty
from lingqu.foundation.registry.testing import make_school, make_teacher
from lingqu.foundation.yearly.models import Placement
from lingqu.foundation.yearly.selectors.placements import get_placement, list_seat_moves
from lingqu.foundation.yearly.services import placements as services
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Conflict, Forbidden, Invalid
from lingqu.kernel.models import AuditEntry
from lingqu.kernel.testing import actor_with
from tests.yearly.worlds import FROM, TO, TURN, add_class, add_pupil, new_pupil

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")


@pytest.fixture
def school() -> Any:
    registry.ensure_school_year(FROM)
    made = make_school(name="第三中学", class_display="grade_serial")
    add_pupil(add_class(made, ["G07"], 1), "老生")
    for n in range(23):
        new_pupil(made, "G07", f"新{n}")
    return made


def prepared(school: Any, classes: int = 3) -> Placement:
    return services.create_placement(actor=SYSTEM, school_code=school.code, year=TO, grade="G07", classes=classes)


def drawn(placement: Placement) -> Placement:
    services.freeze(actor=SYSTEM, placement_id=placement.id)
    return services.draw_placement(
        actor=SYSTEM, placement_id=placement.id, seed=" 08 17  22 ", seed_source="福彩，家长输入", witnesses="家长代表"
    )


def test_the_list_holds_new_pupils_only_and_the_draw_seats_them(school: Any) -> None:
    placement = prepared(school)
    assert placement.pupils.count() == 23
    found = drawn(placement)
    assert (found.seed, sorted(len(c) for c in found.sealed["result"]["classes"])) == ("08 17 22", [7, 8, 8])
    assert AuditEntry.objects.get(action="yearly.placement.sealed").data["sha256"] == found.sha256
    services.apply_placement(actor=SYSTEM, placement_id=placement.id)
    classes = ClassGroup.objects.filter(school=school, school_year_id=TO).order_by("serial")
    assert [(c.name, c.entry_year) for c in classes] == [(f"七（{n}）班", 2027) for n in (1, 2, 3)]
    assert [c.size for c in classes] == [len(c) for c in found.sealed["result"]["classes"]]
    assert ClassMembership.objects.filter(class_group__in=classes, valid_from=TURN).count() == 23
    with pytest.raises(Conflict):
        services.apply_placement(actor=SYSTEM, placement_id=placement.id)


def test_facts_are_pasted_and_hold(school: Any) -> None:
    placement = prepared(school)
    numbers = list(placement.pupils.order_by("number").values_list("number", flat=True))
    text = f"{numbers[0]}\t3\t\tA\t同班\n{numbers[1]},2,,A,同班\n\n{numbers[2]}\t1\t是"
    assert services.enter_facts(actor=SYSTEM, placement_id=placement.id, text=text) == 3
    drawn(placement)
    places = dict(placement.pupils.values_list("number", "place"))
    assert places[numbers[0]] == places[numbers[1]]


@pytest.mark.parametrize(
    ("line", "problem"),
    [("000000000000\t1", "第 1 行：名单里没有"), ("{n}\tx", "段位应为"), ("{n}\t21", "段位应为"), ("{n}\t1\t也许", "随班就读应填"),
     ("{n}\t1\t\tA", "要一起填"), ("=cmd|x", "第 1 行：名单里没有")],
)  # fmt: skip
def test_bad_lines_name_the_line_and_write_nothing(school: Any, line: str, problem: str) -> None:
    placement = prepared(school)
    number = placement.pupils.order_by("number").values_list("number", flat=True)[0]
    with pytest.raises(Invalid, match=problem):
        services.enter_facts(actor=SYSTEM, placement_id=placement.id, text=line.replace("{n}", number))
    assert not placement.pupils.exclude(band=0).exists()


def test_teams_bring_their_class_teachers(school: Any) -> None:
    placement = prepared(school, 2)
    head = make_teacher(school, "吴静")
    services.set_teams(actor=SYSTEM, placement_id=placement.id, text=f"甲组\t{head.number}\n乙组")
    drawn(placement)
    services.apply_placement(actor=SYSTEM, placement_id=placement.id)
    placement.refresh_from_db()
    duty = Duty.objects.get(person=head)
    assert duty.class_group is not None
    assert placement.sealed["result"]["teams"][duty.class_group.serial - 1] == 0  # type: ignore[operator]
    stranger = make_teacher(name="外校")
    other = services.create_placement(actor=SYSTEM, school_code=school.code, year="2028-2029", grade="G08", classes=1)
    with pytest.raises(Invalid, match="没有人员编号"):
        services.set_teams(actor=SYSTEM, placement_id=other.id, text=f"甲组\t{stranger.number}")


def test_there_is_one_draw_and_the_list_cannot_change_before_it(school: Any) -> None:
    placement = prepared(school)
    services.freeze(actor=SYSTEM, placement_id=placement.id)
    with pytest.raises(Conflict):
        services.enter_facts(actor=SYSTEM, placement_id=placement.id, text="x")
    placement.pupils.filter(band=0).first().delete()  # type: ignore[union-attr]
    with pytest.raises(Conflict) as refusal:
        services.draw_placement(actor=SYSTEM, placement_id=placement.id, seed="1", seed_source="s", witnesses="w")
    assert refusal.value.code == "list_changed"
    services.reopen(actor=SYSTEM, placement_id=placement.id, reason="补一名学生")
    drawn(placement)
    with pytest.raises(Conflict):
        services.draw_placement(actor=SYSTEM, placement_id=placement.id, seed="2", seed_source="s", witnesses="w")
    with pytest.raises(Conflict):
        prepared(school)


@pytest.mark.parametrize(
    ("seed", "source", "witnesses"),
    [("", "s", "w"), ("  ", "s", "w"), ("x" * 201, "s", "w"), ("1", "", "w"), ("1", "s", " ")],
)
def test_a_draw_needs_a_seed_and_witnesses(school: Any, seed: str, source: str, witnesses: str) -> None:
    placement = prepared(school)
    services.freeze(actor=SYSTEM, placement_id=placement.id)
    with pytest.raises(Invalid):
        services.draw_placement(
            actor=SYSTEM, placement_id=placement.id, seed=seed, seed_source=source, witnesses=witnesses
        )


def test_late_comers_follow_the_rule_and_the_file_still_verifies(school: Any, tmp_path: Path, capsys: Any) -> None:
    placement = prepared(school)
    drawn(placement)
    services.apply_placement(actor=SYSTEM, placement_id=placement.id)
    late = new_pupil(school, "G07", "后到")
    chosen = services.add_late(actor=SYSTEM, placement_id=placement.id, number=late.number)
    placement.refresh_from_db()
    assert len(placement.sealed["result"]["classes"][chosen]) == 7
    assert ClassMembership.objects.get(person=late, valid_to=None).class_group.serial == chosen + 1
    with pytest.raises(Invalid):
        services.add_late(actor=SYSTEM, placement_id=placement.id, number=late.number)
    path = tmp_path / "sealed.json"
    path.write_text(json.dumps(placement.sealed, ensure_ascii=False), encoding="utf-8")
    assert main(["placement", "verify", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["late"] == 1
    assert "后到" not in path.read_text(encoding="utf-8")
    placement.sealed["seed"] = "9"
    path.write_text(json.dumps(placement.sealed), encoding="utf-8")
    assert main(["placement", "verify", str(path), "--json"]) == 1
    for bad in ("[]", "{", "null", '{"format": 1}'):
        path.write_text(bad, encoding="utf-8")
        assert main(["placement", "verify", str(path), "--json"]) == 2


def test_moves_after_the_draw_are_listed_to_the_county(school: Any) -> None:
    placement = prepared(school)
    drawn(placement)
    services.apply_placement(actor=SYSTEM, placement_id=placement.id)
    county = actor_with("yearly.placement.view", path=str(school.path).rpartition(".")[0])
    assert list_seat_moves(actor=county, path=county.path) == ()
    seat = ClassMembership.objects.filter(class_group__school_year_id=TO).first()
    assert seat is not None
    other = ClassGroup.objects.filter(school_year_id=TO).exclude(id=seat.class_group_id).first()
    ClassMembership.objects.filter(id=seat.id).update(valid_to=TURN)
    ClassMembership.objects.create(class_group=other, person=seat.person, valid_from=TURN)
    [move] = list_seat_moves(actor=county, path=county.path)
    assert (move.number, move.drawn, move.now) == (seat.person.number, seat.class_group.name, other.name)  # type: ignore[union-attr]


def test_a_pupil_who_left_or_got_a_class_stops_the_writing(school: Any) -> None:
    placement = prepared(school)
    drawn(placement)
    pupil = placement.pupils.first()
    assert pupil is not None
    seat = ClassMembership.objects.create(
        class_group=add_class(school, ["G07"], 9, year=registry.ensure_school_year(TO).code),
        person_id=pupil.person_id,
        valid_from=TURN,
    )
    with pytest.raises(Conflict) as refusal:
        services.apply_placement(actor=SYSTEM, placement_id=placement.id)
    assert refusal.value.code == "seated_elsewhere"
    assert not ClassGroup.objects.filter(school_year_id=TO, serial=1).exists()
    seat.delete()


def test_another_school_sees_and_does_nothing(school: Any) -> None:
    placement = prepared(school)
    stranger = actor_with("yearly.placement.view", "yearly.placement.run", "registry.class.edit", path="zzz")
    with pytest.raises(Forbidden):
        get_placement(actor=stranger, placement_id=placement.id)
    for act in (
        lambda: services.freeze(actor=stranger, placement_id=placement.id),
        lambda: services.enter_facts(actor=stranger, placement_id=placement.id, text=""),
        lambda: services.add_late(actor=stranger, placement_id=placement.id, number="1"),
        lambda: list_seat_moves(actor=stranger, path=str(school.path)),
    ):
        with pytest.raises(Forbidden):
            act()
