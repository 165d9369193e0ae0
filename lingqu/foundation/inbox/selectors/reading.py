"""A reader's inbox: what is his, what he has read and confirmed. Nothing is stored for him before he reads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q
from django.urls import reverse

from lingqu.foundation.registry import api as registry
from lingqu.kernel import clock
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Forbidden
from lingqu.kernel.pages import Page, page_of
from lingqu.ui import worklist

from ..models import Attachment, Notice, Receipt, Todo
from ..types.keys import Reader, reader_of, role_key
from ..types.words import NoticeState, Subject, TodoState
from .news import count_unseen

SHOWN_FOR = timedelta(days=400)
"""The inbox goes back so far; older notices keep their address."""
HITS_SQL = """
WITH mine AS (SELECT DISTINCT * FROM unnest(%(keys)s::text[], %(kinds)s::text[], %(owners)s::uuid[], %(sinces)s::date[])
  AS m(key, kind, owner, since)),
alias AS (SELECT * FROM unnest(%(whose)s::uuid[], %(ids)s::uuid[]) AS a(owner, subject)),
hit AS (SELECT t.notice_id, m.kind, m.owner, bool_and((t.published_at AT TIME ZONE %(zone)s)::date < m.since) AS is_former
        FROM mine m JOIN inbox_noticetarget t ON t.key = m.key
        WHERE t.published_at >= %(since)s AND (%(notice)s::uuid IS NULL OR t.notice_id = %(notice)s) GROUP BY 1, 2, 3)
SELECT hit.notice_id, hit.kind, hit.owner, n.state, n.needs_confirmation, r.read_at, r.confirmed_at,
       EXISTS (SELECT 1 FROM inbox_notice c WHERE c.corrects_id = n.id AND c.state = 'published'),
       hit.is_former
FROM hit JOIN inbox_notice n ON n.id = hit.notice_id
LEFT JOIN LATERAL (
  SELECT min(r.read_at) AS read_at, min(r.confirmed_at) AS confirmed_at FROM alias a
  JOIN inbox_receipt r ON r.notice_id = hit.notice_id AND r.kind = hit.kind AND r.subject = a.subject
  WHERE a.owner = hit.owner) r ON true
WHERE n.state = 'published' OR (n.state = 'withdrawn' AND r.read_at IS NOT NULL)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One notice for one post, child or person of the reader."""

    notice_id: UUID
    kind: str
    owner: UUID
    is_valid: bool
    """Neither withdrawn nor replaced by a correction."""
    needs_confirmation: bool
    is_former: bool
    """Published before this was the reader's to read: still readable, never counted."""
    read_at: datetime | None
    confirmed_at: datetime | None

    @property
    def may_confirm(self) -> bool:
        return self.is_valid and self.needs_confirmation and self.confirmed_at is None

    @property
    def waits(self) -> bool:
        return self.may_confirm and not self.is_former

    @property
    def is_unread(self) -> bool:
        return self.is_valid and self.read_at is None and not self.is_former


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One notice in the list; ``open_for``: for how many of the reader's posts and children it still waits."""

    notice: Notice
    is_unread: bool
    is_valid: bool
    subjects: int
    open_for: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    unread: int
    waiting: int
    todos: int
    messages: int
    former: int


def get_reader(actor: Actor) -> Reader:
    """The inbox of whoever is signed in; accounts without a person have an empty one. One statement."""
    if actor.person_id is None:
        return Reader(belonging=registry.Belonging(ids=()), mine=(), aliases=())
    return reader_of(registry.belonging_of(actor.person_id), role_key(actor))


def reader_at(actor: Actor, place: worklist.Place) -> Reader:
    """The same for the cards of a start page, asked once for all of them."""
    return place.once("inbox.reader", lambda: get_reader(actor))


def keys_at(actor: Actor, place: worklist.Place) -> frozenset[str]:
    """Every address of the actor, asked once for all cards of a start page."""
    return frozenset(reader_at(actor, place).keys)


def keys_of(person_id: UUID) -> frozenset[str]:
    """Every address under which something reaches a person today. One statement."""
    return frozenset(reader_of(registry.belonging_of(person_id)).keys)


