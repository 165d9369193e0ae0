"""Who acts, and what they may do where. Identity fills this in; every service and selector asks it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from .clock import now
from .errors import Forbidden


def covers(path: str, target: str) -> bool:
    """Whether a right held at ``path`` reaches ``target`` (both ltree paths; the subtree includes its root)."""
    return target == path or target.startswith(path + ".")


@dataclass(frozen=True, slots=True)
class Right:
    """Permission ``code`` at a place, until a moment (None = open).

    ``path`` is an ltree path (the right holds for the subtree), or a single thing: ``class:<uuid>``, ``person:<uuid>``.
    """

    code: str
    path: str
    until: datetime | None = None

    def is_live(self, at: datetime) -> bool:
        return self.until is None or at < self.until


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """The account, person and chosen role behind a request, job, import or command.

    ``role`` is the code of the role chosen for this session, ``organisation_id``/``path`` its place. ``rights`` hold
    only what that role and direct relations give. A system actor (``kind="system"``) is trusted code and holds every
    right.
    """

    kind: str
    name: str
    account_id: UUID | None = None
    person_id: UUID | None = None
    role: str = ""
    organisation_id: UUID | None = None
    path: str = ""
    rights: tuple[Right, ...] = field(default=())
    request_id: str = ""
    purpose: str = ""
    """Stated purpose of this visit for reading sensitive fields; empty = none stated."""

    @classmethod
    def system(cls, name: str) -> Actor:
        return cls(kind="system", name=name)

    @classmethod
    def anonymous(cls) -> Actor:
        return cls(kind="anonymous", name="")

    @property
    def is_system(self) -> bool:
        return self.kind == "system"

    @property
    def is_signed_in(self) -> bool:
        return self.kind == "account"

    def paths(self, code: str) -> tuple[str, ...]:
        """Tree paths at which ``code`` is held now, outermost only, sorted."""
        at = now()
        found = sorted(
            {right.path for right in self.rights if right.code == code and ":" not in right.path and right.is_live(at)}
        )
        kept: list[str] = []
        for path in found:
            if not any(covers(outer, path) for outer in kept):
                kept.append(path)
        return tuple(kept)

    def things(self, code: str, kind: str) -> tuple[UUID, ...]:
        """Ids of the single things of ``kind`` (``class``, ``person``) on which ``code`` is held now."""
        at, prefix = now(), kind + ":"
        return tuple(
            UUID(right.path.removeprefix(prefix))
            for right in self.rights
            if right.code == code and right.path.startswith(prefix) and right.is_live(at)
        )

    def has(self, code: str) -> bool:
        """Whether ``code`` is held anywhere, be it on the tree or on a single thing."""
        at = now()
        return self.is_system or any(right.code == code and right.is_live(at) for right in self.rights)

    def holds(self, code: str, path: str) -> bool:
        """Whether ``code`` is held at the place ``path``."""
        return self.is_system or any(covers(held, path) for held in self.paths(code))

    def holds_at_top(self, code: str) -> bool:
        """Whether ``code`` is held for the whole node: what has no place of its own is decided there."""
        return self.is_system or any(map(is_top, self.paths(code)))


def is_top(path: str) -> bool:
    """Whether a tree path is that of the whole node."""
    return "." not in path


def require(allowed: bool, message: str = "") -> None:
    """Raise :class:`Forbidden` unless allowed; the default sentence is added by the error page."""
    if not allowed:
        raise Forbidden(message)
