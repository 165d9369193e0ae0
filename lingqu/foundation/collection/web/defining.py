"""Pages of the office before a table goes out: file, marks, rules, terms, trial."""

from __future__ import annotations

from typing import Any
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
from lingqu.kernel.answers import refusals_told
from lingqu.kernel.errors import Conflict, Forbidden, Invalid

from .. import policies, typing_tables
from ..computing import Computed, count_open, problems
from ..drawing import draw
from ..models import Collection
from ..selectors import lists, scoping
from ..selectors.merging import head_of
from ..services import chasing, defining, marking, publishing
from ..tables import table_of
from ..types import rights
from ..types.marks import Mark, Marks, Rule
from ..types.words import CollectionState, Level, MarkKind, ValueType
from ..workbook.package import MOST_BYTES
from ..workbook.refs import key_of, split_key
from .forms import TermsForm, figure_choices, initial_of, mark_of, split_words

STEPS = ("upload", "define", "terms", "trial", "publish")


def _upload(request: HttpRequest) -> tuple[str, bytes]:
    uploaded: Any = request.FILES.get("file")
    if uploaded is None:
        return "", b""
    return uploaded.name, uploaded.read(MOST_BYTES + 1)


@needs(rights.MANAGE)
def new(request: HttpRequest) -> HttpResponse:
    """An XLSX as it came, or a table typed on the page."""
    actor = actor_of(request)
    offices = policies.offices_of(actor)
    if not offices:
        raise Forbidden()
    errors: dict[str, str] = {}
    if request.method == "POST":
        given = request.POST
        office = next((one for one in offices if str(one.id) == given.get("office")), offices[0])
        try:
            name, content = _upload(request)
            if given.get("way") == "typed":
                name, content = typing_tables.workbook_of(
                    given.get("title", ""), given.get("head", ""), given.get("rows", "")
                )
            made = defining.create_collection(
                actor=actor, office_id=office.id, title=given.get("title", ""), name=name, content=content
            )
        except Invalid as refusal:
            errors = {name: str(text) for name, text in refusal.details.items()} or {"file": refusal.message}
        else:
            return redirect("collection:define", made)
    month = lists.count_month(str(offices[0].path))
    context = {
        "offices": offices, "errors": errors, "given": request.POST, "steps": _steps(None, "upload"), "month": month,
        "choices": [(str(one.id), one.name) for one in offices],
    }  # fmt: skip
    return render(request, "collection/new.html", context, status=422 if errors else 200)


def _draft(request: HttpRequest, collection_id: UUID) -> Collection:
    """A draft for whoever manages it; what is out already is followed on its board."""
    return lists.get_draft(actor_of(request), collection_id)


def _sheet_at(table: Any, asked: str) -> int:
    visible = [at for at, one in enumerate(table.layout.sheets, 1) if one.state == "visible"] or [1]
    return int(asked) if asked.isdigit() and int(asked) in visible else visible[0]


def _tabs(table: Any, at: int, base: str) -> list[dict[str, Any]]:
    return [
        {"label": one.title, "href": f"{base}?sheet={place}", "current": place == at}
        for place, one in enumerate(table.layout.sheets, 1)
        if one.state == "visible"
    ]


@require_GET
@needs(rights.MANAGE)
def define(request: HttpRequest, collection_id: UUID) -> HttpResponse:
    collection = _draft(request, collection_id)
    if collection.state != CollectionState.DRAFT:
        return redirect("collection:board", collection_id)
    table = table_of(collection)
    at = _sheet_at(table, request.GET.get("sheet", ""))
    look = request.GET.get("cell", "")
    mark = table.marks.cells.get(look)
    kinds = [one.kind for one in table.marks.cells.values()]
    counts = {kind: kinds.count(kind) for kind in ("figure", "last", "fill", "constant")}
    context = {
        "collection": collection, "steps": _steps(collection, "define"), "at": at,
        "tabs": _tabs(table, at, reverse("collection:define", args=[collection.id])),
        "grid": draw(table, at), "sheet": table.layout.sheets[at - 1], "counts": counts, "formulas": len(table.trees),
        "listed": len(table.marks.blocks), "open": count_open(table.marks), "marked": len(kinds),
        "look": look if mark else "", "look_name": head_of(table, look) if mark else "",
        "mark": mark or Mark(kind=MarkKind.FILL, low="0"), "kinds": MarkKind.choices, "types": ValueType.choices,
        "figures": figure_choices(), "rules": list(enumerate(table.marks.rules)), "levels": Level.choices,
        "titles": [one.title for one in table.layout.sheets], "trial_rows": [{"label": name, "value": value or "—"} for name, value in (_trials(collection, look) if mark else ())],
    }  # fmt: skip
    return render(request, "collection/define.html", context)


