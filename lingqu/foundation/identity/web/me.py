"""Who am I here: the person behind the account, the roles it may act in, and who may see this person."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lingqu.foundation.registry import api as registry
from lingqu.kernel import clock
from lingqu.kernel.access import actor_of, signed_in
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import DomainError

from .. import passwords, roles, sessions
from ..selectors import accounts, looks, own, real_names, watching
from ..services import activation
from ..services import own as keeping
from ..services import standing as choosing
from ..types.slots import OWN_LINKS
from ..types.values import Look, Standing
from .door import safe_next


def standing_of(request: HttpRequest) -> Standing:
    """What the middleware found for a signed-in request."""
    standing: Standing = request.standing  # type: ignore[attr-defined]
    return standing


@never_cache
@signed_in
@require_GET
def show(request: HttpRequest) -> HttpResponse:
    standing, actor = standing_of(request), actor_of(request)
    account = accounts.get_account(standing.account_id)
    person = account.person
    at = clock.now()
    shown = {
        "account": account,
        "person": person,
        "proof": real_names.open_proofs([account.id]).get(account.id),
        "name": standing.name,
        "home": person.organisation if person else None,
        "choices": [
            {
                "key": choice.key, "role": roles.title_of(choice.role), "summary": roles.ROLES[choice.role].summary,
                "place": choice.organisation_name, "detail": choice.detail, "until": choice.until,
                "current": choice.role == actor.role and choice.organisation_id == actor.organisation_id,
            }
            for choice in standing.choices
            if choice.is_live(at)
        ],
        "visits": own.list_visits(actor=actor, here=request.sso_session.id),  # type: ignore[attr-defined]
        "attempts": own.list_attempts(actor=actor),
        "watchers": watching.list_watchers(actor),
        "looks": _looks(actor), "links": OWN_LINKS.collect(actor, None),
    }  # fmt: skip
    return render(request, "identity/me.html", shown)


def _looks(actor: Actor) -> list[tuple[str, tuple[Look, ...]]]:
    """Who looked at oneself, and at each child that is cared for in this role."""
    facts = registry.relations_of(actor.person_id) if actor.person_id else None
    asked = [(actor.person_id, _("我"))] if actor.person_id else []
    asked += [(ward.person_id, ward.name) for ward in (facts.wards if facts else ())]
    return [
        (name, looks.list_looks(actor=actor, person_id=person_id))
        for person_id, name in asked
        if person_id and looks.may_ask_about(actor, person_id)
    ]


@signed_in
@require_POST
def choose_role(request: HttpRequest) -> HttpResponse:
    """Act in another role from now on; the next sign-in begins with it."""
    key = request.POST.get("role", "")
    choosing.choose_role(actor=actor_of(request), standing=standing_of(request), key=key)
    sessions.choose_role(request, key)
    role = next(choice.role for choice in standing_of(request).choices if choice.key == key)
    messages.success(request, _("现在以“%(role)s”的身份工作。") % {"role": roles.title_of(role)})
    return HttpResponseRedirect(safe_next(request))


@never_cache
@signed_in
@sensitive_post_parameters("old", "password", "repeat")
@require_http_methods(["GET", "POST"])
def change_password(request: HttpRequest) -> HttpResponse:
    """One's own password, against the present one; other sessions end, this one goes on."""
    errors: dict[str, str] = {}
    if request.method == "POST":
        if request.POST.get("password", "") != request.POST.get("repeat", ""):
            errors = {"repeat": _("两次输入的密码不一样。")}
        else:
            try:
                activation.change_password(
                    actor=actor_of(request), old=request.POST.get("old", ""), new=request.POST.get("password", ""),
                    session_id=request.sso_session.id,  # type: ignore[attr-defined]
                )  # fmt: skip
            except DomainError as refusal:
                errors = {name: str(text) for name, text in refusal.details.items()} or {"old": refusal.message}
            else:
                sessions.renew(request)
                messages.success(request, _("密码已修改，其他设备上的登录已失效。"))
                return HttpResponseRedirect(reverse("identity:me"))
    shown = {"errors": errors, "least": passwords.LEAST}
    return render(request, "identity/change_password.html", shown, status=422 if errors else 200)


@signed_in
@require_POST
def end_visit(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Out of one place; of this one, like signing out."""
    here = request.sso_session.id  # type: ignore[attr-defined]
    if session_id == here:
        sessions.leave(request)
        return HttpResponseRedirect(reverse("identity:sign_in"))
    keeping.end_visits(actor=actor_of(request), session_ids=[session_id])
    messages.success(request, _("已在那里退出。"))
    return HttpResponseRedirect(reverse("identity:me") + "#visits")


@signed_in
@require_POST
def end_other_visits(request: HttpRequest) -> HttpResponse:
    """Out of everywhere but here."""
    here = request.sso_session.id  # type: ignore[attr-defined]
    visits = own.list_visits(actor=actor_of(request), here=here)
    others = [one.id for one in visits if not one.is_here and one.ended_at is None]
    keeping.end_visits(actor=actor_of(request), session_ids=others)
    messages.success(request, _("其他地方都已退出。"))
    return HttpResponseRedirect(reverse("identity:me") + "#visits")
