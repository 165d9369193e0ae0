"""Whole-page forms: an application's details, its filing, a decision to use it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from lingqu.foundation.identity import api as identity
from lingqu.foundation.registry import api as registry
from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.clock import today
from lingqu.kernel.errors import Forbidden

from .. import policies
from ..models import Application
from ..selectors.pages import get_row
from ..selectors.places import adopting_places, owning_places
from ..selectors.shelf import CATEGORIES
from ..services import adopting, filing, registering
from ..services.registering import Details
from ..types import rights
from ..types.words import SubjectType
from .reading import Values, day, faults_of, number, posted, text

RUNS = (rights.MANAGE, rights.DEVELOP)
AUDIENCES = ("student", "guardian", "teacher", "class_teacher", "school_admin", "principal", "county_admin", "staff")
"""Roles that the forms offer; none ticked means everybody."""


def _details(request: HttpRequest) -> Details:
    return Details(
        name=text(request, "name", 200), summary=text(request, "summary", 1000), category=text(request, "category", 20),
        home_url=text(request, "home_url", 2100).strip(), entry_url=text(request, "entry_url", 2100).strip(),
        audiences=[code for code in request.POST.getlist("audiences")[:40] if code],
        logout_support=request.POST.get("logout_support") == "on", session_minutes=number(request, "session_minutes"),
        on_screen=request.POST.get("on_screen") == "on",
        subject_type=text(request, "subject_type", 20) or SubjectType.PAIRWISE.value,
    )  # fmt: skip


def _details_page(request: HttpRequest, row: Application | None, errors: dict[str, str]) -> HttpResponse:
    if request.method == "POST":
        given: Values = posted(request)
        given["audiences"] = request.POST.getlist("audiences")
    else:
        given = {name: getattr(row, name) if row else "" for name in (
            "name", "summary", "category", "home_url", "entry_url", "audiences", "logout_support", "session_minutes",
            "subject_type", "on_screen",
        )}  # fmt: skip
    context: dict[str, Any] = {
        "row": row, "given": given, "errors": errors, "audiences": [(code, identity.title_of(code)) for code in AUDIENCES],
        "categories": [(code, str(title)) for code, (title, _icon, _tone) in CATEGORIES.items()],
        "subject_types": SubjectType.choices, "places": owning_places(actor_of(request)),
    }  # fmt: skip
    return render(request, "applications/details.html", context, status=422 if errors else 200)


@require_http_methods(["GET", "POST"])
@needs(*RUNS)
def new(request: HttpRequest) -> HttpResponse:
    """A vendor begins a draft; a bureau registers an application of its own, which is live at once."""
    actor = actor_of(request)
    if not actor.has(rights.MANAGE) and policies.vendor_of(actor) is None:
        messages.info(request, _("请先登记单位。"))
        return redirect("applications:developer")
    errors: dict[str, str] = {}
    if request.method == "POST":
        made: list[str] = []
        errors = faults_of(lambda: made.append(_create(request, actor)))
        if made:
            messages.success(request, _("应用已登记。"))
            return redirect("applications:page", made[0])
    return _details_page(request, None, errors)


def _create(request: HttpRequest, actor: Actor) -> str:
    place = next((one for one in owning_places(actor) if str(one.id) == request.POST.get("organisation")), None)
    if place is None:
        raise Forbidden()
    details = _details(request)
    if actor.has(rights.MANAGE):
        return registering.create_live(actor=actor, details=details, organisation_id=place.id).client_id
    return registering.create_draft(actor=actor, details=details, organisation_id=place.id).client_id


@require_http_methods(["GET", "POST"])
@needs(*RUNS)
def edit(request: HttpRequest, client_id: str) -> HttpResponse:
    row = _changeable(request, client_id)
    errors: dict[str, str] = {}
    if request.method == "POST":
        errors = faults_of(
            lambda: registering.change_details(
                actor=actor_of(request), application_id=row.id, details=_details(request)
            )
        )
        if not errors:
            messages.success(request, _("已保存。"))
            return redirect("applications:page", client_id)
    return _details_page(request, row, errors)


def _changeable(request: HttpRequest, client_id: str) -> Application:
    row = get_row(actor_of(request), client_id)
    require(policies.may_change_filing(actor_of(request), row))
    return row


@require_http_methods(["GET", "POST"])
@needs(*RUNS)
def file(request: HttpRequest, client_id: str) -> HttpResponse:
    """What bureaus must ask: the filing form."""
    row = _changeable(request, client_id)
    errors: dict[str, str] = {}
    if request.method == "POST":
        errors = faults_of(
            lambda: filing.save_filing(actor=actor_of(request), application_id=row.id, filing=_filing(request))
        )
        if not errors:
            messages.success(request, _("备案资料已保存。"))
            return redirect("applications:page", client_id)
        given: Values = posted(request)
    else:
        given = {name: getattr(row.filing, name) for name in (*filing.TEXTS, *filing.OTHERS)}
    context = {"row": row, "given": given, "errors": errors, "has_phone": bool(row.filing.emergency_contact)}
    return render(request, "applications/filing.html", context, status=422 if errors else 200)


def _filing(request: HttpRequest) -> filing.Filing:
    values: Values = {name: text(request, name) for name in (*filing.TEXTS, "emergency_phone")}
    values |= {name: day(request, name) for name in ("record_until", "protection_tested_on", "protection_until")}
    return filing.Filing(**values, protection_level=number(request, "protection_level"))


@require_http_methods(["GET", "POST"])
@needs(rights.ADOPT)
def adopt(request: HttpRequest, client_id: str) -> HttpResponse:
    """选用记录: which place, for whom, decided when."""
    actor = actor_of(request)
    row = get_row(actor, client_id)
    places = adopting_places(actor, row.organisation_path)
    errors: dict[str, str] = {}
    if request.method == "POST":
        place = next((one for one in places if one.code == request.POST.get("organisation")), None)
        place = place or registry.find_organisation(text(request, "code", 30).strip())
        if place is None or not policies.may_adopt(actor, str(place.path)):
            raise Forbidden()
        place_id = place.id
        errors = faults_of(
            lambda: adopting.adopt(
                actor=actor, application_id=row.id, organisation_id=place_id, decision=_decision(request)
            )
        )
        if not errors:
            messages.success(request, _("选用记录已保存，应用出现在他们的应用页上。"))
            return redirect("applications:page", client_id)
    context = {
        "row": row, "errors": errors, "places": [(one.code, one.name) for one in places if one.code],
        "given": posted(request, valid_from=today().isoformat()),
        "chosen": request.POST.getlist("audiences"),
        "audiences": [(code, identity.title_of(code)) for code in AUDIENCES if not row.audiences or code in row.audiences],
    }  # fmt: skip
    return render(request, "applications/adopt.html", context, status=422 if errors else 200)


def _decision(request: HttpRequest) -> adopting.Decision:
    return adopting.Decision(
        audiences=[code for code in request.POST.getlist("audiences")[:40] if code],
        valid_from=day(request, "valid_from") or today(), valid_until=day(request, "valid_until"),
        meeting_date=day(request, "meeting_date"), approval_number=text(request, "approval_number", 200),
    )  # fmt: skip
