"""What happens at a node that waits or works: begin, complete, several instances, events that come to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..types.graph import Multi, Node, NodeKind, Wait
from .expressions import MOST_LIST, Unanswerable, answer, holds
from .plan import LISTENING, WORKED
from .state import (
    CallHandler,
    FindParticipants,
    Mark,
    NotHere,
    OpenTask,
    SetData,
    SetTimer,
    StartCase,
    Stuck,
    Subscribe,
    Throw,
    Token,
)  # fmt: skip
from .tables import decide

if TYPE_CHECKING:
    from .step import Move

EACH_PARTICIPANT = ("each participant",)
"""What stands in for the elements while the participants are being found."""


def begin(move: Move, node: Node, scope: int, decision: str) -> None:
    """A token comes to a node that works or waits."""
    token = move.add(node, scope, decision=decision)
    if node.kind in WORKED:
        move.visited[node.id] = None
    try:
        for event in move.plan.attached[node.id]:
            _listen(move, token, event)
        if node.multi is not None:
            _begin_multi(move, token, node, node.multi)
        else:
            _work(move, token, node)
    except Unanswerable as error:
        _stick(move, move.tokens[token.number], str(error))


def reopen(move: Move, token: Token) -> None:
    """Do again what a token waits for: after a correction, or because it was stuck."""
    node = move.node(token)
    try:
        if node.multi is not None and token.index < 0:
            if token.items is None:
                _begin_multi(move, token, node, node.multi)
            else:
                _after_instance(move, move.mark(token, Mark.WAITS), node, node.multi)
        else:
            _work(move, move.mark(token, Mark.WAITS), node)
    except Unanswerable as error:
        _stick(move, move.tokens[token.number], str(error))


def _stick(move: Move, token: Token, reason: str) -> None:
    move.mark(token, Mark.STUCK)
    move.effects.append(Stuck(token.number, token.node, reason))


def _work(move: Move, token: Token, node: Node) -> None:
    context = _context(move, token)
    if node.kind in WORKED:
        is_participant = token.index >= 0 and node.multi is not None and not (node.multi.collection or node.multi.count)
        move.effects.append(OpenTask(token.number, node.id, token.item, is_participant))
    elif node.handler:
        inputs = {given.name: answer(given.value, context) for given in node.inputs}
        move.effects.append(CallHandler(token.number, node.id, inputs))
    elif node.kind in (NodeKind.SEND, NodeKind.THROW_MESSAGE):
        move.effects.append(Throw(node.id, node.message, _key(node, context)))
        complete(move, token, token.decision)
    elif node.kind == NodeKind.THROW_SIGNAL:
        move.effects.append(Throw(node.id, node.signal, is_signal=True))
        complete(move, token, token.decision)
    elif node.kind == NodeKind.RULE:
        value = decide(move.plan.tables[node.table], context)
        if node.result:
            move.data[node.result] = value
            move.effects.append(SetData(node.result, value))
        complete(move, token, token.decision)
    elif node.kind == NodeKind.SUB:
        move.enter(move.plan.start(node.id), token.number, decision=token.decision)
    elif node.kind == NodeKind.CALL:
        inputs = {given.name: answer(given.value, context) for given in node.inputs}
        move.effects.append(StartCase(token.number, node.id, node.called, inputs))
    elif node.kind == NodeKind.EVENT_GATE:
        for flow in move.plan.outgoing[node.id]:
            _listen(move, token, move.plan.nodes[flow.target])
    elif node.kind == NodeKind.SERVICE:
        raise Unanswerable(f"{node.name or node.id}: no handler is named")
    else:
        _listen(move, token, node)


def _listen(move: Move, token: Token, event: Node) -> None:
    """Timers and subscriptions of an event for a token: its own, of a boundary, of a way behind an event gateway."""
    context = _context(move, token)
    if event.wait is not None:
        wait: Wait = event.wait
        until = str(answer(wait.until, context)) if wait.until else ""
        move.effects.append(SetTimer(token.number, event.id, wait, until, wait.repeats))
    elif event.message:
        move.effects.append(Subscribe(token.number, event.id, event.message, _key(event, context)))
    elif event.signal:
        move.effects.append(Subscribe(token.number, event.id, event.signal, is_signal=True))


def listen_again(move: Move, token: Token) -> None:
    """Timers and subscriptions of a token that came to stand on a node from elsewhere."""
    node = move.node(token)
    for event in move.plan.attached[node.id]:
        _listen(move, token, event)
    if token.mark != Mark.WAITS:
        return
    if node.kind == NodeKind.EVENT_GATE:
        for flow in move.plan.outgoing[node.id]:
            _listen(move, token, move.plan.nodes[flow.target])
    elif node.wait is not None or node.kind in LISTENING:
        _listen(move, token, node)


def _key(node: Node, context: dict[str, Any]) -> str:
    return str(answer(node.correlation, context)) if node.correlation else ""


def _context(move: Move, token: Token) -> dict[str, Any]:
    return move.context(token.number, token.decision)


def complete(move: Move, token: Token, decision: str) -> None:
    """A token has done what it waited for: the instance counts, or the case goes on from there."""
    node = move.node(token)
    if token.mark not in (Mark.WAITS, Mark.STUCK) or (token.items is not None and token.mark == Mark.WAITS):
        raise NotHere()
    if node.kind in WORKED and decision:
        move.decisions[node.id] = decision
    move.drop(token, is_done=True)
    if token.index >= 0:
        body = move.get(token.scope)
        body = move.mark(body, body.mark, results=(*body.results, decision))
        if node.multi is not None:
            _after_instance(move, body, node, node.multi)
        return
    move.go_on(node, token.scope, decision or token.decision)


def trigger(move: Move, token: Token, event: Node, left: int) -> None:
    """A timer, message or signal comes to a token that waits for it, or to the boundary of its step."""
    if event.attached_to:
        if event.attached_to != token.node:
            raise NotHere()
        if event.interrupts:
            move.drop(token)
        elif left and event.wait is not None:
            move.effects.append(SetTimer(token.number, event.id, event.wait, "", left - 1 if left > 0 else -1))
        move.go_on(event, token.scope, token.decision)
        return
    if token.mark != Mark.WAITS or (event.id != token.node and event.id not in _behind(move, token)):
        raise NotHere()
    if event.id == token.node:
        complete(move, token, token.decision)
        return
    move.drop(token, is_done=True)
    move.go_on(event, token.scope, token.decision)


def _behind(move: Move, token: Token) -> set[str]:
    return {flow.target for flow in move.plan.outgoing[token.node]}


# Several instances


def _begin_multi(move: Move, token: Token, node: Node, multi: Multi) -> None:
    context = _context(move, token)
    if multi.collection:
        spread(move, token, answer(multi.collection, context))
    elif multi.count:
        spread(move, token, _counted(answer(multi.count, context)))
    elif node.kind in WORKED:
        move.mark(token, Mark.SURVEYS)
        move.effects.append(FindParticipants(token.number, node.id))
    else:
        raise Unanswerable(f"{node.name or node.id}: several instances of nothing")


def _counted(value: Any) -> list[float]:
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0 or value != int(value):
        raise Unanswerable(f"{value!r} is not a number of instances")
    if value > MOST_LIST:
        raise Unanswerable(f"more than {MOST_LIST} instances")
    return [float(place) for place in range(1, int(value) + 1)]


def spread(move: Move, token: Token, items: Sequence[Any]) -> None:
    """Begin an instance for each element, one after the other if the step says so."""
    if not isinstance(items, list | tuple) or len(items) > MOST_LIST:
        raise Unanswerable(f"a list of at most {MOST_LIST} is needed")
    node = move.node(token)
    multi = node.multi or Multi()
    body = move.mark(token, Mark.WAITS, items=tuple(items), results=())
    if not items:
        _finish_multi(move, body, node)
        return
    for index in range(1 if multi.is_sequential else len(items)):
        _begin_instance(move, body, node, index)


def _begin_instance(move: Move, body: Token, node: Node, index: int) -> None:
    items = body.items or ()
    token = move.add(node, body.number, index=index, item=items[index], decision=body.decision)
    try:
        _work(move, token, node)
    except Unanswerable as error:
        _stick(move, token, str(error))


def _after_instance(move: Move, body: Token, node: Node, multi: Multi) -> None:
    """Ask whether what came in is enough; else the next one in line."""
    items, done = body.items or (), len(body.results)
    if multi.completion and done < len(items):
        context = _context(move, body) | {
            "results": list(body.results), "nrOfInstances": len(items), "nrOfCompletedInstances": done,
            "nrOfActiveInstances": len(move.inside(body.number)),
        }  # fmt: skip
        try:
            is_enough = holds(multi.completion, context)
        except Unanswerable as error:
            _stick(move, body, str(error))
            return
    else:
        is_enough = done >= len(items)
    if is_enough:
        _finish_multi(move, body, node)
    elif multi.is_sequential and not move.inside(body.number):
        _begin_instance(move, body, node, done)


def _finish_multi(move: Move, body: Token, node: Node) -> None:
    move.votes[node.id] = body.results
    order = [outcome.code for outcome in node.work.outcomes] if node.work else []
    decision = verdict(body.results, order)
    if node.kind in WORKED and decision:
        move.decisions[node.id] = decision
    move.drop(body, is_done=True)
    move.go_on(node, body.scope, decision or body.decision)


def verdict(results: Sequence[str], order: list[str]) -> str:
    """The decision of a step with several instances: the one given most; of equal ones the one that the step offers later."""
    given = list(dict.fromkeys(results))
    return max(given, key=lambda code: (results.count(code), order.index(code) if code in order else -1), default="")