def _hit_values(reader: Reader, since: datetime, notice_id: UUID | None = None) -> dict[str, Any]:
    return {
        "keys": [one.key for one in reader.mine], "kinds": [str(one.kind) for one in reader.mine],
        "owners": [one.owner for one in reader.mine], "sinces": [one.since for one in reader.mine],
        "zone": clock.ZONE.key, "whose": [owner for owner, _id in reader.aliases],
        "ids": [one for _owner, one in reader.aliases], "since": since, "notice": notice_id,
    }  # fmt: skip


def list_hits(reader: Reader, notice_id: UUID | None = None) -> tuple[Hit, ...]:
    """Everything that is the reader's, or one notice; one statement."""
    if not reader.mine:
        return ()
    since = clock.now() - SHOWN_FOR if notice_id is None else datetime(2000, 1, 1, tzinfo=clock.ZONE)
    with connection.cursor() as cursor:
        cursor.execute(HITS_SQL, _hit_values(reader, since, notice_id))
        return tuple(
            Hit(
                notice_id=row[0], kind=row[1], owner=row[2], is_valid=row[3] == NoticeState.PUBLISHED and not row[7],
                needs_confirmation=row[4], read_at=row[5], confirmed_at=row[6], is_former=row[8],
            )
            for row in cursor.fetchall()
        )  # fmt: skip


def count(hits: Iterable[Hit], todos: int = 0, messages: int = 0) -> Counts:
    """Notices not read, notices that wait for a confirmation, and notices from before the reader's time; exact."""
    known = list(hits)
    current = {one.notice_id for one in known if not one.is_former}
    return Counts(
        unread=len({one.notice_id for one in known if one.is_unread}),
        waiting=len({one.notice_id for one in known if one.waits}),
        todos=todos,
        messages=messages,
        former=len({one.notice_id for one in known} - current),
    )


def list_notices(hits: Iterable[Hit], *, only: str = "", cursor: str = "") -> Page[Line]:
    """A page of notices, newest first. ``only``: ``unread``, ``waiting``, or ``former`` for those from before the
    reader's time, which stand nowhere else."""
    by_notice: dict[UUID, list[Hit]] = defaultdict(list)
    for hit in hits:
        by_notice[hit.notice_id].append(hit)
    wanted = [notice_id for notice_id, own in by_notice.items() if _is_wanted(own, only)]
    rows = Notice.objects.filter(id__in=wanted).select_related("organisation", "post", "class_group", "corrects")
    page = page_of(rows, order=("-published_at", "-id"), cursor=cursor, limit=30)
    return page.showing(_line(notice, by_notice[notice.id]) for notice in page)


def _is_wanted(own: list[Hit], only: str) -> bool:
    if all(one.is_former for one in own) or only == "former":
        return only == "former" and all(one.is_former for one in own)
    if only == "unread":
        return any(one.is_unread for one in own)
    return only != "waiting" or any(one.waits for one in own)


def _line(notice: Notice, own: list[Hit]) -> Line:
    return Line(
        notice=notice, is_unread=any(one.is_unread for one in own), is_valid=own[0].is_valid,
        subjects=len(own), open_for=sum(one.waits for one in own),
    )  # fmt: skip


def _open_todos(reader: Reader) -> Any:
    return Todo.objects.filter(address__in=reader.keys, state=TodoState.OPEN)


def list_todos(reader: Reader) -> tuple[Todo, ...]:
    """Open to-dos, the earliest due first, then without a time."""
    return tuple(_open_todos(reader).order_by("due_at", "created_at", "id")[:200])


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkLine:
    """A notice to sign, or a to-do."""

    title: str
    url: str
    sender: str
    due_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    lines: tuple[WorkLine, ...]
    total: int


WORK_SQL = f"""WITH hits(notice_id, kind, owner, state, asks, read_at, confirmed_at, is_corrected, is_former) AS ({HITS_SQL}),
waiting AS (SELECT DISTINCT notice_id FROM hits
  WHERE state = 'published' AND asks AND confirmed_at IS NULL AND NOT is_corrected AND NOT is_former)
SELECT 'notice', n.title, n.id::text, o.name, n.deadline AS due, n.id FROM waiting w JOIN inbox_notice n ON n.id = w.notice_id
JOIN registry_organisation o ON o.id = n.organisation_id
UNION ALL SELECT t.module, t.title, t.url, '', t.due_at, t.id FROM inbox_todo t
WHERE t.address = ANY(%(addresses)s) AND t.state = 'open' AND t.module <> ALL(%(without)s)
ORDER BY due NULLS LAST, 6"""  # noqa: S608
"""Notices as in :attr:`Hit.waits`, and to-dos."""


