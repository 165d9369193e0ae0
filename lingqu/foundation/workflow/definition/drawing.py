"""Turns a design into a BPMN file and finds the design again in a file that nobody else has changed."""

from __future__ import annotations

from typing import Any

import msgspec
from django.utils.translation import gettext as _
from lxml import etree

from lingqu.kernel.errors import DomainError, Invalid

from ..forms import schema as schemas
from ..types.participants import Place, Rule
from .design import Design, DesignStep, Together, Written, expression_of_all
from .document import BPMNDI, LQ, NAMESPACES, XSI, Document, drawn, read, tag
from .extensions import forms_of, own_elements, settings_of

DONE, REFUSED = "done", "refused"
"""Ids of the two ends."""


def drawn_of(design: Design) -> Document:
    """The file with its diagram: every step a user task, a gateway before a step with a condition and behind one that may
    refuse, and two ends."""
    return drawn(_Writer(design).document())


def design_of(document: Document) -> Design | None:
    """The design of a file; None when it was drawn or changed elsewhere, so that the steps do not tell the whole."""
    process = document.main_process()
    if process is None:
        return None
    kept = next(own_elements(process, "design"), None)
    form = next(iter(forms_of(process).items()), None)
    if kept is None or form is None:
        return None
    settings = settings_of(process)
    try:
        written = msgspec.json.decode((kept.text or "").encode(), type=Written)
        found = Design(
            key=settings.key, name=settings.name, form=schemas.read(form[1], form[0]), steps=written.steps, days=settings.days,
            saved=settings.saved, paper=written.paper, base=written.base, audience=settings.audience, recusal=settings.recusal,
        )  # fmt: skip
        return found if _logic(_Writer(found).document()) == _logic(document) else None
    except (msgspec.MsgspecError, DomainError, ValueError):
        return None


def written_with(document: Document, *, key: str, name: str) -> Document:
    """The file of another place under its own key and name."""
    copy = read(document.write())
    process = copy.main_process()
    if process is None:
        raise Invalid(_("文件里没有可以运行的流程。"), code="no_process")
    process.set(tag("key", LQ), key)
    process.set("name", name)
    return copy


