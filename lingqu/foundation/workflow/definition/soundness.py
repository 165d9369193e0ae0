"""Plays the tokens of a scope through all its paths and finds joins at which they wait for ever.

Conditions are taken as undecided: a gateway may take any of its ways. Only control flow is played; times, people and
messages always arrive.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from .outline import Scope, Step

MOST_STATES = 20_000
MOST_WAYS = 6
"""An inclusive gateway with more ways is played with one, two and all of them."""
Marking = frozenset[str]


def dead_joins(scope: Scope) -> list[Step]:
    """Joins that can wait for ever; empty also for what is too large to be played through."""
    return list(_Game(scope).stuck())


class _Game:
    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.forward = _reach(scope)

    def stuck(self) -> Iterator[Step]:
        seen: set[Marking] = set()
        waiting: list[Marking] = []
        for start in self.scope.starts():
            waiting.append(frozenset(flow.id for flow in start.outgoing))
        found: dict[str, Step] = {}
        while waiting:
            marking = waiting.pop()
            if marking in seen:
                continue
            if len(seen) > MOST_STATES:
                return
            seen.add(marking)
            following = list(self.moves(marking))
            waiting.extend(following)
            if not following:
                for flow in self.scope.flows:
                    if flow.id in marking:
                        found.setdefault(flow.target, self.scope.steps[flow.target])
        yield from found.values()

    def moves(self, marking: Marking) -> Iterator[Marking]:
        for step in self.scope.steps.values():
            arrived = [flow.id for flow in step.incoming if flow.id in marking]
            if not arrived:
                continue
            if step.kind == "endEvent" and "terminate" in step.events:
                yield frozenset()
                continue
            if step.kind == "parallelGateway":
                takes = [arrived] if len(arrived) == len(step.incoming) else []
            elif step.kind == "inclusiveGateway":
                takes = [arrived] if not self.may_arrive(step, arrived, marking) else []
            else:
                takes = [[one] for one in arrived]
            for taken in takes:
                rest = marking - set(taken)
                for ways in self.ways(step):
                    yield rest | ways

    def ways(self, step: Step) -> Iterator[Marking]:
        """What may leave a node: one of its ways, all, or some; or what its boundary events send instead or besides."""
        out = [flow.id for flow in step.outgoing]
        if step.kind in ("exclusiveGateway", "eventBasedGateway"):
            yield from (frozenset({one}) for one in out)
        elif step.kind == "inclusiveGateway" and len(out) > 1:
            sizes = range(1, len(out) + 1) if len(out) <= MOST_WAYS else (1, 2, len(out))
            for size in sizes:
                yield from (frozenset(some) for some in combinations(out, size))
        elif step.kind == "parallelGateway":
            yield frozenset(out)
        else:
            conditional = [flow.id for flow in step.outgoing if flow.condition]
            always = [flow.id for flow in step.outgoing if not flow.condition and not flow.is_default]
            yield frozenset(out if not conditional else always)
            if conditional:
                yield from (frozenset([*always, one]) for one in out)
        for event in self.scope.boundaries_of(step):
            sent = frozenset(flow.id for flow in event.outgoing)
            yield sent if event.is_interrupting() else sent | frozenset(out)

    def may_arrive(self, join: Step, arrived: list[str], marking: Marking) -> bool:
        """Whether a token elsewhere can still come to an empty way of an inclusive join."""
        empty = {flow.id for flow in join.incoming} - set(arrived)
        others = marking - {flow.id for flow in join.incoming}
        return any(empty & self.forward[(one, join.id)] for one in others)


def _reach(scope: Scope) -> dict[tuple[str, str], set[str]]:
    """Flows that can be reached from a flow without passing a given inclusive join."""
    joins = [one for one in scope.steps.values() if one.kind == "inclusiveGateway"]
    found: dict[tuple[str, str], set[str]] = {}
    for join in joins:
        for flow in scope.flows:
            seen: set[str] = set()
            rest = [flow]
            while rest:
                one = rest.pop()
                if one.id in seen:
                    continue
                seen.add(one.id)
                if one.target == join.id:
                    continue
                target = scope.steps[one.target]
                rest.extend(target.outgoing)
                for event in scope.boundaries_of(target):
                    rest.extend(event.outgoing)
            found[(flow.id, join.id)] = seen
    return found
