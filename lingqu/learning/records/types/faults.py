"""Refusals of the interface: each says what is wrong and where, for the developer who sent it."""

from __future__ import annotations

from lingqu.kernel.errors import DomainError


class Fault(DomainError):
    """``path`` is the place in the JSON that was sent (``$[3].verb.id``), empty when it is not about one."""

    status = 400
    code = "bad_request"

    def __init__(self, message: str, path: str = "", *, status: int = 0, code: str = "") -> None:
        super().__init__(message, code=code or None)
        self.path = path
        if status:
            self.status = status


class Unauthorised(Fault):
    status = 401
    code = "unauthorised"


class Denied(Fault):
    status = 403
    code = "forbidden"


class Missing(Fault):
    status = 404
    code = "not_found"


class NotAllowed(Fault):
    status = 405
    code = "method_not_allowed"


class Clash(Fault):
    """Something else stands there already."""

    status = 409
    code = "conflict"


class Changed(Fault):
    """A condition of the request (If-Match, If-None-Match) does not hold."""

    status = 412
    code = "precondition_failed"


class TooBig(Fault):
    status = 413
    code = "too_large"
