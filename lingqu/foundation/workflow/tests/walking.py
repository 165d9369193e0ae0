"""A case without a database: keeps what hangs on tokens and checks after every step that nothing is lost."""

from __future__ import annotations

from typing import Any

from lingqu.foundation.workflow.engine import state as told
from lingqu.foundation.workflow.engine.plan import Plan
from lingqu.foundation.workflow.engine.step import step
from lingqu.foundation.workflow.types.graph import Graph, NodeKind

HANGING = {
    told.OpenTask: "task", told.OpenCorrection: "correction", told.SetTimer: "timer", told.Subscribe: "subscription",
    told.CallHandler: "call", told.StartCase: "case", told.FindParticipants: "survey", told.Stuck: "stuck",
}  # fmt: skip


class Walk:
    """Drives the engine and stands in for tasks, timers and handlers."""

    def __init__(self, graph: Graph, data: dict[str, Any] | None = None) -> None:
        self.plan = Plan(graph)
        self.state = told.State()
        self.data = dict(data or {})
        self.open: dict[tuple[int, str, str], Any] = {}
        self.seen: list[Any] = []
        self.ended: told.Ended | None = None
        self.tell(told.Begin())

    def tell(self, event: told.Event) -> list[told.Effect]:
        answer = step(self.plan, self.state, event, self.data)
        self.state = answer.state
        for effect in answer.effects:
            self.take(effect, event)
        self.seen += answer.effects
        self.check()
        return list(answer.effects)

    def take(self, effect: told.Effect, event: told.Event) -> None:
        if isinstance(effect, told.Drop):
            self.open = {key: one for key, one in self.open.items() if key[0] != effect.token}
        elif isinstance(effect, told.Unhook):
            self.open = {key: one for key, one in self.open.items() if key[0] != effect.token or key[1] == "timer"}
        elif isinstance(effect, told.SetData):
            self.data[effect.name] = effect.value
        elif isinstance(effect, told.Ended):
            assert self.ended is None
            self.ended = effect
        elif type(effect) in HANGING:
            self.open[effect.token, HANGING[type(effect)], effect.node] = effect  # type: ignore[union-attr]

    def check(self) -> None:
        """No case lost: nothing hangs on a token that is gone, every token has a reason to stand where it is."""
        tokens = {token.number: token for token in self.state.tokens}
        if self.ended is not None:
            assert not tokens
            assert not self.open
            return
        assert tokens
        assert {key[0] for key in self.open} <= tokens.keys()
        assert [kind for _token, kind, _node in self.open], "nobody is asked and nothing is waited for"
        for token in tokens.values():
            assert token.scope == 0 or token.scope in tokens
            self.check_token(token, tokens)

    def check_token(self, token: told.Token, tokens: dict[int, told.Token]) -> None:
        hanging = {kind for number, kind, _node in self.open if number == token.number}
        node = self.plan.nodes[token.node]
        if token.mark in (told.Mark.STUCK, told.Mark.HELD):
            assert "stuck" in hanging
        elif token.mark == told.Mark.RETURNED:
            assert "correction" in hanging
            assert "task" not in hanging
        elif token.mark == told.Mark.SURVEYS:
            assert "survey" in hanging
        elif token.mark == told.Mark.WAITS and (token.items is not None or node.kind == NodeKind.SUB):
            assert any(one.scope == token.number for one in tokens.values())
        elif token.mark == told.Mark.WAITS:
            expected = {
                NodeKind.USER: "task", NodeKind.MANUAL: "task", NodeKind.SERVICE: "call", NodeKind.CALL: "case",
            }.get(node.kind)  # fmt: skip
            assert expected in hanging if expected else hanging

    def closed(self, token: int, kind: str) -> None:
        """A stand-in for what the database does: this one is answered."""
        self.open = {key: one for key, one in self.open.items() if key[:2] != (token, kind)}

    def tasks(self) -> dict[str, int]:
        """Open tasks: node → token (one of them)."""
        return {node: token for token, kind, node in self.open if kind == "task"}

    def complete(self, node: str, decision: str = "agree") -> None:
        token = self.tasks()[node]
        self.tell(told.Done(token, decision))

    def fire(self, node: str) -> None:
        token, kind, _node = next(key for key in self.open if key[2] == node and key[1] in ("timer", "subscription"))
        hung = self.open.pop((token, kind, node))
        self.tell(told.Triggered(token, node, getattr(hung, "left", 0)))
