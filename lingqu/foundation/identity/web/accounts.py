"""Accounts of a class and of a school: who is in, new codes, slips, claims of guardians."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.errors import DomainError, NotFound
from lingqu.kernel.files import hand_over

from .. import policies, register, roles
from ..models import SlipBatch
from ..selectors import accounts, claims, codes_open, inviting, lists
from ..services import activation, guardians, slips
from ..services import inviting as orders
from ..types import rights
from .activation import RELATIONS
from .door import safe_next


@needs(rights.ACCOUNT_VIEW)
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """One's own class or school at once; with several of them, a choice."""
    actor = actor_of(request)
    classes = list(register.classes().filter(id__in=actor.things(rights.ACCOUNT_VIEW, "class")).order_by("name"))
    schools = lists.list_schools(actor=actor)
    if len(classes) == 1 and not schools:
        return redirect("identity:class_accounts", classes[0].id)
    if len(schools) == 1 and not classes:
        return redirect("identity:school_accounts", schools[0].code)
    return render(request, "identity/start.html", {"classes": classes, "schools": schools})


@needs(rights.ACCOUNT_VIEW)
@require_GET
def class_accounts(request: HttpRequest, class_id: UUID) -> HttpResponse:
    """The pupils of a class with the state of their accounts, and claims that wait."""
    actor, group = actor_of(request), register.get_class(class_id)
    rows = lists.list_class_accounts(actor=actor, class_id=class_id)
    may_decide = policies.holds_on_class(actor, group, rights.ACCOUNT_RESET)
    state = request.GET.get("real_name", "")
    shown = {
        "state": state, "listed": [row for row in rows if state not in ("yes", "no") or (row.proof is not None) == (state == "yes")],
        "verified": sum(row.proof is not None for row in rows),
        "group": group, "rows": rows, "may_decide": may_decide, "may_print": policies.may_print_slips(actor, group),
        "claims": claims.list_claims(actor=actor, class_id=class_id) if may_decide else (),
        "relations": dict(RELATIONS),
        "pupils_active": sum(row.state == "active" for row in rows),
        "guarded": sum(row.guardians_active > 0 for row in rows),
    }  # fmt: skip
    return render(request, "identity/class_accounts.html", shown)


