"""Terms (学期) of a place: set by hand, beside those that files bring."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.kernel import audit, changes
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Forbidden, Invalid

from ..models import Organisation, SchoolYear, Term
from ..types import rights
from .reference import ensure_school_year

CODES = ("1", "2", "3")
"""JY/T 1001 XQ: 秋季, 春季, 夏季."""
LONGEST = timedelta(days=300)


@transaction.atomic
def set_term(
    *, actor: Actor, organisation_id: UUID, school_year: str, code: str, name: str, start_on: date, end_on: date
) -> Term:
    """Give an organisation a term of its own, or change it. Both days belong to it; repeating it changes nothing.

    Raises :class:`Forbidden` without the right, :class:`Invalid` for dates outside the school year, in the wrong order, or
    for a term that meets another one of the same organisation.
    """
    place = Organisation.objects.select_for_update(of=("self",)).filter(id=organisation_id).first()
    if place is None or not actor.holds(rights.CALENDAR_EDIT, str(place.path)):
        raise Forbidden()
    if code not in CODES:
        raise Invalid(_("学期只有秋季、春季和夏季。"), code="bad_term", details={"code": _("请选择学期。")})
    year = _year(school_year)
    if not (year.start_on - timedelta(days=31) <= start_on < end_on <= year.end_on + timedelta(days=31)):
        raise Invalid(_("学期的起止日期应在本学年内，结束晚于开始。"), code="bad_dates")
    if end_on - start_on > LONGEST:
        raise Invalid(_("一个学期不超过 300 天，请检查日期。"), code="bad_dates")
    own = Term.objects.filter(organisation=place, school_year=year)
    if own.exclude(code=code).filter(start_on__lte=end_on, end_on__gte=start_on).exists():
        raise Invalid(_("与另一个学期的日期重叠。"), code="overlap")
    values = {"name": name.strip()[:40], "start_on": start_on, "end_on": end_on, "kind": "term"}
    term, made = Term.objects.get_or_create(organisation=place, school_year=year, code=code, defaults=values)
    if not made and any(getattr(term, field) != value for field, value in values.items()):
        Term.objects.filter(id=term.id).update(**values)
        term.refresh_from_db()
    audit.record(
        actor, "registry.term.set", subject_kind="organisation", subject_id=place.id, path=str(place.path),
        data={"term": str(term.id), "code": code, "school_year": school_year},
    )  # fmt: skip
    changes.log("registry.term", [term.id], "c" if made else "u")
    return term


def _year(code: str) -> SchoolYear:
    first, _dash, second = code.partition("-")
    if not (first.isdigit() and second.isdigit() and len(code) == 9 and int(second) == int(first) + 1):
        raise Invalid(_("学年写成 2026-2027 的样子。"), code="bad_school_year")
    return ensure_school_year(code)
