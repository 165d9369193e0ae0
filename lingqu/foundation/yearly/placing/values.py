"""What a drawing is made from and what it makes."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256

VERSION = "1"
MOST_CLASSES, MOST_PUPILS, MOST_BANDS = 60, 3000, 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Pupil:
    """``number`` is the person number, ``sex`` GB/T 2261.1, ``band`` the ordinal of the entry attribute (0 not given),
    ``included`` a seat for 随班就读."""

    number: str
    sex: str
    band: int = 0
    included: bool = False

    @property
    def cell(self) -> tuple[str, int]:
        return self.sex, self.band


@dataclass(frozen=True, slots=True, kw_only=True)
class Bond:
    """Twins by their parents' wish: ``together`` or ``apart``."""

    kind: str
    numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """``reduction``: seats fewer for each pupil of 随班就读 in a class; ``most_included``: at most so many in a class.
    ``teams`` are names of teacher teams, drawn for the classes; none or one a class."""

    classes: int
    pupils: tuple[Pupil, ...]
    bonds: tuple[Bond, ...] = ()
    reduction: int = 5
    most_included: int = 2
    teams: tuple[str, ...] = ()

    @property
    def included(self) -> int:
        return sum(pupil.included for pupil in self.pupils)


@dataclass(slots=True, kw_only=True)
class Placed:
    """``members`` by class, in the order of the draw; ``teams``: index of the team of each class; ``notes`` say where the
    wishes made an even split impossible: (what, spread)."""

    members: list[list[str]] = field(default_factory=list)
    teams: list[int] = field(default_factory=list)
    notes: list[tuple[str, int]] = field(default_factory=list)


def rank(seed: str, purpose: str, text: object) -> str:
    """A drawn order: SHA-256 of version, seed, purpose and text. Whoever knows the seed can recompute it."""
    return sha256(f"{VERSION}|{seed}|{purpose}|{text}".encode()).hexdigest()
