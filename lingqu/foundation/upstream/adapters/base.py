"""What every kind of platform above can do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from ..types import Arrived, Trip

Options = Mapping[str, Any]


class Adapter(Protocol):
    """``needs`` are the options without which the kind does not work; ``is_asked``: an answer fits a visit of ours."""

    @property
    def needs(self) -> tuple[str, ...]: ...

    @property
    def is_asked(self) -> bool: ...

    def begin(self, options: Options, trip: Trip) -> str:
        """Address at which the platform above signs somebody in."""

    def finish(self, options: Options, secret: str, trip: Trip | None, given: Mapping[str, str]) -> Arrived:
        """Who came back, as the platform confirms behind the browser. Raises :class:`Distrusted`."""
