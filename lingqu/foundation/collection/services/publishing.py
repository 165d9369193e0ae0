"""Sending a table out: answers, prefilled sheets and to-dos of every school in a handful of statements."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from lingqu.kernel import clock
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Conflict, Invalid

from ..models import Answer, Collection, Sheet
from ..selectors import scoping
from ..selectors.figures import figures_of
from ..selectors.reports import former_values
from ..types.marks import Marks
from ..types.words import MISSING, AnswerState, CollectionState, MarkKind, StepKind
from . import desks
from .tracing import locked_answer, locked_collection, trace_answer, trace_collection

MOST_SCHOOLS = 20_000


@transaction.atomic
def publish(*, actor: Actor, collection_id: UUID) -> str:
    """Ask every school of the scope; returns the number. Raises :class:`Invalid` for a table without open cells, without
    schools, or with a deadline that is over."""
    collection = locked_collection(actor, collection_id, CollectionState.DRAFT)
    marks = Marks.from_data(collection.marks)
    at = clock.now()
    if not marks.blocks and not any(one.kind != MarkKind.CONSTANT for one in marks.cells.values()):
        raise Invalid(_("还没有标记任何一格，学校没有可填的。"), code="no_marks")
    if collection.deadline is None or collection.deadline <= at:
        told = _("请写截止时间，要晚于现在。")
        raise Invalid(told, code="late", details={"deadline": told})
    schools = list(scoping.schools_of(str(collection.path), scoping.scope_of(collection))[: MOST_SCHOOLS + 1])
    if not schools:
        raise Invalid(_("范围里没有学校。"), code="nobody", details={"places": _("范围里没有学校。")})
    if len(schools) > MOST_SCHOOLS:
        raise Invalid(_("范围里的学校太多。"), code="too_many")
    collection.number = _next_number(at)
    collection.state, collection.published_at, collection.published_by = CollectionState.OPEN, at, actor.name
    collection.save()
    _ask(collection, marks, schools, at)
    trace_collection(actor, StepKind.PUBLISHED, collection, str(len(schools)), schools=len(schools))
    return collection.number


@transaction.atomic
def add_schools(*, actor: Actor, collection_id: UUID, codes: Sequence[str]) -> int:
    """补发 to more schools of the own subtree; those that have it already keep it, an excused one is asked again."""
    collection = locked_collection(actor, collection_id, CollectionState.OPEN)
    found = list(scoping.schools_of(str(collection.path), scoping.Scope(singles=tuple(codes))))
    unknown = sorted(set(codes) - {one.code for one in found})
    if unknown or not found:
        told = _("这些代码不是本单位下面的学校：%(codes)s。") % {"codes": " ".join(unknown[:10]) or "—"}
        raise Invalid(told, code="unknown", details={"codes": told})
    held = dict(Answer.objects.filter(collection=collection, school__in=found).values_list("school_id", "state"))
    again = [one for one in found if held.get(one.id) == AnswerState.EXCUSED]
    fresh = [one for one in found if one.id not in held]
    Answer.objects.filter(collection=collection, school__in=again).update(state=AnswerState.FILLING, reason="")
    _ask(collection, Marks.from_data(collection.marks), fresh, clock.now())
    desks.ask(collection, Answer.objects.filter(collection=collection, school__in=again))
    names = "、".join(one.name for one in (*fresh, *again))
    if fresh or again:
        trace_collection(actor, StepKind.ADDED, collection, names, schools=len(fresh) + len(again))
    return len(fresh) + len(again)


@transaction.atomic
def excuse(*, actor: Actor, answer_id: UUID, reason: str) -> None:
    """One school need not report; what it reported before stays in its history, out of the sums."""
    answer = locked_answer(answer_id)
    locked_collection(actor, answer.collection_id, CollectionState.OPEN)
    words = _reason(reason)
    if answer.state == AnswerState.EXCUSED:
        raise Conflict(_("这所学校已经不用报。"), code="excused")
    answer.state, answer.reason = AnswerState.EXCUSED, words
    answer.save(update_fields=["state", "reason"])
    desks.withdraw([answer.id])
    trace_answer(actor, StepKind.EXCUSED, answer, words)


@transaction.atomic
def extend(*, actor: Actor, collection_id: UUID, deadline: datetime) -> None:
    """Another deadline; the desks of schools that have not reported see it."""
    collection = locked_collection(actor, collection_id, CollectionState.OPEN)
    if deadline <= clock.now():
        told = _("请写截止时间，要晚于现在。")
        raise Invalid(told, code="late", details={"deadline": told})
    collection.deadline = deadline
    collection.save(update_fields=["deadline"])
    desks.ask(collection, Answer.objects.filter(collection=collection, state__in=MISSING))
    trace_collection(actor, StepKind.EXTENDED, collection, deadline.astimezone(clock.ZONE).strftime("%Y-%m-%d %H:%M"))


@transaction.atomic
def close(*, actor: Actor, collection_id: UUID) -> None:
    """Nothing more is taken; to-dos go, reports stay."""
    collection = locked_collection(actor, collection_id, CollectionState.OPEN)
    _end(collection, CollectionState.CLOSED)
    trace_collection(actor, StepKind.CLOSED, collection)


@transaction.atomic
def withdraw(*, actor: Actor, collection_id: UUID, reason: str) -> None:
    """The office does not want it any more; schools see why."""
    collection = locked_collection(actor, collection_id, CollectionState.OPEN)
    collection.reason = _reason(reason)
    _end(collection, CollectionState.WITHDRAWN)
    trace_collection(actor, StepKind.WITHDRAWN, collection, collection.reason)


def _end(collection: Collection, state: str) -> None:
    collection.state, collection.ended_at = state, clock.now()
    collection.save(update_fields=["state", "ended_at", "reason"])
    desks.withdraw(list(Answer.objects.filter(collection=collection).values_list("id", flat=True)))


def _reason(text: str) -> str:
    clean = text.strip()[:300]
    if not clean:
        raise Invalid(_("请写原因。"), code="no_reason", details={"reason": _("请写原因。")})
    return clean


def _next_number(at: datetime) -> str:
    """``CJ-2026-0112``: one row of numbers a year for the whole platform."""
    year = at.astimezone(clock.ZONE).year
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('collection.number', 0))")
        cursor.execute(
            "SELECT count(*) FROM collection_collection WHERE number LIKE %s", [f"CJ-{year}-%"]
        )  # fmt: skip
        return f"CJ-{year}-{int(cursor.fetchone()[0]) + 1:04d}"


def _ask(collection: Collection, marks: Marks, schools: Sequence[Any], at: datetime) -> None:
    """Answers with their desk, sheets with what is known already, to-dos: nothing a school."""
    if not schools:
        return
    post_model: Any = Answer._meta.get_field("post").related_model
    posts = dict(
        post_model.objects.filter(
            organisation__in=schools, kind=collection.post_kind, closed_on=None
        ).values_list("organisation_id", "id")
    )  # fmt: skip
    answers = [
        Answer(collection=collection, school=one, path=one.path, post_id=posts.get(one.id), asked_at=at)
        for one in schools
    ]
    Answer.objects.bulk_create(answers, batch_size=2000)
    made = sheets_for(collection, marks, answers, at)
    Sheet.objects.bulk_create(made, batch_size=500)
    desks.ask(collection, Answer.objects.filter(id__in=[one.id for one in answers]))


def sheets_for(collection: Collection, marks: Marks, answers: Sequence[Answer], at: datetime) -> list[Sheet]:
    """What stands in each school's table before anybody opens it, from the register and from the last period."""
    ids = [one.school_id for one in answers]
    figures = figures_of(ids, (one.figure for one in marks.cells.values() if one.kind == MarkKind.FIGURE))
    last = former_values(collection.previous_id, ids) if collection.previous_id else {}
    made = []
    for answer in answers:
        former = last.get(answer.school_id, {})
        prefill = prefilled(marks, figures.get(answer.school_id, {}), former)
        values = dict(prefill)
        if collection.keep_last:
            entered = {key for key, one in marks.cells.items() if one.kind == MarkKind.FILL}
            entered |= {one.key for one in marks.blocks}
            values |= {key: value for key, value in former.items() if key in entered}
        made.append(Sheet(answer=answer, values=values, prefill=prefill, last=former, taken_at=at))
    return made


def prefilled(marks: Marks, figures: dict[str, str], former: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, mark in marks.cells.items():
        text = ""
        if mark.kind == MarkKind.FIGURE:
            text = figures.get(mark.figure, "")
        elif mark.kind == MarkKind.LAST:
            text = str(former.get(key, ""))
        if text:
            found[key] = text
    return found


def preview(collection: Collection, most: int = 3) -> tuple[int, list[tuple[Any, Sheet]]]:
    """How many schools the scope has, and what the first of them would see; nothing is written."""
    rows: QuerySet[Any] = scoping.schools_of(str(collection.path), scoping.scope_of(collection))
    schools = list(rows[:most])
    answers = [Answer(collection=collection, school=one, path=one.path) for one in schools]
    sheets = sheets_for(collection, Marks.from_data(collection.marks), answers, clock.now())
    return rows.count(), list(zip(schools, sheets, strict=True))
