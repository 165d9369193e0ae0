"""The way in with a one-use code: pupils and staff set a password, guardians prove their phone first."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from lingqu.kernel.access import public
from lingqu.kernel.errors import DomainError

from .. import passwords
from ..selectors import accounts
from ..services import activation, codes, guardians, phones, slider, throttle
from ..types.values import OpenCode
from ..types.words import CodePurpose
from .door import enter, origin_of, with_retry_after

CODE, PHONE_CODE = "identity_code", "identity_phone_code"
"""In the session: digest of the code being used; id of the SMS that was sent for it."""
RELATIONS = (
    ("51", _lazy("父亲")), ("52", _lazy("母亲")), ("61", _lazy("祖父")), ("62", _lazy("祖母")),
    ("63", _lazy("外祖父")), ("64", _lazy("外祖母")), ("97", _lazy("其他亲属")), ("99", _lazy("非亲属")),
)  # fmt: skip
"""GB/T 4761 codes that families use."""


@public
@never_cache
@sensitive_post_parameters("code", "password", "repeat")
@require_http_methods(["GET", "HEAD", "POST"])
def activate(request: HttpRequest) -> HttpResponse:
    """First the code, then one's own password twice; whoever succeeds is signed in.

    A scanned code arrives in the address; it goes to the session at once and the address is clean again.
    """
    if request.method != "POST":
        scanned = request.GET.get("code", "")
        return _begin(request, scanned) if scanned else _page_of_session(request)
    if "restart" in request.POST:
        request.session.pop(CODE, None)
        return redirect("identity:activate")
    if "password" not in request.POST:
        return _begin(request, request.POST.get("code", ""))
    return _finish(request)


def _begin(request: HttpRequest, code: str) -> HttpResponse:
    try:
        found = activation.look_at(code, address=origin_of(request).address)
    except DomainError as refusal:
        return _page(request, None, errors={"code": refusal.message}, refusal=refusal)
    request.session[CODE] = str(found.code_hash)
    request.session.pop(PHONE_CODE, None)
    is_guardian = found.purpose == CodePurpose.GUARDIAN
    return redirect("identity:activate_guardian" if is_guardian else "identity:activate")


def _page_of_session(request: HttpRequest) -> HttpResponse:
    return _page(request, _held(request))


def _held(request: HttpRequest) -> OpenCode | None:
    """The code that this browser brought, while it can be used."""
    digest = request.session.get(CODE)
    if not digest:
        return None
    try:
        return activation.look_at_hash(UUID(digest), address=origin_of(request).address)
    except DomainError:
        request.session.pop(CODE, None)
        return None


def _finish(request: HttpRequest) -> HttpResponse:
    address = origin_of(request).address
    try:
        typed = request.POST.get("code", "")
        found = activation.look_at(typed, address=address) if typed else _held(request)
        if found is None:
            raise codes.CodeUnusable
        if found.purpose == CodePurpose.GUARDIAN:
            return _begin(request, typed) if typed else redirect("identity:activate_guardian")
        if request.POST.get("password", "") != request.POST.get("repeat", ""):
            return _page(request, found, errors={"repeat": _("两次输入的密码不一样。")}, status=422)
        account = activation.activate(code_hash=found.code_hash, password=request.POST.get("password", ""))
    except throttle.Slowed as refusal:
        return _page(request, None, errors={"code": refusal.message}, refusal=refusal)
    except DomainError as refusal:
        is_password = "password" in refusal.details
        return _page(
            request, found if is_password else None, status=422,
            errors={"password" if is_password else "code": refusal.message},
        )  # fmt: skip
    messages.success(request, _("账号已开通。以后用 %(login)s 登录。") % {"login": account.login})
    return enter(request, account, "/me", keeps_messages=True)


def _page(
    request: HttpRequest,
    found: OpenCode | None,
    *,
    errors: dict[str, str] | None = None,
    status: int = 200,
    refusal: DomainError | None = None,
) -> HttpResponse:
    simple = bool(found and found.simple_password)
    shown = {
        "errors": errors or {}, "found": found, "code": request.POST.get("code", "")[:40],
        "least": passwords.LEAST_SIMPLE if simple else passwords.LEAST, "simple": simple,
    }  # fmt: skip
    if refusal is not None:
        status = 429 if isinstance(refusal, throttle.Slowed) else 422
    response = render(request, "identity/activate.html", shown, status=status)
    return with_retry_after(response, refusal) if refusal else response


@public
@never_cache
@sensitive_post_parameters("digits", "password", "repeat")
@require_http_methods(["GET", "HEAD", "POST"])
def guardian(request: HttpRequest) -> HttpResponse:
    """Steps with a guardian's code: own phone, a slider, six digits, who one is."""
    held = _held(request)
    if held is None or held.purpose != CodePurpose.GUARDIAN:
        return redirect("identity:activate")
    if request.method != "POST":
        return _guardian_page(request, held)
    step = {"phone": _show_slider, "slider": _send, "digits": _prove, "person": _claim, "again": _again}.get(
        request.POST.get("step", "")
    )
    if step is None:
        return _guardian_page(request, held)
    try:
        return step(request, held)
    except codes.CodeUnusable:
        request.session.pop(CODE, None)
        return redirect("identity:activate")
    except DomainError as refusal:
        errors = {name: str(text) for name, text in refusal.details.items() if name != "retry_after"}
        response = _guardian_page(
            request,
            held,
            errors=errors or {"": refusal.message},
            status=refusal.status if refusal.status > 400 else 422,
        )
        return with_retry_after(response, refusal)


