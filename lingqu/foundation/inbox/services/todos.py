"""To-dos: one call puts, one takes away, and repeating either changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from lingqu.kernel import clock, live, statements
from lingqu.kernel.ids import uuid7
from lingqu.kernel.statements import Batch

from ..types.keys import topic_of
from ..types.words import TodoState


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTodo:
    """``module`` and ``key`` name it; ``address`` is a key of ``types.keys``: ``post:<uuid>``, ``holder:<kind>@<label>``,
    ``head:<uuid>``, ``role:<code>@<label>``, ``person:<uuid>`` … ``url`` is a path on this platform."""

    module: str
    key: str
    address: str
    title: str
    url: str
    due_at: datetime | None = None


def put_todo(*, module: str, key: str, address: str, title: str, url: str, due_at: datetime | None = None) -> None:
    """:func:`put_todos` of one."""
    put_todos([NewTodo(module=module, key=key, address=address, title=title, url=url, due_at=due_at)])


PUT_SQL = """
WITH made AS (
  INSERT INTO inbox_todo (id, module, key, address, title, url, due_at, state)
  SELECT *, 'open' FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::timestamptz[])
  ON CONFLICT (module, key) DO UPDATE SET address = EXCLUDED.address, title = EXCLUDED.title, url = EXCLUDED.url,
    due_at = EXCLUDED.due_at, state = EXCLUDED.state, closed_at = NULL
  RETURNING id),
noted AS (INSERT INTO kernel_change (entity, entity_id, operation) SELECT 'inbox.todo', id::text, 'u' FROM made)
SELECT pg_notify(%s, told) FROM unnest(%s::text[]) told
"""
ENDED = """
WITH ended AS (
  UPDATE inbox_todo SET state = %s, closed_at = %s WHERE module = %s AND key = ANY(%s) AND state = 'open'
  RETURNING id, address),
noted AS (INSERT INTO kernel_change (entity, entity_id, operation) SELECT 'inbox.todo', id::text, 'u' FROM ended)
"""
END_SQL = f"{ENDED} SELECT address FROM ended"  # noqa: S608
END_AND_TELL_SQL = f"{ENDED} {live.TELL_SQL}"


def put_todos(todos: Sequence[NewTodo], *, batch: Batch | None = None) -> None:
    """Put things to do on desks, or renew their words, desks and times; a finished one is opened again. One statement, with
    ``batch`` when that is sent.

    For trusted code: the caller has decided who may ask.
    """
    if any(not one.url.startswith("/") or one.url.startswith("//") for one in todos):
        raise ValueError("a to-do leads to a path of this platform")
    if not todos:
        return
    topics = sorted({topic_of(one.address) for one in todos})
    values = [
        [uuid7() for _one in todos], [one.module for one in todos], [one.key for one in todos],
        [one.address for one in todos], [one.title for one in todos], [one.url for one in todos],
        [one.due_at for one in todos], live.CHANNEL, [live.payload(topic) for topic in topics],
    ]  # fmt: skip
    if batch is None:
        statements.run(PUT_SQL, values)
    else:
        batch.add(PUT_SQL, values)


def close_todo(*, module: str, key: str) -> bool:
    """It is done; false when it was not open."""
    return _end(module, [key], TodoState.DONE) > 0


def finish_todos(batch: Batch, *, module: str, desks: Mapping[str, str]) -> None:
    """Some are done when the batch is sent: key → address of each."""
    topics = sorted({live.payload(topic_of(address)) for address in desks.values()})
    batch.add(END_AND_TELL_SQL, [TodoState.DONE.value, clock.now(), module, sorted(desks), live.CHANNEL, topics])


def withdraw_todo(*, module: str, key: str) -> bool:
    """It need not be done any more; false when it was not open."""
    return _end(module, [key], TodoState.WITHDRAWN) > 0


def withdraw_todos(*, module: str, keys: Sequence[str]) -> int:
    """Several need not be done any more; how many were open."""
    return _end(module, keys, TodoState.WITHDRAWN)


def _end(module: str, keys: Sequence[str], state: str) -> int:
    if not keys:
        return 0
    addresses = [row[0] for row in statements.rows_of(END_SQL, [str(state), clock.now(), module, sorted(keys)])]
    if addresses:
        live.tell_each(map(topic_of, addresses))
    return len(addresses)
