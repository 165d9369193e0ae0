"""Transfers: open ones of a child, places they hold, those that wait for the national system."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db.models import Count

from lingqu.foundation.registry import api as registry

from .. import register
from ..models import Transfer
from ..types.words import TransferState
from .beyond import find_of


def find_open(person_id: UUID) -> Transfer | None:
    rows = Transfer.objects.filter(person_id__in=registry.ids_of(person_id), ended_on=None)
    return rows.select_related("from_school", "to_school").first()


def has_open(person_id: UUID) -> bool:
    """Inside the region or beyond the province: one child moves once at a time."""
    return find_open(person_id) is not None or find_of(registry.ids_of(person_id)) is not None


def pending_at(school_ids: Iterable[UUID]) -> Mapping[tuple[UUID, str], int]:
    """Places that open transfers hold where the child does not sit yet, by school and grade."""
    rows = Transfer.objects.filter(to_school_id__in=list(school_ids), ended_on=None, sits_from=None)
    return {
        (school_id, grade): n
        for school_id, grade, n in rows.values_list("to_school_id", "grade").annotate(n=Count("id"))
    }


def list_settled() -> tuple[Transfer, ...]:
    """Those waiting for the national system whose child's 学籍 is at the new school by now."""
    waiting = list(Transfer.objects.filter(state=TransferState.AWAITING).order_by("id"))
    ids = {row.id: registry.ids_of(row.person_id) for row in waiting}
    every = {one for found in ids.values() for one in found}
    held: Any = (
        register.register_entries().filter(person_id__in=every, valid_to=None).values_list("person_id", "school_id")
    )
    known = set(held)
    return tuple(row for row in waiting if any((one, row.to_school_id) in known for one in ids[row.id]))