def list_work(reader: Reader, limit: int, *, without: Iterable[str] = ()) -> Work:
    """Everything in an inbox that waits for the reader, the earliest due first; to-dos ``without`` those of some modules.
    One statement."""
    if not reader.mine:
        return Work(lines=(), total=0)
    with connection.cursor() as cursor:
        values = _hit_values(reader, clock.now() - SHOWN_FOR)
        cursor.execute(WORK_SQL, values | {"addresses": list(reader.keys), "without": list(without)})
        rows = cursor.fetchall()
    lines = tuple(
        WorkLine(
            title=title, url=reverse("inbox:notice", args=[url]) if kind == "notice" else url, sender=sender, due_at=due
        )
        for kind, title, url, sender, due, _id in rows[:limit]
    )  # fmt: skip
    return Work(lines=lines, total=len(rows))


def count_new(reader: Reader) -> int:
    """Unread notices, open to-dos and messages not seen together, exact; three statements."""
    return count(list_hits(reader)).unread + int(_open_todos(reader).count()) + count_unseen(reader)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A notice as its reader sees it. ``hits`` may be empty for whoever only follows its receipts."""

    notice: Notice
    hits: tuple[Hit, ...]
    reader: Reader
    correction: Notice | None

    def name_of(self, hit: Hit) -> str:
        """The post, the child or the reader by name."""
        if hit.kind == Subject.POST:
            return next(post.title for post in self.reader.belonging.posts if post.id == hit.owner)
        if hit.kind == Subject.CHILD:
            return next(child.name for child in self.reader.belonging.children if child.id == hit.owner)
        return ""


def open_notice(actor: Actor, notice_id: UUID) -> Opened:
    """A notice for somebody to whom it is addressed; everybody else is refused, whether or not it exists."""
    reader = get_reader(actor)
    hits = list_hits(reader, notice_id)
    notice = (
        Notice.objects.select_related("organisation", "post", "class_group", "corrects").filter(id=notice_id).first()
        if hits
        else None
    )
    if notice is None:
        raise Forbidden()
    correction = None
    if notice.state == NoticeState.PUBLISHED and not hits[0].is_valid:
        correction = Notice.objects.filter(corrects=notice, state=NoticeState.PUBLISHED).order_by("id").last()
    return Opened(notice=notice, hits=hits, reader=reader, correction=correction)


def own_receipts(opened: Opened) -> dict[tuple[str, UUID], Receipt]:
    """The receipts of the reader's posts and children."""
    owner = {subject: one for one, subject in opened.reader.aliases}
    rows = Receipt.objects.filter(notice=opened.notice, subject__in=owner)
    found: dict[tuple[str, UUID], Receipt] = {}
    for row in rows.order_by("id"):
        place = (row.kind, owner[row.subject])
        if place not in found or (row.confirmed_at and not found[place].confirmed_at):
            found[place] = row
    return found


def files_of(opened: Opened, receipts: Iterable[Receipt]) -> dict[int | None, list[Attachment]]:
    """Files of the notice (under None) and of the reader's own receipts, by receipt; one statement."""
    found: dict[int | None, list[Attachment]] = defaultdict(list)
    own = [one.id for one in receipts]
    rows = Attachment.objects.filter(Q(receipt=None) | Q(receipt_id__in=own), notice=opened.notice)
    for row in rows.order_by("added_at", "id"):
        found[row.receipt_id].append(row)
    return found


def steps_of(opened: Opened) -> list[Any]:
    """转办, 传阅 and 批示 inside the organisations of the reader's posts, and what was passed to the reader himself."""
    places = [post.organisation_id for post in opened.reader.belonging.posts]
    rows = opened.notice.steps.filter(Q(organisation_id__in=places) | Q(to_person_id__in=opened.reader.belonging.ids))
    return list(rows.select_related("to_post", "to_person", "organisation").order_by("id"))
