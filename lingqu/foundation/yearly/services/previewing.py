"""Computing and keeping the preview: figures, classes and pupils of each school. The register is only read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from lingqu.foundation.registry import api as registry
from lingqu.kernel.clock import now

from ..models import PlannedClass, PupilDecision, Rollover, SchoolPlan
from ..types.words import NoteKind, PlanState
from .years import step_of

SCHOOLS_AT_ONCE = 100
PLAN_FIELDS = (
    "path", "name_key", "state", "up", "stage", "central", "graduate", "new", "stay", "undecided", "figures", "entering",
    "missing", "heads_missing", "fault", "computed_at",
)  # fmt: skip
Progress = Callable[[int, int], None]


def rules_of(rollover: Rollover) -> dict[UUID, dict[str, Any]]:
    return dict(SchoolPlan.objects.filter(rollover=rollover).exclude(rules={}).values_list("school_id", "rules"))


def steps_in(rollover: Rollover, path: str = "", ids: Iterable[UUID] | None = None) -> tuple[registry.SchoolStep, ...]:
    """Schools in scope with the rules people set for them."""
    return registry.list_school_steps(rollover.from_year, path=path, ids=ids, rules=rules_of(rollover))


def choices_for(rollover: Rollover, school_ids: Sequence[UUID]) -> list[registry.Choice]:
    rows = PupilDecision.objects.filter(plan__rollover=rollover, plan__school_id__in=school_ids).exclude(grade_after="")
    return [
        registry.Choice(person_id=person, grade=grade, class_id=group)
        for person, grade, group in rows.values_list("person_id", "grade_after", "class_after_id")
    ]


def compute(rollover: Rollover, schools: Sequence[registry.SchoolStep], progress: Progress = lambda d, n: None) -> int:
    """Preview these schools and keep it; those applied already stay as they are. Returns how many were computed."""
    applied = set(
        SchoolPlan.objects.filter(rollover=rollover, state=PlanState.APPLIED).values_list("school_id", flat=True)
    )
    wanted, done = [school for school in schools if school.id not in applied], 0
    for chunk in _batches(wanted):
        moves = registry.preview_schools(step_of(rollover), chunk, choices_for(rollover, [s.id for s in chunk]))
        keep(rollover, moves)
        done += len(chunk)
        progress(done, len(wanted))
    return done


def _batches(schools: Sequence[registry.SchoolStep]) -> Iterator[list[registry.SchoolStep]]:
    for start in range(0, len(schools), SCHOOLS_AT_ONCE):
        yield list(schools[start : start + SCHOOLS_AT_ONCE])


@transaction.atomic
def keep(rollover: Rollover, moves: Sequence[registry.SchoolMoves]) -> None:
    """Replace what was kept for these schools; what people decided stays."""
    SchoolPlan.objects.bulk_create(
        [_plan(rollover, one) for one in moves], update_conflicts=True, unique_fields=["rollover", "school"],
        update_fields=PLAN_FIELDS,
    )  # fmt: skip
    ids = dict(
        SchoolPlan.objects.filter(rollover=rollover, school_id__in=[m.school.id for m in moves]).values_list(
            "school_id", "id"
        )
    )
    PlannedClass.objects.filter(plan_id__in=ids.values()).delete()
    PlannedClass.objects.bulk_create(
        [_class(ids[m.school.id], at, one) for m in moves for at, one in enumerate(m.classes)], batch_size=2000
    )
    PupilDecision.objects.filter(plan_id__in=ids.values(), grade_after="").delete()
    PupilDecision.objects.bulk_create(
        [
            PupilDecision(
                plan_id=ids[m.school.id], person_id=note.person_id, kind=note.kind, grade=note.grade,
                class_group_id=note.class_id,
            )
            for m in moves
            for note in m.notes
            if note.kind != NoteKind.DECIDED
        ],
        batch_size=2000, ignore_conflicts=True,
    )  # fmt: skip


def _state(one: registry.SchoolMoves, *, returning: int) -> str:
    if not one.classes and not sum(one.counts.values()):
        return PlanState.EMPTY
    if one.counts["unknown"] or returning:
        return PlanState.PENDING
    return PlanState.MISSING if one.missing else PlanState.READY


def _plan(rollover: Rollover, one: registry.SchoolMoves) -> SchoolPlan:
    counts = one.counts
    returning = sum(note.kind == NoteKind.RETURNING for note in one.notes)
    return SchoolPlan(
        rollover=rollover, school_id=one.school.id, path=one.school.path, name_key=one.school.name_key,
        state=_state(one, returning=returning), up=counts["up"], stage=counts["stage"], central=counts["central"],
        graduate=counts["graduate"], new=counts["new"], stay=counts["stay"] + counts["unknown"],
        undecided=counts["unknown"] + returning, figures=one.figures, entering=one.entering, missing=list(one.missing),
        heads_missing=sum(1 for c in one.classes if c.target_name and not c.head_stays), computed_at=now(),
    )  # fmt: skip


def _class(plan_id: int, position: int, one: registry.ClassMove) -> PlannedClass:
    return PlannedClass(
        plan_id=plan_id, class_group_id=one.class_id, position=position, name=one.name, grades=list(one.grades),
        size=one.size, target_name=one.target_name, target_grades=list(one.target_grades), is_new=one.is_new,
        after=one.after, moves=one.moves, head_id=one.head_id, head_stays=one.head_stays,
    )  # fmt: skip
