"""Runs over a part of the tree: preview, apply, undo. School by school, each in its own transaction, resumable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel import audit, clock, home, jobs
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Conflict, DomainError
from lingqu.kernel.lanes import SILENT, Progress, spread

from .. import policies
from ..models import Rollover, RolloverRun, SchoolPlan
from ..types.words import PlanState, RunKind, RunState
from . import previewing
from .years import ensure_rollover, require_open, step_of

STALE = timedelta(minutes=2)
SCHOOLS_COUNTED_AT_ONCE = 200
MANY = 8
"""Schools from which on a second connection helps."""


@transaction.atomic
def start_run(
    *, actor: Actor, kind: str, to_year: str, path: str, options: dict[str, Any] | None = None, queued: bool = True
) -> RolloverRun:
    """Begin to preview, apply or undo the schools at and below ``path``.

    ``options``: ``include_missing`` applies schools whose new pupils are not in yet, ``seen`` are ids of pupils changed
    meanwhile that somebody looked at. Raises :class:`Conflict` while another run is under way, after locking, and (outside
    demo homes) before June of the new year.
    """
    if kind == RunKind.PREVIEW:
        policies.require_decide(actor, path)
    else:
        policies.require_apply(actor, path)
    rollover = Rollover.objects.select_for_update().get(to_year=ensure_rollover(to_year).to_year)
    require_open(rollover)
    if kind == RunKind.APPLY:
        _require_season(rollover)
    _require_alone(rollover)
    run = RolloverRun.objects.create(
        rollover=rollover, path=path, kind=kind, options=options or {}, account_id=actor.account_id,
        person_id=actor.person_id, actor_name=actor.name, role=actor.role, beat_at=clock.now(),
    )  # fmt: skip
    audit.record(actor, f"yearly.rollover.{kind}", subject_kind="rollover", subject_id=to_year, path=path,
                 data={"run": str(run.id)})  # fmt: skip
    if queued:
        jobs.defer("yearly.run_rollover", run_id=str(run.id), _lock="yearly.rollover", _once=f"rollover:{run.id}")
    return run


def _require_season(rollover: Rollover) -> None:
    opens = rollover.starts_on.replace(month=6, day=1)
    if clock.today() < opens and not home.is_demo():
        raise Conflict(_("%(day)s 起才能应用；在此之前可以预览。") % {"day": opens.isoformat()}, code="too_early")


def _require_alone(rollover: Rollover) -> None:
    busy = RolloverRun.objects.filter(rollover=rollover, state__in=(RunState.WAITING, RunState.RUNNING))
    if busy.exists():
        raise Conflict(_("另一项学年升级的操作正在进行，请稍候。"), code="rollover_busy")


def list_stale() -> list[UUID]:
    """Runs whose worker is gone."""
    rows = RolloverRun.objects.filter(state__in=(RunState.WAITING, RunState.RUNNING), beat_at__lt=clock.now() - STALE)
    return list(rows.values_list("id", flat=True))


def perform(run_id: UUID, progress: Progress = SILENT) -> RolloverRun:
    """Do what a run stands for, or the rest of it after a kill. A refusal of one school is noted there and goes on."""
    run = RolloverRun.objects.select_related("rollover").get(id=run_id)
    if run.state in (RunState.DONE, RunState.FAILED):
        return run
    RolloverRun.objects.filter(id=run.id).update(state=RunState.RUNNING, beat_at=clock.now())
    actor = replace(
        Actor.system(run.actor_name), account_id=run.account_id, person_id=run.person_id, role=run.role
    )  # the permission was asked when the run began
    work = {RunKind.PREVIEW.value: _preview, RunKind.APPLY.value: _apply, RunKind.UNDO.value: _undo}[run.kind]
    try:
        result = work(actor, run, progress)
    except DomainError as refusal:
        _finish(run, RunState.FAILED, {"code": refusal.code, "message": refusal.message})
        raise
    _finish(run, RunState.DONE, result)
    run.refresh_from_db()
    return run


def _finish(run: RolloverRun, state: str, result: dict[str, Any]) -> None:
    RolloverRun.objects.filter(id=run.id).update(state=state, result=result, finished_at=clock.now())


def _beat(run: RolloverRun, total: int, progress: Progress) -> Progress:
    def told(done: int, of: int) -> None:
        RolloverRun.objects.filter(id=run.id).update(done=done, total=of or total, beat_at=clock.now())
        progress(done, of or total)

    return told


def _preview(actor: Actor, run: RolloverRun, progress: Progress) -> dict[str, Any]:
    steps = previewing.steps_in(run.rollover, path=str(run.path))
    told = _beat(run, len(steps), progress)
    told(0, len(steps))
    return {"schools": previewing.compute(run.rollover, steps, told)}


def _apply(actor: Actor, run: RolloverRun, progress: Progress) -> dict[str, Any]:
    wanted = [PlanState.READY, *([PlanState.MISSING] if run.options.get("include_missing") else [])]
    plans = _plans(run).filter(state__in=wanted)
    known = dict(plans.values_list("school_id", "id"))
    steps = previewing.steps_in(run.rollover, ids=known)
    told = _beat(run, len(steps), progress)
    outcomes = spread(steps, lambda step: _apply_one(actor, run, step, known[step.id]), told, few=MANY)
    _recount(run)
    return dict(Counter(outcomes))


def _plans(run: RolloverRun) -> Any:
    return SchoolPlan.objects.filter(rollover=run.rollover, path__within=str(run.path))


def _apply_one(actor: Actor, run: RolloverRun, school: registry.SchoolStep, plan_id: int) -> str:
    """One school, one transaction; what keeps it back is written on its plan."""
    try:
        with transaction.atomic():
            plan = SchoolPlan.objects.select_for_update().get(id=plan_id)
            registry.advance_school(
                actor=actor, step=step_of(run.rollover), school=school, expected=plan.figures,
                choices=previewing.choices_for(run.rollover, [school.id]),
            )  # fmt: skip
            plan.state, plan.applied_at, plan.applied_by, plan.fault = PlanState.APPLIED, clock.now(), actor.name, ""
            plan.save(update_fields=["state", "applied_at", "applied_by", "fault"])
    except DomainError as refusal:
        SchoolPlan.objects.filter(id=plan_id).update(fault=refusal.code)
        return refusal.code
    return "applied"


def _undo(actor: Actor, run: RolloverRun, progress: Progress) -> dict[str, Any]:
    plans = list(_plans(run).filter(state=PlanState.APPLIED).order_by("path").values_list("id", "school_id"))
    seen = [UUID(one) for one in run.options.get("seen", ())]
    told = _beat(run, len(plans), progress)
    outcomes = spread(plans, lambda plan: _undo_one(actor, run, plan[0], plan[1], seen), told, few=MANY)
    _recount(run)
    undone = [school_id for (_plan, school_id), outcome in zip(plans, outcomes, strict=True) if outcome == "undone"]
    previewing.compute(run.rollover, previewing.steps_in(run.rollover, ids=undone))
    return dict(Counter(outcomes))


def _undo_one(actor: Actor, run: RolloverRun, plan_id: int, school_id: UUID, seen: Sequence[UUID]) -> str:
    everyone = bool(run.options.get("seen_all"))
    try:
        with transaction.atomic():
            plan = SchoolPlan.objects.select_for_update().get(id=plan_id)
            advance = registry.find_advance(school_id, run.rollover.to_year)
            if advance is not None:
                known = [one.person_id for one in registry.list_changed(advance)] if everyone else seen
                registry.undo_school(actor=actor, advance=advance, seen=known)
            plan.state = PlanState.MISSING if plan.missing else PlanState.READY
            plan.applied_at, plan.applied_by, plan.fault = None, "", ""
            plan.save(update_fields=["state", "applied_at", "applied_by", "fault"])
    except DomainError as refusal:
        SchoolPlan.objects.filter(id=plan_id).update(fault=refusal.code)
        return refusal.code
    return "undone"


def _recount(run: RolloverRun) -> None:
    """Maintained counts of the schools of the run, and of central schools that pupils went to."""
    steps = previewing.steps_in(run.rollover, path=str(run.path))
    ids = sorted({one for step in steps for one in (step.id, step.central_id) if one})
    for start in range(0, len(ids), SCHOOLS_COUNTED_AT_ONCE):
        registry.recount(ids[start : start + SCHOOLS_COUNTED_AT_ONCE])
        RolloverRun.objects.filter(id=run.id).update(beat_at=clock.now(), done=F("done"))
