"""Comparing a file step by step: a killed run goes on after its last step, and shows nothing before its end."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel import audit, clock, crypto, events, jobs
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Conflict, NotFound
from lingqu.kernel.language import writing_to

from .. import policies
from ..matching import grouping, writing
from ..matching.staging import LOCK
from ..models import Case, FileEntry, NationalFile, Run, Ticket
from ..types.events import TicketEnded
from ..types.slots import BEYOND_PROVINCE
from ..types.words import RunState, TicketField, TicketState
from .deadlines import Deadlines, region_of

STALE = timedelta(minutes=10)
GATHERED = 2
"""Steps before the slices: who sits, then what the file says."""
SLICE_ROWS = 100_000
"""About as many children are judged in one step."""


@transaction.atomic
def start_run(*, actor: Actor, import_id: UUID, queued: bool = True) -> Run:
    """Compare the file of an import, or compare it anew. Only the newest file of its place can be compared.

    Raises :class:`NotFound` for an import that brought no national file, :class:`Conflict` for an older one.
    """
    file = NationalFile.objects.filter(import_id=import_id).first()
    if file is None:
        raise NotFound()
    policies.require_run(actor, str(file.path))
    newest = NationalFile.objects.filter(path=file.path).order_by("-as_of", "-staged_at").first()
    if newest != file:
        raise Conflict(_("已有更新的国家文件，旧文件的结果只留存，不再重算。"), code="older_file")
    run, _made = Run.objects.get_or_create(
        file=file, defaults={"path": file.path, "as_of": file.as_of, "actor_name": file.loaded_by}
    )
    Run.objects.filter(id=run.id).update(state=RunState.WAITING, beat_at=clock.now())
    audit.record(actor, "reconciliation.run.started", subject_kind="reconciliation.run", subject_id=run.id,
                 path=str(file.path), data={"import": file.import_number})  # fmt: skip
    if queued:
        jobs.defer("reconciliation.compare_file", run_id=str(run.id), _lock="reconciliation", _once=f"run:{run.id}")
    return run


def perform(run_id: UUID) -> Run:
    """Compare, or do the rest after a kill; doing it again with nothing changed in between gives the same.

    Steps are committed one by one in unlogged tables; what people see changes in the last one, all at once.
    """
    while _next_step(run_id):
        jobs.checkpoint()
    return Run.objects.get(id=run_id)


def _next_step(run_id: UUID) -> int:
    """One step in a transaction of its own; returns how many are left, 0 when the run is done."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        run = Run.objects.select_for_update(of=("self",)).select_related("file").get(id=run_id)
        if run.state == RunState.DONE:
            return 0
        done, slices = _progress(cursor, run)
        Run.objects.filter(id=run.id).update(state=RunState.RUNNING, beat_at=clock.now())
        cursor.execute("SET LOCAL work_mem = '128MB'")
        values = _values(run) | {"slices": slices, "slice": done - GATHERED}
        if done == 0:
            grouping.gather_seats(cursor, values)
        elif done < GATHERED:
            grouping.gather_entries(cursor, values)
        elif done < GATHERED + slices:
            grouping.judge_slice(cursor, values)
        else:
            _show(cursor, run, values)
            return 0
        cursor.execute(
            "INSERT INTO reconciliation_work_step (run_id, step, slices) VALUES (%s, %s, %s)", [run.id, done, slices]
        )
        return GATHERED + slices - done


def _progress(cursor: Any, run: Run) -> tuple[int, int]:
    """Steps done for this run and its number of slices. Another run's leftovers, and those of a pass that was ordered
    anew, are no progress; after a crash of the database the unlogged tables are empty and the run begins again."""
    cursor.execute("SELECT run_id, count(*), max(slices) FROM reconciliation_work_step GROUP BY run_id")
    found = cursor.fetchall()
    if run.state == RunState.RUNNING and len(found) == 1 and found[0][0] == run.id:
        return int(found[0][1]), int(found[0][2])
    grouping.clear(cursor)
    cursor.execute("SELECT count(*) FROM registry_enrolment WHERE valid_to IS NULL")
    return 0, 1 + max(run.file.rows, int(cursor.fetchone()[0])) // SLICE_ROWS


