"""Into a tool: the login at the tool begins, its request is answered by a form, chosen resources come back."""

from __future__ import annotations

import time
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lingqu.foundation.applications import api as applications
from lingqu.foundation.identity import api as identity
from lingqu.kernel.access import actor_of, needs, public, signed_in
from lingqu.kernel.errors import DomainError, NotFound
from lingqu.ui.posting import post_on

from ..models import ResourceLink, Tool
from ..selectors.links import get_class, get_link
from ..services import deep_linking, launching
from ..services.launching import Refused, Target
from ..types import rights
from ..types.words import PROTOCOL


@identity.on_class_screen
@signed_in
@never_cache
@require_GET
def enter(request: HttpRequest, client_id: str) -> HttpResponse:
    """One click on the shelf."""
    app, tool = launching.get_tool(client_id)
    return _begin(request, app, tool)


@needs(rights.OPEN, rights.EDIT)
@never_cache
@require_GET
def open_link(request: HttpRequest, link_id: UUID) -> HttpResponse:
    """Into a resource of a class."""
    link = get_link(actor_of(request), link_id)
    app = applications.get_application(link.tool.application_id)
    return _begin(request, app, link.tool, link=link)


@needs(rights.EDIT)
@never_cache
@require_GET
def choose(request: HttpRequest, class_id: UUID, client_id: str) -> HttpResponse:
    """To choose resources in the tool for a class."""
    group = get_class(actor_of(request), class_id)
    app, tool = launching.get_tool(client_id)
    return _begin(request, app, tool, group=group)


def _begin(
    request: HttpRequest, app: applications.App, tool: Tool, *, link: ResourceLink | None = None, group: Any = None
) -> HttpResponse:
    """To the tool's login, after the consent page where consent is missing."""
    session = identity.session_of(request)
    if session is None:
        raise NotFound(_("没有这个应用。"))
    if applications.missing_consent(app=app, account_id=session.account_id, scopes=app.scopes, session=session):
        return applications.ask_consent(
            request, app=app, session=session, protocol=PROTOCOL, scopes=app.scopes, leads_to=tool.login_url,
            kept=[str(link.id) if link else "", str(group.id) if group else ""],
        )  # fmt: skip
    return _to_tool(request, app, session, tool, link, group)


def agreed(request: HttpRequest, app: applications.App, session: identity.SessionFact, kept: Any) -> HttpResponse:
    """After a yes on the consent page: into a resource, to choose for a class, or as from the shelf."""
    actor, (link_id, class_id) = actor_of(request), kept
    link = get_link(actor, UUID(link_id)) if link_id else None
    group = get_class(actor, UUID(class_id)) if class_id else None
    return _to_tool(request, app, session, launching.get_tool(app.client_id)[1], link, group)


def _to_tool(
    request: HttpRequest, app: applications.App, session: identity.SessionFact, tool: Tool, link: ResourceLink | None,
    group: Any,
) -> HttpResponse:  # fmt: skip
    address = launching.begin(
        actor=actor_of(request), session=session, standing=request.standing, app=app, tool=tool, link=link, group=group,  # type: ignore[attr-defined]
    )  # fmt: skip
    response = HttpResponseRedirect(address)
    response["Referrer-Policy"] = "no-referrer"
    return response


@public
@identity.on_class_screen
@csrf_exempt
@never_cache
@require_http_methods(["GET", "POST"])
def auth(request: HttpRequest) -> HttpResponse:
    """The tool's request (LTI Security 5.1.1.2). A posted one comes again by GET: browsers keep the session's cookie from
    forms of other sites."""
    if request.method == "POST":
        return HttpResponseRedirect(f"{request.path}?{request.POST.urlencode()}")
    began = time.perf_counter()
    target = launching.find_target(request.GET)
    try:
        launching.check(request.GET, frozenset(name for name, values in request.GET.lists() if len(values) > 1))
        session = identity.session_of(request) if actor_of(request).is_signed_in else None
        if session is None:
            raise Refused("login_required", "nobody is signed in here")
        token = launching.answer(
            target=target, given=request.GET, actor=actor_of(request), session=session,
            standing=request.standing,  # type: ignore[attr-defined]
        )  # fmt: skip
        fields, outcome = {"id_token": token}, "ok"
    except Refused as refusal:
        fields, outcome = {"error": refusal.error, "error_description": refusal.description}, refusal.error
    except DomainError as error:
        _note(target, error.code, began)
        raise
    _note(target, outcome, began)
    return post_on(request, target.redirect_uri, {**fields, "state": target.state} if target.state else fields)


@public
@csrf_exempt
@require_POST
def deep_links(request: HttpRequest) -> HttpResponse:
    """What was chosen comes back by a form of the tool, so without our cookie: the signed answer says whose it is."""
    class_id, count = deep_linking.take(request.POST.get("JWT", ""))
    return redirect(f"{reverse('lti:class', args=[class_id])}?added={count}")


def _note(target: Target, outcome: str, began: float) -> None:
    applications.log_request(
        app=target.app, protocol=PROTOCOL, endpoint="auth", outcome=outcome,
        milliseconds=round((time.perf_counter() - began) * 1000),
    )  # fmt: skip
