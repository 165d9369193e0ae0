"""Rules of a county against wishes: pure, by table and by chance."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingqu.foundation.registry import api as registry
from lingqu.governance.service_hall.selectors.rules import shipped
from lingqu.governance.service_hall.types import rules
from lingqu.governance.service_hall.types.rules import Exclusion, Move, Pause, Window

MOVE, PAUSE = shipped()["transfer"].rule, shipped()["suspension"].rule
WITHDRAWAL, SEATS = shipped()["withdrawal"].rule, shipped()["seats"].rule
assert isinstance(MOVE, rules.TransferRule) and isinstance(PAUSE, rules.SuspensionRule)
assert isinstance(WITHDRAWAL, rules.WithdrawalRule) and isinstance(SEATS, rules.SeatRule)
SUMMER, WINTER, NOVEMBER = date(2026, 7, 20), date(2027, 1, 20), date(2026, 11, 29)
days = st.dates(date(2020, 1, 1), date(2030, 12, 31))
grades = st.sampled_from(registry.GRADES)


def codes(on: date, grade: str, **more: object) -> list[str]:
    wish = Move(on=on, grade=grade, to_grade=str(more.pop("to_grade", grade)), **more)  # type: ignore[arg-type]
    return [one.code for one in rules.check_move(MOVE, wish)]


@pytest.mark.parametrize(
    ("on", "grade", "more", "expected"),
    [
        (SUMMER, "G08", {}, []), (NOVEMBER, "G08", {}, ["window"]), (SUMMER, "G09", {}, ["excluded_leaving"]),
        (WINTER, "G09", {}, ["excluded_leaving"]), (SUMMER, "G07", {}, ["excluded_entry"]), (WINTER, "G07", {}, []),
        (SUMMER, "G06", {}, ["excluded_leaving"]), (SUMMER, "G06", {"schooling": "five_four"}, ["excluded_entry"]),
        (SUMMER, "G05", {"schooling": "five_four"}, ["excluded_leaving"]), (SUMMER, "G08", {"state": "02"}, ["suspended"]),
        (SUMMER, "G08", {"is_away": True}, ["suspended"]), (SUMMER, "G08", {"to_grade": "G07", "free": 3}, ["excluded_entry", "other_grade"]),
        (SUMMER, "G08", {"free": 0}, ["full"]), (WINTER, "G07", {"free": 0}, ["entry_full"]), (SUMMER, "G08", {"free": 1}, []),
        (SUMMER, "G08", {"has_open": True, "is_same_school": True}, ["same_school", "open"]),
        (SUMMER, "G08", {"has_register": False}, ["no_register"]),
    ],
)  # fmt: skip
def test_what_stands_against_a_move(on: date, grade: str, more: dict[str, object], expected: list[str]) -> None:
    assert codes(on, grade, **more) == expected


def test_a_reason_is_a_sentence_with_the_facts() -> None:
    told = rules.check_move(MOVE, Move(on=NOVEMBER, grade="G08", to_grade="G07"))
    assert told[0].text == "现在不在转学办理时间内，办理时间：01-10 至 02-28、07-01 至 08-25。"
    assert told[1].text == "只办理平级转学：现在是八年级，申请的是七年级。"


@given(on=days, grade=grades, schooling=st.sampled_from(["six_three", "five_four"]), free=st.integers(-5, 60))
def test_a_move_that_nothing_stands_against_is_in_a_window_on_a_free_place(
    on: date, grade: str, schooling: str, free: int
) -> None:
    wish = Move(on=on, grade=grade, to_grade=grade, schooling=schooling, free=free)
    if not rules.check_move(MOVE, wish):
        assert free > 0 and any(window.holds(on) for window in MOVE.windows)
        assert grade not in rules.leaving_grades(schooling)
        assert not (grade in rules.entry_grades(schooling) and 7 <= on.month <= 8)
    else:
        assert all(one.text.endswith("。") for one in rules.check_move(MOVE, wish))


@given(start=days, end=days, on=days)
def test_a_window_over_the_end_of_a_year_is_the_gap_of_its_opposite(start: date, end: date, on: date) -> None:
    there = Window(start=f"{start:%m-%d}", end=f"{end:%m-%d}", term="1")
    if there.start > there.end:
        after, before = f"{end + timedelta(days=1):%m-%d}", f"{start - timedelta(days=1):%m-%d}"
        inside = after <= before and Window(start=after, end=before, term="1").holds(on)
        if f"{on:%m-%d}" != "02-29" and "02-29" not in (there.start, there.end, after, before):
            assert there.holds(on) is not inside
    else:
        assert there.holds(on) is (there.start <= f"{on:%m-%d}" <= there.end)


@given(start=days, length=st.integers(-30, 900), before=st.integers(0, 24))
def test_a_pause_that_nothing_stands_against_keeps_every_limit(start: date, length: int, before: int) -> None:
    end = start + timedelta(days=length)
    found = rules.check_pause(PAUSE, Pause(start=start, end=end, today=start, months_before=before))
    months = rules.months_between(start, end)
    fits = length > 0 and PAUSE.least_months <= months <= PAUSE.most_months and months + before <= PAUSE.most_in_all
    assert (found == ()) is fits


@given(left=grades, year=grades)
def test_a_child_comes_back_between_where_it_stopped_and_where_its_year_is(left: str, year: str) -> None:
    offered = rules.return_grades(left, year)
    assert left in offered and len(set(offered)) == len(offered)
    assert all(registry.GRADES.index(one) >= registry.GRADES.index(left) for one in offered)
    assert year in offered or registry.GRADES.index(year) < registry.GRADES.index(left)


@pytest.mark.parametrize("grade", registry.GRADES)
def test_nobody_leaves_school_in_the_compulsory_years(grade: str) -> None:
    assert bool(rules.check_withdrawal(WITHDRAWAL, grade)) is (grade in rules.COMPULSORY)


def test_the_refusal_names_grade_and_rule() -> None:
    (told,) = rules.check_withdrawal(WITHDRAWAL, "G07")
    assert (
        told.text
        == "七年级不得退学：义务教育阶段学校不得让学生退学、停学，也不得开除学生；长期不到校的按控辍保学办理。"
    )


@given(
    window=st.fixed_dictionaries(
        {"start": st.text(max_size=6), "end": st.text(max_size=6), "term": st.text(max_size=2)}
    )
)
def test_values_that_mean_nothing_are_refused_with_a_sentence(window: dict[str, str]) -> None:
    values = {**shipped()["transfer"].values, "windows": [window]}
    try:
        made = rules.read("transfer", values)
    except ValueError as wrong:
        assert str(wrong)
    else:
        assert isinstance(made, rules.TransferRule) and made.windows[0].term in ("1", "2")


def test_limits_that_contradict_each_other_are_refused() -> None:
    values = shipped()["suspension"].values
    for wrong in ({"least_months": 13}, {"most_in_all": 6}, {"most_months": 0}, {"proof": "x", "least_months": "a"}):
        with pytest.raises(ValueError):
            rules.read("suspension", {**values, **wrong})
    assert Exclusion(grade="G03", term="") in _rule({"grade": "G03", "term": ""}).exclusions


def _rule(exclusion: dict[str, str]) -> rules.TransferRule:
    made = rules.read("transfer", {**shipped()["transfer"].values, "exclusions": [exclusion]})
    assert isinstance(made, rules.TransferRule)
    return made
