"""What a service and a validation are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

TICKET_SECONDS = 10
"""A service ticket is redeemed at once, by the application's server."""
MOST_SERVICE = 2000
MOST_PLACES = 20
"""Registered places of one application."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an application lives: ``origin`` is ``scheme://host:port`` with the port always written, ``path`` a prefix."""

    origin: str
    path: str

    @property
    def shown(self) -> str:
        scheme, _, rest = self.origin.partition("://")
        host, _, port = rest.rpartition(":")
        usual = {"https": "443", "http": "80"}[scheme] == port
        return f"{scheme}://{host if usual else rest}{self.path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Validated:
    """A ticket was good: who, when they proved themselves, and what the application may read."""

    user: str
    auth_time: datetime
    is_fresh: bool
    session_id: str
    attributes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A ticket was not good. ``code`` is one of CAS 3.0 § 2.5.3."""

    code: str
    message: str


Outcome = Validated | Refused
Claims = dict[str, Any]
