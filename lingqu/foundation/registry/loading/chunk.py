"""Applying one chunk: staged, matched, merged, linked and traced inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from django.db import connection, transaction

from lingqu.kernel import audit, events
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import today

from ..models import LoadedChunk
from ..types.events import OrganisationMoved, RelationsChanged, RosterChunkApplied
from .attributes import apply_attributes
from .batch import ENTITIES, PERSON_KINDS, Batch, Outcome, Prepared
from .classes import apply_classes, apply_courses, apply_sessions
from .guardians import apply_guardians
from .numbers import apply_numbers
from .places import apply_organisations
from .preparing import known_links, prepare_batch, source_of, with_digests
from .run import Run
from .staff import apply_head_teachers, apply_staff
from .students import apply_students
from .teaching import apply_memberships, apply_teaching

APPLY: dict[str, Callable[[Run], None]] = {
    "organisations": apply_organisations,
    "sessions": apply_sessions,
    "courses": apply_courses,
    "classes": apply_classes,
    "students": apply_students,
    "staff": apply_staff,
    "head_teachers": apply_head_teachers,
    "guardians": apply_guardians,
    "memberships": apply_memberships,
    "teaching": apply_teaching,
    "attributes": apply_attributes,
    "numbers": apply_numbers,
}
PLANNER = "SET LOCAL work_mem = '128MB'; SET LOCAL jit = off; SET LOCAL default_statistics_target = 10"
"""Of the chunk's own temporary tables the planner needs sizes and shares, no histograms."""


def apply_batch(*, actor: Actor, batch: Batch) -> Outcome:
    """Prepare and apply one chunk inside the caller's transaction; repeating it changes nothing.

    The caller has checked that ``actor`` may import at ``batch.scope``; rows outside that subtree are refused.
    """
    source = source_of(batch.source)
    rows = with_digests(batch.kind, batch.rows)
    known = known_links(source.pk, batch.kind, rows["key_hash"])
    whole = replace(batch, rows=rows, keys=rows["key_hash"] if batch.keys is None else batch.keys)
    return apply_prepared(actor=actor, prepared=prepare_batch(whole, known))


def apply_prepared(*, actor: Actor, prepared: Prepared, ahead: bool = False) -> Outcome:
    """Apply what :func:`prepare_batch` made ready. One audit and one outbox row, one change row per changed entity.

    ``ahead``: the chunk before is not committed yet (see :func:`may_overtake`). Then the rows must all be about new
    people; :class:`Acquainted` is raised when one is not, and the caller applies the chunk anew when its turn has come.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("a chunk is applied in a transaction")
    batch, outcome = prepared.batch, Outcome(findings=list(prepared.findings))
    for entity in ENTITIES[batch.kind]:
        outcome.unchanged[entity] += prepared.unchanged
    if not len(prepared.frame):
        return outcome
    with connection.cursor() as cursor:
        cursor.execute(PLANNER)
        run = Run(
            cursor=cursor, prepared=prepared, source=source_of(batch.source), as_of=batch.as_of or today(),
            actor_name=actor.name, outcome=outcome, ahead=ahead,
        )  # fmt: skip
        run.stage()
        if batch.kind in PERSON_KINDS:
            outcome.people_table = "load_people"
            cursor.execute("DROP TABLE IF EXISTS load_people")
            cursor.execute("CREATE TEMP TABLE load_people (person_id uuid, number text) ON COMMIT DROP")
        APPLY[batch.kind](run)
    _trace(actor, run)
    return outcome


def _trace(actor: Actor, run: Run) -> None:
    batch, outcome = run.prepared.batch, run.outcome
    counts = outcome.as_counts() | {"rejected": outcome.rejected, "suspects": outcome.suspects}
    if batch.import_id is not None:
        LoadedChunk.objects.create(
            import_id=batch.import_id, kind=batch.kind, position=batch.position, counts=counts,
            touched=sorted(outcome.touched),
        )  # fmt: skip
    if not outcome.has_changes:
        return
    audit.record(
        actor, "registry.roster.applied", subject_kind="import", subject_id=batch.number, path=batch.scope,
        data={"kind": batch.kind, "rows": len(run.prepared.frame), "position": batch.position, **counts},
    )  # fmt: skip
    events.publish(RosterChunkApplied(kind=batch.kind, number=batch.number, rows=len(run.prepared.frame)))
    if run.left:
        events.publish(RelationsChanged(person_ids=tuple(sorted(run.left))))
    for organisation_id, before, after in run.moved:
        events.publish(OrganisationMoved(organisation_id=organisation_id, before=before, after=after))
