"""阳光分班: within one of each other, wishes kept, recomputed identically."""

from __future__ import annotations

import copy
import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ..placing import BadFile, Bond, Impossible, Inputs, Pupil, draw, place_late, sealed_file, spreads, verify

ABOUT = {"school": "3300000001", "grade": "G07", "year": "2027-2028"}


def pupils(count: int, *, bands: int = 4, included: int = 0) -> tuple[Pupil, ...]:
    return tuple(
        Pupil(number=f"001{n:08d}{n % 10}", sex="12"[n * 7 % 3 % 2], band=n * 5 % bands, included=n < included)
        for n in range(count)
    )


@st.composite
def grades(draw_from: st.DrawFn, *, plain: bool = False) -> tuple[Inputs, str]:
    count, k = draw_from(st.integers(1, 90)), draw_from(st.integers(1, 8))
    count = max(count, k)
    found = tuple(
        Pupil(number=f"{n:012d}", sex=draw_from(st.sampled_from("12")), band=draw_from(st.integers(0, 4)))
        for n in range(count)
    )
    if plain:
        return Inputs(classes=k, pupils=found), draw_from(st.text("0123456789 ", min_size=1, max_size=12))
    most = draw_from(st.integers(0, min(4, k, count // (8 * k))))
    found = tuple(Pupil(number=p.number, sex=p.sex, band=p.band, included=at < most) for at, p in enumerate(found))
    bonds, at = [], 0
    for kind in draw_from(st.lists(st.sampled_from(["together", "apart"]), max_size=4)):
        size = 2 if k < 3 else draw_from(st.integers(2, 3))
        if at + size <= count // 2 and (kind == "together" or size <= k):
            bonds.append(Bond(kind=kind, numbers=tuple(p.number for p in found[at : at + size])))
            at += size
    return Inputs(classes=k, pupils=found, bonds=tuple(bonds), reduction=3, most_included=2), "20270831"


@given(given_case=grades(plain=True))
def test_without_wishes_every_count_is_within_one(given_case: tuple[Inputs, str]) -> None:
    inputs, seed = given_case
    placed = draw(inputs, seed)
    assert placed.notes == []
    assert max(n for _what, n in spreads(inputs, placed.members)) <= 1
    assert sorted(n for one in placed.members for n in one) == sorted(p.number for p in inputs.pupils)


@given(given_case=grades())
@settings(max_examples=150)
def test_wishes_are_kept_and_what_they_cost_is_said(given_case: tuple[Inputs, str]) -> None:
    inputs, seed = given_case
    try:
        placed = draw(inputs, seed)
    except Impossible as refusal:
        assert refusal.rule in {"together", "apart", "included", "reduction"}
        return
    place = {number: c for c, one in enumerate(placed.members) for number in one}
    assert sorted(place) == sorted(p.number for p in inputs.pupils)
    for bond in inputs.bonds:
        classes = {place[number] for number in bond.numbers}
        assert len(classes) == (1 if bond.kind == "together" else len(bond.numbers))
    found = dict(spreads(inputs, placed.members))
    assert found["size"] <= 1
    assert dict(placed.notes) == {what: n for what, n in found.items() if n > 1}
    held = Counter(place[p.number] for p in inputs.pupils if p.included)
    assert max(held.values(), default=0) <= inputs.most_included
    assert draw(inputs, seed) == placed


def test_a_real_grade_with_twins_and_seats_is_even() -> None:
    found = pupils(438, included=3)
    twins = (Bond(kind="together", numbers=(found[20].number, found[31].number)),
             Bond(kind="apart", numbers=(found[40].number, found[57].number)))  # fmt: skip
    inputs = Inputs(classes=10, pupils=found, bonds=twins, reduction=5, teams=tuple(f"{n} 组" for n in range(10)))
    placed = draw(inputs, "08 17 22 25 31 06")
    assert placed.notes == []
    assert {len(one) for one in placed.members} == {40, 45, 46, 41} & {len(one) for one in placed.members}
    assert sorted(placed.teams) == list(range(10))


def test_another_seed_gives_other_classes_and_the_order_of_the_list_does_not_matter() -> None:
    inputs = Inputs(classes=4, pupils=pupils(120))
    turned = Inputs(classes=4, pupils=tuple(reversed(inputs.pupils)))
    assert draw(inputs, "1").members != draw(inputs, "2").members
    assert draw(turned, "1") == draw(inputs, "1")


def test_the_first_version_is_fixed_for_ever() -> None:
    """Another machine, another year: the same numbers. A change needs a new algorithm version."""
    inputs = Inputs(classes=3, pupils=pupils(10, bands=2, included=1), reduction=1, teams=("甲", "乙", "丙"))
    assert sealed_file(inputs, "123456", about=ABOUT)["sha256"] == FIRST


FIRST = "1c52407c67d94d04be682b7613a0e266d562824f171c1a5c9d61cc863316c180"


@pytest.mark.parametrize(
    ("inputs", "rule"),
    [
        (Inputs(classes=0, pupils=pupils(3)), "classes"), (Inputs(classes=4, pupils=pupils(3)), "classes"),
        (Inputs(classes=1, pupils=pupils(3) + pupils(1)), "repeated"),
        (Inputs(classes=2, pupils=pupils(30, included=5)), "included"),
        (Inputs(classes=2, pupils=pupils(4, included=1), reduction=9), "reduction"),
        (Inputs(classes=2, pupils=pupils(9), bonds=(Bond(kind="apart", numbers=tuple(p.number for p in pupils(3))),)), "apart"),
        (Inputs(classes=2, pupils=pupils(9), bonds=(Bond(kind="together", numbers=("x", "y")),)), "bond"),
        (Inputs(classes=2, pupils=pupils(9), teams=("甲",)), "teams"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said(inputs: Inputs, rule: str) -> None:
    with pytest.raises(Impossible) as refusal:
        draw(inputs, "1")
    assert refusal.value.rule == rule


def test_late_comers_go_to_the_smallest_class_then_by_the_seed() -> None:
    inputs = Inputs(classes=3, pupils=pupils(10))
    placed = draw(inputs, "7")
    small = [c for c, one in enumerate(placed.members) if len(one) == 3]
    first = place_late(inputs, "7", placed.members, [], "009")
    assert first in small
    second = place_late(inputs, "7", placed.members, [("009", first)], "010")
    assert second in small
    assert second != first
    with pytest.raises(Impossible):
        place_late(inputs, "7", placed.members, [], inputs.pupils[0].number)


def sealed() -> dict[str, Any]:
    inputs = Inputs(classes=3, pupils=pupils(31, included=1), reduction=2,
                    bonds=(Bond(kind="together", numbers=(pupils(9)[4].number, pupils(9)[8].number)),))  # fmt: skip
    first = place_late(inputs, "s", draw(inputs, "s").members, [], "x1")
    made = sealed_file(inputs, "s", about=ABOUT, late=[("x1", first)])
    return dict(json.loads(json.dumps(made)))


def test_another_machine_recomputes_the_sealed_file() -> None:
    assert verify(sealed()) == (True, [])


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        (lambda f: f.update(seed="t"), ["result"]),
        (lambda f: f["result"]["classes"][0].reverse(), ["result"]),
        (lambda f: f["inputs"]["pupils"][3].update(band=9), ["inputs"]),
        (lambda f: f["about"].update(school="1"), ["seal"]),
        (lambda f: f.update(sha256="0" * 64), ["seal"]),
        (lambda f: f["late"][0].update({"class": (f["late"][0]["class"] + 1) % 3}), ["late"]),
    ],
)  # fmt: skip
def test_whoever_changes_the_file_is_found_out(change: Any, wrong: list[str]) -> None:
    file = copy.deepcopy(sealed())
    change(file)
    good, found = verify(file)
    assert not good
    assert found[0] == wrong[0]


@pytest.mark.parametrize(
    "value", [None, [], {}, {"format": "x"}, {"format": "lingqu-placement", "version": "9"},
              {"format": "lingqu-placement", "version": "1", "inputs": {"classes": "3"}},
              {"format": "lingqu-placement", "version": "1", "inputs": {"classes": True}}],
)  # fmt: skip
def test_what_is_no_sealed_file_is_refused(value: Any) -> None:
    with pytest.raises(BadFile):
        verify(value)
