"""Facts that modules publish in the past tense, and who listens.

An event is a frozen dataclass of ids and primitives. ``publish`` stores it in the writer's transaction; the worker
calls every handler registered with ``@on`` after commit, at least once and in no promised order. A handler lives in
its module's ``handlers.py``, re-reads state and never applies deltas. It runs inside a transaction of its own,
together with the note that it is done; what it does outside the database may happen twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import is_dataclass
from typing import Any, TypeVar

import msgspec
from django.apps import apps

from . import statements
from .statements import Batch

Handler = Callable[[Any], None]
Listener = TypeVar("Listener", bound=Handler)
EVENT_TYPES: dict[str, type] = {}
HANDLERS: dict[str, list[Handler]] = defaultdict(list)
INSERT_SQL = "INSERT INTO kernel_outbox (kind, payload) VALUES (%s, %s)"


def kind_of(event_type: type) -> str:
    """Stable name: ``<app label>.<ClassName>``."""
    return f"{_label_of(event_type)}.{event_type.__name__}"


def name_of(kind: str, handler: Handler) -> str:
    """Stable name of one handler of one kind of event: ``<app label>.<function> < <kind>``.

    Its progress is stored under it: a renamed handler begins again with the events that are still kept.
    """
    return f"{_label_of(handler)}.{handler.__name__} < {kind}"


def publish(event: Any, *, batch: Batch | None = None) -> None:
    """One row in the open transaction, with ``batch`` when that is sent: if the writer rolls back, nothing was said."""
    if not is_dataclass(event) or isinstance(event, type):
        raise TypeError("an event is a dataclass instance")
    values = [kind_of(type(event)), statements.json_of(event)]
    if batch is None:
        statements.run(INSERT_SQL, values)
    else:
        batch.add(INSERT_SQL, values)


def on(event_type: type) -> Callable[[Listener], Listener]:
    """Register a handler; it receives an instance of ``event_type``, its fields in their annotated types."""

    def register(handler: Listener) -> Listener:
        kind = kind_of(event_type)
        EVENT_TYPES[kind] = event_type
        name = name_of(kind, handler)
        HANDLERS[kind] = [known for known in HANDLERS[kind] if name_of(kind, known) != name] + [handler]
        return handler

    return register


def restore(kind: str, payload: dict[str, Any]) -> Any:
    """The event that was published; fields it did not have then take their defaults, fields it lost are ignored."""
    return msgspec.convert(payload, type=EVENT_TYPES[kind])


def _label_of(thing: Any) -> str:
    module = thing.__module__ or ""
    config = apps.get_containing_app_config(module)
    return config.label if config else module.rpartition(".")[2]
