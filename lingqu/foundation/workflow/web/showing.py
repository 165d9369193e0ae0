"""What a case page shows: steps done and to come, form, files, history."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lingqu.kernel import clock
from lingqu.kernel.actor import Actor

from ..engine.plan import Plan
from ..selectors import forms
from ..selectors.plans import plan_of
from ..selectors.prefill import Prefilled
from ..types import rights
from ..types.graph import NodeKind
from ..types.views import CaseView, TaskLine
from ..types.words import Act, CaseState, FileKind, TaskKind, TaskState
from .filling import drawn_fields

STATE_TONES = {
    CaseState.RUNNING: "brand", CaseState.RETURNED: "amber", CaseState.STUCK: "coral", CaseState.SUSPENDED: "violet",
    CaseState.DONE: "green", CaseState.FAILED: "coral", CaseState.CANCELLED: "violet",
}  # fmt: skip
PEOPLE = (NodeKind.USER, NodeKind.MANUAL)
ICONS = {
    Act.STARTED: "flag", Act.COMPLETED: "check", Act.RETURNED: "undo", Act.ASKED: "undo", Act.CORRECTED: "edit",
    Act.COMMENTED: "message", Act.STUCK: "warning", Act.ENDED: "check-circle", Act.CANCELLED: "cross-circle",
}  # fmt: skip


def case_context(actor: Actor, case: CaseView) -> dict[str, Any]:
    plan = plan_of(case.version_id)
    form = forms.form_of(case.version_id, plan.graph.form)
    sources = forms.sources_of(case.line.id)
    reads = None if case.sees_all else frozenset(case.fields)
    shown = {key: Prefilled(value="", source=text, as_of=clock.today()) for key, text in sources.items()}
    fields = drawn_fields(form, case.fields, reads=reads, sources=shown, writes=frozenset())
    seen = [one for one in fields if one.field.asks and not one.is_hidden]
    labels = {one.key: one.label for one in form.asked()}
    return {
        "case": case, "line": case.line, "fields": fields, "state_tones": STATE_TONES, "states": dict(CaseState.choices),
        "steps": list(_steps(plan, case)), "free": sum(1 for one in seen if one.source), "count": len(seen),
        "files": [(one, labels.get(one.field) or dict(FileKind.choices).get(one.kind, one.kind)) for one in case.files],
        "log": [_event(plan, one) for one in reversed(case.log)],
        "may_bundle": case.line.ended_at is not None and actor.holds(rights.CASE_DATA, case.path),
    }  # fmt: skip


def _event(plan: Plan, row: Any) -> dict[str, Any]:
    words = [row.name, outcome_words(plan, row.decision), row.comment]
    title = dict(Act.choices).get(row.act, row.act)
    return {
        "title": f"{row.node} · {title}" if row.node else title, "date": row.at, "meta": " · ".join(str(one) for one in words if one),
        "icon": ICONS.get(row.act, "dot"), "tone": "coral" if row.act in (Act.STUCK, Act.CANCELLED) else "",
    }  # fmt: skip


def outcome_words(plan: Plan, code: str) -> str:
    """The label of a decision, whichever step offers it."""
    for node in plan.graph.nodes:
        for outcome in node.work.outcomes if node.work else ():
            if outcome.code == code:
                return outcome.label
    return code


def _steps(plan: Plan, case: CaseView) -> Iterator[dict[str, Any]]:
    """Steps of people: done and open ones as they came, then those still to come on the way to the end."""
    for task in case.tasks:
        if task.ended_at is None or task.decision:
            yield _step(plan, task)
    if case.line.ended_at is None:
        open_names = {task.name for task in case.tasks if task.ended_at is None}
        for node in _coming(plan, open_names):
            yield {"name": node.name, "state": "next", "days": node.work.days if node.work else 0, "task": None}


def _step(plan: Plan, task: TaskLine) -> dict[str, Any]:
    is_open = task.ended_at is None
    kind = dict(TaskKind.choices).get(task.kind, "") if task.kind != TaskKind.STEP else ""
    return {
        "name": f"{task.name}（{kind}）" if kind else task.name, "state": "current" if is_open else "done", "task": task, "days": 0,
        "decision": outcome_words(plan, task.decision), "kind": TaskState.OPEN if is_open else TaskState.DONE,
    }  # fmt: skip


def _coming(plan: Plan, open_names: set[str]) -> list[Any]:
    """Steps of people that lie behind the open ones, in the order of the way."""
    found: list[Any] = []
    waiting = [node.id for node in plan.graph.nodes if node.work and node.name in open_names]
    seen = set(waiting)
    while waiting:
        current = waiting.pop(0)
        for flow in plan.outgoing[current]:
            if flow.target in seen:
                continue
            seen.add(flow.target)
            waiting.append(flow.target)
            node = plan.nodes[flow.target]
            if node.kind in PEOPLE:
                found.append(node)
    return found
