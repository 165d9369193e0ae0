"""Facts that modules publish in the past tense, and who listens.

An event is a frozen dataclass of ids and primitives. ``publish`` stores it in the writer's transaction; the worker calls
every handler registered with ``@on`` after commit, at least once and in no promised order.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, is_dataclass
from typing import Any

from .models import OutboxEvent

Handler = Callable[[Any], None]
EVENT_TYPES: dict[str, type] = {}
HANDLERS: dict[str, list[Handler]] = defaultdict(list)


def kind_of(event_type: type) -> str:
    """Stable name: ``<app label>.<ClassName>``."""
    module = event_type.__module__.split(".")
    return f"{module[-2]}.{event_type.__name__}"


def publish(event: Any) -> None:
    if not is_dataclass(event) or isinstance(event, type):
        raise TypeError("an event is a dataclass instance")
    OutboxEvent.objects.create(kind=kind_of(type(event)), payload=_plain(asdict(event)))


def on(event_type: type) -> Callable[[Handler], Handler]:
    """Register a handler; it receives an instance of ``event_type`` whose fields are JSON primitives."""

    def register(handler: Handler) -> Handler:
        kind = kind_of(event_type)
        EVENT_TYPES[kind] = event_type
        HANDLERS[kind].append(handler)
        return handler

    return register


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {
        key: v if isinstance(v, str | int | float | bool | list | type(None)) else str(v) for key, v in values.items()
    }
