"""To-dos: one call puts, one takes away, and repeating either changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from lingqu.kernel import changes, clock, live
from lingqu.kernel.ids import uuid7

from ..models import Todo
from ..types.keys import topic_of
from ..types.words import TodoState

PUT_MANY = """WITH put AS (
  INSERT INTO inbox_todo (id, module, key, address, title, url, due_at, state, created_at)
  SELECT w.id, %(module)s, w.key, w.address, w.title, w.url, %(due)s, 'open', %(now)s
  FROM unnest(%(ids)s::uuid[], %(keys)s::text[], %(addresses)s::text[], %(titles)s::text[], %(urls)s::text[]) AS w(id, key, address, title, url)
  ORDER BY w.key
  ON CONFLICT (module, key) DO UPDATE SET address = excluded.address, title = excluded.title, url = excluded.url,
    due_at = excluded.due_at, state = 'open', closed_at = NULL
  RETURNING id)
INSERT INTO kernel_change (entity, entity_id, operation) SELECT 'inbox.todo', id::text, 'u' FROM put"""


@transaction.atomic
def put_todo(*, module: str, key: str, address: str, title: str, url: str, due_at: datetime | None = None) -> None:
    """Put one thing to do on a desk, or renew its words, desk and time; a finished one is opened again.

    ``module`` and ``key`` name it; ``address`` is a key of ``types.keys``: ``post:<uuid>``, ``duty:<kind>@<label>``,
    ``person:<uuid>``. ``url`` is a path on this platform. For trusted code: the caller has decided who may ask.
    """
    if not url.startswith("/") or url.startswith("//"):
        raise ValueError("a to-do leads to a path of this platform")
    made, _fresh = Todo.objects.update_or_create(
        module=module, key=key,
        defaults={
            "address": address, "title": title, "url": url, "due_at": due_at, "state": TodoState.OPEN,
            "closed_at": None,
        },
    )  # fmt: skip
    changes.log("inbox.todo", [made.id])
    live.tell(topic_of(address), made.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One of many things to do, as :func:`put_todo` takes them."""

    key: str
    address: str
    title: str
    url: str


@transaction.atomic
def put_todos(*, module: str, asked: Sequence[Asked], due_at: datetime | None = None) -> None:
    """The same as :func:`put_todo` for any number of desks, in two statements. Keys must differ."""
    if any(not one.url.startswith("/") or one.url.startswith("//") for one in asked):
        raise ValueError("a to-do leads to a path of this platform")
    if not asked:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            PUT_MANY,
            {
                "module": module, "due": due_at, "ids": [uuid7() for _one in asked], "now": clock.now(), "keys": [one.key for one in asked],
                "addresses": [one.address for one in asked], "titles": [one.title for one in asked],
                "urls": [one.url for one in asked],
            },
        )  # fmt: skip
    live.tell_each(topic_of(one.address) for one in asked)


def close_todo(*, module: str, key: str) -> bool:
    """It is done; false when it was not open."""
    return _end(module, [key], TodoState.DONE) > 0


def withdraw_todo(*, module: str, key: str) -> bool:
    """It need not be done any more; false when it was not open."""
    return _end(module, [key], TodoState.WITHDRAWN) > 0


def withdraw_todos(*, module: str, keys: Sequence[str]) -> int:
    """Several need not be done any more; how many were open."""
    return _end(module, keys, TodoState.WITHDRAWN)


@transaction.atomic
def _end(module: str, keys: Sequence[str], state: str) -> int:
    rows = Todo.objects.select_for_update().filter(module=module, key__in=keys, state=TodoState.OPEN)
    found = dict(rows.order_by("id").values_list("id", "address"))
    if found:
        Todo.objects.filter(id__in=found).update(state=state, closed_at=clock.now())
        changes.log("inbox.todo", list(found))
        live.tell_each(map(topic_of, found.values()))
    return len(found)
