"""Places of a grade: pure arithmetic."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Seats:
    """One grade of a school in a school year. ``planned``: the classes come from a plan, else they are those that exist."""

    school_id: UUID
    grade: str
    classes: int
    per_class: int
    sitting: int
    pending: int
    is_entry: bool = False
    planned: bool = False

    @property
    def places(self) -> int:
        return self.classes * self.per_class

    @property
    def balance(self) -> int:
        """Free places; below zero: how many too many."""
        return self.places - self.sitting - self.pending

    @property
    def free(self) -> int:
        return max(0, self.balance)

    @property
    def over(self) -> int:
        return max(0, -self.balance)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    places: int
    sitting: int
    pending: int
    free: int
    over: int
    """Grades of schools that hold more than their places."""


def sums_of(lines: Iterable[Seats]) -> Sums:
    """Free places are not set off against too many elsewhere."""
    held = list(lines)
    return Sums(
        places=sum(one.places for one in held), sitting=sum(one.sitting for one in held),
        pending=sum(one.pending for one in held), free=sum(one.free for one in held),
        over=sum(one.over > 0 for one in held),
    )  # fmt: skip
