"""Rounds of confirmation: the county asks, and ends asking."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from lingqu.kernel import audit, clock
from lingqu.kernel.actor import Actor, covers
from lingqu.kernel.errors import Conflict, Forbidden, Invalid, NotFound

from .. import policies, register
from ..models import Round, Snapshot
from ..types.words import SchoolTerm, SnapshotKind, SnapshotState
from . import desks


def _trace(actor: Actor, action: str, round_: Round, **data: object) -> None:
    audit.record(
        actor,
        f"statistics.round.{action}",
        subject_kind="round",
        subject_id=round_.id,
        path=str(round_.path),
        data=data,
    )


@transaction.atomic
def open_round(
    *, actor: Actor, organisation_code: str, year: str, term: str, deadline: date, snapshot_id: UUID | None = None
) -> Round:
    """Ask every school below for its sheet. With a sealed snapshot the sheets show that day, else the day of submission."""
    place = register.organisations().filter(code=organisation_code).first() if organisation_code else None
    if place is None:
        raise Forbidden()
    policies.require_manage(actor, str(place.path))
    if term not in SchoolTerm.values or len(year) != 9 or not year[:4].isdigit() or year[5:] != str(int(year[:4]) + 1):
        raise Invalid(_("请选择学年和学期。"), details={"term": _("请选择学年和学期。")})
    if deadline < clock.today():
        raise Invalid(_("截止日期不能早于今天。"), details={"deadline": _("截止日期不能早于今天。")})
    snapshot = None
    if snapshot_id is not None:
        snapshot = Snapshot.objects.filter(id=snapshot_id, state=SnapshotState.SEALED, kind=SnapshotKind.DAY).first()
        if snapshot is None or not covers(str(snapshot.path), str(place.path)):
            raise Invalid(_("请选择本地区已封存的快照。"), details={"snapshot": _("请选择本地区已封存的快照。")})
    try:
        with transaction.atomic():
            made = Round.objects.create(
                organisation=place, path=place.path, year=year, term=term, deadline=deadline, snapshot=snapshot,
                opened_by=actor.name,
            )  # fmt: skip
    except IntegrityError as error:
        raise Conflict(_("这个学期的数据确认已经开始。"), code="round_exists") from error
    _trace(actor, "opened", made, deadline=deadline.isoformat())
    return made


@transaction.atomic
def close_round(*, actor: Actor, round_id: UUID) -> None:
    """No more sheets are taken; what was confirmed stays."""
    found = Round.objects.select_for_update(of=("self",)).filter(id=round_id).first()
    if found is None:
        raise NotFound(_("没有这次数据确认。"))
    policies.require_manage(actor, str(found.path))
    if found.closed_at is None:
        Round.objects.filter(id=found.id).update(closed_at=clock.now())
        desks.clear(found)
        _trace(actor, "closed", found)
