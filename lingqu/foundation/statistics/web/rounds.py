"""Pages of the county: rounds, the board of a round, the list of phones."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from lingqu.foundation.registry import api as registry
from lingqu.kernel import clock
from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.answers import refusals_told
from lingqu.kernel.errors import DomainError, Forbidden, Invalid
from lingqu.kernel.language import listed

from ..selectors import boards, lists
from ..selectors.sheets import get_round
from ..services import reminding
from ..services import rounds as services
from ..types import rights
from ..types.words import SchoolTerm, SnapshotState
from ..wording import term_title

TONES = {"missing": "", "submitted": "amber", "returned": "coral", "confirmed": "brand", "received": "green"}


@require_GET
@needs(rights.SHEET_VIEW)
def rounds(request: HttpRequest) -> HttpResponse:
    return _list(request)


def _list(request: HttpRequest, error: DomainError | None = None) -> HttpResponse:
    actor = actor_of(request)
    year = registry.school_year_of(clock.today())
    manages = actor.paths(rights.ROUND_MANAGE)
    found = boards.list_rounds(actor=actor)
    places = list(lists.places_to_take(actor)) if manages else []
    snapshots = (
        [one for one in lists.list_snapshots(actor=actor) if one.state == SnapshotState.SEALED] if manages else []
    )
    context = {
        "rounds": [(one, term_title(one.year, one.term)) for one in found], "places": places, "year": year,
        "snapshots": [("", _("提交时的实时数据")), *((str(one.id), f"{one.taken_on} · {one.organisation.name} · {one.number}") for one in snapshots)],
        "terms": SchoolTerm.choices, "error": error, "given": request.POST, "school": lists.own_school(actor),
    }  # fmt: skip
    return render(request, "statistics/rounds.html", context, status=422 if error else 200)


@require_POST
@needs(rights.ROUND_MANAGE)
def open_one(request: HttpRequest) -> HttpResponse:
    given = request.POST
    try:
        deadline = date.fromisoformat(given.get("deadline", ""))
        snapshot = UUID(given["snapshot"]) if given.get("snapshot") else None
    except ValueError:
        return _list(request, Invalid(_("请填写截止日期。")))
    try:
        made = services.open_round(
            actor=actor_of(request), organisation_code=given.get("place", ""), year=given.get("year", ""),
            term=given.get("term", ""), deadline=deadline, snapshot_id=snapshot,
        )  # fmt: skip
    except Forbidden:
        raise
    except DomainError as refusal:
        return _list(request, refusal)
    messages.success(request, _("数据确认已开始，各校可以提交。"))
    return redirect("statistics:round", made.id)


@require_GET
@needs(rights.SHEET_VIEW)
def board(request: HttpRequest, round_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    round_ = get_round(actor=actor, round_id=round_id)
    rows, counts = boards.get_board(actor=actor, round_=round_)
    wanted = request.GET.get("state", "")
    state = wanted if wanted in boards.STATES else ""
    context = {
        "round": round_, "title": term_title(round_.year, round_.term), "counts": counts, "total": len(rows), "state": state,
        "rows": [one for one in rows if not state or one.state == state],
        "labels": {code: boards.state_label(code) for code in boards.STATES}, "tones": TONES,
        "may_manage": actor.holds(rights.ROUND_MANAGE, str(round_.path)),
        "waiting": sum(counts[one] for one in reminding.WAITING),
    }  # fmt: skip
    return render(request, "statistics/round.html", context)


@require_POST
@needs(rights.ROUND_MANAGE)
def close(request: HttpRequest, round_id: UUID) -> HttpResponse:
    services.close_round(actor=actor_of(request), round_id=round_id)
    messages.success(request, _("这次数据确认已结束，不再接收提交。"))
    return redirect("statistics:round", round_id)


@require_GET
@needs(rights.ROUND_MANAGE)
def contacts(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """The list for the phone: who has not confirmed, with numbers; A4."""
    actor = actor_of(request)
    round_ = get_round(actor=actor, round_id=round_id)
    context = {
        "round": round_, "title": term_title(round_.year, round_.term), "state_label": boards.state_label,
        "contacts": boards.list_contacts(actor=actor, round_=round_),
    }  # fmt: skip
    return render(request, "statistics/contacts.html", context)


@require_POST
@needs(rights.ROUND_MANAGE)
def remind(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """One message to every school that has not confirmed, then the list of phones for those who must be called."""
    with refusals_told(request):
        _tell_reminded(request, reminding.remind_schools(actor=actor_of(request), round_id=round_id))
        return redirect("statistics:round_phones", round_id)
    return redirect("statistics:round", round_id)


def _tell_reminded(request: HttpRequest, done: reminding.Reminded) -> None:
    if done.reached:
        messages.success(
            request, _("已给 %(n)d 所学校发出催办短信。没有接到的，请按下面的电话联系。") % {"n": len(done.reached)}
        )
    if done.without_phone:
        messages.warning(
            request,
            _("%(n)d 所学校没有登记经办人或校长的手机，没有发出：%(names)s。请打办公电话。")
            % {"n": len(done.without_phone), "names": listed(done.without_phone[:10])},
        )
    if done.recently:
        messages.info(request, _("%(n)d 所学校四小时内已经催办过，没有重复发送。") % {"n": len(done.recently)})
    if not (done.reached or done.without_phone or done.recently):
        messages.info(request, _("所有学校都已确认，没有需要催办的。"))
