"""The engine's state of a case, and what a step is told and answers. Small: it stands in the case's row."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec

from ..types.graph import Wait


class Mark(StrEnum):
    """What a token does where it is."""

    WAITS = "w"
    ARRIVED = "a"
    """Before a join, for the others."""
    RETURNED = "r"
    """The step waits until the starter has corrected something."""
    STUCK = "s"
    """The step itself could not be done."""
    HELD = "h"
    """The step is done and the way on could not be told."""
    SURVEYS = "p"
    """A step with several instances whose participants are not known yet."""


class Token(msgspec.Struct, frozen=True, array_like=True, omit_defaults=True, kw_only=True):
    """Where a case stands. ``scope`` is the number of the token around it (0: none): that of a sub-process, of a step
    with several instances. ``index`` ≥ 0 for an instance."""

    number: int
    node: str
    mark: Mark = Mark.WAITS
    scope: int = 0
    flow: str = ""
    decision: str = ""
    index: int = -1
    item: Any = None
    items: tuple[Any, ...] | None = None
    """Of a step with several instances: its elements."""
    results: tuple[str, ...] = ()


class State(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """All tokens of a case; ``decisions`` and ``votes`` by node; ``visited`` steps of people, for returns."""

    tokens: tuple[Token, ...] = ()
    last: int = 0
    decisions: dict[str, str] = {}
    votes: dict[str, tuple[str, ...]] = {}
    visited: tuple[str, ...] = ()

    def find(self, number: int) -> Token | None:
        return next((token for token in self.tokens if token.number == number), None)


def unstuck(state: State, number: int) -> State:
    """The state in which a stuck token waits again."""
    tokens = tuple(
        msgspec.structs.replace(token, mark=Mark.WAITS) if token.number == number else token for token in state.tokens
    )
    return msgspec.structs.replace(state, tokens=tokens)


# What a step is told


class Begin(msgspec.Struct, frozen=True):
    """The case starts, at a start event of the process (empty: the plain one)."""

    node: str = ""


class Done(msgspec.Struct, frozen=True):
    """What a token waited for is done: a step of a person, a handler, a called case."""

    token: int
    decision: str = ""


class Triggered(msgspec.Struct, frozen=True):
    """A timer, message or signal came to a token. ``node``: the catching or boundary event or receive step; ``left``: how
    often the timer fires again."""

    token: int
    node: str
    left: int = 0


class Resolved(msgspec.Struct, frozen=True):
    """The participants of a step with one instance for each."""

    token: int
    items: tuple[str, ...]


class Failed(msgspec.Struct, frozen=True):
    """A handler refused or a called case ended with an error. ``code`` looks for a boundary event; none: stuck."""

    token: int
    code: str
    reason: str = ""


class Return(msgspec.Struct, frozen=True):
    """Back to an earlier step; an empty ``target`` asks the starter to correct and keeps the step."""

    token: int
    target: str = ""


class Corrected(msgspec.Struct, frozen=True):
    """The starter has corrected what a step had returned."""

    token: int


class Retry(msgspec.Struct, frozen=True):
    """Try again what was stuck."""

    token: int


class Pass(msgspec.Struct, frozen=True):
    """By hand: a stuck token goes on, over ``flow`` where one is chosen."""

    token: int
    flow: str = ""
    decision: str = ""


class Cancel(msgspec.Struct, frozen=True):
    """The case ends here."""


Event = Begin | Done | Triggered | Resolved | Failed | Return | Corrected | Retry | Pass | Cancel


# What a step answers


class OpenTask(msgspec.Struct, frozen=True):
    token: int
    node: str
    item: Any = None
    """Of an instance: its element; a participant when the step has one instance for each."""
    is_participant: bool = False


class OpenCorrection(msgspec.Struct, frozen=True):
    token: int
    node: str


class FindParticipants(msgspec.Struct, frozen=True):
    token: int
    node: str


class CallHandler(msgspec.Struct, frozen=True):
    token: int
    node: str
    inputs: dict[str, Any]


class StartCase(msgspec.Struct, frozen=True):
    token: int
    node: str
    key: str
    inputs: dict[str, Any]


class SetTimer(msgspec.Struct, frozen=True):
    token: int
    node: str
    wait: Wait
    until: str = ""
    left: int = 0


class Subscribe(msgspec.Struct, frozen=True):
    """To a message with a correlation key, or to a signal (``is_signal``)."""

    token: int
    node: str
    name: str
    key: str = ""
    is_signal: bool = False


class Throw(msgspec.Struct, frozen=True):
    node: str
    name: str
    key: str = ""
    is_signal: bool = False


class Drop(msgspec.Struct, frozen=True):
    """Everything that hangs on a token ends: tasks, timers, subscriptions, called cases. ``is_done``: in the ordinary way."""

    token: int
    is_done: bool = False
    node: str = ""


class Unhook(msgspec.Struct, frozen=True):
    """Tasks of a token end, its timers stay: it was returned to the starter."""

    token: int


class Rehook(msgspec.Struct, frozen=True):
    """A token stands on a node of another version: its tasks take the new name, its timers and subscriptions are set anew."""

    token: int
    node: str


class SetData(msgspec.Struct, frozen=True):
    name: str
    value: Any


class Stuck(msgspec.Struct, frozen=True):
    token: int
    node: str
    reason: str


class Ended(msgspec.Struct, frozen=True):
    """The case is over. ``error``: the code of an error end that nobody caught."""

    error: str = ""
    is_cancelled: bool = False


Effect = (
    OpenTask | OpenCorrection | FindParticipants | CallHandler | StartCase | SetTimer | Subscribe | Throw | Drop | Unhook
    | Rehook | SetData | Stuck | Ended
)  # fmt: skip


class Answer(msgspec.Struct, frozen=True):
    """The state after a step and what has to be done in the same transaction, in this order."""

    state: State
    effects: tuple[Effect, ...]


class NotHere(Exception):
    """An event for a token that is gone or does something else now."""
