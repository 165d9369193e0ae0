"""Whom to call about posts, children and people. Office phones stand in clear; a person's own phone is masked, and is read
on the person's page with a stated purpose."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from lingqu.kernel.crypto import unseal_fields

from ..models import ClassGroup, Guardianship, Person
from ..types.masking import masked
from ..types.words import GuardianKind, PostPlace
from .labels import label
from .posts import KINDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """``role``: the post or how the person is related; ``number``: of the page on which the phone can be read."""

    name: str
    role: str
    phone: str
    number: str = ""


CALLS_SQL = """SELECT p.id, p.kind, COALESCE(NULLIF(p.phone, ''), g.phone), o.name, h.place FROM registry_post p
JOIN registry_organisation g ON g.id = p.organisation_id
LEFT JOIN (registry_postholder h JOIN registry_person o ON o.id = h.person_id AND o.deceased_on IS NULL)
  ON h.post_id = p.id AND h.valid_to IS NULL WHERE p.id = ANY(%s) ORDER BY h.place"""


def post_calls(post_ids: Sequence[UUID]) -> dict[UUID, tuple[Call, ...]]:
    """The post's own phone, else that of its organisation, with whoever holds it; one statement."""
    found: dict[UUID, list[Call]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(CALLS_SQL, [list(post_ids)])
        for post_id, kind, phone, name, place in cursor.fetchall():
            role = label(KINDS, kind)
            holder = f"{role} {PostPlace(place).label}" if place else role
            found[post_id].append(Call(name=name or "", role=holder, phone=phone))
    return {post_id: tuple(calls) for post_id, calls in found.items()}


def people_calls(person_ids: Sequence[UUID], *, of_children: bool) -> dict[UUID, tuple[Call, ...]]:
    """The guardians of children (代办人 and the dead left out), or the people themselves; one statement."""
    if not of_children:
        return {
            one.id: (Call(name=one.name, role="", phone=_phone(one), number=one.number),)
            for one in Person.objects.filter(id__in=person_ids)
        }
    made: dict[UUID, list[Call]] = defaultdict(list)
    links = Guardianship.objects.filter(child_id__in=person_ids) | Guardianship.objects.filter(
        child__canonical_id__in=person_ids
    )
    links = links.filter(valid_to=None, guardian__deceased_on=None).exclude(kind=GuardianKind.PROXY)
    for link in links.select_related("guardian", "child").order_by("-is_primary", "id"):
        if link.guardian is not None:
            made[link.child.canonical_id or link.child_id].append(
                Call(
                    name=link.guardian.name, role=label("family_relation", link.relation), phone=_phone(link.guardian),
                    number=link.guardian.number,
                )
            )  # fmt: skip
    return {child: tuple(calls) for child, calls in made.items()}


def class_names(ids: Iterable[UUID]) -> dict[UUID, str]:
    return dict(ClassGroup.objects.filter(id__in=list(ids)).values_list("id", "name"))


def _phone(person: Person) -> str:
    return masked("phone", unseal_fields(person.sealed).get("phone", ""))
