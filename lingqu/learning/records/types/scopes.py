"""What a credential may do (xAPI 1.0.3 Communication 4.0; the names of its scopes)."""

from __future__ import annotations

WRITE = "statements/write"
READ = "statements/read"
STATE = "state"
PROFILE = "profile"
ALL_READ = "all/read"
ALL = "all"
SCOPES = (WRITE, READ, STATE, PROFILE, ALL_READ, ALL)


def allows(held: tuple[str, ...], scope: str, *, is_write: bool) -> bool:
    """Whether one of the scopes ``held`` covers ``scope``."""
    return ALL in held or scope in held or (not is_write and ALL_READ in held)
