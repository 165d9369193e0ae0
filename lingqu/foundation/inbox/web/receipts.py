"""The sender's page of one notice: bar by state, groups, who is missing, recording; and the list on paper."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from lingqu.foundation.registry import api as registry
from lingqu.kernel import clock
from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.actor import covers
from lingqu.kernel.answers import refusals_told
from lingqu.kernel.errors import Conflict, Forbidden

from .. import policies, register
from ..models import Notice
from ..selectors import board as boards
from ..selectors import reminders, sending
from ..services import recording, summing
from ..types import rights
from ..types.words import NoticeState, Subject, Way

WORDS = {
    "online": (gettext_lazy("在线确认"), "brand"), "phone": (gettext_lazy("电话确认"), "neutral"),
    "paper": (gettext_lazy("纸条确认"), "green"), "read": (gettext_lazy("已读未确认"), "amber"),
    "unread": (gettext_lazy("未读"), "coral"), "unreachable": (gettext_lazy("无法送达"), "violet"),
}  # fmt: skip
UNITS = {
    Subject.POST: (gettext_lazy("已签收，按岗位计"), gettext_lazy("还没有签收的岗位"), gettext_lazy("个")),
    Subject.CHILD: (gettext_lazy("已确认，按孩子计"), gettext_lazy("还没确认的孩子"), gettext_lazy("名")),
    Subject.PERSON: (gettext_lazy("已确认，按人计"), gettext_lazy("还没确认的人"), gettext_lazy("人")),
}  # fmt: skip
KEPT = ("kind", "org", "class", "state")
MOST_PRINTED = 2000


def _class_id(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError as error:
        raise Forbidden() from error


def _wanted(notice: Notice, reach: policies.Reach, asked: Any) -> tuple[boards.Wanted, dict[str, str]]:
    """Filters of the address; what lies outside the sender's place is refused."""
    kinds = [kind for kind in (Subject.CHILD, Subject.POST, Subject.PERSON) if notice.reach.get(kind)]
    query = {name: asked.get(name, "")[:40] for name in KEPT}
    if query["kind"] not in Subject.values:
        query["kind"] = kinds[0] if kinds else Subject.PERSON
    part = ""
    if query["org"]:
        place = registry.find_organisation(query["org"])
        if place is None or not covers(str(notice.path), str(place.path)):
            raise Forbidden()
        part = str(place.path)
    page, class_id = asked.get("page", ""), _class_id(query["class"])
    school = register.classes().filter(id=class_id).values_list("school__path", flat=True).first() if class_id else None
    wanted = boards.Wanted(
        kind=query["kind"], part=part, class_id=class_id, root=str(school or ""),
        state=query["state"] if query["state"] in (*boards.MISSING, boards.GIVEN) else "",
        page=int(page) if page.isascii() and page.isdigit() and len(page) < 4 else 0,
    )  # fmt: skip
    return wanted, query


def _board(notice: Notice, reach: policies.Reach, wanted: boards.Wanted) -> boards.Board:
    """The board; whoever has no part in the notice is refused."""
    if boards.is_wide(notice, reach, wanted):
        summing.freshen(notice, wanted.kind)
    shown = boards.get_board(notice, reach, wanted)
    if not shown.total and not (reach.whole or wanted.part or wanted.class_id):
        raise Forbidden()
    return shown


def _address(notice: Notice, query: dict[str, str], **changed: str) -> str:
    kept = {name: value for name, value in {**query, **changed}.items() if value}
    base = reverse("inbox:receipts", args=[notice.id])
    return f"{base}?{urlencode(kept)}" if kept else base


def _tone(group: boards.Group) -> str:
    if group.confirmed == group.total:
        return "green"
    return "amber" if group.confirmed * 10 < group.total * 9 else "neutral"


