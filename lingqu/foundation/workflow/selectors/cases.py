"""Cases as one reader sees them, and lists of cases."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec

from lingqu.foundation.registry import api as registry
from lingqu.kernel import clock
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.errors import Forbidden
from lingqu.kernel.pages import Page, merge_branches, page_of

from .. import policies
from ..engine import state as told
from ..models import Case, CaseFile, CaseLog, DefinitionVersion, Task
from ..types import rights
from ..types.graph import DONE, Work
from ..types.views import CaseLine, CaseView, FileLine, LogLine, StuckToken, TaskView
from ..types.words import Act, CaseState, TaskKind, TaskState
from . import archives, recusal
from .clocks import light
from .grants import granted, start_fields
from .plans import header_of, plan_of
from .tasks import line_of

NEWEST = ("-id",)
OPINIONS = frozenset({Act.COMPLETED, Act.RETURNED, Act.ASKED, Act.COUNTERSIGN, Act.COMMENTED, Act.HANDED_ON})


def case_line(case: Case, at: Sequence[str] = ()) -> CaseLine:
    return CaseLine(
        id=case.id, number=case.number, title=case.title, process=header_of(case.version_id)[1],
        starter=case.starter_name, state=case.state, reason=case.reason,
        light=light(case.due_at, case.yellow_at, case.ended_at or case.paused_at or clock.now()),
        started_at=case.started_at, due_at=case.due_at, ended_at=case.ended_at, at=tuple(at),
    )  # fmt: skip


def _get(case_id: UUID) -> Case:
    found = Case.objects.select_related("data").filter(id=case_id).first()
    if found is None:
        raise Forbidden()
    return found


def _seen(actor: Actor, case: Case, tasks: list[Task]) -> policies.Sight:
    sight = policies.sight_of(actor, case, tasks, granted(case.version_id))
    if sight is None:
        raise Forbidden()
    return sight


def get_sight(actor: Actor, case: Case) -> policies.Sight:
    """What the actor sees of a case; :class:`Forbidden` when nothing."""
    return _seen(actor, case, list(Task.objects.filter(case=case)))


def get_case(actor: Actor, case_id: UUID) -> CaseView:
    """A case with what the actor may see of it. Raises :class:`Forbidden`."""
    case = _get(case_id)
    tasks, log = archives.rows_of(case)
    return _view(actor, case, tasks, log, _seen(actor, case, tasks))


def _view(actor: Actor, case: Case, tasks: list[Task], log: list[CaseLog], sight: policies.Sight) -> CaseView:
    fields = {key: value for key, value in case.data.fields.items() if sight.sees(key)}
    reads_comments = sight.sees_all or sight.is_applicant or (bool(sight.tasks) and not sight.is_record)
    state = msgspec.convert(case.engine, type=told.State)
    is_manager = sight.is_manager and recusal.may_manage(actor, case)
    has_done = any(task.state == TaskState.DONE and task.kind == TaskKind.STEP for task in tasks)
    is_open = case.ended_at is None
    for task in tasks:
        task.case = case
    return CaseView(
        line=case_line(case, [task.name for task in tasks if task.state == TaskState.OPEN]),
        key=header_of(case.version_id)[0], version_id=case.version_id, organisation_id=case.organisation_id,
        path=str(case.path), subject_id=case.subject_id, revision=case.revision, fields=fields, sees_all=sight.sees_all,
        files=tuple(_file_line(row) for row in CaseFile.objects.filter(case=case).order_by("id") if sees_file(sight, row)),
        tasks=tuple(map(line_of, tasks)), log=tuple(_log_line(case, row, reads_comments or row.task in sight.tasks) for row in log),
        decisions=state.decisions if reads_comments else {},
        stuck=tuple(_stuck(case, state)) if is_manager and is_open else (), may_manage=is_manager and is_open,
        may_cancel=is_open and (is_manager or (sight.is_applicant and not has_done)),
        may_see_progress=sight.is_clerk or sight.is_applicant or bool(sight.tasks), may_comment=not sight.is_record,
    )  # fmt: skip


def sees_file(sight: policies.Sight, row: CaseFile) -> bool:
    """A file of a form field as the field; one that came with a step for whoever did it, and for the applicant."""
    if sight.sees_all:
        return True
    if row.field:
        return sight.sees(row.field)
    return sight.is_applicant or (row.node in sight.nodes if row.node else bool(sight.tasks))


def get_file(actor: Actor, file_id: UUID) -> CaseFile:
    """A file that the actor may see. Raises :class:`Forbidden`."""
    row = CaseFile.objects.select_related("case").filter(id=file_id).first()
    if row is None:
        raise Forbidden()
    tasks, _log = archives.rows_of(row.case)
    if not sees_file(_seen(actor, row.case, tasks), row):
        raise Forbidden()
    return row


def get_task(actor: Actor, task_id: UUID) -> TaskView:
    """A step for whoever may do it now. Raises :class:`Forbidden` for anybody else."""
    task = Task.objects.filter(id=task_id).first()
    if task is None or task.state != TaskState.OPEN or not policies.may_act(actor, task):
        raise Forbidden()
    case = _get(task.case_id)
    recusal.require_decider(actor, case, task)
    tasks, log = archives.rows_of(case)
    plan = plan_of(case.version_id)
    node = plan.nodes[task.node]
    work = node.work or Work()
    sight = _seen(actor, case, tasks)
    if task.kind == TaskKind.CORRECTION:
        reads = writes = start_fields(case.version_id)
        outcomes, form = DONE, plan.graph.form
    else:
        reads = frozenset((*work.reads, *work.writes))
        writes = frozenset(work.writes) if task.kind == TaskKind.STEP else frozenset()
        outcomes, form = work.outcomes, work.form or plan.graph.form
    visited = set(msgspec.convert(case.engine, type=told.State).visited)
    is_step = task.kind == TaskKind.STEP
    task.case = case
    return TaskView(
        line=line_of(task), case=_view(actor, case, tasks, log, sight), form=form, node=node.id, outcomes=outcomes,
        reads=reads, writes=writes, needs_scan=work.needs_scan and is_step,
        returns=tuple(
            (one, plan.nodes[one].name or one) for one in plan.returns(node.id) if one in visited
        ) if is_step and work.may_return else (),
        may_return=is_step and work.may_return, may_hand_on=work.may_hand_on and task.kind != TaskKind.CORRECTION,
        may_countersign=is_step and work.may_countersign,
        opinions=tuple(line_of(one) for one in tasks if one.asked_by_id == task.id), instructions=work.instructions,
    )  # fmt: skip


def _file_line(row: CaseFile) -> FileLine:
    return FileLine(
        id=row.id, name=row.name, kind=row.kind, size=row.size, field=row.field, node=row.node, added_by=row.added_by,
        added_at=row.added_at,
    )  # fmt: skip


def _log_line(case: Case, row: CaseLog, reads_comments: bool) -> LogLine:
    node = plan_of(case.version_id).nodes.get(row.node)
    return LogLine(
        at=row.at, act=row.act, node=(node.name or node.id) if node else "", name=row.name,
        decision=row.decision if reads_comments else "",
        comment=row.comment if reads_comments or row.act not in OPINIONS else "",
    )  # fmt: skip


def _stuck(case: Case, state: told.State) -> Iterable[StuckToken]:
    plan = plan_of(case.version_id)
    for token in state.tokens:
        if token.mark in (told.Mark.STUCK, told.Mark.HELD, told.Mark.SURVEYS):
            node = plan.nodes[token.node]
            ways = tuple(
                (flow.id, flow.name or plan.nodes[flow.target].name or flow.target) for flow in plan.outgoing[node.id]
            )
            yield StuckToken(token=token.number, node=node.id, name=node.name or node.id, ways=ways)


def list_own(actor: Actor, *, cursor: str = "", limit: int = 50) -> Page[CaseLine]:
    """我的办件: what the actor started, and what is about the actor or the actor's children, the latest first."""
    if actor.person_id is None:
        return page_of(Case.objects.none(), order=NEWEST, cursor=cursor, limit=limit).showing(())
    belonging = registry.belonging_of(actor.person_id)
    own = list(belonging.ids)
    about = [*own, *(one for child in belonging.children for one in child.ids)]
    rows = Case.objects.filter(parent=None).defer("engine")
    branches = [rows.filter(starter_id__in=own), rows.filter(subject_id__in=about).exclude(starter_id__in=own)]
    page = merge_branches(branches, order=NEWEST, limit=limit, cursor=cursor)
    return page.showing(_lines(page.items))


