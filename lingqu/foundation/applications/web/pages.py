"""The list of applications and the page of one, for bureau, school, reviewers and vendor."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from lingqu.foundation.identity import api as identity
from lingqu.kernel import crypto
from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.actor import Actor, require
from lingqu.ui.jinja import render_page

from .. import policies
from ..models import Application
from ..selectors import pages as reading
from ..selectors.apps import as_app
from ..selectors.shelf import CATEGORIES, image_of
from ..services.filing import missing_of
from ..services.secrets import OVERLAP_DAYS
from ..types import rights
from ..types.scopes import DECLARED
from ..types.slots import GUIDES, SETTINGS
from ..types.values import App
from ..types.words import TONES, AppState, Basis, ReviewKind

SEES = (rights.VIEW, *rights.REVIEWS.values(), rights.SUSPEND)
TAG = {"good": "green", "warn": "amber", "bad": "coral", "neutral": ""}


@require_GET
@needs(*SEES)
def listing(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    wanted, text = request.GET.get("state", ""), request.GET.get("q", "")[:60].strip()
    wanted = wanted if wanted in reading.FILTERS else ""
    page = reading.list_applications(actor, wanted=wanted, text=text, cursor=request.GET.get("cursor", ""))
    context = {
        "page": page, "q": text, "state": wanted, "chips": chips(wanted), "tags": tags(), "kinds": CATEGORIES,
        "may_register": actor.has(rights.MANAGE), "waiting": reading.count_waiting(actor),
    }  # fmt: skip
    return render_page(request, "applications/list.html", context, block="list")


def chips(chosen: str) -> list[tuple[str, str, bool]]:
    """Filters of the list: value, label, whether it is the chosen one."""
    labels = {
        "": _("全部"), "waiting": _("审核中"), "live": _("已上架"), "ending": _("备案快到期"), "stopped": _("停用和下架"),
        "draft": _("草稿和未通过"),
    }  # fmt: skip
    return [(code, labels[code], code == chosen) for code in reading.FILTERS]


def tags() -> dict[str, tuple[str, str]]:
    """Label and colour of each state."""
    return {state.value: (str(state.label), TAG[TONES[state.value]]) for state in AppState}


@require_GET
@needs(*SEES, rights.DEVELOP)
def page(request: HttpRequest, client_id: str) -> HttpResponse:
    return show(request, reading.get_row(actor_of(request), client_id))


def show(
    request: HttpRequest, row: Application, *, errors: dict[str, str] | None = None, secret: str = "", form: str = ""
) -> HttpResponse:
    """The page; with ``errors`` of the form that was posted, or with a secret that is shown this once."""
    actor = actor_of(request)
    app = as_app(row)
    context = {
        **_facts(actor, row), **_running(actor, row, app), "app": app, "errors": errors or {}, "form": form, "secret": secret,
        "posted": {name: request.POST.get(name, "") for name in ("scope", "basis", "purpose", "remark", "reason", "kind")},
    }  # fmt: skip
    return render(request, "applications/application.html", context, status=422 if errors else 200)


def _facts(actor: Actor, row: Any) -> dict[str, Any]:
    """What describes it, and what the actor may do about it."""
    may_change = policies.may_change_filing(actor, row)
    given = reading.opinions_of(row)
    open_kinds = [kind for kind in ReviewKind if kind not in {one.kind for one in given}]
    is_open = row.state == AppState.SUBMITTED and str(actor.account_id) not in {one.account_id for one in given}
    lines = [one for one in row.scope_lines if one["scope"] in DECLARED]
    return {
        "row": row, "image": image_of(row), "tag": tags()[row.state], "kind": CATEGORIES.get(row.category, CATEGORIES["other"]),
        "audiences": [identity.title_of(code) for code in row.audiences], "filing": row.filing, "scopes": DECLARED,
        "grants": [(one, DECLARED[one["scope"]], str(Basis(one["basis"]).label)) for one in lines],
        "free_scopes": [(code, str(scope.title)) for code, scope in DECLARED.items()
                        if code != "openid" and code not in {one["scope"] for one in lines}],
        "bases": Basis.choices, "reviews": [(one, str(ReviewKind(one.kind).label)) for one in given],
        "review_kinds": [(kind.value, str(kind.label)) for kind in open_kinds if is_open and policies.may_review(actor, kind, row)],
        "missing": missing_of(row) if may_change and row.state in policies.OPEN_TO_VENDOR else (),
        "may_change": may_change, "may_manage": policies.may_manage(actor, row), "is_own": policies.is_own(actor, row),
        "may_submit": may_change and row.state in policies.OPEN_TO_VENDOR, "may_suspend": policies.may_suspend(actor, row),
        "may_adopt": actor.has(rights.ADOPT) and row.state == AppState.LIVE,
        "may_see_releases": bool(policies.release_places(actor)), "guides": sorted(GUIDES),
        "emergency_phone": crypto.unseal_fields(row.filing.emergency_contact).get("phone", ""),
    }  # fmt: skip


def _running(actor: Actor, row: Application, app: App) -> dict[str, Any]:
    """Secrets, adoptions, figures, notices: for those who run it; adoptions for everybody who sees it."""
    may_keep = policies.may_keep_secrets(actor, row)
    watches = policies.may_watch(actor, row)
    adoptions = reading.list_adoptions(actor, row)
    return {
        "may_keep": may_keep, "secrets": reading.list_secrets(row) if may_keep else [], "overlaps": OVERLAP_DAYS,
        "cards": SETTINGS.collect(actor, app) if may_keep else (),
        "adoptions": [
            (one, policies.may_adopt(actor, str(one.organisation.path)), [identity.title_of(code) for code in one.audiences])
            for one in adoptions
        ],
        "watches": watches, "may_send": may_keep or policies.may_suspend(actor, row), "monitor": reading.get_monitor(row) if watches else None,
        "notices": reading.list_notices(row) if watches else [],
    }  # fmt: skip


@require_GET
@needs(rights.VIEW, rights.DEVELOP, rights.MANAGE)
def requests(request: HttpRequest, client_id: str) -> HttpResponse:
    """The request log, for whoever runs the application."""
    actor = actor_of(request)
    row = reading.get_row(actor, client_id)
    require(policies.may_watch(actor, row))
    outcome = "errors" if request.GET.get("outcome") == "errors" else ""
    found = reading.list_requests(row, outcome=outcome, cursor=request.GET.get("cursor", ""))
    context = {"row": row, "page": found, "outcome": outcome}
    return render_page(request, "applications/requests.html", context, block="list")
