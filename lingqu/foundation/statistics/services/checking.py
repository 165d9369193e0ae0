"""The school goes through its classes: the count on the page against the roster on paper, before the principal confirms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.kernel import audit, clock
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Conflict, Forbidden, Invalid, NotFound

from ..models import ClassCheck, Round, Sheet
from ..selectors.checks import ClassLine, list_checks
from ..selectors.sheets import Figures, figures_of, school_in
from ..types import rights
from ..types.words import SheetState
from .sheets import draft_sheet

MOST = 9999


@transaction.atomic
def check_classes(
    *, actor: Actor, round_id: UUID, school_code: str, listed: Mapping[UUID, int | None]
) -> tuple[ClassLine, ...]:
    """Note what the rosters of some classes say: a number, or None to take a check back. Returns all classes.

    Compared is with the waiting sheet, else with what would be submitted now. Raises :class:`Conflict` once the principal
    has confirmed, :class:`Invalid` for a class of another school.
    """
    round_ = Round.objects.select_for_update(of=("self",)).select_related("snapshot").filter(id=round_id).first()
    if round_ is None:
        raise NotFound(_("没有这次数据确认。"))
    school = school_in(round_, school_code)
    path = str(school.path)
    if not any(actor.holds(code, path) for code in (rights.SHEET_SUBMIT, rights.SHEET_CONFIRM)):
        raise Forbidden()
    if round_.closed_at is not None:
        raise Conflict(_("这次数据确认已经结束。"), code="round_closed")
    found = _figures(actor, round_, school)
    rooms = {room.class_id: room for room in found.rooms}
    if set(listed) - set(rooms):
        raise Invalid(_("这个班不在本校的确认单里。"), code="unknown_class")
    for number in listed.values():
        if number is not None and not 0 <= number <= MOST:
            raise Invalid(_("花名册人数应为 0 到 %(most)d 的整数。") % {"most": MOST}, code="bad_number")
    kept = {class_id: number for class_id, number in listed.items() if number is not None}
    ClassCheck.objects.filter(round=round_, school=school, class_id__in=set(listed) - set(kept)).delete()
    ClassCheck.objects.bulk_create(
        [
            ClassCheck(
                round=round_, school=school, class_id=class_id, name=rooms[class_id].name, size=rooms[class_id].size,
                listed=number, checked_by=actor.name, checked_at=clock.now(),
            )
            for class_id, number in kept.items()
        ],
        update_conflicts=True, unique_fields=["round", "school", "class_id"],
        update_fields=["name", "size", "listed", "checked_by", "checked_at"],
    )  # fmt: skip
    audit.record(
        actor, "statistics.classes.checked", subject_kind="round", subject_id=round_.id, path=path,
        data={"school": school.code, "classes": len(kept), "taken_back": len(listed) - len(kept)},
    )  # fmt: skip
    return list_checks(round_, school, found)


def _figures(actor: Actor, round_: Round, school: Any) -> Figures:
    newest = Sheet.objects.filter(round=round_, school=school).select_related("snapshot").order_by("-version").first()
    if newest is not None and newest.state == SheetState.SUBMITTED:
        return figures_of(newest.snapshot, str(newest.path))
    return draft_sheet(actor=actor, round_id=round_.id, school_code=school.code)
