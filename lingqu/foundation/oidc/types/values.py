"""Values of the token endpoint."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from lingqu.foundation.applications import api as applications


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A checked authorization request."""

    client_id: str
    redirect_uri: str
    scopes: tuple[str, ...]
    state: str = ""
    nonce: str = ""
    challenge: str = ""
    prompt: frozenset[str] = frozenset()
    max_age: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearer:
    """Who an access token speaks for, once it was found good."""

    claims: dict[str, Any]
    scopes: tuple[str, ...]
    app: applications.App
    grant: Any = field(default=None, repr=False)
    """The row of the grant with its session; None for an application's own token."""