def _trials(collection: Collection, key: str) -> list[tuple[str, str]]:
    """What three schools would find in a cell."""
    _count, rows = publishing.preview(collection)
    return [(school.name, str(sheet.values.get(key, ""))) for school, sheet in rows]


@require_POST
@needs(rights.MANAGE)
def mark(request: HttpRequest, collection_id: UUID) -> HttpResponse:
    """Everything that the panel beside the drawn sheet does to the chosen cells."""
    actor, posted = actor_of(request), request.POST
    at = posted.get("sheet", "1")
    at = at if at.isdigit() else "1"
    back = reverse("collection:define", args=[collection_id]) + f"?sheet={at}"
    with refusals_told(request):
        keys = [*posted.getlist("cell"), *marking.keys_in(int(at), posted.get("range", "")[:200])]
        what = posted.get("do", "")
        if what == "guess":
            count = marking.guess_again(actor=actor, collection_id=collection_id)
            messages.success(request, _("又认出 %(n)d 格。") % {"n": count})
        elif not keys:
            lists.get_draft(actor, collection_id)
            messages.error(request, _("请先在表上选格，或写范围，如 B5:D9。"))
        elif what == "look":
            return redirect(f"{back}&cell={keys[0]}#panel")
        elif what == "clear":
            count = marking.clear_cells(actor=actor, collection_id=collection_id, keys=keys)
            messages.success(request, _("取消了 %(n)d 处标记。") % {"n": count})
        elif posted.get("kind") == MarkKind.LIST:
            _mark_list(request, collection_id, int(at), keys)
            messages.success(request, _("已标记为名单。"))
        else:
            count = marking.mark_cells(actor=actor, collection_id=collection_id, keys=keys, mark=mark_of(posted))
            messages.success(request, _("标记了 %(n)d 格。") % {"n": count})
    return redirect(back)


def _mark_list(request: HttpRequest, collection_id: UUID, at: int, keys: list[str]) -> None:
    places = [split_key(key) for key in keys if key.count("!") == 1]
    rows, columns = [one[1] for one in places], [one[2] for one in places]
    area = f"{key_of(at, min(rows), min(columns))}:{key_of(at, max(rows), max(columns))}".replace(f"{at}!", "")
    base = mark_of(request.POST)
    words = {str(word): code for code, label in ValueType.choices if code != ValueType.CHOICE for word in (code, label)}
    types = [words.get(one, ValueType.TEXT) for one in split_words(request.POST.get("list_types", ""))]
    marks = [
        Mark(kind=MarkKind.LIST, type=str(one), required=base.required and place == 0, summed=False)
        for place, one in enumerate(types or [ValueType.TEXT])
    ]
    marking.mark_list(actor=actor_of(request), collection_id=collection_id, sheet=at, area=area, columns=marks)


@require_POST
@needs(rights.MANAGE)
def rules(request: HttpRequest, collection_id: UUID) -> HttpResponse:
    actor, posted = actor_of(request), request.POST
    at = posted.get("sheet", "1")
    at = at if at.isdigit() else "1"
    with refusals_told(request):
        if "remove" in posted:
            place = posted["remove"]
            marking.remove_rule(actor=actor, collection_id=collection_id, at=int(place) if place.isdigit() else -1)
        else:
            rule = Rule(
                text=posted.get("text", "").strip()[:300], sheet=int(at), told=posted.get("told", "").strip()[:200],
                level=Level.WARN.value if posted.get("level") == Level.WARN else Level.BLOCK.value,
            )  # fmt: skip
            marking.add_rule(actor=actor, collection_id=collection_id, rule=rule)
            messages.success(request, _("规则已加上。"))
    return redirect(reverse("collection:define", args=[collection_id]) + f"?sheet={at}#rules")


@require_POST
@needs(rights.MANAGE)
def replace(request: HttpRequest, collection_id: UUID) -> HttpResponse:
    name, content = _upload(request)
    with refusals_told(request):
        lost = defining.replace_file(actor=actor_of(request), collection_id=collection_id, name=name, content=content)
        messages.success(request, _("已换成新文件，%(n)d 处标记没有对应的格。") % {"n": lost})
    return redirect("collection:define", collection_id)


