"""What identity reads of the register beside its door: the linkable models, reached through our own keys."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from lingqu.kernel.errors import NotFound

from .models import Account, RoleAssignment


def people() -> Any:
    """Manager of Person."""
    model: Any = Account._meta.get_field("person").related_model
    return model.objects


def organisations() -> Any:
    """Manager of Organisation."""
    model: Any = RoleAssignment._meta.get_field("organisation").related_model
    return model.objects


def classes() -> Any:
    """Manager of ClassGroup."""
    seats = people().model._meta.get_field("class_memberships").related_model
    return seats._meta.get_field("class_group").related_model.objects


def get_organisation(code: str) -> Any:
    found = organisations().filter(code=code).first() if code else None
    if found is None:
        raise NotFound(_("没有代码为“%(code)s”的机构。") % {"code": code})
    return found


def get_class(class_id: UUID) -> Any:
    """The class with its school; :class:`NotFound` if there is none."""
    found = classes().filter(id=class_id).select_related("school").first()
    if found is None:
        raise NotFound(_("没有这个班级。"))
    return found


def workplaces_of(person_id: UUID) -> tuple[Any, ...]:
    """Where somebody works today, the oldest post first; a teacher may work at two schools."""
    posts = people().model._meta.get_field("appointments").related_model.objects
    rows = posts.filter(person_id=person_id, valid_to=None, relation="works_at").select_related("organisation")
    return tuple(post.organisation for post in rows.order_by("id")[:20])


def accounts_of(person_id: UUID) -> Any:
    """The account that opens for a person, if any."""
    return Account.objects.filter(person_id=person_id)


def school_of(person_id: UUID) -> UUID | None:
    """The school in which somebody sits today, else the organisation that keeps the person: who pays for messages."""
    rows = people().filter(id=person_id).order_by("enrolments__valid_to", "enrolments__id")
    found = rows.values_list("enrolments__school_id", "enrolments__valid_to", "organisation_id")[:50]
    seats = [school for school, until, _kept in found if school and until is None]
    kept: list[UUID] = [kept for _school, _until, kept in found]
    return seats[0] if seats else kept[0] if kept else None


def canonical_id(person_id: UUID) -> UUID:
    """The id a merged person now goes by."""
    found: UUID | None = people().filter(id=person_id).values_list("canonical_id", flat=True).first()
    return found or person_id


def places_of(ids: Iterable[UUID]) -> tuple[str, ...]:
    """Paths where a person (all its ids) belongs, sits and works today."""
    known = people().filter(id__in=list(ids))
    found = {
        *map(str, known.values_list("path", flat=True)),
        *map(str, known.filter(enrolments__valid_to=None).values_list("enrolments__path", flat=True)),
        *map(str, known.filter(appointments__valid_to=None).values_list("appointments__path", flat=True)),
    }
    return tuple(sorted(found - {"None"}))


def places_of_wards(ids: Iterable[UUID]) -> tuple[str, ...]:
    """Paths where the children sit whom a person cares for."""
    sits = people().filter(
        guardianships__guardian_id__in=list(ids), guardianships__valid_to=None, enrolments__valid_to=None
    )
    return tuple(sorted(set(map(str, sits.values_list("enrolments__path", flat=True))) - {"None"}))
