"""The step into one school year: its dates, and whether it is still open."""

from __future__ import annotations

from datetime import date, datetime, time

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel import audit, clock
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Conflict, Invalid

from .. import policies
from ..models import Rollover


def year_before(to_year: str) -> str:
    """``2026-2027`` for ``2027-2028``; raises :class:`Invalid` for anything that is no school year."""
    first, dash, last = to_year.partition("-")
    digits = first.isascii() and first.isdigit() and last.isascii() and last.isdigit()
    if not (dash and digits and len(first) == len(last) == 4 and int(last) == int(first) + 1 and int(first) >= 2000):
        raise Invalid(_("学年应写作 2027-2028 这样的两个相连年份。"), code="bad_year")
    return f"{int(first) - 1}-{first}"


def ensure_rollover(to_year: str) -> Rollover:
    """The row of the year; made on first use. It starts on 1 September and locks as 31 August ends."""
    before, start = year_before(to_year), int(to_year[:4])
    midnight = datetime.combine(date(start, 9, 1), time(0), clock.ZONE)
    found, _made = Rollover.objects.get_or_create(
        to_year=to_year,
        defaults={
            "from_year": before, "starts_on": date(start, 9, 1), "new_from": date(start, 8, 1), "locks_at": midnight,
        },
    )  # fmt: skip
    return found


def step_of(rollover: Rollover) -> registry.YearStep:
    return registry.YearStep(
        from_year=rollover.from_year, to_year=rollover.to_year, starts_on=rollover.starts_on, new_from=rollover.new_from
    )


def is_locked(rollover: Rollover) -> bool:
    return rollover.locked_at is not None or clock.now() >= rollover.locks_at


def require_open(rollover: Rollover) -> None:
    if is_locked(rollover):
        raise Conflict(
            _("%(year)s 学年的升级已经锁定，只能逐人更正。") % {"year": rollover.to_year}, code="rollover_locked"
        )


@transaction.atomic
def lock_rollover(*, actor: Actor, to_year: str) -> Rollover:
    """Lock by hand before the term begins: nothing can be applied or undone any more. Needs the right at the whole node."""
    root = registry.root_organisation()
    policies.require_apply(actor, str(root.path) if root else "")
    rollover = Rollover.objects.select_for_update().get(to_year=ensure_rollover(to_year).to_year)
    require_open(rollover)
    rollover.locked_at, rollover.locked_by = clock.now(), actor.name
    rollover.save(update_fields=["locked_at", "locked_by"])
    audit.record(actor, "yearly.rollover.locked", subject_kind="rollover", subject_id=to_year, path=actor.path or None)
    return rollover