@needs(rights.MANAGE)
def terms(request: HttpRequest, collection_id: UUID) -> HttpResponse:
    collection = _draft(request, collection_id)
    if collection.state != CollectionState.DRAFT:
        return redirect("collection:board", collection_id)
    form = TermsForm(request.POST or None, collection=collection, initial=initial_of(collection))
    if request.method == "POST" and form.is_valid():
        try:
            defining.set_terms(actor=actor_of(request), collection_id=collection_id, terms=form.terms())
        except Invalid as refusal:
            for name, told in refusal.details.items() or [(None, refusal.message)]:
                form.add_error(name if name in form.fields else None, str(told))
        else:
            return redirect("collection:trial", collection_id)
    context = {"collection": collection, "form": form, "steps": _steps(collection, "terms")}
    return render(request, "collection/terms.html", context, status=422 if form.is_bound else 200)


@require_GET
@needs(rights.MANAGE)
def trial(request: HttpRequest, collection_id: UUID) -> HttpResponse:
    """试填: what the first schools of the scope would see, and whether the rules hold on what is known already."""
    collection = _draft(request, collection_id)
    if collection.state != CollectionState.DRAFT:
        return redirect("collection:board", collection_id)
    table = table_of(collection)
    at = _sheet_at(table, request.GET.get("sheet", ""))
    count, rows = publishing.preview(collection)
    asked = request.GET.get("school", "")
    place = int(asked) if asked.isdigit() and int(asked) < len(rows) else 0
    shown = rows[place] if rows else None
    grid, told = None, []
    if shown:
        sheet = shown[1]
        results = Computed(table, sheet.values, sheet.prefill, sheet.last).shown()
        grid = draw(table, at, sheet.values, results=results, last=sheet.last)
        told = [one for one in problems(table, sheet.values, sheet.prefill, sheet.last) if one.key.endswith("!")]
    base = reverse("collection:trial", args=[collection.id])
    month = lists.count_month(str(collection.path))
    context = {
        "collection": collection, "steps": _steps(collection, "trial", count), "count": count, "grid": grid, "told": told,
        "schools": [{"label": school.name, "href": f"{base}?sheet={at}&school={n}", "current": n == place}
                    for n, (school, _sheet) in enumerate(rows)],
        "tabs": _tabs(table, at, base), "open": count_open(table.marks), "marked": len(table.marks.cells),
        "post": dict(registry.post_kinds("school")).get(collection.post_kind, ""), "month": month,
        "chase": chasing.pending(collection),
        "scope": scoping.places_of(str(collection.path), scoping.scope_of(collection).places),
    }  # fmt: skip
    return render(request, "collection/trial.html", context)


@require_POST
@needs(rights.MANAGE)
def publish(request: HttpRequest, collection_id: UUID) -> HttpResponse:
    _draft(request, collection_id)
    with refusals_told(request):
        number = publishing.publish(actor=actor_of(request), collection_id=collection_id)
        messages.success(request, _("已发出，编号 %(number)s。") % {"number": number})
        return redirect("collection:board", collection_id)
    return redirect("collection:trial", collection_id)


@require_POST
@needs(rights.MANAGE)
def discard(request: HttpRequest, collection_id: UUID) -> HttpResponse:
    with refusals_told(request):
        defining.discard_draft(actor=actor_of(request), collection_id=collection_id)
        messages.success(request, _("草稿已删除。"))
    return redirect("collection:index")


@require_POST
@needs(rights.MANAGE)
def again(request: HttpRequest, collection_id: UUID) -> HttpResponse:
    """下月再来一次."""
    try:
        made = defining.use_again(actor=actor_of(request), collection_id=collection_id)
    except Conflict as refusal:
        messages.error(request, refusal.message)
        return redirect("collection:define", collection_id)
    return redirect("collection:terms", made)


def _steps(collection: Collection | None, current: str, count: int | None = None) -> list[dict[str, str]]:
    marks = Marks.from_data(collection.marks) if collection else Marks()
    sheets = len(collection.layout.get("sheets", ())) if collection else 0
    notes = {
        "upload": _("%(n)d 个工作表") % {"n": sheets} if collection else _("xlsx 或在页面上打字"),
        "define": _("%(n)d 格已标") % {"n": len(marks.cells)} if collection else _("逐格说明"),
        "terms": "", "trial": _("%(n)d 所") % {"n": count} if count is not None else _("用 3 所学校试一遍"),
        "publish": _("通知各校岗位"),
    }  # fmt: skip
    if collection and collection.deadline:
        notes["terms"] = collection.deadline.astimezone(clock.ZONE).strftime("%m-%d %H:%M")
    labels = {
        "upload": _("上传原表"), "define": _("标记单元格"), "terms": _("范围与期限"), "trial": _("试填"), "publish": _("发出"),
    }  # fmt: skip
    at = STEPS.index(current)
    return [
        {
            "label": labels[step], "note": notes[step] or _("谁填、何时交"),
            "state": "done" if place < at else "current" if place == at else "next",
        }
        for place, step in enumerate(STEPS)
    ]  # fmt: skip
