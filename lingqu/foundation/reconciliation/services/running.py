"""Comparing a file: one transaction, so a killed run leaves nothing and is simply done again."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel import audit, clock, crypto, jobs
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Conflict, NotFound
from lingqu.kernel.language import writing_to

from .. import policies
from ..matching import grouping, writing
from ..matching.staging import LOCK
from ..models import Case, FileEntry, NationalFile, Run, Ticket
from ..types.words import RunState, TicketField, TicketState
from .deadlines import due_after

STALE = timedelta(minutes=10)


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
    """Compare; doing it again with nothing changed in between gives the same."""
    Run.objects.filter(id=run_id).update(state=RunState.RUNNING, beat_at=clock.now())
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        run = Run.objects.select_for_update().select_related("file").get(id=run_id)
        root = registry.organisation_at(str(run.path))
        with writing_to():
            mended = _("名册已经改正，等下一份国家文件核对。")
        values: dict[str, Any] = {
            "file": run.file_id, "run": run.id, "path": str(run.path), "end": f"{run.path}-", "as_of": run.as_of,
            "today": clock.today(), "place": root.id, "due": due_after(max(run.as_of, clock.today())), "mended": mended,
        }  # fmt: skip
        cursor.execute("SET LOCAL work_mem = '128MB'")
        grouping.build(cursor, values)
        sums = writing.write(cursor, values)
        _close_tickets(run)
        _finish(run, sums)
    run.refresh_from_db()
    return run


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


def _close_tickets(run: Run) -> None:
    """Tickets whose child a file newer than the wish shows as wished."""
    tickets = Ticket.objects.filter(path__within=str(run.path), state=TicketState.OPEN)
    for ticket in tickets.select_related("person").iterator(chunk_size=500):
        person = ticket.person
        ids = registry.ids_of(person.id)
        with connection.cursor() as cursor:
            cursor.execute("SELECT name, sex, birth_date, id_blind FROM rec_key WHERE person = ANY(%s)", [list(ids)])
            said = cursor.fetchall()
        if (
            said
            and all(_says(row, ticket) for row in said)
            and ticket.opened_at.astimezone(clock.ZONE).date() <= run.as_of
        ):
            Ticket.objects.filter(id=ticket.id).update(state=TicketState.CLOSED, closed_on=run.as_of)


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
