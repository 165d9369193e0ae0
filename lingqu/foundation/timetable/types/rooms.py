"""Rooms of a school by name. The registry of rooms is kept by another module, which fills the slot."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from uuid import UUID

from lingqu.kernel.slots import Slot

SCHOOL_ROOMS: Slot[UUID, tuple[str, ...]] = Slot("timetable.school_rooms")
"""Names of the rooms that a school (its id) has registered. Given to whoever edits the timetable of the school."""
ALIKE = 0.45
"""Least likeness (0 to 1) of a name that is offered instead of an unknown one."""


class Rooms:
    """Known names; without any nothing is unknown."""

    def __init__(self, registered: Iterable[str], used: Iterable[str] = ()) -> None:
        self.registered = tuple(dict.fromkeys(name for name in registered if name))
        self._known = {plain(name) for name in (*self.registered, *used) if name}
        self._nearest: dict[str, str] = {}

    def is_unknown(self, name: str) -> bool:
        return bool(self.registered) and bool(name) and plain(name) not in self._known

    def nearest(self, name: str) -> str:
        """The registered name that is most like it; empty when none is."""
        if name not in self._nearest:
            found = get_close_matches(name, self.registered, n=1, cutoff=ALIKE)
            self._nearest[name] = found[0] if found else ""
        return self._nearest[name]


def plain(name: str) -> str:
    return "".join(name.split()).casefold()
