"""Two lanes: a chunk that has nothing to do with the one before it is applied beside it, on a connection of its own.

Commits keep the order of the chunks, so progress stays one number and a kill leaves no gap: a chunk that runs ahead does
all its work, waits for its turn, and commits; when the one before fails, it is rolled back. One that meets somebody already
known gives up and begins again when its turn has come.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from threading import Event

from django.db import IntegrityError, connection

from lingqu.foundation.registry import api as registry

from .planning import Ready

LANES = 2


PATIENCE = 180.0
"""Seconds a chunk that ran ahead keeps its locks while it waits: should the one before need one of them, it gets it."""


class Overtaken(Exception):
    """The chunk before this one failed."""


class Impatient(Exception):
    """The turn did not come for too long."""


@dataclass(slots=True, kw_only=True)
class Turn:
    """When the chunk of this ``number`` (from 1) may commit. ``is_ahead``: while the one ``before`` is still at work."""

    number: int
    before: Turn | None = None
    is_ahead: bool = False
    has_committed: bool = False
    _ended: Event = field(default_factory=Event)

    def wait(self) -> None:
        """Until all chunks before this one are committed; raises :class:`Overtaken` when one of them is not.

        One that ran ahead waits ``PATIENCE`` seconds at most, then raises :class:`Impatient` and begins again later.
        """
        if self.before is None:
            return
        if not self.before._ended.wait(PATIENCE if self.is_ahead else None):
            self.is_ahead = False
            raise Impatient
        if not self.before.has_committed:
            raise Overtaken
        self.before, self.is_ahead = None, False

    def end(self, *, committed: bool) -> None:
        self.has_committed = committed
        self._ended.set()


Apply = Callable[[Ready, Turn], None]


def apply_in_lanes(chunks: Iterator[Ready], apply: Apply) -> None:
    """Apply ``chunks``, which commit in order. ``apply`` works in one transaction and calls ``turn.wait`` before its
    end; the first failure is raised once nothing runs any more.

    Inside a transaction (tests) everything happens in turn: a second connection would not see its rows.
    """
    if connection.in_atomic_block:
        for number, ready in enumerate(chunks, 1):
            apply(ready, Turn(number=number))
        return
    lanes = [ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"intake-lane-{n}") for n in range(LANES)]
    flying: deque[Future[None]] = deque()
    before: tuple[Ready, Turn] | None = None
    try:
        for number, ready in enumerate(chunks, 1):
            is_ahead = before is not None and registry.may_overtake(ready.prepared, before[0].prepared)
            while len(flying) > (LANES - 1 if is_ahead else 0):
                flying.popleft().result()
            turn = Turn(number=number, before=before[1] if before else None, is_ahead=is_ahead and bool(flying))
            flying.append(lanes[number % LANES].submit(copy_context().run, _run, apply, ready, turn))
            before = (ready, turn)
        while flying:
            flying.popleft().result()
    finally:
        for lane in lanes:
            lane.submit(lambda: connection.close()).result()  # the lane's own connection
            lane.shutdown()


def _run(apply: Apply, ready: Ready, turn: Turn) -> None:
    try:
        try:
            apply(ready, turn)
        except (registry.Acquainted, IntegrityError, Impatient) as early:
            if not turn.is_ahead and not isinstance(early, Impatient):
                raise
            turn.is_ahead = False
            turn.wait()
            apply(ready, turn)
    except BaseException:
        turn.end(committed=False)
        raise
    turn.end(committed=True)