class _Writer:
    """Builds the elements one after the other; ``last`` is where the line stands."""

    def __init__(self, design: Design) -> None:
        self.design = design
        self.root = etree.Element(tag("definitions"), nsmap=NAMESPACES)
        self.root.set("id", "definitions")
        self.root.set("targetNamespace", LQ)
        self.process = self._add("process", f"process_{design.key}", design.name, self.root)
        self.process.set("isExecutable", "true")
        self.flows: list[tuple[str, str, str, str]] = []

    def document(self) -> Document:
        design = self.design
        own = {
            "key": design.key,
            "form": design.form.key,
            "days": str(design.days or ""),
            "saved": str(design.saved or ""),
            "audience": " ".join(design.audience),
            "recusal": "" if design.recusal else "false",
        }
        self._own(self.process, own)
        holder = etree.SubElement(self.process, tag("extensionElements"))
        self._json(holder, "formSchema", schemas.write(design.form)).set("key", design.form.key)
        kept = Written(steps=design.steps, paper=design.paper, base=design.base)
        etree.SubElement(holder, tag("design", LQ)).text = msgspec.json.encode(kept).decode()
        self._add("startEvent", "start", "提交")
        last = "start"
        for step in design.steps:
            last = self._step(step, last)
        self._add("endEvent", DONE, "办结")
        self._flow(last, DONE)
        if any(one.decides and not one.handler for one in design.steps):
            self._refused_end()
        self._connect()
        return Document(self.root)

    def _refused_end(self) -> None:
        """An end with an error: the case is 未办成."""
        end = self._add("endEvent", REFUSED, "不同意")
        definition = self._add("errorEventDefinition", f"{REFUSED}_by", "", end)
        definition.set("errorRef", f"{REFUSED}_error")
        error = self._add("error", f"{REFUSED}_error", "不同意", self.root)
        error.set("errorCode", REFUSED)

    def _step(self, step: DesignStep, last: str) -> str:
        onward = step.id
        if step.only_if:
            gate, onward = f"{step.id}_if", f"{step.id}_on"
            self._add("exclusiveGateway", gate, "").set("default", f"{gate}_{onward}")
            self._flow(last, gate)
            self._flow(gate, step.id, expression_of_all(step, self.design.form), step.name)
            self._flow(gate, onward)
        else:
            self._flow(last, step.id)
        self._task(step)
        if step.decides and not step.handler:
            choice = f"{step.id}_decided"
            self._add("exclusiveGateway", choice, "")
            self._flow(step.id, choice)
            self._flow(choice, REFUSED, _refusal(step), "不同意")
            if not step.only_if:
                return choice
            self._flow(choice, onward)
        elif step.only_if:
            self._flow(step.id, onward)
        if step.only_if:
            self._add("exclusiveGateway", onward, "")
        return onward

    def _task(self, step: DesignStep) -> None:
        if step.handler:
            self._own(self._add("serviceTask", step.id, step.name), {"handler": step.handler, "result": step.result})
            return
        task = self._add("userTask", step.id, step.name)
        self._own(task, {
            "form": self.design.form.key, "days": str(step.days or ""), "reads": " ".join(self.design.reads_of(step)),
            "writes": " ".join(step.writes), "scan": "true" if step.needs_scan else "",
            "return": "" if step.may_return else "false", "handOn": "" if step.may_hand_on else "false",
            "countersign": "" if step.may_countersign else "false", "instructions": step.instructions,
        })  # fmt: skip
        holder = etree.SubElement(task, tag("extensionElements"))
        for rule in step.who:
            self._rule(holder, rule)
        outcomes = [("agree", "同意", ""), ("refuse", "不同意", "true")] if step.decides else [("done", "办结", "")]
        for code, label, comment in outcomes:
            one = etree.SubElement(holder, tag("outcome", LQ), code=code, label=label)
            if comment:
                one.set("comment", comment)
        if step.together is not Together.ONE:
            loop = etree.SubElement(task, tag("multiInstanceLoopCharacteristics"))
            text = _COMPLETION[step.together]
            etree.SubElement(loop, tag("completionCondition")).text = text

    def _rule(self, holder: etree._Element, rule: Rule) -> None:
        one = etree.SubElement(holder, tag("participant", LQ), kind=str(rule.kind))
        for name, value in (("code", rule.code), ("organisation", rule.organisation), ("label", rule.label)):
            if value:
                one.set(name, value)
        if rule.place is not Place.OWN:
            one.set("place", str(rule.place))
        if rule.number != 1:
            one.set("number", str(rule.number))

    def _add(self, kind: str, name_id: str, name: str, parent: etree._Element | None = None) -> etree._Element:
        made = etree.SubElement(self.process if parent is None else parent, tag(kind))
        made.set("id", name_id)
        if name:
            made.set("name", name)
        return made

    def _flow(self, source: str, target: str, condition: str = "", name: str = "") -> None:
        self.flows.append((source, target, condition, name))

    def _connect(self) -> None:
        nodes = {one.get("id"): one for one in self.process if one.get("id")}
        for source, target, _condition, _name in self.flows:
            self._end_of_flow(nodes[source], "outgoing", f"{source}_{target}")
            self._end_of_flow(nodes[target], "incoming", f"{source}_{target}")
        for source, target, condition, name in self.flows:
            made = self._add("sequenceFlow", f"{source}_{target}", name)
            made.set("sourceRef", source)
            made.set("targetRef", target)
            if condition:
                text = etree.SubElement(made, tag("conditionExpression"))
                text.set(tag("type", XSI), "bpmn:tFormalExpression")
                text.text = condition
            elif source.endswith("_decided"):
                nodes[source].set("default", f"{source}_{target}")

    def _end_of_flow(self, node: etree._Element, name: str, flow: str) -> None:
        """incoming and outgoing stand behind the extension and before everything else, as the schema asks."""
        made = etree.Element(tag(name))
        made.text = flow
        known = [at for at, one in enumerate(node) if one.tag in _BEFORE_FLOWS]
        node.insert(known[-1] + 1 if known else 0, made)

    def _own(self, xml: etree._Element, values: dict[str, str]) -> None:
        for name, value in values.items():
            if value:
                xml.set(tag(name, LQ), value)

    def _json(self, holder: etree._Element, name: str, value: Any) -> etree._Element:
        made = etree.SubElement(holder, tag(name, LQ))
        made.text = msgspec.json.encode(value).decode()
        return made


_BEFORE_FLOWS = frozenset(tag(name) for name in ("extensionElements", "documentation", "incoming", "outgoing"))
_COMPLETION = {
    Together.ALL: "results.exists(r, r == 'refuse')",
    Together.MAJORITY: (
        "double(results.filter(r, r == 'agree').size()) * 2 > nrOfInstances || "
        "double(results.filter(r, r == 'refuse').size()) * 2 >= nrOfInstances"
    ),
}


def _refusal(step: DesignStep) -> str:
    """Of several who all have to agree one refusal is enough; else the decision of the step counts."""
    if step.together is Together.ALL:
        return f"votes['{step.id}'].exists(v, v == 'refuse')"
    return "decision == 'refuse'"


def _logic(document: Document) -> list[tuple[str, list[tuple[str, str]], str]]:
    """Everything but the diagram, in order, without the white space between elements."""
    found = []
    for one in document.root.iter():
        if str(one.tag).startswith(f"{{{BPMNDI}}}") or any(
            str(above.tag).startswith(f"{{{BPMNDI}}}") for above in one.iterancestors()
        ):
            continue
        own = sorted((str(name), str(value)) for name, value in one.attrib.items())
        found.append((str(one.tag), own, (one.text or "").strip()))
    return found
