"""Pages of the sender: list, draft, files, publishing, correction, withdrawal."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from lingqu.kernel import clock
from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.answers import refusals_told
from lingqu.kernel.errors import Conflict, Forbidden, Invalid

from ..models import Notice
from ..selectors import sending
from ..selectors.expected import count_expected
from ..services import drafting, filing, publishing, reminding
from ..types import rights
from ..types.words import NoticeState
from .forms import AddressForm, NoticeForm, initial_of


@require_GET
@needs(rights.SEND, rights.FOLLOW)
def notices(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    page = sending.list_sent(actor, cursor=request.GET.get("cursor", ""))
    senders = sending.list_senders(actor) if actor.has(rights.SEND) else ()
    return render(request, "inbox/notices.html", {"page": page, "senders": senders, "states": NoticeState})


@needs(rights.SEND)
def new(request: HttpRequest) -> HttpResponse:
    """The form of a new notice; with several posts or classes one is chosen first."""
    actor = actor_of(request)
    senders = sending.list_senders(actor)
    if not senders:
        raise Forbidden()
    code = (request.POST if request.method == "POST" else request.GET).get("from", "")
    if not code and len(senders) > 1:
        return render(request, "inbox/choose_sender.html", {"senders": senders})
    sender = sending.get_sender(actor, code or senders[0].code)
    form = NoticeForm(request.POST or None, sender=sender)
    if request.method == "POST" and form.is_valid():
        try:
            made = drafting.create_draft(
                actor=actor, words=form.words(), addresses=form.addresses(), post_id=sender.post_id,
                class_id=sender.class_id,
            )  # fmt: skip
        except (Invalid, Conflict) as refusal:
            _tell(form, refusal)
        else:
            return redirect("inbox:draft", made)
    context = {"form": form, "sender": sender, "notice": None}
    return render(request, "inbox/edit.html", context, status=422 if form.is_bound else 200)


@needs(rights.SEND)
def edit(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    actor, notice = actor_of(request), _draft(request, notice_id)
    sender = sending.sender_of(actor, notice)
    form = NoticeForm(request.POST or None, sender=sender, initial=initial_of(notice, sender))
    if request.method == "POST" and form.is_valid():
        try:
            drafting.change_draft(
                actor=actor, notice_id=notice.id, words=form.words(), addresses=form.addresses()
            )  # fmt: skip
        except (Invalid, Conflict) as refusal:
            _tell(form, refusal)
        else:
            return redirect("inbox:draft", notice.id)
    context = {"form": form, "sender": sender, "notice": notice}
    return render(request, "inbox/edit.html", context, status=422 if form.is_bound else 200)


@require_GET
@needs(rights.SEND)
def draft(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """What will go out, to whom, with files; published from here."""
    notice = _draft(request, notice_id)
    context = {
        "notice": notice, "sender": sending.sender_of(actor_of(request), notice), "lines": sending.lines_of(notice),
        "reach": count_expected(notice.id), "files": list(notice.attachments.order_by("added_at")),
        "accepted": filing.ACCEPTED, "planned": reminding.planned_for(notice, clock.now()),
    }  # fmt: skip
    return render(request, "inbox/draft.html", context)


@require_POST
@needs(rights.SEND)
def publish(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    _managed(request, notice_id)
    with refusals_told(request):
        number = publishing.publish(actor=actor_of(request), notice_id=notice_id)
        messages.success(request, _("已发布，编号 %(number)s。") % {"number": number})
        return redirect("inbox:receipts", notice_id)
    return redirect("inbox:draft", notice_id)


@require_POST
@needs(rights.SEND)
def discard(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    with refusals_told(request):
        drafting.discard_draft(actor=actor_of(request), notice_id=notice_id)
        messages.success(request, _("草稿已删除。"))
    return redirect("inbox:notices")


@require_POST
@needs(rights.SEND)
def withdraw(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    _managed(request, notice_id)
    with refusals_told(request):
        publishing.withdraw(actor=actor_of(request), notice_id=notice_id, reason=request.POST.get("reason", ""))
        messages.success(request, _("已撤回。"))
    return redirect("inbox:receipts", notice_id)


@require_POST
@needs(rights.SEND)
def correct(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    _managed(request, notice_id)
    with refusals_told(request):
        made = drafting.draft_correction(actor=actor_of(request), notice_id=notice_id)
        return redirect("inbox:edit", made)
    return redirect("inbox:receipts", notice_id)


@needs(rights.SEND)
def again(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """补发: choose, see how many are new, send."""
    actor, notice = actor_of(request), _managed(request, notice_id)
    if notice.state != NoticeState.PUBLISHED or notice.post_id is None:
        raise Conflict(_("只有现行有效的通知可以补发。"), code="not_published")
    sender = sending.sender_of(actor, notice)
    form = AddressForm(request.POST or None, sender=sender)
    reach = None
    if request.method == "POST" and form.is_valid():
        try:
            if request.POST.get("step") == "send":
                publishing.add_addresses(actor=actor, notice_id=notice.id, addresses=form.addresses())
                messages.success(request, _("已补发。"))
                return redirect("inbox:receipts", notice.id)
            reach = publishing.preview_addresses(actor=actor, notice_id=notice.id, addresses=form.addresses())
        except (Invalid, Conflict) as refusal:
            _tell(form, refusal)
    context = {"form": form, "sender": sender, "notice": notice, "lines": sending.lines_of(notice), "reach": reach}
    return render(request, "inbox/again.html", context, status=422 if form.is_bound and not form.is_valid() else 200)


@require_POST
@needs(rights.SEND)
def add_file(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    _managed(request, notice_id)
    uploaded: Any = request.FILES.get("file")
    with refusals_told(request):
        if uploaded is None:
            raise Invalid(_("请选择文件。"))
        filing.add_file(actor=actor_of(request), notice_id=notice_id, uploaded=uploaded)
        messages.success(request, _("附件已保存。"))
    return redirect("inbox:draft", notice_id)


@require_POST
@needs(rights.SEND)
def remove_file(request: HttpRequest, file_id: UUID) -> HttpResponse:
    return redirect("inbox:draft", filing.remove_file(actor=actor_of(request), file_id=file_id))


def _managed(request: HttpRequest, notice_id: UUID) -> Notice:
    """The notice, if the actor may manage it; its page can then tell any refusal."""
    return sending.get_managed(actor_of(request), notice_id)


def _draft(request: HttpRequest, notice_id: UUID) -> Notice:
    notice = _managed(request, notice_id)
    drafting.require_draft(notice)
    return notice


def _tell(form: AddressForm, refusal: Invalid | Conflict) -> None:
    known = {name: str(text) for name, text in refusal.details.items() if name in form.fields}
    for name, text in known.items():
        form.add_error(name, text)
    if not known:
        form.add_error(None, refusal.message)
