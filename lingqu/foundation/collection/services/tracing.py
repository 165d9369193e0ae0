"""Shared by the writes: locking, steps, audit, telling open boards."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from lingqu.kernel import audit, changes, clock, live
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Conflict, Forbidden

from .. import policies
from ..models import Answer, Collection, Step
from ..types.words import CollectionState


def topic_of(collection_id: UUID) -> str:
    return f"collection:{collection_id}"


def locked_collection(actor: Actor, collection_id: UUID, *states: str) -> Collection:
    """The collection, locked, for whoever manages it; refused alike for others and where there is none."""
    found = Collection.objects.select_for_update(of=("self",)).select_related("organisation").filter(id=collection_id)
    collection = found.first()
    if collection is None:
        raise Forbidden()
    policies.require_manage(actor, collection)
    if states and collection.state not in states:
        raise Conflict(_state_told(collection), code="bad_state")
    return collection


def _state_told(collection: Collection) -> str:
    return _("这张表的状态是“%(state)s”，不能这样做。") % {"state": collection.get_state_display()}


def locked_answer(answer_id: UUID, *, is_open: bool = True) -> Answer:
    """The answer, locked, with its collection and school. Raises :class:`Conflict` for an ended collection."""
    rows = Answer.objects.select_for_update(of=("self",)).select_related("collection__organisation", "school")
    answer = rows.filter(id=answer_id).first()
    if answer is None:
        raise Forbidden()
    if is_open and answer.collection.state != CollectionState.OPEN:
        raise Conflict(_state_told(answer.collection), code="bad_state")
    return answer


def trace_collection(actor: Actor, kind: str, collection: Collection, text: str = "", **data: Any) -> None:
    Step.objects.create(
        collection=collection, kind=kind, text=text[:500], by_name=actor.name, at=clock.now(), path=collection.path
    )  # fmt: skip
    record(actor, kind, collection, **data)
    live.tell(topic_of(collection.id))


def record(actor: Actor, action: str, collection: Collection, **data: Any) -> None:
    audit.record(
        actor, f"collection.{action}", subject_kind="collection", subject_id=collection.id, path=str(collection.path),
        data=data,
    )  # fmt: skip
    changes.log("collection.collection", [collection.id])


def trace_answer(actor: Actor, kind: str, answer: Answer, text: str = "", **data: Any) -> None:
    Step.objects.create(
        collection_id=answer.collection_id, answer=answer, kind=kind, text=text[:500], by_name=actor.name,
        at=clock.now(), path=answer.path,
    )  # fmt: skip
    audit.record(
        actor, f"collection.answer.{kind}", subject_kind="collection.answer", subject_id=answer.id,
        path=str(answer.path), data={"collection": str(answer.collection_id), **data},
    )  # fmt: skip
    changes.log("collection.answer", [answer.id])
    live.tell(topic_of(answer.collection_id))
