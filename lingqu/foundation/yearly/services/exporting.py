"""The list of who goes where, of what is planned and of what was applied, for those who may see the pupils."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel import audit
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.errors import TooLarge

from .. import policies
from ..models import Rollover, SchoolPlan
from ..types.words import PlanState
from ..workbook import write_moves
from . import previewing
from .years import step_of

MOST_PUPILS = 200_000
SCHOOLS_AT_ONCE = 25


def export_moves(*, actor: Actor, rollover: Rollover, path: str, target: Path) -> int:
    """Write the workbook; returns its lines. Needs the right to see the pupils' names; audited.

    Raises :class:`TooLarge` above 200,000 pupils: a sheet nobody can open. Ask for one county.
    """
    policies.require_view(actor, path)
    require(actor.holds(registry.rights.PERSON_VIEW, path))
    plans = SchoolPlan.objects.filter(rollover=rollover, path__within=path).exclude(state=PlanState.EMPTY)
    rows = list(plans.order_by("path").values_list("school_id", "state", "figures"))
    total = sum(sum(n for k, n in figures.items() if k not in ("classes", "after")) for _id, _s, figures in rows)
    if total > MOST_PUPILS:
        raise TooLarge(_("名单有 %(n)d 人，超过一个工作簿的上限，请按县区导出。") % {"n": total})
    lines = write_moves(target, _chunks(rollover, rows))
    audit.record(actor, "yearly.rollover.exported", subject_kind="rollover", subject_id=rollover.to_year, path=path,
                 data={"lines": lines})  # fmt: skip
    return lines


def _chunks(rollover: Rollover, rows: Sequence[tuple[object, str, object]]) -> Iterator[Sequence[registry.PupilMove]]:
    planned = [school for school, state, _figures in rows if state != PlanState.APPLIED]
    for start in range(0, len(planned), SCHOOLS_AT_ONCE):
        ids = planned[start : start + SCHOOLS_AT_ONCE]
        steps = previewing.steps_in(rollover, ids=ids)  # type: ignore[arg-type]
        yield registry.list_planned_moves(
            step_of(rollover), steps, previewing.choices_for(rollover, [s.id for s in steps])
        )
    for school, state, _figures in rows:
        if state == PlanState.APPLIED:
            advance = registry.find_advance(school, rollover.to_year)  # type: ignore[arg-type]
            if advance is not None:
                yield registry.list_applied_moves(advance)
