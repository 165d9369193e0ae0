"""The school's page of a table: fill, check, submit, sign; offices above look at the same page without fields."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.actor import covers
from lingqu.kernel.errors import Conflict, DomainError, Forbidden, Invalid, NotFound

from .. import policies
from ..computing import Computed, Problem, Table, count_filled, count_open, problems
from ..drawing import draw
from ..models import Answer
from ..selectors import lists
from ..services import filling
from ..tables import table_of
from ..types import rights
from ..types.marks import Block
from ..types.words import EDITABLE, AnswerState, CollectionState, Level
from ..workbook.package import MOST_BYTES
from ..workbook.refs import split_key


@require_GET
@needs(*rights.ALL)
def fill(request: HttpRequest, answer_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    answer = lists.get_answer(actor, answer_id)
    if answer.collection.state == CollectionState.OPEN:
        filling.open_answer(actor, answer)
    return _page(request, answer, asks="check" in request.GET)


def _page(
    request: HttpRequest, answer: Answer, *, asks: bool = False, lines: list[str] | None = None, status: int = 200
) -> HttpResponse:
    actor, sheet, collection = actor_of(request), answer.sheet, answer.collection
    table = table_of(collection)
    at = _sheet_of(table, request)
    is_open = collection.state == CollectionState.OPEN
    may_fill = policies.may_fill(actor, answer)
    edits = is_open and may_fill and answer.state in EDITABLE
    told = (
        problems(table, sheet.values, sheet.prefill, sheet.last) if asks or answer.state == AnswerState.WAITING else []
    )
    results = Computed(table, sheet.values, sheet.prefill, sheet.last).shown()
    wrong = {one.key: one.text for one in told}
    grid = draw(table, at, sheet.values, results=results, problems=wrong, last=sheet.last, spare=edits)
    reports, steps = lists.history_of(answer)
    handled = policies.reach_of(actor, collection, rights.MANAGE) if is_open else ()
    base = reverse("collection:fill", args=[answer.id])
    context = {
        "answer": answer, "collection": collection, "sheet": sheet, "grid": grid, "at": at, "edits": edits, "asks": asks,
        "told": told, "lines": lines or [], "levels": Level, "reports": reports, "steps": steps,
        "stamp": filling.stamp_of(answer), "filled": count_filled(table.marks, sheet.values), "open": count_open(table.marks),
        "may_fill": may_fill and is_open, "may_sign": is_open and policies.may_sign(actor, answer),
        "may_check": any(covers(one, str(answer.path)) for one in handled),
        "tabs": [
            {"label": one.title, "href": f"{base}?sheet={place}", "current": place == at}
            for place, one in enumerate(table.layout.sheets, 1)
            if one.state == "visible"
        ],
        "has_figures": any(one.figure for one in table.marks.cells.values()), "wants_lists": bool(table.marks.blocks),
    }  # fmt: skip
    return render(request, "collection/fill.html", context, status=status)


def _sheet_of(table: Table, request: HttpRequest) -> int:
    asked = (request.POST if request.method == "POST" else request.GET).get("sheet", "")
    visible = [at for at, one in enumerate(table.layout.sheets, 1) if one.state == "visible"] or [1]
    return int(asked) if asked.isdigit() and int(asked) in visible else visible[0]


@require_POST
@needs(rights.FILL, rights.SIGN)
def act(request: HttpRequest, answer_id: UUID) -> HttpResponse:
    """One button of the page. What was entered is kept first; a refusal is told beside it."""
    actor, posted = actor_of(request), request.POST
    answer = lists.get_answer(actor, answer_id)
    back = reverse("collection:fill", args=[answer_id]) + f"?sheet={_sheet_of(table_of(answer.collection), request)}"
    what = posted.get("do", "")
    if what not in ACTS:
        raise Forbidden()
    try:
        told = ACTS[what](request, answer)
    except (Forbidden, NotFound):
        raise
    except DomainError as refusal:
        fresh = lists.get_answer(actor, answer_id)
        messages.error(request, refusal.message)
        lines = [str(one) for one in refusal.details.get("lines", ())]
        status = 409 if isinstance(refusal, Conflict) else 422
        return _page(request, fresh, asks=True, lines=lines, status=status)
    (messages.warning if what == "save" and told != _("已保存。") else messages.success)(request, told)
    return redirect(back + ("&check=1" if what in ("save", "check") else ""))


def _save(request: HttpRequest, answer: Answer) -> list[Problem]:
    table = table_of(answer.collection)
    values = dict(answer.sheet.values)
    at = _sheet_of(table, request)
    for name, text in request.POST.items():
        if name.startswith("c-") and name[2:] in table.marks.cells:
            values[name[2:]] = text
    for block in table.marks.blocks:
        if block.sheet == at:
            values[block.key] = _posted_rows(request.POST, block)
    return list(
        filling.save_values(
            actor=actor_of(request), answer_id=answer.id, values=values, note=request.POST.get("note", answer.sheet.note),
            seen=request.POST.get("seen", ""),
        )
    )  # fmt: skip


def _posted_rows(posted: Any, block: Block) -> list[list[str]]:
    rows: dict[int, list[str]] = {}
    for name in posted:
        if not name.startswith(f"c-{block.sheet}!"):
            continue
        try:
            _sheet, row, column = split_key(name[2:])
        except ValueError as error:
            raise Forbidden() from error
        if block.first <= row < block.first + block.most and block.left <= column < block.left + len(block.columns):
            rows.setdefault(row, [""] * len(block.columns))[column - block.left] = posted[name]
    empty = [""] * len(block.columns)
    return [rows.get(row, empty) for row in range(block.first, max(rows, default=block.first - 1) + 1)]


def _saved(request: HttpRequest, answer: Answer) -> str:
    told = _save(request, answer)
    return _("已保存，有 %(n)d 格不对。") % {"n": len(told)} if told else _("已保存。")


def _submitted(request: HttpRequest, answer: Answer) -> str:
    if answer.state in EDITABLE:
        _save(request, answer)
    state = filling.submit(actor=actor_of(request), answer_id=answer.id)
    return _("已提交校长审签。") if state == AnswerState.WAITING else _("已上报。")


def _refreshed(request: HttpRequest, answer: Answer) -> str:
    count = filling.refresh(actor=actor_of(request), answer_id=answer.id)
    return _("已按今天的名册重新预填，%(n)d 格有变化。") % {"n": count}


def _taken_back(request: HttpRequest, answer: Answer) -> str:
    filling.take_back(actor=actor_of(request), answer_id=answer.id)
    return _("已撤回，可以修改。")


def _signed(request: HttpRequest, answer: Answer) -> str:
    digest = filling.sign(actor=actor_of(request), answer_id=answer.id)
    return _("已审签上报，校验码 %(code)s。") % {"code": digest[:12].upper()}


def _given_back(request: HttpRequest, answer: Answer) -> str:
    filling.give_back(actor=actor_of(request), answer_id=answer.id, reason=request.POST.get("reason", ""))
    return _("已退给经办。")


ACTS = {
    "save": _saved, "submit": _submitted, "refresh": _refreshed, "take_back": _taken_back, "sign": _signed,
    "give_back": _given_back,
}  # fmt: skip


@require_POST
@needs(rights.FILL)
def upload(request: HttpRequest, answer_id: UUID) -> HttpResponse:
    """The school's own copy of the file, filled in Excel."""
    actor = actor_of(request)
    answer = lists.get_answer(actor, answer_id)
    uploaded: Any = request.FILES.get("file")
    content = uploaded.read(MOST_BYTES + 1) if uploaded is not None else b""
    try:
        if not content:
            raise Invalid(_("请选择文件。"), code="empty")
        count = filling.take_file(actor=actor, answer_id=answer_id, content=content)
    except (Invalid, Conflict) as refusal:
        messages.error(request, refusal.message)
        lines = [str(one) for one in refusal.details.get("lines", ())]
        return _page(request, lists.get_answer(actor, answer.id), lines=lines, status=422)
    messages.success(request, _("已收下，填了 %(n)d 格。请核对后提交。") % {"n": count})
    return redirect(reverse("collection:fill", args=[answer_id]) + "?check=1")
