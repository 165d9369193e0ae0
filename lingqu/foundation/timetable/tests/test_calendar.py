"""Working days, school days and weeks against a naive walk over days; notices as they are written."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingqu.foundation.timetable.types.calendar import Calendar, DayEntry, TermSpan
from lingqu.foundation.timetable.types.notice import read_notice
from lingqu.foundation.timetable.types.weeks import (
    ALL,
    EVEN,
    ODD,
    holds_in,
    numbers_of,
    read_weeks,
    weeks_of,
    weeks_text,
)
from lingqu.foundation.timetable.types.words import DayKind, FirstWeek

YEAR = "2026-2027"
SPAN = [date(2026, 9, 1) + timedelta(days=place) for place in range(300)]
entries = st.lists(
    st.builds(DayEntry, day=st.sampled_from(SPAN), kind=st.sampled_from(DayKind.values)), max_size=40,
    unique_by=lambda entry: entry.day,
)  # fmt: skip
terms = st.builds(
    lambda start, length, rule: TermSpan(
        id=None, school_year=YEAR, code="1", name="", start_on=start, end_on=start + timedelta(days=length), first_week=rule
    ),
    st.sampled_from(SPAN), st.integers(10, 150), st.sampled_from(FirstWeek.values),
)  # fmt: skip


def is_working(found: dict[date, str], day: date) -> bool:
    kind = found.get(day)
    return kind == "workday" or (day.weekday() < 5 and kind != "holiday")


@given(entries, st.sampled_from(SPAN), st.integers(0, 320))
def test_counting_working_days_agrees_with_a_walk(found: list[DayEntry], start: date, length: int) -> None:
    kinds = {entry.day: entry.kind for entry in found}
    end = start + timedelta(days=length)
    walked = sum(is_working(kinds, start + timedelta(days=place)) for place in range(1, length + 1))
    assert Calendar(found).count_working_days(start, end) == walked


@given(entries, st.sampled_from(SPAN), st.integers(0, 200))
def test_nth_working_day_agrees_with_a_walk(found: list[DayEntry], start: date, n: int) -> None:
    kinds = {entry.day: entry.kind for entry in found}
    day, left = start, n
    while left:
        day += timedelta(days=1)
        left -= is_working(kinds, day)
    calendar = Calendar(found)
    assert calendar.add_working_days(start, n) == day
    assert calendar.count_working_days(start, day) == n


@given(terms, st.integers(0, 160))
def test_week_numbers_count_mondays(term: TermSpan, place: int) -> None:
    day = term.start_on + timedelta(days=place)
    week = Calendar(terms=[term]).week_number(day)
    if day > term.end_on:
        assert week is None
        return
    mondays = sum(
        (term.week_one + timedelta(days=step)).weekday() == 0 for step in range((day - term.week_one).days + 1)
    )
    assert week == max(0, mondays)
    assert term.week_one <= term.start_on or term.first_week == FirstWeek.FULL
    if week:
        assert term.monday_of_week(week) <= day < term.monday_of_week(week + 1)


@given(st.sets(st.integers(1, 60), min_size=1))
def test_weeks_are_written_as_they_are_read(numbers: set[int]) -> None:
    mask = weeks_of(numbers)
    assert numbers_of(mask) == tuple(sorted(numbers))
    assert read_weeks(weeks_text(mask)) == mask
    assert [holds_in(mask, n) for n in range(1, 61)] == [n in numbers for n in range(1, 61)]


@given(st.integers(1, 60))
def test_odd_and_even_weeks_are_all_weeks_once(week: int) -> None:
    assert holds_in(ODD, week) == bool(week % 2)
    assert holds_in(ODD, week) != holds_in(EVEN, week)
    assert (ODD | EVEN, ODD & EVEN) == (ALL, 0)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("单", tuple(range(1, 61, 2))), ("1-4", (1, 2, 3, 4)), ("1-6单", (1, 3, 5)), ("第2、4-5周", (2, 4, 5)), ("（双周）", tuple(range(2, 61, 2)))],
)  # fmt: skip
def test_spellings_of_weeks(text: str, numbers: tuple[int, ...]) -> None:
    assert numbers_of(read_weeks(text)) == numbers


@pytest.mark.parametrize("text", ["0", "61", "5-3", "abc", "2单", "1-"])
def test_what_is_no_set_of_weeks(text: str) -> None:
    with pytest.raises(ValueError):
        read_weeks(text)


def days_of(text: str) -> dict[str, tuple[str, str, int]]:
    return {
        day.day.isoformat(): (day.kind, day.follows_day.isoformat() if day.follows_day else "", day.follows_weekday)
        for line in read_notice(text, YEAR)
        for day in line.days
    }


def test_the_yearly_notice_as_it_is_written() -> None:
    text = "一、国庆节、中秋节：10月1日（周四）至3日（周六）放假调休，共3天。9月27日（周日）、10月10日（周六）上班。"
    assert days_of(text) == {
        "2026-10-01": ("holiday", "", 0), "2026-10-02": ("holiday", "", 0), "2026-10-03": ("holiday", "", 0),
        "2026-09-27": ("workday", "", 0), "2026-10-10": ("workday", "", 0),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "day", "told"),
    [
        ("11月21日（星期六）上课，补11月27日的课", "2026-11-21", ("workday", "2026-11-27", 0)),
        ("2026-11-21 上课，按周五课表", "2026-11-21", ("workday", "", 5)),
        ("11月27日停课，运动会", "2026-11-27", ("stop", "", 0)),
        ("寒假：1月30日至2月28日放假", "2027-02-28", ("stop", "", 0)),
        ("2027.1.1 元旦放假", "2027-01-01", ("holiday", "", 0)),
        ("10月9日照常上课", "2026-10-09", ("ordinary", "", 0)),
    ],
)
def test_sentences_of_a_notice(text: str, day: str, told: tuple[str, str, int]) -> None:
    assert days_of(text)[day] == told


@pytest.mark.parametrize("text", ["13月40日放假", "3-12至3-15", "10月8日至10月1日放假", "9月1日至8月1日放假"])
def test_what_a_notice_leaves_open_is_said(text: str) -> None:
    lines = read_notice(text, YEAR)
    assert [line.days for line in lines] == [()] and lines[0].message


@given(st.text(alphabet="0123456789年月日至号、，。放假上课补按周五星期（）-./ \n国庆", max_size=80))
def test_no_text_breaks_the_reader(text: str) -> None:
    assert all(line.days or line.message for line in read_notice(text, YEAR))


def test_a_working_saturday_follows_the_day_it_replaces() -> None:
    term = TermSpan(id=None, school_year=YEAR, code="1", name="", start_on=date(2026, 9, 1), end_on=date(2027, 1, 29))
    saturday = DayEntry(day=date(2026, 11, 21), kind="workday", follows_day=date(2026, 11, 27))
    calendar = Calendar([saturday, DayEntry(day=date(2026, 11, 27), kind="stop")], [term])
    day = calendar.day_of(date(2026, 11, 21))
    assert (day.weekday, day.week, day.pattern_week, day.is_working, day.is_school_day) == (5, 12, 13, True, True)
    stopped = calendar.day_of(date(2026, 11, 27))
    assert (stopped.weekday, stopped.is_working, stopped.is_school_day) == (0, True, False)
