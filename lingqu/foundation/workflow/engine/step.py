"""One step of a case: what it is told, what follows. Pure: no database, no clock, no chance.

Tokens stand on nodes. A token that waits stays; everything else passes at once, until nothing passes any more. Inclusive
joins are asked last (BPMN 2.0 §13.4.3): one fires when no other token of its scope can still come to an incoming flow that
has none, unless that token could as well come to one that has.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

import msgspec

from ..types.graph import TOP, Flow, Node, NodeKind
from . import activities, ends
from .expressions import Unanswerable, holds
from .plan import Plan
from .state import (
    Answer,
    Begin,
    Cancel,
    Corrected,
    Done,
    Drop,
    Effect,
    Ended,
    Event,
    Failed,
    Mark,
    NotHere,
    OpenCorrection,
    Pass,
    Resolved,
    Retry,
    Return,
    State,
    Stuck,
    Token,
    Triggered,
    Unhook,
)  # fmt: skip

MOST_MOVES = 2_000
"""Nodes that one step may pass. More is a circle without anybody in it."""
MOST_TOKENS = 3_000


class Endless(Exception):
    """A step that does not come to rest: nothing of it counts."""


def step(plan: Plan, state: State, event: Event, data: Mapping[str, Any]) -> Answer:
    """What follows from an event. ``data`` are the form fields, with ``today`` (ISO text) and whatever else conditions may
    read. Raises :class:`NotHere` for an event whose token is gone, :class:`Endless` for a circle in the definition."""
    move = Move(plan, state, data)
    _TOLD[type(event)](move, event)
    move.settle()
    return move.answer()


class Move:
    """A step under way: a working copy of the tokens and what has to be done."""

    def __init__(self, plan: Plan, state: State, data: Mapping[str, Any]) -> None:
        self.plan = plan
        self.tokens = {token.number: token for token in state.tokens}
        self.last = state.last
        self.decisions = dict(state.decisions)
        self.votes = dict(state.votes)
        self.visited = dict.fromkeys(state.visited)
        self.data = dict(data)
        self.effects: list[Effect] = []
        self.agenda: deque[tuple[Node, int, str, str]] = deque()
        self.is_over = False
        self.moves = 0

    def answer(self) -> Answer:
        state = State(
            tokens=tuple(self.tokens.values()), last=self.last, decisions=self.decisions, votes=self.votes,
            visited=tuple(self.visited),
        )  # fmt: skip
        return Answer(state, tuple(self.effects))

    # Tokens

    def add(self, node: Node, scope: int, **more: Any) -> Token:
        self.last += 1
        token = Token(number=self.last, node=node.id, scope=scope, **more)
        self.tokens[token.number] = token
        return token

    def mark(self, token: Token, mark: Mark, **more: Any) -> Token:
        made: Token = msgspec.structs.replace(token, mark=mark, **more)
        self.tokens[token.number] = made
        return made

    def get(self, number: int, *marks: Mark) -> Token:
        token = self.tokens.get(number)
        if token is None or (marks and token.mark not in marks):
            raise NotHere()
        return token

    def inside(self, scope: int) -> list[Token]:
        return [token for token in self.tokens.values() if token.scope == scope]

    def drop(self, token: Token, *, is_done: bool = False) -> None:
        """A token and everything inside it goes."""
        for inner in self.inside(token.number):
            self.drop(inner)
        if self.tokens.pop(token.number, None) is not None:
            self.effects.append(Drop(token.number, is_done, token.node))

    def node(self, token: Token) -> Node:
        return self.plan.nodes[token.node]

    def context(self, scope: int, decision: str = "") -> dict[str, Any]:
        """What an expression sees: fields, decisions so far, and the elements of the instances around it."""
        found = {**self.data, "decision": decision, "decisions": self.decisions, "votes": self.votes}
        around = []
        while scope and (token := self.tokens.get(scope)):
            around.append(token)
            scope = token.scope
        for token in reversed(around):
            if token.index >= 0 and (multi := self.node(token).multi):
                found[multi.item] = token.item
        return found

    # Moving on

    def enter(self, node: Node, scope: int, flow: str = "", decision: str = "") -> None:
        self.agenda.append((node, scope, flow, decision))

    def settle(self) -> None:
        """Until nothing passes any more."""
        while not self.is_over:
            while self.agenda and not self.is_over:
                node, scope, flow, decision = self.agenda.popleft()
                self.moves += 1
                if self.moves > MOST_MOVES or len(self.tokens) > MOST_TOKENS:
                    raise Endless()
                if scope == 0 or scope in self.tokens:
                    self.arrive(node, scope, flow, decision)
            if not self.is_over and not (self.fire_inclusive() or ends.close_scopes(self)):
                break
        if not self.is_over:
            self.tell_dead_ends()

    def arrive(self, node: Node, scope: int, flow: str, decision: str) -> None:
        if self.plan.is_join(node):
            self.add(node, scope, mark=Mark.ARRIVED, flow=flow, decision=decision)
            if node.kind == NodeKind.PARALLEL:
                self.fire_parallel(node, scope)
        elif node.kind in _PASSING:
            self.go_on(node, scope, decision)
        elif node.kind in (NodeKind.END, NodeKind.TERMINATE, NodeKind.ERROR_END):
            ends.reach(self, node, scope)
        else:
            activities.begin(self, node, scope, decision)

    def go_on(self, node: Node, scope: int, decision: str) -> None:
        """Leave a node: over what its flows say. Without an answer a token is held there."""
        try:
            flows = self.choose(node, scope, decision)
        except Unanswerable as error:
            self.hold(node, scope, decision, str(error))
            return
        for flow in flows:
            self.enter(self.plan.nodes[flow.target], scope, flow.id, decision)

    def hold(self, node: Node, scope: int, decision: str, reason: str) -> None:
        token = self.add(node, scope, mark=Mark.HELD, decision=decision)
        self.effects.append(Stuck(token.number, node.id, reason))

    def choose(self, node: Node, scope: int, decision: str) -> list[Flow]:
        """The flows that are taken. Raises :class:`Unanswerable` when there are some and none is."""
        flows = self.plan.outgoing[node.id]
        if node.kind in (NodeKind.PARALLEL, NodeKind.EVENT_GATE) or not flows:
            return flows
        context = self.context(scope, decision)
        if len(flows) == 1 and not flows[0].condition:
            return flows
        plain = [flow for flow in flows if not flow.is_default]
        if node.kind == NodeKind.EXCLUSIVE:
            taken = next(([flow] for flow in plain if _is_taken(flow, context)), [])
        else:
            taken = [flow for flow in plain if _is_taken(flow, context)]
        taken = taken or [flow for flow in flows if flow.is_default]
        if not taken:
            raise Unanswerable(f"{node.name or node.id}: no way on applies")
        return taken

    # Joins

    def fire_parallel(self, node: Node, scope: int) -> bool:
        """When each incoming flow has brought a token, one of each goes on as one."""
        waiting = [token for token in self.inside(scope) if token.node == node.id and token.mark == Mark.ARRIVED]
        first: dict[str, Token] = {}
        for token in waiting:
            first.setdefault(token.flow, token)
        if len(first) < len(self.plan.incoming[node.id]):
            return False
        self.join(node, scope, list(first.values()))
        return True

    def fire_inclusive(self) -> bool:
        """The first inclusive join for which nobody is left to wait."""
        for token in list(self.tokens.values()):
            node = self.node(token)
            if token.mark != Mark.ARRIVED or node.kind != NodeKind.INCLUSIVE:
                continue
            here = [one for one in self.inside(token.scope) if one.node == node.id and one.mark == Mark.ARRIVED]
            if not self.is_awaited(node, token.scope, {one.flow for one in here}):
                first = {one.flow: one for one in reversed(here)}
                self.join(node, token.scope, list(first.values()))
                return True
        return False

    def is_awaited(self, join: Node, scope: int, filled: set[str]) -> bool:
        flows = self.plan.incoming[join.id]
        to_filled = [self.plan.reaches(join.id, flow) for flow in flows if flow.id in filled]
        to_empty = [self.plan.reaches(join.id, flow) for flow in flows if flow.id not in filled]
        for token in self.inside(scope):
            if token.node == join.id:
                continue
            if any(token.node in nodes for nodes in to_empty) and not any(token.node in nodes for nodes in to_filled):
                return True
        return False

    def join(self, node: Node, scope: int, tokens: list[Token]) -> None:
        for token in tokens:
            del self.tokens[token.number]
        latest = max(tokens, key=lambda token: token.number)
        self.go_on(node, scope, latest.decision)

    def tell_dead_ends(self) -> None:
        """A scope in which everything waits at joins goes nowhere: its first token is held, for a person to look at."""
        for scope in {token.scope for token in self.tokens.values()}:
            inside = self.inside(scope)
            if inside and all(token.mark == Mark.ARRIVED for token in inside):
                first = self.mark(inside[0], Mark.HELD)
                self.effects.append(Stuck(first.number, first.node, "waits at a join for what cannot come"))


def _is_taken(flow: Flow, context: Mapping[str, Any]) -> bool:
    return not flow.condition or holds(flow.condition, context)


_PASSING = frozenset({
    NodeKind.START, NodeKind.START_MESSAGE, NodeKind.EXCLUSIVE, NodeKind.PARALLEL, NodeKind.INCLUSIVE, NodeKind.THROW_NONE,
    NodeKind.BOUNDARY_TIMER, NodeKind.BOUNDARY_MESSAGE, NodeKind.BOUNDARY_SIGNAL, NodeKind.BOUNDARY_ERROR,
})  # fmt: skip


# What each event does


def _begin(move: Move, event: Begin) -> None:
    move.enter(move.plan.nodes[event.node] if event.node else move.plan.start(TOP), 0)


def _done(move: Move, event: Done) -> None:
    token = move.get(event.token, Mark.WAITS)
    activities.complete(move, token, event.decision)


def _triggered(move: Move, event: Triggered) -> None:
    activities.trigger(move, move.get(event.token), move.plan.nodes[event.node], event.left)


def _resolved(move: Move, event: Resolved) -> None:
    activities.spread(move, move.get(event.token, Mark.SURVEYS), event.items)


def _failed(move: Move, event: Failed) -> None:
    token = move.get(event.token, Mark.WAITS, Mark.STUCK, Mark.SURVEYS)
    if not ends.throw(move, token, event.code):
        move.mark(token, Mark.STUCK)
        move.effects.append(Stuck(token.number, token.node, event.reason or event.code))


def _return(move: Move, event: Return) -> None:
    token = move.get(event.token)
    if not event.target:
        if token.mark != Mark.WAITS:
            raise NotHere()
        move.mark(token, Mark.RETURNED)
        move.effects += [Unhook(token.number), OpenCorrection(token.number, token.node)]
        return
    while token.index >= 0 and token.scope:
        token = move.get(token.scope)
    ended = move.plan.returns(token.node).get(event.target)
    if ended is None or event.target not in move.visited:
        raise NotHere()
    for other in move.inside(token.scope):
        if other.number == token.number or other.node in ended:
            move.drop(other)
    move.enter(move.plan.nodes[event.target], token.scope)


def _corrected(move: Move, event: Corrected) -> None:
    token = move.get(event.token, Mark.RETURNED)
    activities.reopen(move, move.mark(token, Mark.WAITS))


def _retry(move: Move, event: Retry) -> None:
    token = move.get(event.token, Mark.STUCK, Mark.HELD, Mark.SURVEYS)
    if token.mark == Mark.SURVEYS or token.mark == Mark.STUCK:
        activities.reopen(move, token)
        return
    del move.tokens[token.number]
    move.go_on(move.node(token), token.scope, token.decision)


def _pass(move: Move, event: Pass) -> None:
    token = move.get(event.token, Mark.STUCK, Mark.HELD, Mark.SURVEYS)
    node, decision = move.node(token), event.decision or token.decision
    if event.flow:
        chosen = next((flow for flow in move.plan.outgoing[node.id] if flow.id == event.flow), None)
        if chosen is None:
            raise NotHere()
        move.drop(token, is_done=True)
        move.enter(move.plan.nodes[chosen.target], token.scope, chosen.id, decision)
    elif token.mark == Mark.STUCK:
        activities.complete(move, token, decision)
    else:
        move.drop(token, is_done=True)
        move.go_on(node, token.scope, decision)


def _cancel(move: Move, _event: Cancel) -> None:
    for token in move.inside(0):
        move.drop(token)
    move.is_over = True
    move.effects.append(Ended(is_cancelled=True))


_TOLD: dict[type, Any] = {
    Begin: _begin, Done: _done, Triggered: _triggered, Resolved: _resolved, Failed: _failed, Return: _return,
    Corrected: _corrected, Retry: _retry, Pass: _pass, Cancel: _cancel,
}  # fmt: skip
