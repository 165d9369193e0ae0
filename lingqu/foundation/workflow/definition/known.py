"""What exists around a definition, as far as the linter is told."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """None: not checked, as for a file that is only looked at. ``forms`` has the field keys of each form of the file."""

    handlers: frozenset[str] | None = None
    definitions: frozenset[str] | None = None
    posts: frozenset[str] | None = None
    duties: frozenset[str] | None = None
    roles: frozenset[str] | None = None


RUNTIME_NAMES = frozenset({
    "decision", "decisions", "votes", "today", "results", "nrOfInstances", "nrOfCompletedInstances", "nrOfActiveInstances",
})  # fmt: skip
"""Names that the engine gives to every expression besides the form fields."""
