"""Moving a case to another version of its definition: every token needs a partner."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..types.graph import TOP, NodeKind
from . import activities
from .plan import Plan
from .state import Answer, Mark, Rehook, State
from .step import Move


class NoPartner(Exception):
    """Tokens that cannot move: their node has no partner, or they stand inside something. ``nodes``: names of the nodes."""

    def __init__(self, nodes: list[str]) -> None:
        super().__init__(", ".join(nodes))
        self.nodes = nodes


def migrate_state(old: Plan, new: Plan, state: State, nodes: Mapping[str, str], data: Mapping[str, Any]) -> Answer:
    """The state on the new version. Tasks stay; timers and subscriptions are set anew."""
    lost = []
    for token in state.tokens:
        before, after = old.nodes[token.node], new.nodes.get(nodes.get(token.node, token.node))
        is_inside = token.scope or token.index >= 0 or token.items is not None or before.kind == NodeKind.SUB
        is_join = token.mark == Mark.ARRIVED
        if is_inside or is_join or after is None or after.kind != before.kind or after.scope != TOP or after.multi:
            lost.append(before.name or before.id)
    if lost:
        raise NoPartner(sorted(set(lost)))
    move = Move(new, state, data)
    move.visited = dict.fromkeys(nodes.get(one, one) for one in state.visited if nodes.get(one, one) in new.nodes)
    move.decisions = {nodes.get(one, one): value for one, value in state.decisions.items()}
    for token in state.tokens:
        node = new.nodes[nodes.get(token.node, token.node)]
        moved = move.mark(token, token.mark, node=node.id)
        move.effects.append(Rehook(token.number, node.id))
        activities.listen_again(move, moved)
    return move.answer()
