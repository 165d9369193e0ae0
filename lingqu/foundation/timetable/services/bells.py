"""Writing bell times."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel import audit, changes
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Forbidden, Invalid

from .. import policies, register
from ..models import BellPeriod, BellSchedule
from ..types.periods import BadPeriods, read_periods
from .state import count_up

MOST_SCHEDULES = 24


def locked_school(actor: Actor, school_id: UUID) -> Any:
    """The school, locked, if the actor may edit its timetable."""
    school = register.organisations().select_for_update(of=("self",)).filter(id=school_id).first()
    if school is None or school.kind not in register.SCHOOL_KINDS:
        raise Forbidden()
    policies.require_edit_school(actor, school)
    return school


@transaction.atomic
def save_bells(
    *, actor: Actor, school_id: UUID, name: str, periods: str, valid_from: date, valid_to: date | None = None,
    campus: str = "", grades: Sequence[str] = (), bells_id: UUID | None = None,
) -> UUID:  # fmt: skip
    """Write one schedule (``periods`` as lines of text) and return its id; ``bells_id`` replaces that one.

    Raises :class:`Forbidden` without the right, :class:`Invalid` for lines that are no periods or days in the wrong order.
    """
    school = locked_school(actor, school_id)
    try:
        found = read_periods(periods)
    except BadPeriods as error:
        sentence = _("第 %(n)d 行：%(why)s") % {"n": error.line, "why": error.message}
        raise Invalid(sentence, code="bad_periods", details={"periods": sentence}) from error
    if valid_to is not None and valid_to <= valid_from:
        raise Invalid(_("停用日期要晚于启用日期。"), code="bad_dates", details={"valid_to": _("要晚于启用日期。")})
    if any(grade not in registry.GRADES for grade in grades):
        raise Invalid(_("没有这个年级。"), code="bad_grade")
    values = {
        "name": name.strip()[:40] or _("作息"), "campus": campus.strip()[:40], "grades": sorted(set(grades)),
        "valid_from": valid_from, "valid_to": valid_to,
    }  # fmt: skip
    own = BellSchedule.objects.filter(school=school)
    if bells_id is None:
        if own.count() >= MOST_SCHEDULES:
            raise Invalid(_("一所学校最多 %(n)d 套作息。") % {"n": MOST_SCHEDULES}, code="too_many")
        bells_id = BellSchedule.objects.create(school=school, **values).id
    elif not own.filter(id=bells_id).update(**values):
        raise Forbidden()
    BellPeriod.objects.filter(schedule_id=bells_id).delete()
    BellPeriod.objects.bulk_create(
        BellPeriod(schedule_id=bells_id, slot=one.slot, name=one.name, kind=one.kind, starts=one.starts, ends=one.ends)
        for one in found
    )
    _trace(actor, school, "timetable.bells.saved", bells_id)
    return bells_id


@transaction.atomic
def remove_bells(*, actor: Actor, school_id: UUID, bells_id: UUID) -> None:
    school = locked_school(actor, school_id)
    if not BellSchedule.objects.filter(school=school, id=bells_id).delete()[0]:
        raise Forbidden()
    _trace(actor, school, "timetable.bells.removed", bells_id)


def _trace(actor: Actor, school: Any, action: str, bells_id: UUID) -> None:
    count_up()
    audit.record(
        actor, action, subject_kind="organisation", subject_id=school.id, path=str(school.path),
        data={"bells": str(bells_id)},
    )  # fmt: skip
    changes.log("timetable.bells", [bells_id])
