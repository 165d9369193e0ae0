"""Where a process that a module ships is begun, when that is not the plain application form: its guide, its own page."""

from __future__ import annotations

from collections.abc import Callable

BEGINNINGS: dict[str, Callable[[], str]] = {}


def begins_at(key: str, way: Callable[[], str]) -> None:
    """``way`` gives the address of the page. The same key replaces."""
    BEGINNINGS[key] = way


def beginning_of(key: str) -> str:
    """The address; empty for the plain form."""
    found = BEGINNINGS.get(key)
    return found() if found is not None else ""
