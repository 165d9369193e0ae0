"""How tokens, scopes and whole cases end, and where an error goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..types.graph import Node, NodeKind
from ..types.words import CaseState
from . import activities
from .state import Ended, Mark, Token

if TYPE_CHECKING:
    from .step import Move


def reach(move: Move, node: Node, scope: int) -> None:
    """An end event. A plain one ends its token only."""
    if node.kind == NodeKind.END:
        return
    if node.kind == NodeKind.TERMINATE:
        for token in move.inside(scope):
            move.drop(token)
        _forget(move, scope)
        return
    around = move.tokens.get(scope)
    if around is not None and throw(move, around, node.error):
        return
    for token in move.inside(0):
        move.drop(token)
    move.is_over = True
    move.effects.append(Ended(error=node.error))


def throw(move: Move, token: Token, code: str) -> bool:
    """An error on a token: the nearest boundary event for its code, else one for any, takes it. False: nobody does."""
    while True:
        caught = _catcher(move, token, code)
        if caught is not None:
            host = move.get(token.scope) if token.index >= 0 else token
            move.drop(host)
            _forget(move, host.number)
            move.go_on(caught, host.scope, "")
            return True
        around = move.tokens.get(token.scope)
        if around is None:
            return False
        token = around


def _catcher(move: Move, token: Token, code: str) -> Node | None:
    found = [node for node in move.plan.attached[token.node] if node.kind == NodeKind.BOUNDARY_ERROR]
    exact = next((node for node in found if node.error and node.error == code), None)
    return exact or next((node for node in found if not node.error), None)


def _forget(move: Move, scope: int) -> None:
    """Nothing that was about to be entered inside an ended scope is."""
    move.agenda = type(move.agenda)(entry for entry in move.agenda if entry[1] != scope)


def close_scopes(move: Move) -> bool:
    """Sub-processes in which nothing is left go on; the case ends when nothing is left at all. True: something moved."""
    if not move.tokens:
        move.is_over = True
        move.effects.append(Ended())
        return False
    for token in list(move.tokens.values()):
        is_open = token.mark == Mark.WAITS and move.node(token).kind == NodeKind.SUB and token.items is None
        if is_open and not move.inside(token.number):
            activities.complete(move, token, "")
            return True
    return False


def end_state(ended: Ended) -> CaseState:
    if ended.is_cancelled:
        return CaseState.CANCELLED
    return CaseState.FAILED if ended.error else CaseState.DONE


def number_of(text: str) -> int:
    return int.from_bytes(text.encode()[-7:], "big")
