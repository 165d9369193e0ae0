"""What tools ask by themselves: keys, token, class list, line items, scores, results. No cookie counts here."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from lingqu.foundation.applications import api as applications
from lingqu.foundation.oidc import api as oidc
from lingqu.kernel.access import public
from lingqu.kernel.ids import as_uuid

from ..models import LineItem, Score, Tool
from ..selectors import grades as reading
from ..selectors.links import links_of
from ..services import access, grades, members
from ..services.access import ServiceError
from ..services.claims import context_of, item_url, items_url, members_url
from ..services.reading import plain, text
from ..types.words import (
    ITEM_TYPE,
    ITEMS,
    ITEMS_READ,
    ITEMS_TYPE,
    MEMBERS,
    MEMBERS_TYPE,
    PROTOCOL,
    RESULTS,
    RESULTS_TYPE,
    SCORE_TYPE,
    SCORES,
)

MOST_BYTES, MOST_TOKEN = 64 * 1024, 8192
USUAL_LIMIT, MOST_LIMIT = 100, 200
JWKS_SECONDS = 900
View = Callable[..., HttpResponse]


@public
def jwks(request: HttpRequest) -> HttpResponse:
    """Our public RSA keys: what signs launches now, signed lately or will sign. Tools know no other kind."""
    keys = [key for key in oidc.ring().jwks["keys"] if key["kty"] == "RSA"]
    response = JsonResponse({"keys": keys})
    response["Cache-Control"] = f"public, max-age={JWKS_SECONDS}"
    return response


@public
@csrf_exempt
def token(request: HttpRequest) -> HttpResponse:
    began, app = time.perf_counter(), None
    form = {name: values[0] for name, values in request.POST.lists() if len(values) == 1}
    try:
        if request.method != "POST":
            raise ServiceError("invalid_request", "the token endpoint takes POST", 405)
        app, tool = access.prove(form, network=request.META.get("REMOTE_ADDR", ""))
        response: HttpResponse = JsonResponse(access.token_for(app, tool, form))
        outcome = "ok"
    except ServiceError as error:
        response, outcome = _refusal(error), error.error
    _note(app, "token", outcome, began)
    response["Cache-Control"] = "no-store"
    return response


def service(name: str, **scopes: tuple[str, ...]) -> Callable[[View], View]:
    """An address for programs with a token: scopes by method, of which one suffices. The view gets application and tool."""

    def wrap(view: View) -> View:
        @public
        @csrf_exempt
        @wraps(view)
        def answered(request: HttpRequest, **arguments: Any) -> HttpResponse:
            began, app = time.perf_counter(), None
            if request.method not in scopes:
                return HttpResponse(status=405, headers={"Allow": ", ".join(scopes)})
            try:
                scheme, _space, value = request.headers.get("Authorization", "").partition(" ")
                if scheme.lower() != "bearer":
                    raise ServiceError("invalid_token", "a bearer token is needed", 401)
                app, tool = access.find_bearer(value.strip()[:MOST_TOKEN], scopes[request.method])
                response, outcome = view(request, app, tool, **arguments), "ok"
            except ServiceError as error:
                response, outcome = _refusal(error), error.error
            _note(app, name, outcome, began)
            response["Cache-Control"] = "no-store"
            return response

        return answered

    return wrap


@service("members", GET=(MEMBERS,))
def class_members(request: HttpRequest, app: applications.App, tool: Tool, class_id: UUID) -> HttpResponse:
    group = access.get_context(app, tool, class_id)
    link, role = _given(request, "rlid"), _given(request, "role")
    if link:
        link_id = as_uuid(link)
        if link_id is None or not links_of(tool, group, [link_id]):
            raise ServiceError("not_found", "rlid is not of this class", 404)
    limit = _limit(request)
    found, after = members.list_members(app=app, group=group, role=role, after=_after(request), limit=limit)
    body = {"id": members_url(class_id), "context": context_of(group), "members": found}
    return _listed(body, MEMBERS_TYPE, members_url(class_id), after, {"role": role, "rlid": link, "limit": limit})


@service("items", GET=(ITEMS, ITEMS_READ), POST=(ITEMS,))
def items(request: HttpRequest, app: applications.App, tool: Tool, class_id: UUID) -> HttpResponse:
    group = access.get_context(app, tool, class_id)
    if request.method == "POST":
        made = grades.make_item(app=app, tool=tool, group=group, given=_body(request, ITEM_TYPE))
        return _json(_item(made), ITEM_TYPE, status=201)
    wanted = {name: _given(request, name) for name in ("resource_link_id", "resource_id", "tag")}
    limit = _limit(request)
    found, after = reading.list_items(
        tool, group, link=wanted["resource_link_id"], resource_id=wanted["resource_id"], tag=wanted["tag"],
        after=_after(request), limit=limit,
    )  # fmt: skip
    return _listed([_item(one) for one in found], ITEMS_TYPE, items_url(class_id), after, {**wanted, "limit": limit})


@service("item", GET=(ITEMS, ITEMS_READ), PUT=(ITEMS,), DELETE=(ITEMS,))
def item(request: HttpRequest, app: applications.App, tool: Tool, item_id: UUID) -> HttpResponse:
    found = _find_item(app, tool, item_id)
    if request.method == "DELETE":
        grades.remove_item(app=app, item=found)
        return HttpResponse(status=204)
    if request.method == "PUT":
        found = grades.change_item(app=app, tool=tool, item=found, given=_body(request, ITEM_TYPE))
    return _json(_item(found), ITEM_TYPE)


@service("scores", POST=(SCORES,))
def scores(request: HttpRequest, app: applications.App, tool: Tool, item_id: UUID) -> HttpResponse:
    found = _find_item(app, tool, item_id)
    grades.take_score(app=app, item=found, given=_body(request, SCORE_TYPE))
    return HttpResponse(status=204)


@service("results", GET=(RESULTS,))
def results(request: HttpRequest, app: applications.App, tool: Tool, item_id: UUID) -> HttpResponse:
    found = _find_item(app, tool, item_id)
    user, limit, account_id = _given(request, "user_id"), _limit(request), None
    base = f"{item_url(item_id)}/results"
    if user:
        account_id = applications.find_account_by_subject(app=app, subject=user)
        if account_id is None:
            return _json([], RESULTS_TYPE)
    rows, after = reading.list_results(found, account_id=account_id, after=_after(request), limit=limit)
    return _listed([_result(one, found) for one in rows], RESULTS_TYPE, base, after, {"user_id": user, "limit": limit})


def _find_item(app: applications.App, tool: Tool, item_id: UUID) -> LineItem:
    """One of the tool's own, in a class in which it is still used."""
    found = reading.find_item(tool, item_id)
    if found is None:
        raise ServiceError("not_found", "no such line item of this tool", 404)
    access.get_context(app, tool, found.group_id)
    return found