def _show_slider(request: HttpRequest, held: OpenCode, *, errors: dict[str, str] | None = None) -> HttpResponse:
    """A fresh slider for the phone that was typed; the SMS leaves after it."""
    shown = slider.make(browser=request.session.session_key or "", phone=request.POST.get("phone", "")[:30])
    return _guardian_page(request, held, slider=shown, errors=errors, status=422 if errors else 200)


def _send(request: HttpRequest, held: OpenCode) -> HttpResponse:
    phone = request.POST.get("phone", "")[:30]
    try:
        solved = slider.solve(
            challenge_id=_uuid(request.POST.get("challenge", "")), browser=request.session.session_key or "",
            phone=phone, place=request.POST.get("place", ""), total=request.POST.get("total", ""),
        )  # fmt: skip
    except slider.SliderWrong as refusal:
        return _show_slider(request, held, errors={"slider": refusal.message})
    made = guardians.send_phone_code(code_hash=held.code_hash, phone=phone, solved=solved)
    request.session[PHONE_CODE] = {"id": str(made), "proved": False}
    return redirect("identity:activate_guardian")


def _prove(request: HttpRequest, held: OpenCode) -> HttpResponse:
    sent = request.session.get(PHONE_CODE) or {}
    if not sent:
        return redirect("identity:activate_guardian")
    phones.prove(phone_code_id=UUID(sent["id"]), cause=held.code_hash, digits=request.POST.get("digits", "")[:20])
    request.session[PHONE_CODE] = {**sent, "proved": True}
    return redirect("identity:activate_guardian")


def _again(request: HttpRequest, held: OpenCode) -> HttpResponse:
    request.session.pop(PHONE_CODE, None)
    return redirect("identity:activate_guardian")


def _claim(request: HttpRequest, held: OpenCode) -> HttpResponse:
    sent = request.session.get(PHONE_CODE) or {}
    if not sent.get("proved"):
        raise phones.PhoneCodeWrong
    chosen = request.POST.get("account", "")
    relation = request.POST.get("relation", "")
    if not chosen and request.POST.get("password", "") != request.POST.get("repeat", ""):
        return _guardian_page(request, held, errors={"repeat": _("两次输入的密码不一样。")}, status=422)
    outcome = guardians.claim_child(
        code_hash=held.code_hash, phone_code_id=UUID(sent["id"]), name=request.POST.get("name", ""),
        relation=relation if relation in dict(RELATIONS) else "", password=request.POST.get("password", ""),
        account_id=_uuid(chosen),
    )  # fmt: skip
    request.session.pop(CODE, None)
    request.session.pop(PHONE_CODE, None)
    if not outcome.is_linked:
        return render(request, "identity/claim_waiting.html", {"where": held.where})
    if chosen:
        messages.success(request, _("已是这个孩子的家长，请登录。"))
        return redirect("identity:sign_in")
    messages.success(request, _("账号已开通。以后用手机号和密码登录。"))
    return enter(request, accounts.get_account(outcome.account_id), "/me", keeps_messages=True)  # type: ignore[arg-type]


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def _guardian_page(
    request: HttpRequest,
    held: OpenCode,
    *,
    errors: dict[str, str] | None = None,
    status: int = 200,
    slider: slider.Shown | None = None,
) -> HttpResponse:
    sent: dict[str, Any] = request.session.get(PHONE_CODE) or {}
    behind: tuple[Any, ...] = ()
    step = "phone"
    if sent:
        step = "digits"
        if sent.get("proved"):
            try:
                behind = guardians.list_persons_behind(code_hash=held.code_hash, phone_code_id=UUID(sent["id"]))
                step = "person"
            except phones.PhoneCodeWrong:
                request.session.pop(PHONE_CODE, None)
                step = "phone"
    shown = {
        "slider": slider, "found": held, "step": step, "behind": behind, "errors": errors or {}, "relations": RELATIONS,
        "posted": {name: request.POST.get(name, "")[:50] for name in ("phone", "name", "relation")},
        "least": passwords.LEAST, "new": "new" in request.GET or "name" in request.POST,
    }  # fmt: skip
    return render(request, "identity/guardian.html", shown, status=status)
