"""Turns a BPMN file into the graph that the engine runs, and says what each element lacks for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from lingqu.kernel.errors import Invalid

from ..types.graph import TOP, Flow, Graph, Node, NodeKind
from . import extensions as own
from .document import Document
from .expressions import fault_of
from .known import RUNTIME_NAMES, Known
from .outline import Flow as XmlFlow
from .outline import Scope, Step, main_outline
from .problems import Problem, problem
from .reading import Reading

PLAIN = {
    "endEvent": NodeKind.END, "exclusiveGateway": NodeKind.EXCLUSIVE, "parallelGateway": NodeKind.PARALLEL,
    "inclusiveGateway": NodeKind.INCLUSIVE, "eventBasedGateway": NodeKind.EVENT_GATE, "subProcess": NodeKind.SUB,
    "task": NodeKind.THROW_NONE, "intermediateThrowEvent": NodeKind.THROW_NONE, "startEvent": NodeKind.START,
}  # fmt: skip
"""Kinds without parts of their own. A task without a type passes at once (BPMN 2.0, 13.3.3: an abstract task completes)."""
EVENTS = {
    ("startEvent", "message"): NodeKind.START_MESSAGE, ("endEvent", "terminate"): NodeKind.TERMINATE,
    ("endEvent", "error"): NodeKind.ERROR_END, ("endEvent", "message"): NodeKind.THROW_MESSAGE,
    ("endEvent", "signal"): NodeKind.THROW_SIGNAL, ("intermediateCatchEvent", "timer"): NodeKind.CATCH_TIMER,
    ("intermediateCatchEvent", "message"): NodeKind.CATCH_MESSAGE, ("intermediateCatchEvent", "signal"): NodeKind.CATCH_SIGNAL,
    ("intermediateThrowEvent", "message"): NodeKind.THROW_MESSAGE, ("intermediateThrowEvent", "signal"): NodeKind.THROW_SIGNAL,
    ("boundaryEvent", "timer"): NodeKind.BOUNDARY_TIMER, ("boundaryEvent", "message"): NodeKind.BOUNDARY_MESSAGE,
    ("boundaryEvent", "signal"): NodeKind.BOUNDARY_SIGNAL, ("boundaryEvent", "error"): NodeKind.BOUNDARY_ERROR,
}  # fmt: skip
TASKS = {
    "userTask": NodeKind.USER, "manualTask": NodeKind.MANUAL, "serviceTask": NodeKind.SERVICE, "sendTask": NodeKind.SEND,
    "receiveTask": NodeKind.RECEIVE, "businessRuleTask": NodeKind.RULE, "callActivity": NodeKind.CALL,
}  # fmt: skip


@dataclass(slots=True)
class Made:
    """What an element became, and what it lacks."""

    nodes: list[Node]
    flows: list[Flow]
    problems: list[Problem]


class Compiler:
    """One pass over a file; asked element by element by the linter, or for the whole graph."""

    def __init__(self, document: Document, known: Known | None = None, top: Scope | None = None) -> None:
        self.document = document
        self.known = known or Known()
        self.top = top or main_outline(document)
        self.names = _names(self.top)
        self.targets = document.by_id()

    def problems_of(self, thing: Step | Scope) -> list[Problem]:
        return self._scope_problems(thing) if isinstance(thing, Scope) else self.made_of(thing).problems

    def made_of(self, step: Step) -> Made:
        """The nodes of one element: mostly one; a throwing end is two."""
        reading = Reading(step=step, targets=self.targets, names=self.names, known=self.known)
        kind = _kind_of(step)
        scope = TOP if self.top is not None and step.scope == self.top.id else step.scope
        base = {"id": step.id, "kind": kind, "name": step.shown, "scope": scope, **reading.multi()}
        parts = _PARTS.get(kind, lambda one: {})(reading)
        nodes, flows = [Node(**{**base, **parts})], []
        if not step.outgoing and kind not in (NodeKind.END, NodeKind.TERMINATE, NodeKind.ERROR_END):
            ending = f"{step.id}__end"
            nodes.append(Node(id=ending, kind=NodeKind.END, name="", scope=scope))
            flows.append(Flow(id=f"{step.id}__to_end", source=step.id, target=ending))
        for flow in step.outgoing:
            flows.append(self._flow(flow, step, reading))
        return Made(nodes, flows, reading.problems)

    def graph(self) -> Graph:
        """The whole graph. Call it only for a definition without blocking problems."""
        if self.top is None:
            raise Invalid(_("文件里没有可以运行的流程。"), code="no_process")
        made = [self.made_of(step) for scope in self.top.walk() for step in scope.steps.values()]
        settings = own.settings_of(self.top.xml)
        return Graph(
            key=settings.key or self.top.id, name=settings.name or self.top.name or self.top.id,
            nodes=tuple(node for one in made for node in one.nodes),
            flows=tuple(flow for one in made for flow in one.flows),
            tables=own.tables_of(self.top.xml), days=settings.days, is_working=settings.is_working,
            yellow=settings.yellow, form=settings.form, saved=settings.saved,
            audience=settings.audience, recusal=settings.recusal,
        )  # fmt: skip

    def _flow(self, flow: XmlFlow, step: Step, reading: Reading) -> Flow:
        decides = step.kind not in ("parallelGateway", "eventBasedGateway", "startEvent", "boundaryEvent")
        condition = flow.condition if decides and not flow.is_default else ""
        if step.kind in ("exclusiveGateway", "inclusiveGateway") and len(step.outgoing) == 1:
            condition = ""
        if condition and (fault := fault_of(condition, self.names)):
            reading.say_of(
                flow, "bad_condition", _("%(what)s的条件“%(text)s”%(fault)s。"), text=_short(condition), fault=fault
            )  # fmt: skip
        return Flow(
            id=flow.id, source=flow.source, target=flow.target, name=" ".join(flow.name.split()), condition=condition,
            is_default=flow.is_default,
        )  # fmt: skip

    def _scope_problems(self, scope: Scope) -> list[Problem]:
        found = []
        for fault in own.faults_of(scope.xml):
            found.append(problem("bad_settings", scope, _("%(what)s：%(fault)s"), fault=fault))
        for table in own.tables_of(scope.xml):
            for text in table.inputs:
                if fault := fault_of(text, self.names):
                    found.append(
                        problem(
                            "bad_table",
                            scope,
                            _("%(what)s的规则表“%(table)s”%(fault)s。"),
                            table=table.key,
                            fault=fault,
                        )
                    )
        return found


def compiled(document: Document, known: Known | None = None) -> Graph:
    return Compiler(document, known).graph()


def _kind_of(step: Step) -> NodeKind:
    if step.event:
        return EVENTS.get((step.kind, step.event), NodeKind.THROW_NONE)
    return TASKS.get(step.kind) or PLAIN.get(step.kind, NodeKind.THROW_NONE)


def _names(top: Scope | None) -> frozenset[str] | None:
    """Every name that an expression may use; None when the file brings no form, so that nothing is known."""
    if top is None:
        return None
    fields = own.field_keys_of(top.xml)
    if not fields:
        return None
    found = set(fields) | RUNTIME_NAMES
    for scope in top.walk():
        for step in scope.steps.values():
            found |= {step.own("result"), own.item_of(step.xml)} - {""}
            found |= set(own.given_of(step.xml, "output"))
    return frozenset(found)


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 40 else flat[:39] + "…"


_PARTS: dict[NodeKind, Callable[[Reading], dict[str, object]]] = {
    NodeKind.USER: Reading.work, NodeKind.MANUAL: Reading.work, NodeKind.SERVICE: Reading.handler,
    NodeKind.SEND: Reading.handler, NodeKind.RECEIVE: Reading.message, NodeKind.RULE: Reading.table,
    NodeKind.CALL: Reading.call, NodeKind.CATCH_TIMER: Reading.timer, NodeKind.CATCH_MESSAGE: Reading.message,
    NodeKind.CATCH_SIGNAL: Reading.signal, NodeKind.THROW_MESSAGE: Reading.message, NodeKind.THROW_SIGNAL: Reading.signal,
    NodeKind.START_MESSAGE: Reading.message, NodeKind.ERROR_END: Reading.error,
    NodeKind.BOUNDARY_TIMER: Reading.timer_at, NodeKind.BOUNDARY_MESSAGE: Reading.message_at,
    NodeKind.BOUNDARY_SIGNAL: Reading.signal_at, NodeKind.BOUNDARY_ERROR: Reading.error_at,
}  # fmt: skip