def _item(row: LineItem) -> dict[str, Any]:
    found: dict[str, Any] = {"id": item_url(row.id), "label": row.label, "scoreMaximum": plain(row.maximum)}
    more = {
        "resourceLinkId": str(row.link_id) if row.link_id else "", "resourceId": row.resource_id, "tag": row.tag,
        "startDateTime": row.starts_at.isoformat() if row.starts_at else "",
        "endDateTime": row.ends_at.isoformat() if row.ends_at else "",
    }  # fmt: skip
    return found | {name: value for name, value in more.items() if value}


def _result(row: Score, of: LineItem) -> dict[str, Any]:
    url = item_url(of.id)
    found: dict[str, Any] = {
        "id": f"{url}/results?{urlencode({'user_id': row.subject})}", "scoreOf": url, "userId": row.subject,
    }  # fmt: skip
    if (points := grades.result_of(row, of.maximum)) is not None:
        found |= {"resultScore": plain(points[0]), "resultMaximum": plain(points[1])}
    return found | ({"comment": row.comment} if row.comment else {})


def _body(request: HttpRequest, kind: str) -> dict[str, Any]:
    if request.content_type not in (kind, "application/json"):
        raise ServiceError("invalid_request", f"the body must be {kind}", 415)
    if int(request.headers.get("Content-Length") or 0) > MOST_BYTES:
        raise ServiceError("invalid_request", "the body is too long", 413)
    try:
        return msgspec.json.decode(request.body, type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise ServiceError("invalid_request", "the body is no JSON object") from error


def _given(request: HttpRequest, name: str) -> str:
    return text(request.GET.get(name, ""), 200)


def _limit(request: HttpRequest) -> int:
    given = request.GET.get("limit", "")
    if given and not (given.isascii() and given.isdigit() and int(given[:9]) > 0):
        raise ServiceError("invalid_request", "limit is no positive number")
    return min(int(given[:9]), MOST_LIMIT) if given else USUAL_LIMIT


def _after(request: HttpRequest) -> UUID | None:
    given = request.GET.get("after", "")
    found = as_uuid(given) if given else None
    if given and found is None:
        raise ServiceError("invalid_request", "after is not of this list")
    return found


def _listed(body: Any, kind: str, base: str, after: UUID | None, query: dict[str, Any]) -> HttpResponse:
    """A page, with the address of the next in ``Link`` (RFC 8288)."""
    response = _json(body, kind)
    if after is not None:
        kept = {name: value for name, value in query.items() if value}
        response["Link"] = f'<{base}?{urlencode({**kept, "after": after})}>; rel="next"'
    return response


def _json(body: Any, kind: str, status: int = 200) -> HttpResponse:
    return HttpResponse(msgspec.json.encode(body), content_type=kind, status=status)


def _refusal(error: ServiceError) -> HttpResponse:
    response = JsonResponse({"error": error.error, "error_description": error.description}, status=error.status)
    if error.status == 401 and error.error != "invalid_client":
        response["WWW-Authenticate"] = f'Bearer realm="lingqu", error="{error.error}"'
    return response


def _note(app: applications.App | None, endpoint: str, outcome: str, began: float) -> None:
    """A line of the application's request log, where it is known which one asked."""
    if app is not None:
        applications.log_request(
            app=app, protocol=PROTOCOL, endpoint=endpoint, outcome=outcome,
            milliseconds=round((time.perf_counter() - began) * 1000),
        )  # fmt: skip
