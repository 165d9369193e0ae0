"""To-dos: one call puts, one takes away, and repeating either changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from lingqu.kernel import changes, clock, live

from ..models import Todo
from ..types.keys import topic_of
from ..types.words import TodoState


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTodo:
    """``module`` and ``key`` name it; ``address`` is a key of ``types.keys``: ``post:<uuid>``, ``duty:<kind>@<label>``,
    ``person:<uuid>``. ``url`` is a path on this platform."""

    module: str
    key: str
    address: str
    title: str
    url: str
    due_at: datetime | None = None


def put_todo(*, module: str, key: str, address: str, title: str, url: str, due_at: datetime | None = None) -> None:
    """:func:`put_todos` of one."""
    put_todos([NewTodo(module=module, key=key, address=address, title=title, url=url, due_at=due_at)])


@transaction.atomic
def put_todos(todos: Sequence[NewTodo]) -> None:
    """Put things to do on desks, or renew their words, desks and times; a finished one is opened again.

    For trusted code: the caller has decided who may ask.
    """
    if any(not one.url.startswith("/") or one.url.startswith("//") for one in todos):
        raise ValueError("a to-do leads to a path of this platform")
    if not todos:
        return
    made = Todo.objects.bulk_create(
        [
            Todo(module=one.module, key=one.key, address=one.address, title=one.title, url=one.url, due_at=one.due_at)
            for one in todos
        ],
        update_conflicts=True, unique_fields=["module", "key"],
        update_fields=["address", "title", "url", "due_at", "state", "closed_at"],
    )  # fmt: skip
    changes.log("inbox.todo", [one.pk for one in made])
    live.tell_each(topic_of(one.address) for one in todos)


def close_todo(*, module: str, key: str) -> bool:
    """It is done; false when it was not open."""
    return _end(module, [key], TodoState.DONE) > 0


def close_todos(*, module: str, keys: Sequence[str]) -> int:
    """Several are done; how many were open."""
    return _end(module, keys, TodoState.DONE)


def withdraw_todo(*, module: str, key: str) -> bool:
    """It need not be done any more; false when it was not open."""
    return _end(module, [key], TodoState.WITHDRAWN) > 0


def withdraw_todos(*, module: str, keys: Sequence[str]) -> int:
    """Several need not be done any more; how many were open."""
    return _end(module, keys, TodoState.WITHDRAWN)


@transaction.atomic
def _end(module: str, keys: Sequence[str], state: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE inbox_todo SET state = %s, closed_at = %s WHERE module = %s AND key = ANY(%s) AND state = %s"
            " RETURNING id, address",
            [state, clock.now(), module, sorted(keys), TodoState.OPEN],
        )
        found = dict(cursor.fetchall())
    if found:
        changes.log("inbox.todo", list(found))
        live.tell_each(map(topic_of, found.values()))
    return len(found)
