"""Values that cross the door of the records."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who calls: a verified credential. ``tenant`` holds what it sees; ``authority`` is the agent put into statements."""

    credential: int
    key: str
    tenant: int
    scopes: tuple[str, ...]
    authority: str
    application_id: UUID | None = None
    session_id: UUID | None = None
    """The cmi5 session that the credential stands for: what it may do is bounded by that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCredential:
    """What is shown once."""

    endpoint: str
    key: str
    secret: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Bytes of an attachment. ``sha2`` in lower case."""

    sha2: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What erasing a person changed: actors that are gone, statements without words of people, files written anew."""

    actors: int
    statements: int
    files: int
