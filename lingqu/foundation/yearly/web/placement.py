"""阳光分班: list, one draw with its steps, the projector, the sheet for the wall, the sealed file, moves afterwards."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lingqu.foundation.registry import api as registry
from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.answers import refusals_told
from lingqu.kernel.errors import DomainError, Forbidden, Invalid
from lingqu.ui.jinja import render_page

from .. import policies
from ..models import Placement, PlacementPupil
from ..selectors import placements as reading
from ..services import placements as services
from ..types import rights
from ..types.words import PlacementState
from .rollover import next_year, place_of

TONES = {"draft": "", "frozen": "amber", "sealed": "brand", "applied": "green"}


@require_GET
@needs(rights.PLACEMENT_VIEW)
def placements(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    place = place_of(actor, request.GET.get("node", "")[:20], rights.PLACEMENT_VIEW)
    page = reading.list_placements(actor=actor, path=str(place.path), cursor=request.GET.get("cursor", ""))
    context = {
        "page": page, "place": place, "tones": TONES, "grade_label": registry.grade_label,
        "may_run": policies.may_run_placement(actor, str(place.path)),
    }  # fmt: skip
    return render_page(request, "yearly/placements.html", context)


@require_GET
@needs(rights.PLACEMENT_VIEW)
def moves(request: HttpRequest) -> HttpResponse:
    """调班 and leaving after the draw, for the school and for the county."""
    actor = actor_of(request)
    place = place_of(actor, request.GET.get("node", "")[:20], rights.PLACEMENT_VIEW)
    found = reading.list_seat_moves(actor=actor, path=str(place.path))
    return render_page(request, "yearly/placement_moves.html", {"moves": found, "place": place})


@require_http_methods(["GET", "POST"])
@needs(rights.PLACEMENT_RUN)
def new(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    place = place_of(actor, "", rights.PLACEMENT_RUN)
    own = place.code if place.kind in ("school", "teaching_point") else ""
    posted = {
        "school": own,
        "year": next_year(),
        "grade": "G07",
        "classes": "4",
        "reduction": "5",
        "most_included": "2",
    }
    errors: dict[str, str] = {}
    if request.method == "POST":
        posted = {name: request.POST.get(name, "")[:20].strip() for name in posted}
        try:
            made = services.create_placement(
                actor=actor, school_code=posted["school"], year=posted["year"], grade=posted["grade"],
                classes=_number(posted["classes"], "classes"), reduction=_number(posted["reduction"], "reduction"),
                most_included=_number(posted["most_included"], "most_included"),
            )  # fmt: skip
            return redirect("yearly:placement", made.id)
        except Forbidden:
            errors = {"school": _("没有这所学校，或不在你的范围。")}
        except DomainError as refusal:
            errors = {name: str(text) for name, text in refusal.details.items()} or {"year": refusal.message}
    context = {"posted": posted, "errors": errors, "grades": [(g, registry.grade_label(g)) for g in registry.GRADES]}
    return render(request, "yearly/placement_new.html", context, status=422 if errors else 200)


def _number(text: str, name: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 4):
        raise Invalid(_("请填整数。"), details={name: _("请填整数。")})
    return int(text)


def _groups(placement: Placement, rows: list[PlacementPupil]) -> list[dict[str, Any]]:
    """The classes of the result with names."""
    teams = placement.sealed.get("result", {}).get("teams", [])
    made: list[dict[str, Any]] = []
    for c in range(placement.classes):
        team = placement.teams[teams[c]] if c < len(teams) and placement.teams else {}
        mine = [row for row in rows if row.place == c]
        made.append({
            "serial": c + 1, "pupils": mine, "size": len(mine), "boys": sum(r.sex == "1" for r in mine),
            "girls": sum(r.sex == "2" for r in mine), "included": sum(r.included for r in mine), "team": team,
        })  # fmt: skip
    return made


def _notes(placement: Placement) -> list[str]:
    told = []
    for what, spread in placement.sealed.get("result", {}).get("notes", []):
        kind, _colon, value = what.partition(":")
        name = (
            _("人数")
            if kind == "size"
            else registry.sex_label(value)
            if kind == "sex"
            else _("段位 %(n)s") % {"n": value}
        )
        told.append(
            _("%(what)s各班最多相差 %(n)d 人：同班、不同班的意愿使它不能更均衡。") % {"what": name, "n": spread}
        )
    return told


def _context(request: HttpRequest, placement_id: UUID) -> dict[str, Any]:
    actor = actor_of(request)
    placement = reading.get_placement(actor=actor, placement_id=placement_id)
    rows = reading.list_pupils(placement)
    return {
        "placement": placement, "rows": rows, "groups": _groups(placement, rows) if placement.seed else [],
        "notes": _notes(placement), "grade": registry.grade_label(placement.grade), "tones": TONES,
        "sex_label": registry.sex_label, "may_run": policies.may_run_placement(actor, str(placement.path)),
        "steps": _steps(placement), "pasted": _pasted(rows), "teams_text": _teams_text(placement),
        "late": [row for row in rows if row.is_late],
    }  # fmt: skip


def _pasted(rows: list[PlacementPupil]) -> str:
    """What was entered, as it would be pasted again."""
    wish = {"together": "同班", "apart": "不同班"}
    lines = [
        "\t".join(
            [r.number, str(r.band) if r.band else "", "是" if r.included else "", r.bond_group, wish.get(r.bond, "")]
        )
        for r in rows
        if r.band or r.included or r.bond
    ]
    return "\n".join(lines)


def _teams_text(placement: Placement) -> str:
    return "\n".join("\t".join(part for part in (team["name"], team["head"]) if part) for team in placement.teams)


def _steps(placement: Placement) -> list[dict[str, str]]:
    order = [PlacementState.DRAFT, PlacementState.FROZEN, PlacementState.SEALED, PlacementState.APPLIED]
    at = order.index(PlacementState(placement.state))
    labels = [_("准备名单"), _("封存名单"), _("公开抽签"), _("写入班级")]
    notes = [
        _("%(n)s 人，%(k)s 个班") % {"n": placement.pupils.filter(is_late=False).count(), "k": placement.classes},
        placement.inputs_sha256[:8] or _("抽签前公布校验码"),
        placement.sha256[:8] or _("当众输入种子"),
        _("已写入") if placement.applied_at else _("班主任一并写入"),
    ]
    return [
        {"label": label, "note": note, "state": "done" if (i < at + 1 and (i < at or at == 3)) or (at in (1, 2) and i <= at)
         else "current" if i == min(at + 1, 3) and at else "current" if i == 0 and not at else "next"}
        for i, (label, note) in enumerate(zip(labels, notes, strict=True))
    ]  # fmt: skip


@require_GET
@needs(rights.PLACEMENT_VIEW)
def placement(request: HttpRequest, placement_id: UUID) -> HttpResponse:
    return render(request, "yearly/placement.html", _context(request, placement_id))


@require_GET
@needs(rights.PLACEMENT_VIEW)
def projector(request: HttpRequest, placement_id: UUID) -> HttpResponse:
    """The draw for the wall: large type, the digest of the list, the seed, the classes. No names before the draw."""
    return render(request, "yearly/placement_projector.html", _context(request, placement_id))


@require_GET
@needs(rights.PLACEMENT_VIEW)
def sheet(request: HttpRequest, placement_id: UUID) -> HttpResponse:
    context = _context(request, placement_id)
    if not context["placement"].seed:
        raise Invalid(_("还没有抽签，没有可以张贴的结果。"))
    return render(request, "yearly/placement_sheet.html", context)


@require_GET
@needs(rights.PLACEMENT_VIEW)
def file(request: HttpRequest, placement_id: UUID) -> HttpResponse:
    """The sealed file: no names, so that anybody may recompute it."""
    found = reading.get_placement(actor=actor_of(request), placement_id=placement_id)
    if not found.sealed:
        raise Invalid(_("还没有抽签，没有封存文件。"))
    body = json.dumps(found.sealed, ensure_ascii=False, indent=1)
    response = HttpResponse(body, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="placement-{found.sha256[:12]}.json"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_POST
@needs(rights.PLACEMENT_RUN)
def act(request: HttpRequest, placement_id: UUID) -> HttpResponse:
    actor, action = actor_of(request), request.POST.get("action", "")
    reading.get_placement(actor=actor, placement_id=placement_id)
    post = {
        name: request.POST.get(name, "")[:200_000]
        for name in ("text", "seed", "seed_source", "witnesses", "number", "reason")
    }
    with refusals_told(request):
        if action == "facts":
            n = services.enter_facts(actor=actor, placement_id=placement_id, text=post["text"])
            messages.success(request, _("已登记 %(n)d 名学生的信息。") % {"n": n})
        elif action == "teams":
            services.set_teams(actor=actor, placement_id=placement_id, text=post["text"])
            messages.success(request, _("教师组已保存，抽签时一并抽出。"))
        elif action == "freeze":
            services.freeze(actor=actor, placement_id=placement_id)
            messages.success(request, _("名单已封存，校验码可以公布。"))
        elif action == "reopen":
            services.reopen(actor=actor, placement_id=placement_id, reason=post["reason"])
        elif action == "draw":
            services.draw_placement(
                actor=actor,
                placement_id=placement_id,
                seed=post["seed"],
                seed_source=post["seed_source"],
                witnesses=post["witnesses"],
            )
        elif action == "apply":
            services.apply_placement(actor=actor, placement_id=placement_id)
            messages.success(request, _("已写入班级。以后的调班都会列给县区。"))
        elif action == "late":
            c = services.add_late(actor=actor, placement_id=placement_id, number=post["number"].strip())
            messages.success(request, _("按同一规则编入 %(n)d 班。") % {"n": c + 1})
        else:
            raise Invalid(_("没有这个操作。"))
    if action == "draw":
        return redirect("yearly:placement_projector", placement_id)
    return redirect("yearly:placement", placement_id)
