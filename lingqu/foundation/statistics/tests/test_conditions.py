"""School conditions: what people type and paste, refusals that name line and reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingqu.foundation.statistics.services.conditions import read_rooms, read_values
from lingqu.kernel.errors import DomainError, Invalid

KINDS = ("普通教室", "实验室", "图书室")


@given(st.integers(0, 10**9))
def test_numbers_with_separators_and_wide_digits(number: int) -> None:
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in str(number))
    assert read_values({"books": f"{number:,}", "beds": wide}, f"占地面积（平方米）\t{number}") == {
        "books": number, "beds": number, "site_area": number,
    }  # fmt: skip


@given(st.text(max_size=80), st.text(max_size=40))
def test_any_text_is_read_or_refused(pasted: str, typed: str) -> None:
    for read in (lambda: read_values({"books": typed}, pasted), lambda: read_rooms(pasted)):
        try:
            read()
        except DomainError as refusal:
            assert refusal.details


@given(st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 300)), max_size=20))
def test_rooms_are_kept_in_order(rooms: list[tuple[str, int]]) -> None:
    text = "\n".join(f"{at}\t{kind}\t{seats}\t甲楼" for at, (kind, seats) in enumerate(rooms))
    found = read_rooms(text)
    assert [(one["name"], one["seats"]) for one in found] == [
        (str(at), seats) for at, (_kind, seats) in enumerate(rooms)
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("101\t卧室", "第 1 行"),
        ("101\t普通教室\n101\t普通教室", "第 2 行"),
        ("\t普通教室", "第 1 行"),
        ("1\t实验室\t很多", "第 1 行"),
    ],
)
def test_wrong_rooms_are_named_by_line(text: str, told: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_rooms(text)
    assert told in refused.value.message
