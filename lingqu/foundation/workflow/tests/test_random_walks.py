"""Random valid processes × random actions: no case is lost, nobody who has to be asked is passed over."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from lingqu.foundation.workflow.engine import state as told
from lingqu.foundation.workflow.testing import Drawing
from lingqu.foundation.workflow.tests.walking import Walk
from lingqu.foundation.workflow.types.graph import Multi, NodeKind

BLOCKS = ("task", "task", "pair", "xor", "and", "or", "loop", "multi", "service", "sub", "guarded", "event")


def blocks(depth: int = 3) -> st.SearchStrategy[Any]:
    """A process as nested blocks: (kind, inner blocks)."""
    leaf = st.tuples(st.sampled_from(["task", "multi", "service", "guarded", "event"]), st.just(()))
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.tuples(st.sampled_from(["xor", "and", "or", "and_open"]), st.lists(inner, min_size=2, max_size=3).map(tuple)),
            st.tuples(st.just("pair"), st.tuples(inner, inner)),
            st.tuples(st.sampled_from(["loop", "sub"]), st.tuples(inner)),
        ),
        max_leaves=9,
    )  # fmt: skip


@dataclass
class Draw:
    """Draws blocks and notes for each step of a person whom it must have asked before."""

    drawing: Drawing = field(default_factory=Drawing)
    before: dict[str, frozenset[str]] = field(default_factory=dict)
    count: int = 0

    def name(self, kind: str) -> str:
        self.count += 1
        return f"{kind}{self.count}"

    def block(self, block: Any, source: str, scope: str, asked: frozenset[str]) -> tuple[str, frozenset[str]]:
        """Draws a block behind ``source``; its last node and who was asked for certain when it is left."""
        kind, inner = block
        return getattr(self, f"draw_{kind}")(inner, source, scope, asked)  # type: ignore[no-any-return]

    def draw_task(
        self, _inner: Any, source: str, scope: str, asked: frozenset[str], multi: Multi | None = None
    ) -> tuple[str, frozenset[str]]:
        node = self.drawing.user(self.name("task"), scope=scope, multi=multi)
        self.before[node] = asked
        self.drawing.flow(source, node)
        return node, asked | {node}

    def draw_multi(self, inner: Any, source: str, scope: str, asked: frozenset[str]) -> tuple[str, frozenset[str]]:
        rule = 'results.filter(r, r == "agree").size() >= 2' if self.count % 2 else ""
        return self.draw_task(inner, source, scope, asked, Multi(completion=rule, is_sequential=self.count % 3 == 0))

    def draw_service(self, _inner: Any, source: str, scope: str, asked: frozenset[str]) -> tuple[str, frozenset[str]]:
        node = self.drawing.node(self.name("service"), NodeKind.SERVICE, handler="h", scope=scope)
        self.drawing.flow(source, node)
        return node, asked

    def draw_guarded(self, inner: Any, source: str, scope: str, asked: frozenset[str]) -> tuple[str, frozenset[str]]:
        task, _done = self.draw_task(inner, source, scope, asked)
        timer = self.drawing.timer(self.name("timer"), task, scope=scope, interrupts=True)
        merge = self.drawing.node(self.name("merge"), NodeKind.EXCLUSIVE, scope=scope)
        self.drawing.flow(task, merge)
        self.drawing.flow(timer, merge)
        return merge, asked

    def draw_event(self, _inner: Any, source: str, scope: str, asked: frozenset[str]) -> tuple[str, frozenset[str]]:
        gate = self.drawing.node(self.name("gate"), NodeKind.EVENT_GATE, scope=scope)
        merge = self.drawing.node(self.name("merge"), NodeKind.EXCLUSIVE, scope=scope)
        self.drawing.flow(source, gate)
        for name in ("reply", "cancelled"):
            event = self.drawing.node(self.name("word"), NodeKind.CATCH_MESSAGE, message=name, scope=scope)
            self.drawing.line(gate, event, merge)
        return merge, asked

    def draw_pair(self, inner: Any, source: str, scope: str, asked: frozenset[str]) -> tuple[str, frozenset[str]]:
        for one in inner:
            source, asked = self.block(one, source, scope, asked)
        return source, asked

    def branches(
        self, inner: Any, source: str, scope: str, asked: frozenset[str], kind: NodeKind
    ) -> tuple[str, list[frozenset[str]]]:
        split = self.drawing.node(self.name("split"), kind, scope=scope)
        join = self.drawing.node(self.name("join"), kind, scope=scope)
        self.drawing.flow(source, split)
        ends = []
        for place, one in enumerate(inner):
            entry = self.drawing.node(self.name("pass"), NodeKind.THROW_NONE, scope=scope)
            condition = "" if kind == NodeKind.PARALLEL or place == 0 else f"c{place}"
            self.drawing.flow(split, entry, condition, is_default=kind != NodeKind.PARALLEL and place == 0)
            last, done = self.block(one, entry, scope, asked)
            self.drawing.flow(last, join)
            ends.append(done)
        return join, ends

    def draw_xor(self, inner: Any, source: str, scope: str, asked: frozenset[str]) -> tuple[str, frozenset[str]]:
        join, _ends = self.branches(inner, source, scope, asked, NodeKind.EXCLUSIVE)
        return join, asked

    def draw_and(self, inner: Any, source: str, scope: str, asked: frozenset[str]) -> tuple[str, frozenset[str]]:
        join, ends = self.branches(inner, source, scope, asked, NodeKind.PARALLEL)
        return join, frozenset().union(*ends)

    def draw_and_open(self, inner: Any, source: str, scope: str, asked: frozenset[str]) -> tuple[str, frozenset[str]]:
        """A parallel split whose branches meet in an inclusive join."""
        join, ends = self.branches(inner, source, scope, asked, NodeKind.PARALLEL)
        node = self.drawing.nodes[join]
        self.drawing.node(join, NodeKind.INCLUSIVE, scope=node.scope)
        return join, frozenset().union(*ends)

    def draw_or(self, inner: Any, source: str, scope: str, asked: frozenset[str]) -> tuple[str, frozenset[str]]:
        join, _ends = self.branches(inner, source, scope, asked, NodeKind.INCLUSIVE)
        return join, asked

    def draw_loop(self, inner: Any, source: str, scope: str, asked: frozenset[str]) -> tuple[str, frozenset[str]]:
        merge = self.drawing.node(self.name("merge"), NodeKind.EXCLUSIVE, scope=scope)
        self.drawing.flow(source, merge)
        last, done = self.block(inner[0], merge, scope, asked)
        check = self.drawing.user(self.name("task"), scope=scope)
        self.before[check] = done
        gate = self.drawing.node(self.name("gate"), NodeKind.EXCLUSIVE, scope=scope)
        self.drawing.line(last, check, gate)
        self.drawing.flow(gate, merge, f'decisions["{check}"] == "refuse"')
        out = self.drawing.node(self.name("pass"), NodeKind.THROW_NONE, scope=scope)
        self.drawing.flow(gate, out, is_default=True)
        return out, done | {check}

    def draw_sub(self, inner: Any, source: str, scope: str, asked: frozenset[str]) -> tuple[str, frozenset[str]]:
        sub = self.drawing.node(self.name("sub"), NodeKind.SUB, scope=scope)
        start = self.drawing.node(self.name("start"), NodeKind.START, scope=sub)
        end = self.drawing.node(self.name("end"), NodeKind.END, scope=sub)
        self.drawing.flow(source, sub)
        last, done = self.block(inner[0], start, sub, asked)
        self.drawing.flow(last, end)
        return sub, done


class Random:
    """Acts on a walk at random, remembers who was asked since the last return before them."""

    def __init__(self, drawn: Draw, data: dict[str, bool]) -> None:
        self.before = drawn.before
        self.done: set[str] = set()
        self.walk = Walk(drawn.drawing.graph(), data)
        self.note(self.walk.seen)

    def note(self, effects: list[Any]) -> None:
        for effect in effects:
            if isinstance(effect, told.OpenTask) and effect.node in self.before:
                missing = self.before[effect.node] - self.done
                assert not missing, f"{effect.node} began before {missing}"

    def tell(self, event: told.Event) -> None:
        self.note(self.walk.tell(event))

    def act(self, draw: Any, *, forward: bool) -> None:
        """Answer one thing that is open; with ``forward`` always so that the case comes to its end."""
        key = draw(sorted(self.walk.open))
        token, kind, node = key
        hung = self.walk.open[key]
        if kind == "task":
            self.act_on_task(draw, token, node, forward=forward)
        elif kind == "correction":
            self.walk.closed(token, "correction")
            self.tell(told.Corrected(token))
        elif kind == "survey":
            self.walk.closed(token, "survey")
            self.tell(told.Resolved(token, ("a", "b", "c")[: draw([1, 2, 3])]))
        elif kind in ("timer", "subscription"):
            del self.walk.open[key]
            self.tell(told.Triggered(token, node, getattr(hung, "left", 0)))
        elif kind == "stuck":
            self.walk.closed(token, "stuck")
            self.walk.closed(token, "call")
            self.tell(draw([told.Retry(token), told.Pass(token)]))
        elif draw([True, False]) or forward:
            self.tell(told.Done(token))
        elif not any(other[0] == token and other[1] == "stuck" for other in self.walk.open):
            self.walk.closed(token, "call")
            self.tell(told.Failed(token, "refused"))

    def act_on_task(self, draw: Any, token: int, node: str, *, forward: bool) -> None:
        targets = sorted(set(self.walk.plan.returns(node)) & set(self.walk.state.visited))
        way = "agree" if forward else draw(["agree", "agree", "refuse", "return", "ask"])
        if way == "ask":
            self.tell(told.Return(token))
        elif way == "return" and targets:
            target = draw(targets)
            again = self.walk.plan.returns(node)[target]
            inner = {one.id for one in self.walk.plan.graph.nodes if one.scope in again}
            inner |= {one.id for one in self.walk.plan.graph.nodes if one.scope in inner}
            self.done -= (again | inner | {target}) - self.before[target]
            self.tell(told.Return(token, target))
        else:
            self.done.add(node)
            self.tell(told.Done(token, "refuse" if way == "refuse" else "agree"))


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_no_case_is_lost_and_nobody_is_passed_over(data: st.DataObject) -> None:
    drawn = Draw()
    last, _asked = drawn.block(data.draw(blocks()), "start", "", frozenset())
    drawn.drawing.flow(last, "end")
    fields = {f"c{place}": data.draw(st.booleans()) for place in range(3)}
    world = Random(drawn, fields)

    def draw(options: list[Any]) -> Any:
        return data.draw(st.sampled_from(options))

    for _turn in range(data.draw(st.integers(0, 40))):
        if world.walk.ended is None:
            world.act(draw, forward=False)
    for _turn in range(600):
        if world.walk.ended is not None:
            break
        world.act(lambda options: options[0], forward=True)
    assert world.walk.ended is not None, "the case does not come to an end"
