"""Work on many things by two connections at once, where they do not wait for each other: the database uses a second core."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connection

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")
Progress = Callable[[int, int], None]
"""Called with how many are done and how many there are."""
SILENT: Progress = lambda done, total: None  # noqa: E731


def spread(
    items: Sequence[Item], work: Callable[[Item], Outcome], told: Progress = SILENT, *, few: int = 2
) -> list[Outcome]:
    """``work`` for every item, begun in order; the outcomes in that order. By one connection when there are fewer than
    ``few``, and inside a transaction (tests), which another connection would not see. ``told`` is called by the caller's
    own thread, after every fifth item and at the end. The first error ends both lanes and is raised."""
    outcomes: dict[int, Outcome] = {}
    waiting, lock, is_broken = iter(range(len(items))), threading.Lock(), False

    def go_on(*, is_helper: bool) -> None:
        nonlocal is_broken
        try:
            while True:
                with lock:
                    at = None if is_broken else next(waiting, None)
                if at is None:
                    return
                outcomes[at] = work(items[at])
                if not is_helper and len(outcomes) % 5 == 0:
                    told(len(outcomes), len(items))
        except BaseException:
            is_broken = True
            raise
        finally:
            if is_helper:
                connection.close()

    if len(items) < few or connection.in_atomic_block:
        go_on(is_helper=False)
    else:
        with ThreadPoolExecutor(max_workers=1) as pool:
            helper = pool.submit(go_on, is_helper=True)
            go_on(is_helper=False)
            helper.result()
    told(len(items), len(items))
    return [outcomes[at] for at in range(len(items))]
