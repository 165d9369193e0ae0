"""Domain errors: each carries its meaning; one middleware turns it into a status, a sentence and a stable code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class DomainError(Exception):
    """A refusal with a reason. ``message`` is translated text for the user, ``code`` is stable for programs."""

    status = 400
    code = "refused"

    def __init__(self, message: str = "", *, code: str | None = None, details: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code:
            self.code = code
        self.details = dict(details or {})


class Invalid(DomainError):
    """The input breaks a rule; ``details`` maps field names to sentences."""

    status = 422
    code = "invalid"


class Forbidden(DomainError):
    """The actor may not do this here. Also used where existence itself must not be told."""

    status = 403
    code = "forbidden"


class NotFound(DomainError):
    status = 404
    code = "not_found"


class Conflict(DomainError):
    """The state has moved on: already done, changed by somebody else, or locked."""

    status = 409
    code = "conflict"


class TooLarge(DomainError):
    """A file or body is bigger than allowed here."""

    status = 413
    code = "too_large"


class Unavailable(DomainError):
    """The platform cannot do this now: database away, disk full, quota used up."""

    status = 503
    code = "unavailable"


class TooMany(DomainError):
    """A limit was reached; ``details["retry_after"]`` is in seconds."""

    status = 429
    code = "too_many"