def list_cases(
    actor: Actor, *, state: str = "", key: str = "", words: str = "", cursor: str = "", limit: int = 50
) -> Page[CaseLine]:
    """Cases of the places whose progress the actor may see, the latest first; ``words``: a number or a starter's name."""
    places = actor.paths(rights.CASE_VIEW)
    require(bool(places) or actor.is_system)
    rows = Case.objects.defer("engine")
    if state:
        rows = rows.filter(state=state)
    if key:
        rows = rows.filter(version__in=list(DefinitionVersion.objects.filter(key=key).values_list("id", flat=True)))
    if words:
        found = [rows.filter(number=words), rows.filter(starter_name=words)]
        branches = [one.filter(path__within=place) for one in found for place in places] or found
    else:
        own = [rows.filter(path=place) for place in places]
        branches = [*own, *(rows.filter(path__below=place) for place in places)] or [rows]
    page = merge_branches(branches, order=NEWEST, limit=limit, cursor=cursor)
    return page.showing(_lines(page.items))


def list_stuck(actor: Actor, *, cursor: str = "", limit: int = 50) -> Page[CaseLine]:
    """需处理: cases that somebody who manages them has to look at, the latest first."""
    places = actor.paths(rights.CASE_MANAGE)
    require(bool(places) or actor.is_system)
    rows = Case.objects.filter(state=CaseState.STUCK).defer("engine")
    branches = [rows.filter(path__within=place) for place in places] or [rows]
    page = merge_branches(branches, order=NEWEST, limit=limit, cursor=cursor)
    return page.showing(_lines(page.items))


def _lines(cases: Iterable[Case]) -> list[CaseLine]:
    found = list(cases)
    at: dict[Any, list[str]] = {}
    rows = Task.objects.filter(case__in=[case.id for case in found], state=TaskState.OPEN).order_by("id")
    for case_id, name in rows.values_list("case_id", "name"):
        at.setdefault(case_id, []).append(name)
    return [case_line(case, at.get(case.id, ())) for case in found]
