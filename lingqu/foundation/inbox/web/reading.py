"""Pages of the reader: inbox, one notice, 签收 or confirming, passing on, files."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from lingqu.foundation.registry import api as registry
from lingqu.kernel import clock, files, live
from lingqu.kernel.access import actor_of, signed_in
from lingqu.kernel.answers import refusals_told
from lingqu.kernel.errors import Forbidden, Invalid

from .. import policies
from ..selectors import news, reading
from ..services import filing, receiving, telling
from ..types.words import StepKind, Subject

TABS = ("notices", "todos", "messages")
MOST_TOPICS = 40
"""As many as one stream takes; the rest is seen with the next page."""


@require_GET
@signed_in
def inbox(request: HttpRequest) -> HttpResponse:
    reader = reading.get_reader(actor_of(request))
    hits, todos = reading.list_hits(reader), reading.list_todos(reader)
    tab, only = request.GET.get("tab", ""), request.GET.get("only", "")
    only = only if only in ("unread", "waiting", "former") else ""
    cursor = request.GET.get("cursor", "")
    counts = reading.count(hits, len(todos), news.count_unseen(reader))
    if tab not in TABS:
        tab = "todos" if todos else "messages" if counts.messages and not counts.unread else "notices"
    page: Any = None
    if tab == "notices":
        page = reading.list_notices(hits, only=only, cursor=cursor)
    elif tab == "messages":
        page = news.list_news(reader, telling.mark_seen(reader) if counts.messages else set(), cursor=cursor)
    context = {"counts": counts, "tab": tab, "only": only, "page": page, "todos": todos, "now": clock.now()}
    return render(request, "inbox/inbox.html", context)


@require_GET
@signed_in
def bell(request: HttpRequest) -> HttpResponse:
    """The bell of the bar with its count, and what it listens to; asked again by itself whenever something is told."""
    actor = actor_of(request)
    reader = reading.get_reader(actor)
    account = actor.account_id if settings.LINGQU_LIVE else None
    topics = [live.topic_for(account, topic) for topic in reader.topics[:MOST_TOPICS]] if account else []
    context = {"count": reading.count_new(reader), "topics": topics, "is_inner": "inner" in request.GET}
    response = render(request, "inbox/bell.html", context)
    response["Cache-Control"] = "no-store"
    return response


@require_GET
@signed_in
def notice(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """Opening it notes that it was read, for each post and child of the reader."""
    actor = actor_of(request)
    opened = reading.open_notice(actor, notice_id)
    receiving.mark_read(opened)
    return render(request, "inbox/notice.html", _context(request, opened))


def _context(request: HttpRequest, opened: reading.Opened, **more: Any) -> dict[str, Any]:
    receipts = reading.own_receipts(opened)
    files_by = reading.files_of(opened, receipts.values())
    subjects = [
        {
            "hit": hit,
            "name": opened.name_of(hit),
            "receipt": (own := receipts.get((hit.kind, hit.owner))),
            "files": files_by.get(own.id, []) if own else [],
        }
        for hit in sorted(opened.hits, key=lambda hit: (hit.kind, str(hit.owner)))
    ]
    posts = [one for one in opened.reader.belonging.posts if any(hit.owner == one.id for hit in opened.hits)]
    return {
        "opened": opened, "notice": opened.notice, "subjects": subjects, "kinds": Subject, "posts": posts,
        "files": files_by.get(None, []), "now": clock.now(),
        "steps": reading.steps_of(opened), "step_kinds": StepKind.choices, "accepted": filing.ACCEPTED,
        "colleagues": registry.colleagues_of(posts[0].organisation_id) if posts else (),
        "follows": not policies.reach_of(actor_of(request), opened.notice).is_empty, **more,
    }  # fmt: skip


@require_POST
@signed_in
def confirm(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    actor, owner = actor_of(request), _id(request.POST.get("owner", ""))
    reading.open_notice(actor, notice_id)
    with refusals_told(request):
        receiving.confirm(
            actor=actor, notice_id=notice_id, owner=owner, note=request.POST.get(f"note-{owner}", ""),
            uploaded=request.FILES.get(f"file-{owner}"),
        )  # fmt: skip
        messages.success(request, _("已确认。"))
    return redirect("inbox:notice", notice_id)


@require_POST
@signed_in
def pass_on(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    reading.open_notice(actor, notice_id)
    kind, _bar, to = request.POST.get("to", "").partition(":")
    with refusals_told(request):
        receiving.pass_on(
            actor=actor, notice_id=notice_id, post_id=_id(request.POST.get("post", "")),
            kind=request.POST.get("kind", ""), text=request.POST.get("text", ""),
            to_post=_id(to) if kind == "post" else None, to_person=_person(to) if kind == "person" else None,
        )  # fmt: skip
        messages.success(request, _("已办理。"))
    return redirect("inbox:notice", notice_id)


@require_GET
@signed_in
def file(request: HttpRequest, file_id: UUID) -> Any:
    found = filing.get_file(actor=actor_of(request), file_id=file_id)
    response = files.as_download(found.digest, found.name, found.media_type)
    response["Cache-Control"] = "no-store"
    return response


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Forbidden() from error


def _person(number: str) -> UUID:
    found = registry.find_person(number)
    if found is None:
        raise Invalid(_("没有这个人。"), code="unknown_person")
    return UUID(str(found.id))
