"""A graph with everything precomputed that a step asks: flows by node, what can still reach a join, where a return may go."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property

from ..types.graph import TOP, Flow, Graph, Node, NodeKind

WORKED = frozenset({NodeKind.USER, NodeKind.MANUAL})
STARTS = frozenset({NodeKind.START, NodeKind.START_MESSAGE})
BOUNDARIES = frozenset({
    NodeKind.BOUNDARY_TIMER, NodeKind.BOUNDARY_MESSAGE, NodeKind.BOUNDARY_SIGNAL, NodeKind.BOUNDARY_ERROR,
})  # fmt: skip

LISTENING = frozenset({
    NodeKind.RECEIVE, NodeKind.CATCH_MESSAGE, NodeKind.CATCH_SIGNAL, NodeKind.BOUNDARY_MESSAGE, NodeKind.BOUNDARY_SIGNAL,
})  # fmt: skip


class Plan:
    """One graph as the engine reads it. Built once for a version and kept."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.nodes: Mapping[str, Node] = {node.id: node for node in graph.nodes}
        self.outgoing: dict[str, list[Flow]] = defaultdict(list)
        self.incoming: dict[str, list[Flow]] = defaultdict(list)
        self.attached: dict[str, list[Node]] = defaultdict(list)
        self.starts: dict[str, list[Node]] = defaultdict(list)
        self.tables = {table.key: table for table in graph.tables}
        for flow in graph.flows:
            self.outgoing[flow.source].append(flow)
            self.incoming[flow.target].append(flow)
        for node in graph.nodes:
            if node.kind in BOUNDARIES:
                self.attached[node.attached_to].append(node)
            if node.kind in STARTS:
                self.starts[node.scope].append(node)
        kinds = {node.kind for node in graph.nodes}
        self.has_listeners = any(node.wait is not None for node in graph.nodes) or bool(kinds & LISTENING)
        self.has_calls = NodeKind.CALL in kinds
        self._reach: dict[tuple[str, str], frozenset[str]] = {}
        self._targets: dict[str, Mapping[str, frozenset[str]]] = {}

    def start(self, scope: str = TOP) -> Node:
        """The plain start of a scope, else its only one."""
        found = self.starts[scope]
        return next((node for node in found if node.kind == NodeKind.START), found[0])

    def listens(self, node_id: str) -> bool:
        """Whether timers or subscriptions may hang on a token at a node."""
        if not self.has_listeners:
            return False
        node = self.nodes[node_id]
        return bool(node.wait or self.attached[node_id]) or node.kind in LISTENING or node.kind == NodeKind.EVENT_GATE

    def is_join(self, node: Node) -> bool:
        return node.kind in (NodeKind.PARALLEL, NodeKind.INCLUSIVE) and len(self.incoming[node.id]) > 1

    def reaches(self, join: str, flow: Flow) -> frozenset[str]:
        """Nodes from which ``flow``, which leads into ``join``, can be reached without passing the join."""
        key = (join, flow.id)
        if key not in self._reach:
            self._reach[key] = frozenset(_closure([flow.source], self._before, {join}))
        return self._reach[key]

    def returns(self, node_id: str) -> Mapping[str, frozenset[str]]:
        """Steps of people to which a case may go back from a node, each with the nodes whose tokens end by that.

        A return never leaves the branch of a parallel split for another one, and never enters a branch from behind its
        join: the join would wait for ever. It never leads ahead by way of a loop. What was begun
        after the target in its branch ends.
        """
        if node_id not in self._targets:
            self._targets[node_id] = dict(self._find_returns(self.nodes[node_id]))
        return self._targets[node_id]

    def _find_returns(self, node: Node) -> Iterable[tuple[str, frozenset[str]]]:
        for target in self.graph.nodes:
            if target.kind not in WORKED or target.scope != node.scope or target.id == node.id:
                continue
            walls = self._blocks(target.id)
            borders = set(walls) | {self._door(join) for join in walls}
            region = _closure([target.id], self._after, borders - {target.id})
            is_ahead = node.id not in _closure([target.id], self._onward, borders - {target.id})
            if not is_ahead and node.id in region - borders and walls <= self._blocks(node.id):
                yield target.id, frozenset(region - borders | {target.id})

    def _blocks(self, node_id: str) -> frozenset[str]:
        """Joins between whose split and themselves a node stands."""
        return frozenset(
            join.id for join in self._joins(self.nodes[node_id].scope)
            if node_id not in (join.id, self._door(join.id))
            and join.id in _closure([node_id], self._after, {self._door(join.id)})
        )  # fmt: skip

    def _joins(self, scope: str) -> list[Node]:
        return [node for node in self.graph.nodes if node.scope == scope and self.is_join(node)]

    def _door(self, join: str) -> str:
        """The node that every way to a join passes last before it splits: its immediate dominator."""
        above = self._dominators[join] - {join}
        return max(above, key=lambda one: len(self._dominators[one]), default=join)

    @cached_property
    def _dominators(self) -> dict[str, frozenset[str]]:
        """For each node those that every way from the start of its scope passes, itself among them."""
        found: dict[str, frozenset[str]] = {}
        for starts in self.starts.values():
            for node_id in (reached := _closure([node.id for node in starts], self._after, set())):
                found[node_id] = frozenset({
                    wall for wall in reached
                    if wall == node_id
                    or node_id not in _closure([n.id for n in starts if n.id != wall], self._after, {wall})
                })  # fmt: skip
        return defaultdict(frozenset, found)

    def _after(self, node_id: str) -> Iterable[str]:
        yield from (flow.target for flow in self.outgoing[node_id])
        yield from (node.id for node in self.attached[node_id])

    def _onward(self, node_id: str) -> Iterable[str]:
        """What follows without going back in a loop."""
        return (after for after in self._after(node_id) if after not in self._dominators[node_id])

    def _before(self, node_id: str) -> Iterable[str]:
        yield from (flow.source for flow in self.incoming[node_id])
        if (host := self.nodes[node_id].attached_to) and self.nodes[node_id].kind in BOUNDARIES:
            yield host


def _closure(starts: Iterable[str], step: Callable[[str], Iterable[str]], walls: set[str]) -> set[str]:
    """Everything reached from ``starts`` (themselves among it); walls are reached but not passed."""
    found: set[str] = set()
    waiting = list(starts)
    while waiting:
        one = waiting.pop()
        if one in found:
            continue
        found.add(one)
        if one not in walls:
            waiting.extend(step(one))
    return found
