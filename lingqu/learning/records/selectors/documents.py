"""Documents read: one, or the names of those at a place."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from ..models import Document as Row
from ..types.documents import Document, Place

MOST_NAMES = 50_000


def find_document(place: Place, actor_id: int | None, name: str) -> Document | None:
    row = one_at(place, actor_id, name).values_list("content_type", "body", "etag", "stored_at").first()
    if row is None:
        return None
    return Document(content_type=row[0], body=bytes(row[1]), etag=row[2], stored_at=row[3])


def list_names(place: Place, actor_id: int | None, since: datetime | None = None) -> list[str]:
    """Names of the documents at a place that were stored after ``since``; without a registration those of all."""
    rows = all_at(place, actor_id)
    if since is not None:
        rows = rows.filter(stored_at__gt=since)
    return list(rows.order_by("id").values_list("name", flat=True)[:MOST_NAMES])


def all_at(place: Place, actor_id: int | None) -> QuerySet[Row]:
    where: dict[str, Any] = {"actor_id": actor_id, "activity_key": key_of(place.activity)}
    rows = Row.objects.filter(tenant_id=place.tenant, kind=place.kind, **where)  # fmt: skip
    return rows.filter(registration=place.registration) if place.registration else rows


def one_at(place: Place, actor_id: int | None, name: str) -> QuerySet[Row]:
    return Row.objects.filter(**keys_of(place, actor_id, name))


def keys_of(place: Place, actor_id: int | None, name: str) -> dict[str, Any]:
    return {
        "tenant_id": place.tenant, "kind": place.kind, "actor_id": actor_id, "activity_key": key_of(place.activity),
        "registration": place.registration, "name_key": key_of(name, always=True),
    }  # fmt: skip


def key_of(text: str, *, always: bool = False) -> UUID | None:
    """A short key of a long text; None for the empty one, unless it is a name."""
    if not text and not always:
        return None
    return UUID(bytes=hashlib.sha256(text.encode()).digest()[:16])
