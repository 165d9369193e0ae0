"""Tools asking by themselves (LTI Security 4): a token for a signed assertion, and what that token opens now."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from lingqu.foundation.applications import api as applications
from lingqu.foundation.oidc import api as oidc
from lingqu.kernel import limits
from lingqu.kernel.clock import now

from .. import policies, register
from ..models import Tool
from ..selectors.links import find_tool, is_used_in
from ..types.words import SCOPES_OF
from .launching import address
from .toolkeys import BadToolToken, KeysGone, keys_for, peek
from .tools import allowed_services

GOOD_FOR = timedelta(hours=1)
KIND = "lti-at+jwt"
"""No other endpoint of ours takes these tokens, and these take no other."""
FAILURES, FAILURE_SECONDS = 60, 60
CLASS_ROLES = ("student", "teacher", "class_teacher")


class ServiceError(Exception):
    """A refusal to a program: OAuth error code, English sentence, HTTP status."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.error, self.description, self.status = error, description, status


def allowed_scopes(app: applications.App, tool: Tool) -> tuple[str, ...]:
    return tuple(scope for service in allowed_services(app, tool) for scope in SCOPES_OF[service])


def prove(form: Mapping[str, str], *, network: str) -> tuple[applications.App, Tool]:
    """The live application that signed the assertion (RFC 7523). Raises ``invalid_client``."""
    assertion, client_id = form.get("client_assertion", ""), ""
    try:
        client_id = str(peek(assertion)[1].get("sub", ""))[:64]
        app = applications.find_application(client_id)
        tool = find_tool(app.id) if app else None
        if app is not None and tool is not None and app.is_live and _is_signed(app, tool, form):
            return app, tool
    except KeysGone as fault:
        raise ServiceError("invalid_client", str(fault), 401) from fault
    except BadToolToken:
        pass
    limits.hit(f"lti.client:{client_id}:{network}", FAILURES, FAILURE_SECONDS)
    raise ServiceError("invalid_client", "the assertion is not one of this tool's, or was used", 401)


def _is_signed(app: applications.App, tool: Tool, form: Mapping[str, str]) -> bool:
    assertion = form["client_assertion"]
    return form.get("client_assertion_type") == oidc.ASSERTION_TYPE and oidc.check_assertion(
        assertion, client_id=app.client_id, keys=keys_for(tool, assertion), audiences=(address("token"),)
    )


def token_for(app: applications.App, tool: Tool, form: Mapping[str, str]) -> dict[str, Any]:
    """The body of the answer: a token for those of the scopes that the tool is allowed."""
    if form.get("grant_type") != "client_credentials":
        raise ServiceError("unsupported_grant_type", "grant_type must be client_credentials")
    may = allowed_scopes(app, tool)
    given = [scope for scope in dict.fromkeys(form.get("scope", "").split()) if scope in may]
    if not given:
        raise ServiceError("invalid_scope", "none of the scopes is allowed to this tool")
    at = now()
    token = oidc.sign(
        {"iss": oidc.issuer(), "sub": app.client_id, "client_id": app.client_id, "aud": address("token"),
         "scope": " ".join(given), "iat": at.timestamp(), "exp": int((at + GOOD_FOR).timestamp()),
         "jti": secrets.token_urlsafe(12)},
        kind=KIND,
    )  # fmt: skip
    return {
        "access_token": token, "token_type": "Bearer", "expires_in": int(GOOD_FOR.total_seconds()),
        "scope": " ".join(given),
    }  # fmt: skip


def find_bearer(token: str, scopes: tuple[str, ...]) -> tuple[applications.App, Tool]:
    """Who asks. The application and what it is allowed are asked anew. Raises ``invalid_token``, ``insufficient_scope``."""
    try:
        claims = oidc.read(token, kind=KIND)
    except oidc.BadToken as error:
        raise ServiceError("invalid_token", "the token is not good", 401) from error
    app = applications.find_application(claims["client_id"])
    tool = find_tool(app.id) if app else None
    if app is None or tool is None or not app.is_live:
        raise ServiceError("invalid_token", "the application is not live", 401)
    if tool.stopped_at is not None and datetime.fromtimestamp(claims["iat"], tz=UTC) <= tool.stopped_at:
        raise ServiceError("invalid_token", "the token was ended", 401)
    if not set(scopes) & set(claims["scope"].split()) & set(allowed_scopes(app, tool)):
        raise ServiceError("insufficient_scope", "the token is not for this", 403)
    return app, tool


def get_context(app: applications.App, tool: Tool, class_id: UUID | None) -> Any:
    """A class in which a resource of the tool stands and whose school uses the application, with its school; for an
    application in the sandbox one of its vendor's sandbox classes. Every other is not found."""
    if app.is_sandbox:
        rows = register.sandbox_classes().filter(vendor_id=app.vendor_id).select_related("vendor__organisation")
    else:
        rows = register.classes().filter(closed_on=None).select_related("school")
    group = rows.filter(id=class_id).first()
    if group is None or not is_used_in(tool, group) or not open_roles(app, group):
        raise ServiceError("not_found", "no such class for this tool", 404)
    return group


def open_roles(app: applications.App, group: Any) -> frozenset[str]:
    """Roles in the class by which somebody may enter the application now. Everybody in a sandbox class may."""
    if not policies.fits(app, group):
        return frozenset()
    if register.is_sandbox(group):
        return frozenset(CLASS_ROLES)
    return applications.open_roles(app=app, path=str(group.school.path), roles=CLASS_ROLES)
