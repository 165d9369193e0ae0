"""Keys of somebody else's server: when we ask, what we believe meanwhile, and when we stop."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from lingqu.kernel import fetched_keys
from lingqu.kernel.clock import now
from lingqu.kernel.fetched_keys import Kept, KeysUnreadable

OLD, NEW = {"keys": [{"kid": "a"}]}, {"keys": [{"kid": "b"}]}


def ask(kept: Kept, kid: str | None, answer: dict[str, Any] | None) -> tuple[dict[str, Any], list[Kept]]:
    saved: list[Kept] = []
    return fetched_keys.current(kept, kid=kid, fetch=lambda: answer, keep=saved.append), saved


def held(read: timedelta, tried: timedelta | None = None) -> Kept:
    return Kept(keys=OLD, read_at=now() - read, tried_at=now() - (tried if tried is not None else read))


@pytest.mark.parametrize(
    ("read", "tried", "kid", "is_asked"),
    [
        (1800, 1800, "a", False), (1800, 1800, None, False), (1800, 1800, "b", True), (1800, 30, "b", False),
        (3660, 3660, "a", True), (5 * 3600, 120, "a", False),
    ],
)  # fmt: skip
def test_when_the_server_is_asked(read: int, tried: int, kid: str | None, is_asked: bool) -> None:
    keys, saved = ask(held(timedelta(seconds=read), timedelta(seconds=tried)), kid, NEW)
    assert (keys, bool(saved)) == (NEW if is_asked else OLD, is_asked)
    assert ask(Kept(), kid, NEW)[0] == NEW


def test_a_silent_server_keeps_its_keys_for_a_day_and_no_longer() -> None:
    keys, [saved] = ask(held(timedelta(hours=23)), "a", None)
    assert keys == OLD and saved.read_at is not None and saved.read_at < now() - timedelta(hours=22)
    with pytest.raises(KeysUnreadable, match="24 hours"):
        ask(held(timedelta(hours=25)), "a", None)
    with pytest.raises(KeysUnreadable):
        ask(held(timedelta(hours=25), timedelta(seconds=5)), "a", NEW)
    with pytest.raises(KeysUnreadable):
        ask(Kept(), None, None)
    assert ask(held(timedelta(hours=25)), "b", NEW)[0] == NEW, "an answer makes everything good"
