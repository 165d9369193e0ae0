"""Service addresses: what is read, what covers what. No address outside a registered place is ever covered."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingqu.foundation.cas.addresses import prefixes_of, read_place, read_registered, with_ticket
from lingqu.foundation.cas.types import Place


def covers(registered: str, service: str) -> bool:
    home, place = read_registered(registered), read_place(service)
    assert home is not None
    return place is not None and place.origin == home.origin and home.path in prefixes_of(place)


@pytest.mark.parametrize(
    ("registered", "service"),
    [
        ("https://app.example.cn", "https://app.example.cn/"),
        ("https://app.example.cn/", "https://app.example.cn/a/b?next=%2F..%2F#part"),
        ("https://app.example.cn", "https://APP.example.cn:443/a"),
        ("https://app.example.cn/portal", "https://app.example.cn/portal"),
        ("https://app.example.cn/portal/", "https://app.example.cn/portal"),
        ("https://app.example.cn/portal", "https://app.example.cn/portal/deep?x=1"),
        ("http://10.1.2.3:8080/x", "http://10.1.2.3:8080/x/y"),
        ("http://[::1]:8080/", "http://[::1]:8080/x"),
        ("https://例子.cn/", "https://xn--fsqu00a.cn/a"),
    ],
)
def test_covered(registered: str, service: str) -> None:
    assert covers(registered, service)


@pytest.mark.parametrize(
    "service",
    [
        "http://app.example.cn/portal/", "https://app.example.cn:8443/portal/", "https://app.example.cn/portal2",
        "https://app.example.cn/", "https://app.example.cn.evil.cn/portal/", "https://evil.cn/portal/",
        "https://app.example.cn@evil.cn/portal/", "https://evil.cn\\@app.example.cn/portal/", "//app.example.cn/portal/",
        "https://app.example.cn/portal/../admin", "https://app.example.cn/portal/%2e%2e/admin",
        "https://app.example.cn/portal/%252e%252e/admin", "https://app.example.cn/portal/..\\admin",
        "javascript:alert(1)//app.example.cn/portal/", "data:text/html,x", "https:app.example.cn/portal/",
        "https://app.example.cn/por tal/", "https://app.example.cn/portal/\nSet-Cookie:x", "", "/portal/",
        "https://app.example.cn:0/portal/", "https://app.example.cn:99999/portal/", "https://user:pw@app.example.cn/portal/",
        "https://app.example.cn/portal/" + "a" * 2000,
    ],
)  # fmt: skip
def test_not_covered(service: str) -> None:
    assert not covers("https://app.example.cn/portal/", service)


@pytest.mark.parametrize("text", ["https://a.cn/?x=1", "https://a.cn/#x", "a.cn", "ftp://a.cn/", "https://*.cn\\/", ""])
def test_what_cannot_be_registered(text: str) -> None:
    assert read_registered(text) is None


@given(st.text(max_size=60))
def test_whatever_is_typed_is_read_or_refused(text: str) -> None:
    place = read_place(text)
    assert place is None or (place.origin.startswith(("http://", "https://")) and place.path.startswith("/"))


@given(st.lists(st.sampled_from(["a", "b", "portal", "x1"]), max_size=5))
def test_an_address_is_covered_by_every_folder_above_it_and_no_other(parts: list[str]) -> None:
    place = Place(origin="https://a.cn:443", path="/" + "/".join(parts))
    above = {"/" + "/".join(parts[:count]) for count in range(len(parts) + 1)}
    assert {path.rstrip("/") or "/" for path in prefixes_of(place)} == above


def test_the_ticket_comes_after_the_query_and_before_the_fragment() -> None:
    assert with_ticket("https://a.cn/x?y=1#z", "ST-1") == "https://a.cn/x?y=1&ticket=ST-1#z"
    assert with_ticket("https://a.cn/x", "ST-1") == "https://a.cn/x?ticket=ST-1"


def test_a_place_is_shown_as_it_was_written() -> None:
    found = [read_registered(text) for text in ("https://a.cn:443/x", "http://a.cn:81/")]
    assert [place.shown for place in found if place] == ["https://a.cn/x", "http://a.cn:81/"]
