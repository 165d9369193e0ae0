"""Giving the lessons of somebody on leave to others, and what the others say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.foundation.timetable import api as timetable
from lingqu.kernel import audit, changes
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import now, today
from lingqu.kernel.errors import Conflict, Forbidden, Invalid
from lingqu.kernel.language import writing_to

from .. import register
from ..models import Absence, Cover
from ..selectors.covers import affected
from ..types.values import Choice
from ..types.words import STANDING, Audience, CoverState
from . import opening
from .absences import MOST_TEXT, get_locked

MOST_CHOICES = 120
Kind = timetable.ChangeKind


@transaction.atomic
def assign(*, actor: Actor, absence_id: UUID, choices: Sequence[Choice], note: str = "", counts: bool = True) -> int:
    """Take care of lessons of a leave, all of them or none; returns how many. Needs the right to edit the timetable too.

    Raises :class:`Invalid` for a lesson that the leave does not take in, :class:`Conflict` when a lesson is taken care of
    already, or somebody chosen is away or busy then.
    """
    absence = get_locked(actor, absence_id)
    if absence.audience != Audience.STAFF:
        raise Forbidden()
    if absence.withdrawn_at is not None:
        raise Conflict(_("这次请假已经撤销。"), code="already_withdrawn")
    if not choices or len(choices) > MOST_CHOICES:
        raise Invalid(_("请为至少一节课选择怎样安排。"), code="nothing_chosen")
    _require_affected(absence, choices)
    original = registry.ids_of(absence.person_id)[0]
    moves = [one for one in choices if one.kind == Kind.MOVE]
    others = [one for one in choices if one.kind != Kind.MOVE]
    made: list[Cover] = []
    for one in moves:
        made += _swapped(actor, absence, one)
    if others:
        ids = timetable.arrange_all(
            actor=actor,
            wishes=[
                timetable.Wish(
                    lesson_id=one.lesson_id, day=one.day, kind=one.kind, substitute=one.substitute, original=original,
                    reason=_why(), note=note, counts=counts,
                )
                for one in others
            ],
        )  # fmt: skip
        made += [_cover(absence, change_id, one) for change_id, one in zip(ids, others, strict=True)]
    Cover.objects.bulk_create(made)
    audit.record(
        actor, "office.cover.assigned", subject_kind="office.absence", subject_id=absence.id, path=str(absence.path),
        data={"covers": [str(one.id) for one in made]},
    )  # fmt: skip
    changes.log("office.cover", [one.id for one in made], "c")
    opening.ask(absence)
    opening.count_open(absence)
    return len(choices)


def _why() -> str:
    """What colleagues read about it on the timetable; the kind of leave is not theirs to know."""
    with writing_to():
        return _("请假")


def _require_affected(absence: Absence, choices: Sequence[Choice]) -> None:
    days = [one.day for one in choices]
    known = {(one.lesson.lesson_id, one.lesson.day) for one in affected(absence, min(days), max(days))}
    if any((one.lesson_id, one.day) not in known for one in choices):
        raise Invalid(_("有一节课不在这次请假里。"), code="not_affected")


def _cover(absence: Absence, change_id: UUID, one: Choice) -> Cover:
    substitute = registry.ids_of(one.substitute)[0] if one.substitute else None
    return Cover(
        absence=absence, change_id=change_id, substitute_id=substitute, day=one.day,
        state=CoverState.ASKED if substitute else CoverState.SETTLED,
    )  # fmt: skip


def _swapped(actor: Actor, absence: Absence, one: Choice) -> list[Cover]:
    if one.other_day is None:
        raise Invalid(_("请选择与哪一节对调。"), code="no_swap")
    pair = timetable.swap(
        actor=actor, lesson_id=one.lesson_id, day=one.day, other_id=one.other_id, other_day=one.other_day,
        reason=_why(),
    )  # fmt: skip
    rows = {row.lesson_id: row for row in register.lesson_changes().filter(pair=pair)}
    mine, other = rows[one.lesson_id], rows[one.other_id]
    return [Cover(absence=absence, change=mine, substitute_id=other.original_id, day=one.day, state=CoverState.ASKED)]


@transaction.atomic
def withdraw_cover(*, actor: Actor, cover_id: UUID) -> None:
    """教务 takes one arrangement back; the lesson is open again."""
    cover = Cover.objects.filter(id=cover_id).first()
    if cover is None:
        raise Forbidden()
    absence = get_locked(actor, cover.absence_id)
    _end(actor, absence, [cover.id], CoverState.WITHDRAWN, "")


@transaction.atomic
def answer(*, actor: Actor, cover_ids: Sequence[UUID], accepts: bool, reason: str = "") -> int:
    """A substitute confirms or refuses (with a reason) what was asked; returns how many.

    Raises :class:`Forbidden` for what the actor was not asked, :class:`Conflict` when all of it is answered, taken back or
    past already.
    """
    wanted = _asked_of(actor, cover_ids)
    if not accepts and not reason.strip():
        sentence = _("请写明为什么不能代。")
        raise Invalid(sentence, code="no_reason", details={"reason": sentence})
    done = 0
    for absence_id in sorted({cover.absence_id for cover in wanted}):
        school_id = Absence.objects.values_list("school_id", flat=True).get(id=absence_id)
        register.organisations().select_for_update(of=("self",)).get(id=school_id)
        absence = (
            Absence.objects.select_for_update(of=("self",))
            .select_related("school", "person__canonical")
            .get(id=absence_id)
        )
        mine = [cover.id for cover in wanted if cover.absence_id == absence_id]
        if accepts:
            done += _confirm(actor, absence, mine)
        else:
            done += _end(actor, absence, mine, CoverState.REFUSED, reason.strip()[:MOST_TEXT], (CoverState.ASKED,))
    if not done:
        raise Conflict(_("这些代课已经答复或撤销。"), code="already_answered")
    return done


def _asked_of(actor: Actor, cover_ids: Sequence[UUID]) -> list[Cover]:
    ids = registry.ids_of(actor.person_id) if actor.person_id else ()
    found = list(Cover.objects.filter(id__in=cover_ids, substitute_id__in=ids))
    if not found or len(found) != len(set(cover_ids)):
        raise Forbidden()
    return found


def _confirm(actor: Actor, absence: Absence, cover_ids: Sequence[UUID]) -> int:
    rows = Cover.objects.filter(id__in=cover_ids, state=CoverState.ASKED, day__gte=today())
    changed = list(rows.values_list("id", flat=True))
    rows.update(state=CoverState.CONFIRMED, answered_at=now(), answered_by=actor.name)
    if changed:
        audit.record(
            actor, "office.cover.confirmed", subject_kind="office.absence", subject_id=absence.id, path=str(absence.path),
            data={"covers": list(map(str, changed))},
        )  # fmt: skip
        changes.log("office.cover", changed)
        opening.ask(absence)
    return len(changed)


def _end(
    actor: Actor, absence: Absence, cover_ids: Sequence[UUID], state: CoverState, reason: str,
    standing: Sequence[Any] = STANDING,
) -> int:  # fmt: skip
    rows = Cover.objects.filter(id__in=cover_ids, state__in=standing, absence=absence).select_related("absence")
    ended = opening.end_covers(actor, rows, state, reason=reason)
    if not ended and state == CoverState.WITHDRAWN:
        raise Conflict(_("这个安排已经撤销，或课已经上过。"), code="already_withdrawn")
    opening.ask(absence)
    opening.count_open(absence)
    return len(ended)


def find_cover(cover_id: UUID) -> Cover:
    """For pages that then ask who may; :class:`Forbidden` for what is none."""
    found = Cover.objects.filter(id=cover_id).first()
    if found is None:
        raise Forbidden()
    return found
