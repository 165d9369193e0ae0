"""Exports as their reader sees them: the own ones, and those that wait for a word."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import now
from lingqu.kernel.pages import Page, page_of

from ..models import ListExport, Organisation
from ..types import rights
from ..types.lists import COLUMNS, ExportCard, ExportState, FileFormat

KEPT = timedelta(days=1)
MOST_WAITING = 100
TONES = {"waiting": "amber", "refused": "coral", "making": "amber", "ready": "green", "taken": ""}


def list_own(actor: Actor, *, cursor: str = "", limit: int = 20) -> Page[Any]:
    """The account's own exports, newest first."""
    rows = ListExport.objects.filter(made_by=actor.account_id) if actor.account_id else ListExport.objects.none()
    page: Page[Any] = page_of(rows, order=("-id",), limit=limit, cursor=cursor)
    return replace(page, items=tuple(as_card(row) for row in page.items))


def list_waiting(actor: Actor) -> tuple[ExportCard, ...]:
    """Orders of other people at the places where the actor may approve, oldest first."""
    made: list[ListExport] = []
    if actor.account_id is None:
        return ()
    for path in actor.paths(rights.EXPORT_APPROVE):
        rows = ListExport.objects.filter(state=ExportState.WAITING, path__within=path).exclude(made_by=actor.account_id)
        if actor.person_id is not None:
            rows = rows.exclude(actor__person_id=str(actor.person_id))
        made += rows.order_by("id")[:MOST_WAITING]
    return tuple(as_card(row) for row in sorted(made, key=lambda row: row.id)[:MOST_WAITING])


def find_start(actor: Actor) -> Organisation | None:
    """The place whose list the actor most probably wants: the own one, if its people are in reach."""
    held = actor.paths(rights.PERSON_VIEW)
    path = actor.path if actor.path and actor.holds(rights.PERSON_VIEW, actor.path) else (held[0] if held else "")
    return Organisation.objects.filter(path=path, code__isnull=False).first() if path else None


def as_card(row: ListExport) -> ExportCard:
    is_gone = row.state == ExportState.READY and row.ready_at is not None and row.ready_at < now() - KEPT
    return ExportCard(
        id=row.id, title=row.title, people=row.people, format_label=str(FileFormat(row.file_format).label),
        columns=tuple(str(COLUMNS[code].label) for code in row.columns if code in COLUMNS), is_clear=row.is_clear,
        reason=row.reason, state=row.state, state_label=str(ExportState(row.state).label), tone=TONES[row.state],
        made_by=row.made_by_name, created_at=row.created_at, decided_by=row.decided_by_name, decision=row.decision,
        may_take=row.state == ExportState.READY and not is_gone, is_gone=is_gone,
    )  # fmt: skip