@require_GET
@needs(rights.SEND, rights.FOLLOW)
def board(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    notice, reach = sending.get_followed(actor, notice_id)
    if notice.state == NoticeState.DRAFT:
        return redirect("inbox:draft", notice_id)
    wanted, query = _wanted(notice, reach, request.GET)
    shown = _board(notice, reach, wanted)
    is_wide, is_given = shown.total > boards.MOST_LISTED, wanted.state == boards.GIVEN
    rows = () if is_wide or is_given else boards.list_missing(notice, reach, wanted)
    given = boards.list_given(notice, reach, wanted) if is_given and not is_wide else ()
    listed = {"": shown.missing, boards.GIVEN: shown.confirmed, **shown.states}[wanted.state]
    by_class = wanted.kind == Subject.CHILD and (bool(wanted.part) or notice.organisation.kind in boards.SCHOOL_KINDS)
    title, missing, unit = UNITS[Subject(wanted.kind)]
    context = {
        "notice": notice, "board": shown, "rows": rows, "given": given, "is_given": is_given, "is_wide": is_wide, "listed": listed, "query": query,
        "parts": [{"value": shown.states[one], "label": WORDS[one][0], "tone": WORDS[one][1]} for one in boards.STATES],
        "words": WORDS, "title": title, "share": f"{shown.confirmed / shown.total:.1%}" if shown.total else "", "missing_title": missing, "unit": unit, "kind": wanted.kind,
        "kinds": [
            {"label": UNITS[one][0], "href": _address(notice, {}, kind=one), "current": one == wanted.kind}
            for one in Subject
            if notice.reach.get(one)
        ],
        "chips": [
            (WORDS[one][0] if one else _("全部"), _address(notice, query, state=one), wanted.state == one,
             shown.states[one] if one else shown.missing)
            for one in ("", *boards.MISSING)
        ] + [(_("已确认"), _address(notice, query, state=boards.GIVEN), is_given, shown.confirmed)],
        "groups": shown.groups,
        "shares": [
            {"name": one.name, "done": one.confirmed, "total": one.total, "tone": _tone(one),
             "href": _address(notice, query, **({"class": one.code} if by_class else {"org": one.code}), state="") if one.code else ""}
            for one in shown.groups
        ],
        "whole_href": _address(notice, {"kind": query["kind"]}), "is_part": bool(query["org"] or query["class"]),
        "previous": _address(notice, query, page=str(wanted.page - 1)) if wanted.page else "",
        "next": _address(notice, query, page=str(wanted.page + 1)) if (wanted.page + 1) * boards.PAGE < listed else "",
        "may_manage": policies.may_manage(actor, notice), "lines": sending.lines_of(notice), "now": clock.now(),
        "may_record": notice.needs_confirmation and notice.state == NoticeState.PUBLISHED
        and not policies.reach_of(actor, notice, rights.RECORD).is_empty,
        "reminded": reminders.reminded_of(notice, wanted.kind, [one.subject for one in rows]),
        "rounds": reminders.list_rounds(notice) if reach.whole else (), "may_remind": notice.needs_confirmation and shown.missing > 0,
        "print_href": reverse("inbox:receipts_print", args=[notice.id]) + "?" + urlencode(query),
        "correction": notice.corrections.filter(state=NoticeState.PUBLISHED).first(),
    }  # fmt: skip
    return render(request, "inbox/receipts.html", context)


@require_POST
@needs(rights.RECORD)
def record(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    notice, _reach = sending.get_followed(actor, notice_id)
    query = {name: request.POST.get(name, "")[:40] for name in KEPT}
    subject = _class_id(request.POST.get("subject", ""))
    if subject is None:
        raise Forbidden()
    with refusals_told(request):
        recording.record_receipt(
            actor=actor, notice_id=notice_id, kind=query["kind"], subject=subject, way=request.POST.get("way", ""),
            heard_by=request.POST.get(f"heard-{subject}", ""),
        )  # fmt: skip
        messages.success(request, _("已记录。"))
    return redirect(_address(notice, query))


@require_GET
@needs(rights.SEND, rights.FOLLOW)
def printed(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """Who is missing, on A4, class by class or place by place."""
    actor = actor_of(request)
    notice, reach = sending.get_followed(actor, notice_id)
    wanted, query = _wanted(notice, reach, request.GET)
    shown = _board(notice, reach, wanted)
    if shown.missing > MOST_PRINTED:
        raise Conflict(_("一次最多打印 %(n)d 行，请先选一个下级单位。") % {"n": MOST_PRINTED}, code="too_many")
    rows = boards.list_missing(notice, reach, wanted, limit=MOST_PRINTED)
    context = {
        "notice": notice, "rows": rows, "board": shown, "words": WORDS, "back": _address(notice, query),
        "missing_title": UNITS[Subject(wanted.kind)][1], "place": register.organisations().filter(path=wanted.part).first(),
        "ways": Way, "now": clock.now(),
    }  # fmt: skip
    return render(request, "inbox/receipts_print.html", context)
