"""Lines that many requests leave behind, written together: by a thread of the process, a moment after the first one.

For what may be lost with a process that is killed: lines of logs, how often something happened. Never for what somebody was
promised, and never for the first release of somebody's data.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from multiprocessing.util import Finalize
from typing import Generic, TypeVar

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection

T = TypeVar("T")
log = logging.getLogger("lingqu.batches")
MOST_WAITING = 20_000
MOST_AT_ONCE = 1_000


class Batch(Generic[T]):
    """``write`` gets what was added within ``LINGQU_BATCH_SECONDS``; with 0 each line is written at once, by the caller.

    While the database is away, lines wait and are tried again; beyond ``MOST_WAITING`` the oldest are given up, which the log
    says. A process that ends in order writes what is left.
    """

    def __init__(self, name: str, write: Callable[[Sequence[T]], None]) -> None:
        self._name, self._write = name, write
        self._waiting: list[T] = []
        self._lock, self._some = threading.Lock(), threading.Event()
        self._thread: threading.Thread | None = None

    def add(self, line: T) -> None:
        if not settings.LINGQU_BATCH_SECONDS:
            self._write([line])
            return
        with self._lock:
            self._waiting.append(line)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()
                Finalize(None, self.flush, exitpriority=1)
        self._some.set()

    def flush(self) -> None:
        """Write what waits, now."""
        with self._lock:
            taken, self._waiting = self._waiting, []
        while taken:
            try:
                self._write(taken[:MOST_AT_ONCE])
            except (OperationalError, InterfaceError) as error:
                log.warning("%s: lines wait: %s", self._name, type(error).__name__)
                self._keep(taken)
                return
            except DatabaseError:
                log.exception("%s: lines that cannot be written are given up", self._name)
            del taken[:MOST_AT_ONCE]

    def _keep(self, lines: list[T]) -> None:
        with self._lock:
            lines += self._waiting
            if (lost := len(lines) - MOST_WAITING) > 0:
                log.error("%s: %d lines are given up", self._name, lost)
                del lines[:lost]
            self._waiting = lines

    def _run(self) -> None:
        pause = threading.Event()
        while self._some.wait():
            pause.wait(settings.LINGQU_BATCH_SECONDS)
            self._some.clear()
            self.flush()
            connection.close()
            if self._waiting:
                self._some.set()
