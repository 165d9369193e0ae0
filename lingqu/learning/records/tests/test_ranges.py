"""Parts of files: the numbers of RFC 9110 14."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ..types.ranges import OutOfRange, names_etag, range_of


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("bytes=0-0", (0, 0)), ("bytes=5-", (5, 9)), ("bytes=-3", (7, 9)), ("bytes=-99", (0, 9)), ("Bytes = 2-99", (2, 9)),
        ("", None), ("bytes=", None), ("bytes=-", None), ("bytes=5-2", None), ("items=0-1", None), ("bytes=0-1,4-5", None),
        ("bytes=a-b", None), ("bytes=０-１", None), ("bytes=1-2-3", None),
    ],
)  # fmt: skip
def test_a_range_is_read_or_let_be(header: str, found: tuple[int, int] | None) -> None:
    assert range_of(header, 10) == found


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=10-20", "bytes=-0", "bytes=999999999999999999-"])
def test_what_lies_behind_the_end_is_refused(header: str) -> None:
    with pytest.raises(OutOfRange):
        range_of(header, 10)


@given(size=st.integers(0, 50), first=st.integers(0, 60), last=st.one_of(st.none(), st.integers(0, 60)))
def test_a_range_never_leaves_the_file(size: int, first: int, last: int | None) -> None:
    try:
        found = range_of(f"bytes={first}-{'' if last is None else last}", size)
    except OutOfRange:
        assert first >= size
    else:
        assert (found is None) == (last is not None and last < first)
        assert found is None or 0 <= first == found[0] <= found[1] < size


def test_tags_are_compared_weakly() -> None:
    assert names_etag('"a", W/"b"', '"b"') and names_etag("*", '"x"')
    assert not names_etag('"a"', '"b"') and not names_etag("", '"b"')