@needs(rights.SLIPS_PRINT)
@never_cache
@sensitive_variables("made")
@require_http_methods(["GET", "POST"])
def class_slips(request: HttpRequest, class_id: UUID) -> HttpResponse:
    """Choose whom to print for; printing makes the PDF with fresh codes."""
    actor, group = actor_of(request), register.get_class(class_id)
    require(policies.may_print_slips(actor, group))
    if request.method == "POST":
        choice = slips.Choice(
            pupils="pupils" in request.POST, guardians="guardians" in request.POST, only_new="only_new" in request.POST
        )
        try:
            made = slips.print_class(actor=actor, class_id=class_id, choice=choice)
        except DomainError as refusal:
            messages.warning(request, refusal.message)
            return redirect("identity:class_slips", class_id)
        return hand_over(made.pdf, made.name, "application/pdf")
    rows = lists.class_accounts(group)
    shown = {
        "group": group, "rows": rows,
        "new_pupils": sum(row.state == "new" for row in rows),
        "without_guardian": sum(not row.guardians_active for row in rows),
        "open_codes": codes_open.count_open([row.account_id for row in rows], [row.person_id for row in rows]),
        "pages": -(-len(rows) // 6),
        "named": claims.guardian_names([row.person_id for row in rows[:6]]),
    }  # fmt: skip
    return render(request, "identity/class_slips.html", shown)


@needs(rights.ACCOUNT_RESET)
@require_POST
def decide_claim(request: HttpRequest, claim_id: UUID) -> HttpResponse:
    answer = request.POST.get("answer", "")
    is_confirmed = answer in ("confirm", "proxy")
    untold = guardians.decide_claim(
        actor=actor_of(request), claim_id=claim_id, is_confirmed=is_confirmed, as_proxy=answer == "proxy"
    )
    if untold:
        messages.warning(request, _("已处理，但短信没有发出，请当面告诉对方：%(why)s") % {"why": untold})
    else:
        messages.success(request, _("已确认，对方会收到短信。") if is_confirmed else _("已拒绝这条认领。"))
    return redirect(safe_next(request))


@needs(rights.ACCOUNT_RESET)
@never_cache
@sensitive_variables("code")
@require_POST
def new_code(request: HttpRequest, number: str) -> HttpResponse:
    """A one-use code for one person, shown and printable once."""
    actor, account = actor_of(request), accounts.find_account(number)
    if account is None or account.person_id is None:
        raise NotFound(_("没有这个账号。"))
    require(policies.may_reset(actor, account))
    code = activation.issue_reset(actor=actor, account=account)
    shown = {"code": code, "account": account, "name": accounts.name_of(account), "back": safe_next(request)}
    return render(request, "identity/new_code.html", shown)


@needs(rights.ACCOUNT_VIEW)
@require_GET
def school_accounts(request: HttpRequest, code: str) -> HttpResponse:
    """Classes with their counts and the slips that were ordered, or staff by name with their invitations."""
    actor, school = actor_of(request), register.get_organisation(code)
    cursor = request.GET.get("cursor", "")
    shown = {
        "school": school, "may_print": policies.may_print_school(actor, school),
        "may_reset": actor.holds(rights.ACCOUNT_RESET, str(school.path)), "has_classes": school.kind in roles.SCHOOLS,
    }  # fmt: skip
    if request.GET.get("part") == "staff" or not shown["has_classes"]:
        stand = request.GET.get("stand", "")
        staff = lists.list_staff_accounts(actor=actor, school=school, part=stand, cursor=cursor)
        shown |= {
            "part": "staff", "page": staff, "stand": stand, "progress": inviting.progress_of(school),
            "rounds": inviting.list_rounds(school) if shown["may_print"] else (),
        }  # fmt: skip
    else:
        classes = lists.list_school_classes(actor=actor, school=school, cursor=cursor)
        shown |= {"part": "classes", "page": classes, "batches": _batches(actor, school) if shown["may_print"] else ()}
    return render(request, "identity/school_accounts.html", shown)


def _batches(actor: Actor, school: Any) -> Any:
    """The slips of a whole school that the actor ordered lately."""
    if actor.account_id is None:
        return ()
    return SlipBatch.objects.filter(organisation=school, made_by=actor.account_id).order_by("-made_at")[:3]


@needs(rights.SLIPS_PRINT)
@require_POST
def invite_staff(request: HttpRequest, code: str) -> HttpResponse:
    """Invite everybody whose account is not in use; a job sends the messages."""
    orders.order_round(actor=actor_of(request), school=register.get_organisation(code))
    messages.success(request, _("正在发送邀请，发完后在这里看结果。"))
    return redirect(f"{reverse('identity:school_accounts', args=[code])}?part=staff")


@needs(rights.SLIPS_PRINT)
@never_cache
@require_POST
def staff_slips(request: HttpRequest, code: str) -> HttpResponse:
    school = register.get_organisation(code)
    try:
        made = slips.print_staff(actor=actor_of(request), school=school)
    except DomainError as refusal:
        if refusal.status == 403:
            raise
        messages.warning(request, refusal.message)
        return redirect(f"{reverse('identity:school_accounts', args=[code])}?part=staff")
    return hand_over(made.pdf, made.name, "application/pdf")


@needs(rights.SLIPS_PRINT)
@require_POST
def order_slips(request: HttpRequest, code: str) -> HttpResponse:
    """A ZIP with the slips of every class, made by a job."""
    school = register.get_organisation(code)
    slips.order_school(actor=actor_of(request), school=school, only_new=request.POST.get("only_new") == "on")
    messages.success(request, _("正在生成全校开通单，完成后在这里下载。"))
    return redirect("identity:school_accounts", code)


@needs(rights.SLIPS_PRINT)
@never_cache
@require_GET
def take_slips(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    name, content = slips.take_batch(actor=actor_of(request), batch_id=batch_id)
    return hand_over(content, name, "application/zip")
