"""The audit trail: who did what to whom, where and why. Written in the writer's transaction, chained by ``sealing``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from . import rights, statements
from .actor import Actor, covers, require
from .models import AuditEntry
from .pages import Page, merge_branches, page_of
from .statements import Batch, json_of

NEWEST_FIRST = ("-id",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One audit row as read."""

    id: int
    at: datetime
    actor_kind: str
    account_id: UUID | None
    person_id: UUID | None
    actor_name: str
    role: str
    action: str
    subject_kind: str
    subject_id: str
    path: str
    purpose: str
    request_id: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What a reader of the trail is looking for; empty means anything. ``action`` may end in ``*``."""

    account_id: UUID | None = None
    action: str = ""
    subject_kind: str = ""
    subject_id: str = ""
    path: str = ""
    since: datetime | None = None
    until: datetime | None = None


def record(
    actor: Actor,
    action: str,
    *,
    subject_kind: str = "",
    subject_id: object = "",
    path: str | None = None,
    data: dict[str, Any] | None = None,
    batch: Batch | None = None,
) -> None:
    """Write one audit row in the current transaction, with ``batch`` when that is sent. ``data``: ids, counts and field
    names, never personal values."""
    values = _values(actor, action, subject_kind, subject_id, path, data or {})
    if batch is None:
        statements.run(INSERT_SQL, values)
    else:
        batch.add(INSERT_SQL, values)


def record_many(
    actor: Actor, action: str, *, subjects: Iterable[tuple[str, object, str | None]], data: dict[str, Any]
) -> None:
    """One row for each subject (kind, id, path) of the same act, in one statement."""
    rows = [(str(kind), str(subject_id), str(path) if path else None) for kind, subject_id, path in subjects]
    if not rows:
        return
    *who, _kind, _id, _path, purpose, request_id, told = _values(actor, action, "", "", None, data)
    statements.run(INSERT_MANY_SQL, [*who, purpose, request_id, told, *map(list, zip(*rows, strict=True))])


INSERT_SQL = """
INSERT INTO kernel_audit (actor_kind, account_id, person_id, actor_name, role, action, subject_kind, subject_id, path, purpose,
  request_id, data) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
INSERT_MANY_SQL = """
INSERT INTO kernel_audit (actor_kind, account_id, person_id, actor_name, role, action, subject_kind, subject_id, path, purpose,
  request_id, data) SELECT %s, %s::uuid, %s::uuid, %s, %s, %s, s.kind, s.id, s.path::ltree, %s, %s, %s::jsonb
FROM unnest(%s::text[], %s::text[], %s::text[]) s(kind, id, path)
"""


def _values(
    actor: Actor, action: str, kind: str, subject_id: object, path: str | None, data: dict[str, Any]
) -> tuple[Any, ...]:
    return (
        actor.kind, actor.account_id, actor.person_id, str(actor.name), str(actor.role), str(action), str(kind),
        str(subject_id), str(path) if path else None, str(actor.purpose), str(actor.request_id), json_of(data),
    )  # fmt: skip


def list_entries(actor: Actor, wanted: Filter | None = None, *, cursor: str = "", limit: int = 50) -> Page[Record]:
    """The trail of the places where the actor holds ``kernel.audit.view``, newest first.

    Rows that belong to no place are seen from the top of the tree only. Raises :class:`Forbidden` without the right.
    """
    require(actor.has(rights.AUDIT_VIEW))
    rows = _matching(wanted or Filter())
    places = actor.paths(rights.AUDIT_VIEW)
    if actor.holds_at_top(rights.AUDIT_VIEW):
        page = page_of(rows, order=NEWEST_FIRST, limit=limit, cursor=cursor)
    else:
        within = _narrowed(places, wanted.path if wanted else "")
        branches = [rows.filter(path__within=place) for place in within] or [rows.none()]
        page = merge_branches(branches, order=NEWEST_FIRST, limit=limit, cursor=cursor)
    return page.showing(_as_record(row) for row in page.items)


def list_for_subject(kind: str, subject_id: object, *, cursor: str = "", limit: int = 50) -> Page[Record]:
    """Who did what to one subject, newest first. The caller has checked that its reader may know."""
    rows = AuditEntry.objects.filter(subject_kind=kind, subject_id=str(subject_id))
    page = page_of(rows, order=NEWEST_FIRST, limit=limit, cursor=cursor)
    return page.showing(_as_record(row) for row in page.items)


def list_for_action(action: str, paths: Sequence[str], *, cursor: str = "", limit: int = 50) -> Page[Record]:
    """One kind of act below some places, newest first. The caller has checked that its reader may know."""
    rows = AuditEntry.objects.filter(action=action)
    branches = [rows.filter(path__within=path) for path in paths]
    page = merge_branches(branches, order=NEWEST_FIRST, limit=limit, cursor=cursor)
    return page.showing(_as_record(row) for row in page.items)


def _matching(wanted: Filter) -> QuerySet[AuditEntry]:
    rows = AuditEntry.objects.all()
    exact = {"account_id": wanted.account_id, "subject_kind": wanted.subject_kind, "subject_id": wanted.subject_id}
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    if wanted.action.endswith("*"):
        rows = rows.filter(action__startswith=wanted.action[:-1])
    elif wanted.action:
        rows = rows.filter(action=wanted.action)
    if wanted.path:
        rows = rows.filter(path__within=wanted.path)
    if wanted.since:
        rows = rows.filter(at__gte=wanted.since)
    if wanted.until:
        rows = rows.filter(at__lt=wanted.until)
    return rows


def _narrowed(places: tuple[str, ...], path: str) -> tuple[str, ...]:
    """The places that ``path`` leaves; all of them without one."""
    if not path:
        return places
    return tuple(place for place in places if covers(place, path) or covers(path, place))


def _as_record(row: AuditEntry) -> Record:
    return Record(
        id=row.pk, at=row.at, actor_kind=row.actor_kind, account_id=row.account_id, person_id=row.person_id,
        actor_name=row.actor_name, role=row.role, action=row.action, subject_kind=row.subject_kind,
        subject_id=row.subject_id, path=row.path or "", purpose=row.purpose, request_id=row.request_id, data=row.data,
    )  # fmt: skip
