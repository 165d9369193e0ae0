"""Pages of snapshots: the list, one day's tables, the rows behind a figure, the workbook."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from lingqu.foundation.registry import api as registry
from lingqu.kernel import clock
from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import DomainError, Forbidden, Invalid

from ..selectors import figures, lists
from ..services import snapshots as services
from ..tables import BY_CODE
from ..types import rights
from ..types.words import Side
from ..workbook import write_tables
from .downloads import as_download

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_GET
@needs(rights.SNAPSHOT_VIEW)
def snapshots(request: HttpRequest) -> HttpResponse:
    return _list(request)


def _list(request: HttpRequest, error: DomainError | None = None) -> HttpResponse:
    actor = actor_of(request)
    today = clock.today()
    context = {
        "snapshots": lists.list_snapshots(actor=actor), "places": lists.places_to_take(actor),
        "day": f"{today.year if (today.month, today.day) >= (9, 1) else today.year - 1}-09-01", "error": error,
        "given": request.POST, "school": lists.own_school(actor),
    }  # fmt: skip
    return render(request, "statistics/snapshots.html", context, status=422 if error else 200)


@require_POST
@needs(rights.SNAPSHOT_TAKE)
def take(request: HttpRequest) -> HttpResponse:
    try:
        day = date.fromisoformat(request.POST.get("taken_on", ""))
    except ValueError:
        return _list(request, Invalid(_("请填写统计时点，例如 2026-09-01。")))
    try:
        services.request_snapshot(
            actor=actor_of(request), organisation_code=request.POST.get("place", ""), taken_on=day,
            reason=request.POST.get("reason", ""),
        )  # fmt: skip
    except Forbidden:
        raise
    except DomainError as refusal:
        return _list(request, refusal)
    messages.success(request, _("已开始固定，完成后自动封存。"))
    return redirect("statistics:snapshots")


def _scope(request: HttpRequest, snapshot_id: UUID) -> figures.Scope:
    return figures.get_snapshot(
        actor=actor_of(request), snapshot_id=snapshot_id, place=request.GET.get("place", "")[:40],
        side=request.GET.get("side", ""),
    )  # fmt: skip


def basis_of(scope: figures.Scope, place: str) -> str:
    """The 口径 line under every table."""
    side = Side(scope.side).label
    return _("口径：%(place)s · %(side)s · 就读 · 时点 %(day)s · 第 %(n)d 版 · %(schools)d 所学校") % {
        "place": place, "side": side, "day": scope.snapshot.taken_on.isoformat(), "n": scope.snapshot.number,
        "schools": figures.schools_of(scope),
    }  # fmt: skip


@require_GET
@needs(rights.SNAPSHOT_VIEW)
def snapshot(request: HttpRequest, snapshot_id: UUID) -> HttpResponse:
    actor, scope = actor_of(request), _scope(request, snapshot_id)
    place = lists.name_at(scope)
    address = reverse("statistics:snapshot", args=[snapshot_id])
    chosen = request.GET.get("place", "")[:40]
    context: dict[str, Any] = {
        "scope": scope, "snapshot": scope.snapshot, "place": place, "is_school": place.is_school,
        "tables": list(figures.list_tables(scope).values()), "conditions": figures.get_conditions_total(scope),
        "basis": basis_of(scope, place.name), "may_open": _may_open(actor, scope),
        "sides": [
            {"label": side.label, "href": f"{address}?{urlencode({'place': chosen, 'side': side.value})}",
             "current": scope.side == side.value}
            for side in Side
        ],
        "parts": lists.parts_of(scope), "chosen": chosen,
        "query": urlencode({"place": chosen, "side": scope.side}),
    }  # fmt: skip
    return render(request, "statistics/snapshot.html", context)


def _may_open(actor: Actor, scope: figures.Scope) -> bool:
    held = actor.paths(registry.rights.PERSON_VIEW)
    return actor.is_system or any(_meets(path, scope.path) for path in held)


def _meets(one: str, other: str) -> bool:
    return one == other or one.startswith(f"{other}.") or other.startswith(f"{one}.")


@require_GET
@needs(rights.SNAPSHOT_VIEW)
def workbook(request: HttpRequest, snapshot_id: UUID) -> HttpResponse:
    scope = _scope(request, snapshot_id)
    place = lists.name_at(scope)
    words = {
        "conditions": _("办学条件"), "item": _("项目"), "value": _("合计"), "schools": _("填报学校数"), "total": _("合计"),
        "rooms": _("房间"),
    }  # fmt: skip
    content = write_tables(
        figures.list_tables(scope).values(), figures.get_conditions_total(scope), basis=basis_of(scope, place.name),
        words=words,
    )  # fmt: skip
    name = _("%(place)s统计底表%(day)s.xlsx") % {"place": place.name, "day": scope.snapshot.taken_on.isoformat()}
    return as_download(content, name, XLSX)


@require_GET
@needs(rights.SNAPSHOT_VIEW)
def rows(request: HttpRequest, snapshot_id: UUID) -> HttpResponse:
    """Names behind one figure: only those the register shows to the reader."""
    actor, scope = actor_of(request), _scope(request, snapshot_id)
    if not _may_open(actor, scope):
        raise Forbidden()
    given = request.GET
    code, column, row = given.get("table", ""), given.get("column", ""), given.get("row")
    after = given.get("after", "")
    if after:
        try:
            UUID(after)
        except ValueError:
            after = ""
    found, following = figures.rows_behind(actor=actor, scope=scope, table=code, row=row, column=column, after=after)
    table = BY_CODE[code]
    label = figures.label_of(table, row) if row is not None else _("合计")
    at = [one.code for one in table.columns].index(column)
    query = {name: value for name, value in given.items() if name != "after"}
    context = {
        "rows": found, "table": table, "row": label, "column": figures.column_label(table, at), "snapshot": scope.snapshot,
        "next": urlencode({**query, "after": following}) if following else "", "basis": basis_of(scope, lists.name_at(scope).name),
        "back": f"{reverse('statistics:snapshot', args=[snapshot_id])}?{urlencode({'place': given.get('place', ''), 'side': scope.side})}",
        "sexes": {"1": _("男"), "2": _("女")},
    }  # fmt: skip
    return render(request, "statistics/rows.html", context)
