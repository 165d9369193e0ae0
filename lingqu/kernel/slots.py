"""Places that a lower module leaves open and an upper one fills.

PERSON_PANELS: Slot[PersonRef, Panel] = Slot("registry.person_panels")            # lower module
PERSON_PANELS.fill("credits", credits_panel, rights=("credit_bank.view",), order=40)   # upper, in contributions.py
panels = PERSON_PANELS.collect(actor, person)                                      # lower module's view
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from .actor import Actor

Given = TypeVar("Given")
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Filling(Generic[Given, Made]):
    name: str
    make: Callable[[Actor, Given], Made | None]
    rights: tuple[str, ...]
    order: int


class Slot(Generic[Given, Made]):
    """A named place. ``Given`` is what the owner hands to each filling, ``Made`` what it wants back."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._fillings: dict[str, Filling[Given, Made]] = {}

    def fill(
        self,
        name: str,
        make: Callable[[Actor, Given], Made | None],
        *,
        rights: Sequence[str] = (),
        order: int = 100,
    ) -> None:
        """``make`` may return None: nothing to show here. The same name replaces, so discovery may run twice."""
        self._fillings[name] = Filling(name, make, tuple(rights), order)

    def collect(self, actor: Actor, given: Given) -> tuple[Made, ...]:
        """What every filling open to this actor makes of ``given``, in order."""
        return tuple(self.each(actor, given))

    def each(self, actor: Actor, given: Given) -> Iterator[Made]:
        """The same one by one, for work that says how far it is."""
        for filling in sorted(self._fillings.values(), key=lambda filling: (filling.order, filling.name)):
            if not filling.rights or any(actor.has(code) for code in filling.rights):
                made = filling.make(actor, given)
                if made is not None:
                    yield made

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._fillings)
