"""What several writes ask first: the row itself, locked, a day that may be written, a stated reason."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.utils.translation import gettext as _

from lingqu.kernel.clock import today
from lingqu.kernel.errors import Forbidden, Invalid
from lingqu.ui.figures import day

from ..models import ClassGroup, Organisation, Person


def locked_organisation(organisation_id: UUID) -> Organisation:
    """The organisation, locked. Raises :class:`Forbidden` for an unknown id."""
    found = Organisation.objects.select_for_update().filter(id=organisation_id).first()
    if found is None:
        raise Forbidden()
    return found


def locked_class(class_id: UUID) -> ClassGroup:
    """The class, locked, with its school. Raises :class:`Forbidden` for an unknown id."""
    group = ClassGroup.objects.select_for_update(of=("self",)).select_related("school").filter(id=class_id).first()
    if group is None:
        raise Forbidden()
    return group


def locked_person(person_id: UUID) -> Person:
    """The person that the id stands for, locked. Raises :class:`Forbidden` for an unknown id."""
    found = Person.objects.filter(id=person_id).first()
    if found is None:
        raise Forbidden()
    return Person.objects.select_for_update(of=("self",)).get(id=found.canonical_id or found.id)


def require_day(on: date, *, not_before: date | None = None) -> None:
    """A change counts from today or an earlier day, never before what it changes began."""
    if on > today():
        raise Invalid(_("日期不能晚于今天。"), code="future_day", details={"on": _("日期不能晚于今天。")})
    if not_before is not None and on < not_before:
        told = _("日期不能早于 %(day)s。") % {"day": day(not_before)}
        raise Invalid(told, code="too_early", details={"on": told})


def require_reason(reason: str) -> None:
    if not reason.strip():
        raise Invalid(_("请填写原因。"), code="reason_missing", details={"reason": _("请填写原因。")})
