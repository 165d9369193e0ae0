"""What a service step may call: named functions that modules register in their ``contributions.py``. A definition names
them; it never holds code.

    handlers.register("registry.move", move, undo=move_back, label=_("转入就读"))     # move(actor, ask) -> mapping or None
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from lingqu.kernel.actor import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFact:
    """A case as handlers, participant rules and other modules see it. ``fields`` are its form data."""

    id: UUID
    number: str
    key: str
    title: str
    organisation_id: UUID
    path: str
    starter_id: UUID | None
    subject_id: UUID | None
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What a handler is called with. ``inputs`` as the definition names them; ``answer``: for an undo, what the call gave."""

    case: CaseFact
    node: str
    inputs: Mapping[str, Any]
    answer: Any = None


Run = Callable[[Actor, Ask], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Handler:
    """``run`` answers JSON values, kept under the step's result name; it refuses by raising a domain error, whose code a
    boundary event may catch. It runs in the step's transaction: what a refusing handler wrote is gone. ``undo`` takes back
    what was done when the case is cancelled later."""

    name: str
    label: str
    run: Run
    undo: Run | None = None


HANDLERS: dict[str, Handler] = {}


def register(name: str, run: Run, *, undo: Run | None = None, label: str = "") -> None:
    """The same name replaces, so discovery may run twice."""
    HANDLERS[name] = Handler(name=name, label=label or name, run=run, undo=undo)
