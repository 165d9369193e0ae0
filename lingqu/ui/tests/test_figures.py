from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.utils import translation

from lingqu.ui import figures


def test_moments_are_shown_in_the_platforms_zone() -> None:
    assert figures.moment(datetime(2026, 11, 22, 0, 40, tzinfo=UTC)) == "2026-11-22 08:40"
    assert figures.moment(datetime(2026, 11, 21, 23, 0)) == "2026-11-22 07:00"
    assert figures.clock_time(datetime(2026, 11, 22, 0, 40, tzinfo=UTC)) == "08:40"
    assert figures.moment(None) == "—"


def test_days_of_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "today", lambda: date(2026, 12, 1))
    assert figures.short_day(date(2026, 11, 22)) == "11-22"
    assert figures.short_day(datetime(2026, 11, 21, 20, 0, tzinfo=UTC)) == "11-22"
    assert figures.short_day(date(2024, 9, 1)) == "2024-09-01"
    assert figures.day(date(2026, 1, 2)) == "2026-01-02"


def test_long_day_in_both_languages() -> None:
    assert figures.long_day(date(2026, 11, 20)) == "11 月 20 日 星期五"
    with translation.override("en"):
        assert figures.long_day(date(2026, 11, 20)) == "Friday 20 November"


def test_days_and_moments_of_an_english_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "today", lambda: date(2026, 12, 1))
    with translation.override("en"):
        assert figures.short_day(date(2026, 11, 2)) == "2 Nov"
        assert figures.short_day(date(2024, 9, 1)) == "1 Sep 2024"
        assert figures.day(date(2026, 1, 12)) == "12 Jan 2026"
        assert figures.moment(datetime(2026, 11, 22, 0, 40, tzinfo=UTC)) == "22 Nov 2026, 08:40"
        assert figures.moment(None) == figures.day(None) == "—"


def test_machines_read_the_same_days_in_every_language() -> None:
    with translation.override("en"):
        assert figures.iso_day(datetime(2026, 11, 21, 20, 0, tzinfo=UTC)) == "2026-11-22"
        assert figures.iso_day(None) == ""


@pytest.mark.parametrize(("value", "told"), [(1302, "1,302"), (0, "0"), (None, "—"), (12.5, "12.5"), (3.0, "3")])
def test_numbers_are_exact(value: float | None, told: str) -> None:
    assert figures.number(value) == told


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("990101201301011224", "99**************24"),
        ("13800002207", "13*******07"),
        ("1234", "****"),
        ("12345", "*****"),
        ("", "—"),
        (None, "—"),
    ],
)
def test_masked_values(value: str | None, told: str) -> None:
    assert figures.masked(value) == told


def test_masked_with_other_ends() -> None:
    assert figures.masked("13800002207", 3, 4) == "138****2207"


@pytest.mark.parametrize(
    ("value", "total", "share"), [(1, 4, 25.0), (9, 4, 100.0), (-1, 4, 0.0), (1, 0, 0.0), (None, 4, 0.0), (1, 3, 33.3)]
)
def test_share(value: float | None, total: float, share: float) -> None:
    assert figures.share(value, total) == share


def test_segments_fill_the_bar_and_keep_small_parts_visible() -> None:
    parts = figures.segments([1209, 31, 0, 1])
    assert parts[0].start == 0.0
    assert [part.width > 0 for part in parts] == [True, True, False, True]
    assert parts[3].width >= 0.9
    assert sum(part.width for part in parts) == pytest.approx(100.0, abs=0.05)
    assert parts[1].start == pytest.approx(parts[0].width, abs=0.02)


def test_segments_of_nothing() -> None:
    assert figures.segments([0, 0]) == (figures.Segment(0.0, 0.0), figures.Segment(0.0, 0.0))
