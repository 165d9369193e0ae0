"""Documents written: replaced, merged, deleted. Writers of one document wait for each other."""

from __future__ import annotations

import hashlib

from django.db import connection, transaction

from lingqu.kernel.clock import now

from ..models import Document as Row
from ..selectors.documents import all_at, find_document, keys_of, one_at
from ..types import documents
from ..types.documents import Conditions, Document, Place
from ..types.faults import TooBig
from .agents import find_actor, touch_actor


@transaction.atomic
def put_document(place: Place, name: str, *, content_type: str, body: bytes, asked: Conditions) -> None:
    """The document becomes ``body``. Raises a :class:`Fault` when the request expected something else."""
    documents.check_body(content_type, body, is_object=False)
    actor_id, before = _locked(place, name)
    documents.check_overwriting(asked, place.kind, before.etag if before else None)
    documents.check_conditions(asked, before.etag if before else None)
    _store(place, actor_id, name, content_type, body)


@transaction.atomic
def post_document(place: Place, name: str, *, content_type: str, body: bytes, asked: Conditions) -> None:
    """The properties of ``body`` go over those that stand there; with nothing there it is stored as it is."""
    documents.check_body(content_type, body, is_object=True)
    actor_id, before = _locked(place, name)
    documents.check_conditions(asked, before.etag if before else None)
    if before is not None:
        body, content_type = documents.merged(before, content_type, body), before.content_type
    _store(place, actor_id, name, content_type, body)


@transaction.atomic
def delete_document(place: Place, name: str, *, asked: Conditions) -> None:
    """Deleting what is not there is no error."""
    actor_id, before = _locked(place, name)
    documents.check_conditions(asked, before.etag if before else None)
    one_at(place, actor_id, name).delete()


@transaction.atomic
def delete_documents(place: Place) -> None:
    """All at a place; without a registration those of all."""
    actor_id = find_actor(place.tenant, dict(place.agent)) if place.agent else None
    if actor_id is not None or not place.agent:
        all_at(place, actor_id).delete()


def _locked(place: Place, name: str) -> tuple[int | None, Document | None]:
    actor_id = touch_actor(place.tenant, dict(place.agent)) if place.agent else None
    key = f"{place.tenant}\0{place.kind}\0{actor_id}\0{place.activity}\0{place.registration}\0{name}"
    number = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
    return actor_id, find_document(place, actor_id, name)


def _store(place: Place, actor_id: int | None, name: str, content_type: str, body: bytes) -> None:
    if len(body) > documents.LARGEST:
        raise TooBig(f"a document has at most {documents.LARGEST} bytes")
    Row.objects.update_or_create(
        **keys_of(place, actor_id, name),
        defaults={
            "activity": place.activity, "name": name, "content_type": content_type, "body": body,
            "etag": documents.etag_of(body), "stored_at": now(),
        },
    )  # fmt: skip
