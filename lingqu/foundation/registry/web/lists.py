"""花名册, 点名册, 通讯录: choosing columns, a masked look, the file; and the list of exports with its approvals."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Invalid
from lingqu.kernel.files import hand_over

from ..selectors import exports as asked
from ..selectors import listing
from ..services import exporting
from ..types import rights
from ..types.lists import ATTRIBUTE, COLUMNS, FREE_PEOPLE, PLAIN, ROLL_DAYS, FileFormat, ListKind, ListPermit, Scope


@needs(rights.PERSON_VIEW)
def class_lists(request: HttpRequest, class_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    scope = listing.scope_of_class(actor, class_id)
    return _answer(request, actor, scope, reverse("registry:class", args=[class_id]))


@needs(rights.PERSON_VIEW)
def place_lists(request: HttpRequest, code: str) -> HttpResponse:
    """A school, or an office with all schools below it."""
    actor = actor_of(request)
    scope = listing.scope_of_place(actor, code, request.GET.get("grade", ""))
    return _answer(request, actor, scope, reverse("registry:organisation", args=[code]))


def _answer(request: HttpRequest, actor: Actor, scope: Scope, back: str) -> HttpResponse:
    if request.method != "POST":
        kind = request.GET.get("kind", "")
        return _show(request, actor, scope, back, kind if kind in ListKind.values else ListKind.ROSTER)
    kind, columns = request.POST.get("kind", ""), _ordered(request)
    try:
        if request.POST.get("action") == "save":
            exporting.save_layout(actor=actor, kind=kind, columns=columns)
            messages.success(request, _("已记住这些列。"))
            return redirect(f"{request.path}?{urlencode({'kind': kind, 'grade': scope.grade})}")
        order = exporting.ListOrder(
            kind=kind, columns=columns, file_format=request.POST.get("action", ""),
            is_clear=bool(request.POST.get("is_clear")), reason=request.POST.get("reason", ""),
        )  # fmt: skip
        export, made = exporting.order_list(actor=actor, scope=scope, order=order)
    except Invalid as refusal:
        kind = kind if kind in ListKind.values else ListKind.ROSTER
        return _show(request, actor, scope, back, kind, chosen=columns, refusal=refusal)
    if made is None:
        messages.success(request, _("共 %(n)d 人，已提交另一位有权限的人批准。") % {"n": export.people})
        return redirect("registry:exports")
    return hand_over(made.content, made.name, made.media_type)


def _ordered(request: HttpRequest) -> tuple[str, ...]:
    """Ticked columns by the number that stands beside each; equal numbers in the order of the page."""

    def place(pair: tuple[int, str]) -> tuple[int, int]:
        typed = request.POST.get(f"order-{pair[1]}", "")
        return (int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 else 999, pair[0])

    ticked = [code for code in request.POST.getlist("columns") if code in COLUMNS]
    return tuple(code for _at, code in sorted(enumerate(ticked), key=place))


def _show(
    request: HttpRequest, actor: Actor, scope: Scope, back: str, kind: str, *, chosen: tuple[str, ...] | None = None,
    refusal: Invalid | None = None,
) -> HttpResponse:  # fmt: skip
    permit = listing.permit_of(actor, scope)
    columns = listing.chosen_columns(actor, kind, permit) if chosen is None else chosen
    people = listing.count_pupils(scope)
    shown = tuple(code for code in columns if COLUMNS[code].guard != ATTRIBUTE)
    context = {
        "scope": scope, "kind": kind, "people": people, "has_to_wait": people > FREE_PEOPLE, "free": FREE_PEOPLE,
        "back": back, "title": exporting.title_of(scope, kind), "kinds": _kinds(request, kind, scope),
        "columns": _offered(permit, columns), "may_reveal": permit.may_reveal or permit.may_see_attributes,
        "head": [{"label": str(COLUMNS[code].label)} for code in shown],
        "rows": tuple(listing.list_rows(scope, shown, is_clear=False, limit=listing.PREVIEW)) if shown else (),
        "grades": listing.list_grades(scope) if not scope.class_id else (), "formats": FileFormat, "days": ROLL_DAYS,
        "classes": listing.list_class_choices(scope) if not scope.class_id else (), "refusal": refusal,
        "reason": request.POST.get("reason", ""), "is_clear": bool(request.POST.get("is_clear")),
        "errors": refusal.details if refusal else {},
    }  # fmt: skip
    return render(request, "registry/lists.html", context, status=422 if refusal else 200)


def _kinds(request: HttpRequest, kind: str, scope: Scope) -> list[dict[str, Any]]:
    return [
        {
            "label": label, "current": code == kind,
            "href": f"{request.path}?{urlencode({'kind': code, **({'grade': scope.grade} if scope.grade else {})})}",
        }
        for code, label in ListKind.choices
    ]  # fmt: skip


def _offered(permit: ListPermit, chosen: tuple[str, ...]) -> list[dict[str, Any]]:
    """Every column that may be had: the chosen ones first, in their order."""
    places = {code: at for at, code in enumerate(chosen, 1)}
    made = [
        {
            "code": column.code, "label": str(column.label), "is_on": column.code in places,
            "place": places.get(column.code, ""), "is_guarded": column.guard != PLAIN,
            "needs_reason": column.guard == ATTRIBUTE,
        }
        for column in permit.columns()
    ]  # fmt: skip
    return sorted(made, key=lambda one: places.get(str(one["code"]), 999))


@needs(rights.PERSON_VIEW, rights.EXPORT_APPROVE)
def exports(request: HttpRequest) -> HttpResponse:
    """What the reader asked for, and what waits for the reader's word."""
    actor = actor_of(request)
    context = {
        "page": asked.list_own(actor, cursor=request.GET.get("cursor", "")), "waiting": asked.list_waiting(actor),
        "may_approve": actor.has(rights.EXPORT_APPROVE), "place": asked.find_start(actor), "free": FREE_PEOPLE,
    }  # fmt: skip
    return render(request, "registry/exports.html", context)


@needs(rights.EXPORT_APPROVE)
@require_POST
def decide(request: HttpRequest, export_id: UUID) -> HttpResponse:
    is_approved = request.POST.get("decision") == "approve"
    try:
        exporting.decide_export(
            actor=actor_of(request), export_id=export_id, is_approved=is_approved, note=request.POST.get("note", "")
        )
    except Invalid as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("已批准，文件正在生成。") if is_approved else _("已退回，申请人可以看到原因。"))
    return redirect("registry:exports")


@needs(rights.PERSON_VIEW)
@require_POST
def take(request: HttpRequest, export_id: UUID) -> HttpResponse:
    made = exporting.take_export(actor=actor_of(request), export_id=export_id)
    return hand_over(made.content, made.name, made.media_type)
