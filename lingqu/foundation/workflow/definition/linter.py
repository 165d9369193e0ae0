"""Names, element by element, what keeps a definition from running."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from django.utils.translation import gettext as _

from .compiler import Compiler
from .document import Document, tag
from .known import Known
from .outline import Flow, Scope, Step, main_outline, outline
from .problems import Problem, problem
from .soundness import dead_joins
from .words import DECIDING, GATEWAYS, RUNNING_EVENTS, SCOPES_REFUSED, TASKS, name_of_kind

MOST_STEPS = 300


def lint(document: Document, known: Known | None = None) -> list[Problem]:
    """All findings, in the order of the file; none means: it runs."""
    scope = main_outline(document)
    known = known or Known()
    if scope is None:
        each = (one for process in document.processes() for one in _lint_all(outline(process), document, known))
        return [_no_process(document), *each]
    return list(_lint_all(scope, document, known))


def _no_process(document: Document) -> Problem:
    names = [one.get("name") or one.get("id", "") for one in document.processes()]
    sentence = (
        _("文件里有 %(n)d 个流程，没有写明运行哪一个：请把其中一个标为可执行（isExecutable）。") % {"n": len(names)}
        if names
        else _("文件里没有流程，只有图或交互。")
    )
    return Problem(code="no_process", element_id="", element=name_of_kind("definitions"), sentence=sentence)


def _lint_all(top: Scope, document: Document, known: Known) -> Iterator[Problem]:
    count = sum(len(scope.steps) for scope in top.walk())
    if count > MOST_STEPS:
        yield problem("too_many", top, _("%(what)s有太多环节，最多 300 个。"))
        return
    yield from _duplicate_ids(top)
    compiler = Compiler(document, known, top)
    yield from compiler.problems_of(top)
    yield from _lint_scope(top, compiler, is_top=True)


def _lint_scope(scope: Scope, compiler: Compiler, *, is_top: bool = False) -> Iterator[Problem]:
    yield from _starts(scope, is_top=is_top)
    for flow in scope.stray:
        yield problem("stray_flow", flow, _("%(what)s的起点或终点不在同一层流程里。"))
    refused: set[str] = set()
    for step in scope.steps.values():
        refusals = list(_refusals(step))
        yield from refusals
        if refusals:
            refused.add(step.id)
            continue
        yield from _ways(step, scope)
        yield from compiler.problems_of(step)
        if step.id in scope.inner:
            yield from _lint_scope(scope.inner[step.id], compiler)
    yield from (one for one in _reach(scope) if one.element_id not in refused)
    if not refused:
        for join in _stuck(scope):
            yield problem("dead_join", join, _("%(what)s要等的分支可能永远到不齐：前面有时只走其中一条路。"))


def _stuck(scope: Scope) -> list[Step]:
    return dead_joins(scope) if scope.starts() else []


def _duplicate_ids(top: Scope) -> Iterator[Problem]:
    counts = Counter(one.get("id") for one in top.xml.iter(tag("*")) if one.get("id"))
    for scope in top.walk():
        things: list[Step | Flow] = [*scope.steps.values(), *scope.flows]
        for thing in things:
            if not thing.id:
                yield problem("no_id", thing, _("%(what)s没有编号（id）。"))
            elif counts[thing.id] > 1:
                yield problem("same_id", thing, _("%(what)s的编号与别的元素重复。"))


def _starts(scope: Scope, *, is_top: bool) -> Iterator[Problem]:
    starts = scope.starts()
    plain = [one for one in starts if not one.events]
    if not starts or (not plain and not is_top):
        yield problem("no_start", scope, _("%(what)s没有开始事件，不知道从哪里开始。"))
    if len(plain) > 1:
        for one in plain[1:]:
            yield problem("two_starts", one, _("%(what)s是多余的：一层流程只能有一个普通开始事件。"))


def _refusals(step: Step) -> Iterator[Problem]:
    """Elements that do not run here at all."""
    kind = name_of_kind(step.kind, step.event)
    if step.kind == "scriptTask":
        yield problem("script", step, _("%(what)s里有脚本。流程定义里不允许任何程序代码，请改用系统任务。"))
    elif step.kind in SCOPES_REFUSED or (step.kind == "complexGateway"):
        yield problem("unsupported", step, _("%(what)s不能运行：不支持%(kind)s。"), kind=kind)
    elif step.kind == "subProcess" and step.xml.get("triggeredByEvent") in ("true", "1"):
        yield problem("unsupported", step, _("%(what)s不能运行：不支持事件子流程。"))
    elif step.xml.get("isForCompensation") in ("true", "1"):
        yield problem("unsupported", step, _("%(what)s不能运行：不支持补偿。"))
    elif step.child("standardLoopCharacteristics") is not None:
        yield problem("unsupported", step, _("%(what)s不能运行：不支持循环标记，请用连线退回前面的环节。"))
    elif step.kind in RUNNING_EVENTS:
        if len(step.events) > 1:
            yield problem("unsupported", step, _("%(what)s不能运行：一个事件只能有一种触发方式。"))
        elif step.event not in RUNNING_EVENTS[step.kind]:
            yield problem("unsupported", step, _("%(what)s不能运行：不支持%(kind)s。"), kind=kind)
    elif step.kind not in TASKS and step.kind not in GATEWAYS:
        yield problem("unsupported", step, _("%(what)s不能运行：不支持%(kind)s。"), kind=kind)


def _ways(step: Step, scope: Scope) -> Iterator[Problem]:
    """What enters and leaves a node."""
    if step.kind in DECIDING and len(step.outgoing) > 1:
        for flow in step.outgoing:
            if not flow.condition and not flow.is_default:
                yield problem(
                    "no_condition", flow, _("%(what)s离开“%(gate)s”，却没有条件。"), gate=step.shown or step.id
                )
    if step.kind == "eventBasedGateway":
        for flow in step.outgoing:
            if scope.steps[flow.target].kind not in ("intermediateCatchEvent", "receiveTask"):
                yield problem("event_gate", flow, _("%(what)s：事件网关后面只能接等待事件或接收任务。"))
    if step.kind in ("startEvent", "boundaryEvent") and step.incoming:
        yield problem("into_event", step, _("%(what)s不能有连线进来。"))
    if step.kind == "endEvent" and step.outgoing:
        yield problem("out_of_end", step, _("%(what)s之后不能再有环节。"))
    if step.kind in ("startEvent", "boundaryEvent", *GATEWAYS) and not step.outgoing:
        yield problem("no_way_out", step, _("%(what)s没有连线出去。"))


def _reach(scope: Scope) -> Iterator[Problem]:
    reached = {one.id for one in scope.starts()}
    rest = list(reached)
    while rest:
        step = scope.steps[rest.pop()]
        following = [flow.target for flow in step.outgoing] + [one.id for one in scope.boundaries_of(step)]
        rest.extend(one for one in following if one not in reached)
        reached.update(following)
    if not scope.starts():
        return
    for step in scope.steps.values():
        if step.id not in reached and step.kind != "boundaryEvent":
            yield problem("unreachable", step, _("%(what)s到不了：没有连线从开始事件通到这里。"))
        elif step.kind == "boundaryEvent" and step.attached not in scope.steps:
            yield problem("unattached", step, _("%(what)s没有附在任何环节上。"))
    yield from _endless(scope, reached)


def _endless(scope: Scope, reached: set[str]) -> Iterator[Problem]:
    """Nodes from which nothing leads to an end."""
    ended = {one.id for one in scope.steps.values() if not one.outgoing}
    changed = True
    while changed:
        before = len(ended)
        for step in scope.steps.values():
            if any(flow.target in ended for flow in step.outgoing) or any(
                event.id in ended for event in scope.boundaries_of(step)
            ):
                ended.add(step.id)
        changed = len(ended) > before
    for step in scope.steps.values():
        if step.id in reached and step.id not in ended:
            yield problem("endless", step, _("%(what)s之后走不到结束。"))
