"""Lists of collections: what an office sent, what a school owes, how much was asked this month."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q

from lingqu.kernel import clock
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Forbidden
from lingqu.kernel.pages import Page, merge_branches, page_of

from .. import policies, register
from ..models import Answer, Collection, Report, Step
from ..types import rights
from ..types.words import COUNTED, REPORTED, CollectionState

LIMIT = 30


def seen_offices(actor: Actor) -> list[Any]:
    """The offices at which the actor collects or looks; :class:`Forbidden` for whoever does neither."""
    held = {path for code in (rights.MANAGE, rights.VIEW) for path in actor.paths(code)}
    offices = register.offices_in(held)
    if not offices:
        raise Forbidden()
    return offices


def list_sent(actor: Actor, *, cursor: str = "") -> Page[Collection]:
    """Of the actor's offices and of those above that ask schools of theirs; newest first, drafts only of one's own."""
    rows = Collection.objects.select_related("organisation").defer("layout", "marks")
    public = rows.exclude(state=CollectionState.DRAFT)
    offices = [str(one.path) for one in seen_offices(actor)]
    branches = [rows.filter(path__within=path) for path in offices]
    for path in offices:
        labels = path.split(".")
        above = [".".join(labels[:length]) for length in range(1, len(labels))]
        reached = Answer.objects.filter(collection=OuterRef("id"), path__within=path)
        branches.append(public.filter(path__in=above).filter(Exists(reached)))
    page = merge_branches(branches, order=("-id",), cursor=cursor, limit=LIMIT)
    return page.showing(
        one for one in page if one.state != CollectionState.DRAFT or policies.may_manage(actor, one)
    )  # fmt: skip


def counts_of(collections: list[Collection]) -> dict[UUID, tuple[int, int]]:
    """(reported, asked) by collection; one statement."""
    rows = Answer.objects.filter(collection__in=collections, state__in=COUNTED).values("collection_id")
    counted = rows.annotate(reported=Count("id", filter=Q(state__in=REPORTED)), asked=Count("id"))
    return {one["collection_id"]: (one["reported"], one["asked"]) for one in counted}


def school_paths(actor: Actor) -> tuple[str, ...]:
    """Where the actor fills, signs or looks for a school."""
    held = {path for code in (rights.FILL, rights.SIGN, rights.VIEW) for path in actor.paths(code)}
    return tuple(str(one.path) for one in register.schools_in(held)) if held else ()


def list_owed(paths: tuple[str, ...], *, cursor: str = "") -> Page[Answer]:
    """What these schools were asked, the newest first."""
    rows = Answer.objects.select_related("collection__organisation", "school").defer(
        "collection__layout", "collection__marks"
    )
    schools = register.schools_below(paths)
    rows = rows.exclude(collection__state=CollectionState.DRAFT).filter(school_id__in=schools)
    return page_of(rows, order=("-id",), cursor=cursor, limit=LIMIT)


def month_begin(at: datetime) -> datetime:
    return at.astimezone(clock.ZONE).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def count_month(path: str) -> tuple[int, int]:
    """减负: (tables sent this month by this office and those above it, to schools below it; tables the most burdened of
    these schools got). One statement."""
    sql = """WITH got AS (SELECT a.collection_id, a.school_id FROM collection_collection c
        JOIN collection_answer a ON a.collection_id = c.id
        WHERE c.published_at >= %(since)s - interval '100 days' AND c.state <> 'withdrawn' AND a.state <> 'excused'
          AND a.asked_at >= %(since)s AND a.path <@ %(path)s::ltree)
      SELECT COALESCE(max(n), 0), (SELECT count(DISTINCT collection_id) FROM got)
      FROM (SELECT count(*) AS n FROM got GROUP BY school_id) each_school"""
    with connection.cursor() as cursor:
        cursor.execute(sql, {"path": path, "since": month_begin(clock.now())})
        most, tables = cursor.fetchone()
    return int(tables), int(most)


def find_answer(answer_id: UUID) -> Answer:
    """Refused alike where there is none: ids of others tell nothing."""
    found = Answer.objects.select_related("collection__organisation", "school", "sheet").filter(id=answer_id).first()
    if found is None:
        raise Forbidden()
    return found


def get_answer(actor: Actor, answer_id: UUID) -> Answer:
    """For the school and the offices above it."""
    found = find_answer(answer_id)
    if not policies.may_see_answer(actor, found) or found.collection.state == CollectionState.DRAFT:
        raise Forbidden()
    return found


def history_of(answer: Answer) -> tuple[list[Report], list[Step]]:
    """Every frozen copy, and what happened, newest first; two statements."""
    reports = Report.objects.filter(answer=answer).defer("values").order_by("-version")
    return list(reports), list(Step.objects.filter(answer=answer).order_by("-id")[:30])


def get_report(actor: Actor, answer_id: UUID, version: int) -> tuple[Answer, Report]:
    answer = get_answer(actor, answer_id)
    report = Report.objects.filter(answer=answer, version=version).first()
    if report is None:
        raise Forbidden()
    return answer, report


def get_draft(actor: Actor, collection_id: UUID) -> Collection:
    """A collection for whoever manages it, whatever its state."""
    found = Collection.objects.select_related("organisation", "previous").filter(id=collection_id).first()
    if found is None:
        raise Forbidden()
    policies.require_manage(actor, found)
    return found