def _values(run: Run) -> dict[str, Any]:
    beyond = {one for some in BEYOND_PROVINCE.collect(Actor.system("reconciliation"), str(run.path)) for one in some}
    with writing_to():
        mended = _("名册已经改正，等下一份国家文件核对。")
    return {
        "file": run.file_id, "run": run.id, "path": str(run.path), "end": f"{run.path}-", "as_of": run.as_of,
        "today": clock.today(), "place": registry.organisation_at(str(run.path)).id, "mended": mended, "beyond": sorted(beyond),
    }  # fmt: skip


def _show(cursor: Any, run: Run, values: dict[str, Any]) -> None:
    """The last step: cases, figures, tickets, the run itself."""
    deadlines, day = Deadlines(), max(run.as_of, clock.today())
    owners = [(owner, region_of(kind, path)) for owner, kind, path in writing.owners_of(cursor)]
    due = {path: deadlines.due_after(day, path) for path in {path for _owner, path in owners}}
    writing.set_due(cursor, [(owner, due[path]) for owner, path in owners])
    sums = writing.write(cursor, values)
    _close_tickets(cursor, run)
    _finish(run, sums)
    grouping.clear(cursor)


def _finish(run: Run, sums: dict[str, int]) -> None:
    within = Case.objects.filter(path__within=str(run.path))
    is_first = not Run.objects.filter(path=run.path, as_of__lt=run.as_of, state=RunState.DONE).exists()
    Run.objects.filter(id=run.id).update(
        **sums, state=RunState.DONE, compared_at=clock.now(), beat_at=clock.now(),
        new_cases=within.filter(since=run.as_of).count(),
        closed_cases=None if is_first else within.filter(closed_on=run.as_of).count(),
    )  # fmt: skip
    older = NationalFile.objects.filter(path=run.path, as_of__lt=run.as_of).values_list("id", flat=True)
    FileEntry.objects.filter(file_id__in=list(older)).delete()


def digest_of(field: str, value: str) -> UUID:
    """What a wish and a file have in common when they say the same."""
    return crypto.blind("id" if field == TicketField.ID else f"ticket:{field}"[:16], value)


def _close_tickets(cursor: Any, run: Run) -> None:
    """Tickets whose child a file newer than the wish shows as wished."""
    tickets = list(Ticket.objects.filter(path__within=str(run.path), state=TicketState.OPEN).select_related("person"))
    ids = {ticket.person_id: ticket.person.canonical_id or ticket.person_id for ticket in tickets}
    said: dict[UUID, list[tuple[str, str, date | None, UUID | None]]] = defaultdict(list)
    cursor.execute(
        "SELECT person, name, sex, birth_date, id_blind FROM reconciliation_work_entry WHERE person = ANY(%s)",
        [list(set(ids.values()))],
    )
    for person, *rest in cursor.fetchall():
        said[person].append(tuple(rest))
    agreed = [
        ticket.id
        for ticket in tickets
        if (rows := said.get(ids[ticket.person_id]))
        and all(_says(row, ticket) for row in rows)
        and ticket.opened_at.astimezone(clock.ZONE).date() <= run.as_of
    ]
    Ticket.objects.filter(id__in=agreed).update(state=TicketState.CLOSED, closed_on=run.as_of)
    for ticket in tickets:
        if ticket.id in agreed:
            events.publish(TicketEnded(ticket_id=ticket.id, case_id=ticket.case_id, state=TicketState.CLOSED))


def _says(row: tuple[str, str, date | None, UUID | None], ticket: Ticket) -> bool:
    name, sex, birth, id_blind = row
    if ticket.field == TicketField.ID:
        return id_blind == ticket.wanted_digest
    value = {"name": name, "sex": sex, "birth_date": birth.isoformat() if birth else ""}[ticket.field]
    return bool(value) and digest_of(ticket.field, value) == ticket.wanted_digest


def list_stale() -> list[UUID]:
    """Runs whose worker is gone."""
    rows = Run.objects.filter(state__in=(RunState.WAITING, RunState.RUNNING), beat_at__lt=clock.now() - STALE)
    return list(rows.values_list("id", flat=True))
