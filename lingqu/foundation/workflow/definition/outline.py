"""The logic of a process as the linter and the compiler see it: elements and flows, scope by scope."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from .document import BPMN, LQ, Document, kind_of, tag

NOT_FLOW = frozenset({
    "extensionElements", "documentation", "ioSpecification", "laneSet", "property", "dataObject", "dataObjectReference",
    "dataStoreReference", "dataInputAssociation", "dataOutputAssociation", "association", "group", "textAnnotation",
    "incoming", "outgoing", "resourceRole", "performer", "potentialOwner", "humanPerformer", "auditing", "monitoring",
    "multiInstanceLoopCharacteristics", "standardLoopCharacteristics", "correlationSubscription", "supports", "artifact",
    "sequenceFlow", "categoryValueRef",
})  # fmt: skip
"""What may stand inside a process or sub-process and is no step: kept in the file, without effect on a run."""
EVENT_KINDS = (
    "message", "timer", "signal", "error", "escalation", "compensate", "cancel", "conditional", "link", "terminate",
)  # fmt: skip
SCOPES = frozenset({"subProcess", "transaction", "adHocSubProcess"})


@dataclass(frozen=True, slots=True, eq=False)
class Flow:
    """A sequence flow; ``condition`` is the text of its expression."""

    id: str
    name: str
    source: str
    target: str
    condition: str
    is_default: bool
    xml: etree._Element


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """A node of a process. ``event`` is the kind of its event definition, empty for a plain one."""

    id: str
    name: str
    kind: str
    xml: etree._Element
    scope: str
    events: tuple[str, ...] = ()
    attached: str = ""
    incoming: list[Flow] = field(default_factory=list)
    outgoing: list[Flow] = field(default_factory=list)

    @property
    def event(self) -> str:
        return self.events[0] if self.events else ""

    @property
    def shown(self) -> str:
        """Its name, one line; empty when it has none."""
        return " ".join(self.name.split())

    def own(self, name: str, default: str = "") -> str:
        """An attribute of our namespace."""
        return (self.xml.get(tag(name, LQ)) or default).strip()

    def definition(self, kind: str) -> etree._Element | None:
        return self.xml.find(tag(f"{kind}EventDefinition"))

    def child(self, name: str) -> etree._Element | None:
        return self.xml.find(tag(name))

    def is_interrupting(self) -> bool:
        return self.xml.get("cancelActivity", "true") not in ("false", "0")


@dataclass(frozen=True, slots=True, eq=False)
class Scope:
    """A process or sub-process with its nodes and flows."""

    id: str
    name: str
    xml: etree._Element
    steps: dict[str, Step] = field(default_factory=dict)
    flows: list[Flow] = field(default_factory=list)
    inner: dict[str, Scope] = field(default_factory=dict)
    stray: list[Flow] = field(default_factory=list)
    """Flows whose source or target is not in this scope."""

    def walk(self) -> Iterator[Scope]:
        yield self
        for one in self.inner.values():
            yield from one.walk()

    def starts(self) -> list[Step]:
        return [one for one in self.steps.values() if one.kind == "startEvent"]

    def boundaries_of(self, step: Step) -> list[Step]:
        return [one for one in self.steps.values() if one.attached == step.id]


def outline(process: etree._Element) -> Scope:
    """The scopes of a process element."""
    return _scope(process)


def main_outline(document: Document) -> Scope | None:
    process = document.main_process()
    return outline(process) if process is not None else None


def text_of(element: etree._Element | None) -> str:
    return "" if element is None else "".join(element.itertext()).strip()


def _scope(xml: etree._Element) -> Scope:
    made = Scope(id=xml.get("id", ""), name=xml.get("name", ""), xml=xml)
    for element in xml:
        kind = kind_of(element)
        if not kind or kind in NOT_FLOW:
            continue
        step = Step(
            id=element.get("id", ""), name=element.get("name", ""), kind=kind, xml=element, scope=made.id,
            events=_events(element), attached=element.get("attachedToRef", ""),
        )  # fmt: skip
        made.steps[step.id] = step
        if kind in SCOPES:
            made.inner[step.id] = _scope(element)
    defaults = {one.xml.get("default") for one in made.steps.values() if one.xml.get("default")}
    for element in xml.findall(tag("sequenceFlow")):
        _join(made, element, defaults)
    return made


def _join(scope: Scope, element: etree._Element, defaults: set[str | None]) -> None:
    flow = Flow(
        id=element.get("id", ""), name=element.get("name", ""), source=element.get("sourceRef", ""),
        target=element.get("targetRef", ""), condition=text_of(element.find(tag("conditionExpression"))),
        is_default=element.get("id") in defaults, xml=element,
    )  # fmt: skip
    if flow.source not in scope.steps or flow.target not in scope.steps:
        scope.stray.append(flow)
        return
    scope.flows.append(flow)
    scope.steps[flow.source].outgoing.append(flow)
    scope.steps[flow.target].incoming.append(flow)


def _events(element: etree._Element) -> tuple[str, ...]:
    return tuple(
        kind.removesuffix("EventDefinition")
        for one in element
        if (kind := kind_of(one)).endswith("EventDefinition") and str(one.tag).startswith(f"{{{BPMN}}}")
    )
