"""The office's pages after a table went out: live board, checking, reminding, merging."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from lingqu.kernel import clock, live
from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.actor import Actor
from lingqu.kernel.answers import refusals_told
from lingqu.kernel.errors import Conflict, Forbidden

from .. import policies
from ..computing import Computed
from ..drawing import draw
from ..models import Answer, Collection
from ..selectors import boards, lists, merging
from ..services import chasing, checking, publishing
from ..services.tracing import topic_of
from ..tables import table_of
from ..types import rights
from ..types.words import MISSING, REPORTED, AnswerState, CollectionState, StepKind
from .forms import DAY_AND_TIME, split_words

TONES = {
    "accepted": ("brand", gettext_lazy("审过")), "signed": ("green", gettext_lazy("待审")),
    "returned": ("violet", gettext_lazy("退回")), "waiting": ("neutral", gettext_lazy("待校长审签")),
    "filling": ("amber", gettext_lazy("填写中")), "unopened": ("coral", gettext_lazy("未打开")),
}  # fmt: skip
TAGS = {"accepted": "green", "signed": "brand", "returned": "violet", "waiting": "indigo", "filling": "amber",
        "unopened": "coral", "excused": ""}  # fmt: skip
MOST_PRINTED = 2000
KEPT = ("state", "org")


def _wanted(collection: Collection, reach: tuple[str, ...], asked: Any) -> tuple[boards.Wanted, dict[str, str]]:
    query = {name: asked.get(name, "")[:40] for name in KEPT}
    if query["state"] not in (*AnswerState.values, "reported"):
        query["state"] = ""
    page = asked.get("page", "")
    return boards.Wanted(
        state=query["state"] or "missing", part=boards.part_path(collection, reach, query["org"]),
        page=int(page) if page.isascii() and page.isdigit() and len(page) < 4 else 0,
    ), query  # fmt: skip


def _address(collection_id: UUID, query: dict[str, str], **changed: str) -> str:
    kept = {name: value for name, value in {**query, **changed}.items() if value}
    base = reverse("collection:board", args=[collection_id])
    return f"{base}?{urlencode(kept)}" if kept else base


@require_GET
@needs(rights.MANAGE, rights.VIEW)
def board(request: HttpRequest, collection_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    collection, reach = boards.get_seen(actor, collection_id)
    if collection.state == CollectionState.DRAFT:
        return redirect("collection:define", collection_id)
    shown = boards.get_board(actor, collection, reach)
    context = {"collection": collection, **_figures(collection, reach, shown), "now": clock.now()}
    if "inner" in request.GET:
        response = render(request, "collection/parts/figures.html", context)
        response["Cache-Control"] = "no-store"
        return response
    wanted, query = _wanted(collection, reach, request.GET)
    lines = boards.list_lines(collection, reach, wanted)
    checks = policies.reach_of(actor, collection, rights.MANAGE) if actor.has(rights.MANAGE) else ()
    is_open = collection.state == CollectionState.OPEN
    counts = shown.states
    listed = {
        "missing": sum(counts[one] for one in MISSING), "reported": sum(counts[one] for one in REPORTED),
    }.get(wanted.state, counts.get(wanted.state, 0))  # fmt: skip
    chips = [("", _("还没报的"), shown.missing), *((one, TONES[one][1], counts[one]) for one in MISSING),
             ("signed", TONES["signed"][1], counts["signed"]), ("accepted", TONES["accepted"][1], counts["accepted"])]  # fmt: skip
    context |= {
        "lines": lines, "query": query, "tags": TAGS, "listed": listed, "wanted": wanted,
        "chips": [(label, _address(collection.id, query, state=one), query["state"] == one, count) for one, label, count in chips],
        "may_manage": is_open and policies.may_manage(actor, collection), "may_check": is_open and bool(checks),
        "parts_listed": [(one, _address(collection.id, query, org=one.code)) for one in shown.parts],
        "whole_href": _address(collection.id, {}), "steps": boards.list_steps(collection), "kinds": StepKind,
        "topics": _topics(actor, collection), "refresh": reverse("collection:board", args=[collection.id]) + "?inner=1",
        "previous": _address(collection.id, query, page=str(wanted.page - 1)) if wanted.page else "",
        "next": _address(collection.id, query, page=str(wanted.page + 1)) if (wanted.page + 1) * boards.PAGE < listed else "",
        "chase": chasing.pending(collection),
        "is_late": bool(collection.deadline and collection.deadline < clock.now()),
        "may_again": policies.may_manage(actor, collection),
        "deadline": collection.deadline.astimezone(clock.ZONE).strftime(DAY_AND_TIME) if collection.deadline else "",
    }  # fmt: skip
    return render(request, "collection/board.html", context)


def _topics(actor: Actor, collection: Collection) -> list[str]:
    account = actor.account_id if settings.LINGQU_LIVE else None
    return [live.topic_for(account, topic_of(collection.id))] if account else []


def _figures(collection: Collection, reach: tuple[str, ...], shown: boards.Board) -> dict[str, Any]:
    """The card of the return rate: bar and curve up to now."""
    now = clock.now()
    end = max(now, collection.deadline) if collection.deadline else now
    end = min(end, collection.ended_at) if collection.ended_at else end
    total, points, sum_up = max(1, shown.total), ["0,100"], 0
    start = collection.published_at or now
    span = max(1.0, (end - start).total_seconds())
    here = min(1.0, (now - start).total_seconds() / span) * 240
    for at, count in boards.get_curve(collection, reach, end):
        sum_up += count
        points.append(f"{min(at * 10, here):.0f},{100 - sum_up * 92 / total:.1f}")
    points.append(f"{here:.0f},{100 - sum_up * 92 / total:.1f}")
    due = (collection.deadline - start).total_seconds() / span * 240 if collection.deadline else 240
    return {
        "shown": shown, "parts": [{"value": shown.states[one], "label": label, "tone": tone} for one, (tone, label) in TONES.items()],
        "curve": " ".join(points), "area": f"0,100 {' '.join(points)} {here:.0f},100", "due": f"{min(240.0, due):.0f}", "end": end,
    }  # fmt: skip


@require_POST
@needs(rights.MANAGE)
def remind(request: HttpRequest, collection_id: UUID) -> HttpResponse:
    """All that are missing, or the ticked ones."""
    ids = [UUID(one) for one in request.POST.getlist("row") if _is_uuid(one)]
    with refusals_told(request):
        done = checking.remind(
            actor=actor_of(request), collection_id=collection_id, answer_ids=ids if "row" in request.POST else None
        )
        told = _("已提醒 %(n)d 所，其中 %(m)d 所发出了短信或邮件；%(l)d 所四小时内提醒过。")
        if done.is_quiet:
            told = _("现在是安静时间，只在收件箱里提醒了 %(n)d 所，没有发短信和邮件。")
        messages.success(request, told % {"n": done.asked, "m": done.written, "l": done.lately})
    return redirect("collection:board", collection_id)


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


@require_POST
@needs(rights.MANAGE)
def act(request: HttpRequest, collection_id: UUID) -> HttpResponse:
    """One button of the board."""
    actor, posted = actor_of(request), request.POST
    what = posted.get("do", "")
    _seen, _reach = boards.get_seen(actor, collection_id)
    with refusals_told(request):
        if what == "accept":
            ids = [UUID(one) for one in posted.getlist("row") if _is_uuid(one)]
            count = checking.accept(actor=actor, collection_id=collection_id, answer_ids=ids if ids else None)
            messages.success(request, _("审过 %(n)d 所。") % {"n": count})
        elif what == "hand_up" and _is_uuid(posted.get("office", "")):
            checking.hand_up(actor=actor, collection_id=collection_id, office_id=UUID(posted["office"]))
            messages.success(request, _("已上报。"))
        elif what == "add":
            codes = split_words(posted.get("codes", ""))
            count = publishing.add_schools(actor=actor, collection_id=collection_id, codes=codes)
            messages.success(request, _("补发了 %(n)d 所。") % {"n": count})
        elif what == "extend":
            publishing.extend(actor=actor, collection_id=collection_id, deadline=_moment(posted.get("deadline", "")))
            messages.success(request, _("截止时间已改。"))
        elif what == "close":
            publishing.close(actor=actor, collection_id=collection_id)
            messages.success(request, _("已结束，不再收。"))
        elif what == "withdraw":
            publishing.withdraw(actor=actor, collection_id=collection_id, reason=posted.get("reason", ""))
            messages.success(request, _("已撤回。"))
        else:
            raise Forbidden()
    return redirect("collection:board", collection_id)


def _moment(text: str) -> datetime:
    try:
        return datetime.strptime(text, DAY_AND_TIME).replace(tzinfo=clock.ZONE)
    except ValueError as error:
        raise Conflict(_("请写日期和时间。"), code="bad_time") from error


@require_POST
@needs(rights.MANAGE)
def check(request: HttpRequest, answer_id: UUID) -> HttpResponse:
    """What an office does with one school: accept, return, excuse, note a call."""
    actor, posted = actor_of(request), request.POST
    answer = lists.find_answer(answer_id)
    policies.require_check(actor, answer)
    what = posted.get("do", "")
    with refusals_told(request):
        if what == "accept":
            checking.accept(actor=actor, collection_id=answer.collection_id, answer_ids=[answer_id])
            messages.success(request, _("已审过。"))
        elif what == "return":
            checking.return_answer(actor=actor, answer_id=answer_id, reason=posted.get("reason", ""))
            messages.success(request, _("已退回学校。"))
        elif what == "excuse":
            publishing.excuse(actor=actor, answer_id=answer_id, reason=posted.get("reason", ""))
            messages.success(request, _("这所学校不用报了。"))
        elif what == "call":
            checking.record_call(
                actor=actor, answer_id=answer_id, heard_by=posted.get("heard_by", ""), said=posted.get("said", "")
            )
            messages.success(request, _("已记录。"))
        else:
            raise Forbidden()
    if posted.get("back") == "board":
        return redirect("collection:board", answer.collection_id)
    return redirect("collection:fill", answer_id)


@require_GET
@needs(rights.MANAGE, rights.VIEW)
def printed(request: HttpRequest, collection_id: UUID) -> HttpResponse:
    """Who is missing, with phones, on A4."""
    collection, reach = boards.get_seen(actor_of(request), collection_id)
    wanted, _query = _wanted(collection, reach, request.GET)
    lines = boards.list_lines(collection, reach, boards.Wanted(part=wanted.part), limit=MOST_PRINTED)
    return render(
        request, "collection/missing_print.html", {"collection": collection, "lines": lines, "now": clock.now()}
    )


@require_GET
@needs(rights.MANAGE, rights.VIEW)
def merged(request: HttpRequest, collection_id: UUID) -> HttpResponse:
    """The sums in the layout of the table, with what looks wrong, and the ways to take them away."""
    actor = actor_of(request)
    collection, reach = boards.get_seen(actor, collection_id)
    if collection.state == CollectionState.DRAFT:
        return redirect("collection:define", collection_id)
    part = boards.part_path(collection, reach, request.GET.get("org", ""))
    places = boards.get_board(actor, collection, reach).parts
    chosen = next((one for one in places if part and one.code == request.GET.get("org")), None)
    within = (part,) if part else reach
    table = table_of(collection)
    found = merging.merge(collection, table, within, chosen.name if chosen else str(collection.organisation.name))
    unusual = merging.list_unusual(collection, table.marks, within)
    names = _names([one[0] for one in unusual])
    visible = [at for at, one in enumerate(table.layout.sheets, 1) if one.state == "visible"] or [1]
    asked = request.GET.get("sheet", "")
    at = int(asked) if asked.isdigit() and int(asked) in visible else visible[0]
    base = reverse("collection:merged", args=[collection.id])
    query = f"&org={chosen.code}" if chosen else ""
    context = {
        "collection": collection, "merged": found, "at": at, "chosen": chosen, "parts": [one for one in places if one.office_id],
        "grid": draw(table, at, found.values, results=Computed(table, found.values).shown()),
        "unusual": [(answer, names.get(answer, ""), table.where(key), now, last) for answer, key, now, last in unusual],
        "tabs": [{"label": table.layout.sheets[one - 1].title, "href": f"{base}?sheet={one}{query}", "current": one == at} for one in visible],
        "blocks": [(at, table.where(f"{one.sheet}!A{one.first}")) for at, one in enumerate(table.marks.blocks)],
        "query": f"?org={chosen.code}" if chosen else "", "base": base,
    }  # fmt: skip
    return render(request, "collection/merged.html", context)


def _names(ids: list[UUID]) -> dict[UUID, str]:
    return dict(Answer.objects.filter(id__in=ids).values_list("id", "school__name")) if ids else {}
