"""One account: what is wrong, and what its administrators can do about it."""

from __future__ import annotations

from datetime import datetime, time

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_POST

from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.clock import ZONE
from lingqu.kernel.errors import DomainError, Invalid
from lingqu.kernel.files import hand_over

from .. import policies, register
from ..selectors import account_page as reading
from ..services import factors, inviting, locking, slips
from ..types import rights
from ..types.words import RealNamePaper

WAYS = {"paper": _lazy("纸质或当面"), "email": _lazy("邮件"), "sms": _lazy("短信")}


@needs(rights.ACCOUNT_VIEW, rights.ACCOUNT_LOCK)
@never_cache
@require_GET
def show(request: HttpRequest, number: str) -> HttpResponse:
    actor = actor_of(request)
    account, page, reach = reading.get_account_page(actor=actor, login=number)
    may_lock = policies.may_lock(actor, account, reach)
    may_reset = policies.may_reset(actor, account, reach)
    group = register.get_class(page.pupil_class) if page.pupil_class else None
    school = policies.inviting_place(actor, account) if page.is_staff else None
    shown = {
        "page": page, "ways": WAYS, "papers": RealNamePaper.choices, "may_lock": may_lock, "may_reset": may_reset, "may_end": may_lock or may_reset,
        "may_print": group is not None and policies.may_print_slips(actor, group),
        "group": group if group is not None and policies.may_see_class_accounts(actor, group) else None,
        "school": school, "may_invite": school is not None,
    }  # fmt: skip
    return render(request, "identity/account.html", shown)


@needs(rights.ACCOUNT_LOCK)
@require_POST
def lock(request: HttpRequest, number: str) -> HttpResponse:
    """Stop the account until a day, or until somebody lets it go on."""
    actor = actor_of(request)
    account = reading.require_account(actor=actor, login=number)
    try:
        locking.lock_account(
            actor=actor, account=account, until=_end(request.POST.get("until", "")),
            reason=request.POST.get("reason", ""),
        )  # fmt: skip
    except Invalid as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("账号已停用，正在使用的设备下一次操作就会退出。"))
    return redirect("identity:person_account", number)


def _end(text: str) -> datetime | None:
    """The end of that day at the platform's place."""
    if not text:
        return None
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None:
        raise Invalid(_("日期写成 2026-09-01 的样子。"), code="bad_day")
    return datetime.combine(day, time(23, 59, 59), ZONE)


@needs(rights.ACCOUNT_LOCK)
@require_POST
def unlock(request: HttpRequest, number: str) -> HttpResponse:
    actor = actor_of(request)
    locking.unlock_account(actor=actor, account=reading.require_account(actor=actor, login=number))
    messages.success(request, _("账号已恢复，原来的密码照常使用。"))
    return redirect("identity:person_account", number)


@needs(rights.ACCOUNT_RESET, rights.ACCOUNT_LOCK)
@require_POST
def end_sessions(request: HttpRequest, number: str) -> HttpResponse:
    actor = actor_of(request)
    locking.end_all_sessions(actor=actor, account=reading.require_account(actor=actor, login=number))
    messages.success(request, _("所有设备上的登录都已结束。"))
    return redirect("identity:person_account", number)


@needs(rights.ACCOUNT_RESET, rights.ACCOUNT_LOCK)
@require_POST
def drop_factor(request: HttpRequest, number: str) -> HttpResponse:
    """Phone and recovery codes are lost: the password alone opens the account again."""
    actor = actor_of(request)
    factors.remove_lost(actor=actor, account=reading.require_account(actor=actor, login=number))
    messages.success(request, _("两步验证已关闭，本人登录后可以重新开启。"))
    return redirect("identity:person_account", number)


@needs(rights.SLIPS_PRINT)
@require_POST
def invite(request: HttpRequest, number: str) -> HttpResponse:
    """One invitation to the address that the register has."""
    actor = actor_of(request)
    account = reading.require_account(actor=actor, login=number)
    try:
        sent = inviting.invite(actor=actor, account=account)
    except DomainError as refusal:
        if refusal.status == 403:
            raise
        messages.warning(request, refusal.message)
    else:
        messages.success(request, _("邀请已发往 %(shown)s。") % {"shown": sent.shown})
    return redirect("identity:person_account", number)


@needs(rights.SLIPS_PRINT)
@never_cache
@sensitive_variables("made")
@require_POST
def slip(request: HttpRequest, number: str) -> HttpResponse:
    """The slip of one person: a pupil's with the guardian's half, a member of staff's alone."""
    actor = actor_of(request)
    account = reading.require_account(actor=actor, login=number)
    half = request.POST.get("half", "")
    try:
        made = slips.print_one(actor=actor, account=account, half=half if half in slips.HALVES else "")
    except DomainError as refusal:
        if refusal.status == 403:
            raise
        messages.warning(request, refusal.message)
        return redirect("identity:person_account", number)
    return hand_over(made.pdf, made.name, "application/pdf")
