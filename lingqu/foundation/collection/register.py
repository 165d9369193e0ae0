"""What collection reads of the register beside its door: the linkable models, reached through its own keys."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Q

from lingqu.kernel import crypto

from .models import Answer
from .types.words import AnswerState

SCHOOL_KINDS = ("school", "teaching_point")
NO_OFFICE = (*SCHOOL_KINDS, "campus")


def organisations() -> Any:
    """Manager of Organisation."""
    model: Any = Answer._meta.get_field("school").related_model
    return model.objects


def offices_in(paths: Iterable[str]) -> list[Any]:
    """Open offices (no schools) that stand exactly at these paths."""
    return list(
        organisations().filter(path__in=list(paths), closed_on=None).exclude(kind__in=NO_OFFICE).order_by("path")
    )


def schools_in(paths: Iterable[str]) -> list[Any]:
    """Schools that stand exactly at these paths."""
    return list(organisations().filter(path__in=list(paths), kind__in=NO_OFFICE))


def schools_below(paths: Iterable[str]) -> list[Any]:
    """Ids of schools and teaching points at or below these paths."""
    wanted = Q(path__in=[])
    for path in paths:
        wanted |= Q(path__within=path)
    return list(organisations().filter(wanted, kind__in=NO_OFFICE).values_list("id", flat=True))


def holders_of(answers: Sequence[Any]) -> dict[Any, list[tuple[str, str, str, Any]]]:
    """Answer → (name, phone, e-mail, person) of whoever must act: the principal while it waits for a signature, else the
    holders of its post, else the school's administrator. Living people only; two statements. Phones are for sending."""
    waiting = {one.school_id for one in answers if one.state == AnswerState.WAITING}
    at_posts = {one.post_id for one in answers if one.post_id and one.state != AnswerState.WAITING}
    held: dict[Any, list[Any]] = defaultdict(list)
    holders: Any = Answer._meta.get_field("post").related_model._meta.get_field("holders").related_model
    alive = {"valid_to": None, "person__deceased_on": None}
    for row in holders.objects.filter(post__in=at_posts, **alive).select_related("person").order_by("place"):
        held["post", row.post_id].append(row.person)
    person: Any = holders._meta.get_field("person").related_model
    duties: Any = person._meta.get_field("duties").related_model
    kinds = {"kind__in": ("principal", "school_admin"), "organisation__in": [one.school_id for one in answers]}
    for row in duties.objects.filter(**kinds, **alive).select_related("person").order_by("id"):
        held[row.kind, row.organisation_id].append(row.person)
    found = {}
    for one in answers:
        people = held["principal", one.school_id] if one.school_id in waiting else held["post", one.post_id]
        people = people or ([] if one.school_id in waiting else held["school_admin", one.school_id])
        found[one.id] = [
            (person.name, crypto.unseal_fields(person.sealed).get("phone", "") if person.sealed else "", person.email, person.id)
            for person in people[:2]
        ]  # fmt: skip
    return found
