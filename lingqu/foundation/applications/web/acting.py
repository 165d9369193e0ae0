"""What is posted from the page of an application: each parses, calls one service, and comes back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from lingqu.kernel.access import actor_of, needs

from ..models import Application
from ..selectors.pages import get_row
from ..services import adopting, granting, icons, reviewing, secrets, states, telling
from ..types import rights
from .pages import show
from .reading import faults_of, number, text

RUNS = (rights.MANAGE, rights.DEVELOP)


def _done(
    request: HttpRequest, client_id: str, form: str, call: Callable[[Application], Any], told: str
) -> HttpResponse:
    """Call the service for the application; its page again, with the sentence or with what was wrong."""
    row = get_row(actor_of(request), client_id)
    if errors := faults_of(lambda: call(row)):
        return show(request, row, errors=errors, form=form)
    messages.success(request, told)
    return redirect("applications:page", client_id)


@require_POST
@needs(*RUNS)
def grant(request: HttpRequest, client_id: str) -> HttpResponse:
    return _done(
        request, client_id, "scope",
        lambda row: granting.grant_scope(
            actor=actor_of(request), application_id=row.id, scope=text(request, "scope", 40),
            basis=text(request, "basis", 20), purpose=text(request, "purpose"),
        ),
        _("已加上这项权限范围。"),
    )  # fmt: skip


@require_POST
@needs(*RUNS)
def end_scope(request: HttpRequest, client_id: str, scope: str) -> HttpResponse:
    return _done(
        request, client_id, "scope",
        lambda row: granting.end_scope(actor=actor_of(request), application_id=row.id, scope=scope),
        _("已取消这项权限范围，应用从现在起收不到。"),
    )  # fmt: skip


@require_POST
@needs(*RUNS)
def make_secret(request: HttpRequest, client_id: str) -> HttpResponse:
    """The answer shows the secret, this once."""
    row = get_row(actor_of(request), client_id)
    made: list[str] = []

    def call() -> None:
        days = number(request, "overlap") or 0
        days = days if days in secrets.OVERLAP_DAYS else secrets.OVERLAP_DAYS[-1]
        made.append(secrets.make_secret(actor=actor_of(request), application_id=row.id, overlap_days=days).value)

    errors = faults_of(call)
    return show(request, row, errors=errors, secret=made[0] if made else "", form="secret")


@require_POST
@needs(*RUNS)
def revoke_secret(request: HttpRequest, client_id: str, secret_id: int) -> HttpResponse:
    return _done(
        request, client_id, "secret",
        lambda row: secrets.revoke_secret(actor=actor_of(request), application_id=row.id, secret_id=secret_id),
        _("密钥已撤销。"),
    )  # fmt: skip


@require_POST
@needs(*RUNS)
def set_icon(request: HttpRequest, client_id: str) -> HttpResponse:
    """A new picture, or with ``drop`` none."""
    if "drop" in request.POST:
        return _done(
            request, client_id, "icon", lambda row: icons.drop_icon(actor=actor_of(request), application_id=row.id),
            _("图标已去掉。"),
        )  # fmt: skip
    return _done(
        request, client_id, "icon",
        lambda row: icons.set_icon(
            actor=actor_of(request), application_id=row.id, uploaded=request.FILES.get("icon")
        ),
        _("图标已换好。"),
    )  # fmt: skip


@require_POST
@needs(*RUNS, rights.SUSPEND)
def send_again(request: HttpRequest, client_id: str, notice_id: int) -> HttpResponse:
    return _done(
        request, client_id, "notices",
        lambda row: telling.send_again(actor=actor_of(request), application_id=row.id, notice_id=notice_id),
        _("退出通知马上再发一次。"),
    )  # fmt: skip


@require_POST
@needs(*RUNS)
def submit(request: HttpRequest, client_id: str) -> HttpResponse:
    return _done(
        request, client_id, "submit", lambda row: reviewing.submit(actor=actor_of(request), application_id=row.id),
        _("已提交审核。功能、安全、隐私三项都通过就上架。"),
    )  # fmt: skip


@require_POST
@needs(*rights.REVIEWS.values())
def review(request: HttpRequest, client_id: str) -> HttpResponse:
    return _done(
        request, client_id, "review",
        lambda row: reviewing.give_opinion(
            actor=actor_of(request), application_id=row.id, kind=text(request, "kind", 20),
            is_passed=request.POST.get("verdict") == "pass", remark=text(request, "remark"),
        ),
        _("审核意见已记下。"),
    )  # fmt: skip


@require_POST
@needs(rights.SUSPEND, rights.MANAGE)
def change_state(request: HttpRequest, client_id: str) -> HttpResponse:
    """``to``: suspended, live (again) or retired."""
    wanted = text(request, "to", 20)
    told = {
        "suspended": _("已停用：现在谁也进不去，已发出的令牌同时失效。"), "live": _("已恢复。"),
        "retired": _("已下架，密钥同时作废。"),
    }  # fmt: skip

    def call(row: Application) -> None:
        actor = actor_of(request)
        if wanted == "suspended":
            states.suspend(actor=actor, application_id=row.id, reason=text(request, "reason", 500))
        elif wanted == "live":
            states.resume(actor=actor, application_id=row.id)
        else:
            states.retire(actor=actor, application_id=row.id)

    return _done(request, client_id, "state", call, told.get(wanted, told["retired"]))


@require_POST
@needs(rights.ADOPT)
def end_adoption(request: HttpRequest, adoption_id: int) -> HttpResponse:
    client_id = adopting.end_adoption(actor=actor_of(request), adoption_id=adoption_id)
    messages.success(request, _("已停止选用，这里的人从现在起进不去。"))
    return redirect("applications:page", client_id)
