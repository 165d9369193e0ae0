"""人籍核对: tiles, list, both records beside each other, history; and the work list as a workbook."""

from __future__ import annotations

import tempfile
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from lingqu.foundation.intake import api as intake
from lingqu.foundation.registry import api as registry
from lingqu.kernel import clock, crypto
from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Forbidden, Invalid
from lingqu.ui.jinja import render_block, render_page

from .. import policies, register
from ..models import Case
from ..selectors import boards as figures
from ..selectors import cases as reading
from ..services.deadlines import Deadlines
from ..services.exporting import export_cases
from ..types import rights
from ..types.words import SUGGESTED, Assignee, Bucket, CaseState, Handling
from . import showing

SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SCHOOL_KINDS = ("school", "teaching_point")
SEARCH = b"reconciliation.search"
LONGEST_QUERY = 40
KEPT = ("node", "bucket", "cause", "state", "s")
"""What stays in the address from page to page: place, filters, sealed words of the search."""


def place_of(actor: Actor, code: str) -> Any:
    """The organisation asked for, else the actor's own place. Unknown and out of reach look the same."""
    if code:
        found = register.organisations().filter(code=code).first()
        if found is None or not policies.may_view(actor, str(found.path)):
            raise Forbidden()
        return found
    paths = actor.paths(rights.VIEW)
    path = actor.path if actor.path and policies.may_view(actor, actor.path) else next(iter(paths), "")
    if not path:
        raise Forbidden()
    return register.organisations().get(path=path)


def query_of(asked: Mapping[str, str]) -> dict[str, str]:
    """What stands in the address, or in a form that repeats it; words of the search are sealed, because names may not
    stand there."""
    query = {name: asked.get(name, "")[:400] for name in (*KEPT, "case", "cursor")}
    query["node"] = query["node"][:20]
    query["bucket"] = showing.known_bucket(query["bucket"])
    query["cause"] = showing.known_cause(query["cause"])
    if query["state"] not in reading.FILTERS:
        query["state"] = ""
    return query


def wanted_of(query: Mapping[str, str]) -> reading.Wanted:
    """The filters of an address or of a posted form that repeats them."""
    return reading.Wanted(bucket=query["bucket"], cause=query["cause"], state=query["state"], q=opened(query["s"]))


def sealed(text: str) -> str:
    return urlsafe_b64encode(crypto.seal(text.encode(), SEARCH)).decode().rstrip("=") if text else ""


def opened(text: str) -> str:
    if not text:
        return ""
    try:
        return crypto.unseal(urlsafe_b64decode(text + "=" * (-len(text) % 4)), SEARCH).decode()
    except (ValueError, Base64Error, InvalidTag) as error:
        raise Invalid(_("这个查找链接无效，请重新输入。"), code="bad_search") from error


@require_GET
@needs(rights.VIEW)
def board(request: HttpRequest) -> HttpResponse:
    return render_page(request, "reconciliation/board.html", board_context(request), block="list")


def board_context(request: HttpRequest, **more: Any) -> dict[str, Any]:
    """Everything the page shows; at most twelve statements."""
    actor, query = actor_of(request), query_of(request.GET)
    place = place_of(actor, query["node"])
    path, text, deadlines = str(place.path), opened(query["s"]), Deadlines()
    runs = figures.find_runs(path)
    kept = {name: value for name, value in query.items() if name != "cursor"}
    context: dict[str, Any] = {
        "place": place, "query": kept, "text": text, "runs": runs, "run": runs.newest, "case": None, "has_search": bool(text),
        "told": reading.find_reminder(place) if place.kind in SCHOOL_KINDS else None,
        "may_load": actor.has(intake.IMPORT_RUN), "may_run": policies.may_run(actor, path), "errors": {}, "posted": {}, "today": clock.today(),
    }  # fmt: skip
    if runs.newest is None:
        return {**context, **more}
    shown = figures.get_board(actor=actor, path=path, run=runs.newest)
    states = figures.count_states(
        actor=actor, path=path, bucket=query["bucket"], cause=query["cause"], today=clock.today()
    )
    page = reading.list_cases(actor=actor, path=path, wanted=wanted_of(query), cursor=query["cursor"])
    chosen = _chosen(actor, query["case"], page.items)
    around = [*page.items, *([chosen] if chosen else [])]
    classes, contacts = reading.classes_of(around), registry.contacts_of([one.owner for one in around])
    context |= {
        "tiles": showing.tiles(shown, kept), "equation": showing.equation(shown), "chips": showing.chips(states.by, kept), "causes": showing.causes(states, kept),
        "page": page, "rows": [showing.case_row(one, classes, contacts, deadlines, kept) for one in page],
        "title": Bucket(query["bucket"]).label if query["bucket"] else _("全部不一致"),
        "history": showing.history_rows(runs.history), "total": states.by["all" if not query["state"] else query["state"]], "states": states.by, "handlings": Handling.choices,
        "export_href": showing.export_address(kept), "close_href": showing.address(kept, case=""), "compared_at": runs.newest.compared_at,
        "may_work_here": policies.may_work_at(actor, path) and query["state"] != "closed", "assignments": Assignee.choices,
        "usual": SUGGESTED.get(query["cause"], ""), "can_rerun": policies.may_run(actor, str(runs.newest.path)) and runs.busy is None,
    }  # fmt: skip
    if chosen is not None:
        context |= _case_context(actor, chosen, classes, contacts, deadlines, kept)
    return {**context, **more}


def _chosen(actor: Actor, text: str, items: tuple[Case, ...]) -> Case | None:
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        return None
    known = next((one for one in items if one.id == int(text)), None)
    return known or reading.get_case(actor=actor, case_id=int(text))


def _case_context(
    actor: Actor, case: Case, classes: Any, contacts: Any, deadlines: Deadlines, query: dict[str, str]
) -> dict[str, Any]:  # fmt: skip
    sides = reading.sides_of(case)
    listed = reading.find_listed(case)
    return {
        "case": case, "row": showing.case_row(case, classes, contacts, deadlines, query), "sides": sides, "head": showing.heads(sides), "compared": showing.compare(sides),
        "advice": showing.advice(case), "steps": showing.steps(case, deadlines),
        "handling": showing.usual_handling(case), "evidence": list(case.evidence.order_by("added_at")),
        "may_work": policies.may_work_case(actor, case) and case.state != CaseState.CLOSED,
        "assignees": showing.assignees(case) if policies.may_direct_case(actor, case) and case.state == CaseState.TODO else [],
        "guardian_phone": listed[1] if listed and policies.may_work_case(actor, case) else "",
        "may_be_beyond": case.bucket in (Bucket.NO_ENTRY, Bucket.IN_TRANSIT),
    }  # fmt: skip


@require_POST
@needs(rights.VIEW)
def search(request: HttpRequest) -> HttpResponse:
    """Names go by post, and into the address only sealed."""
    text = request.POST.get("q", "").strip()[:LONGEST_QUERY]
    query = {name: request.POST.get(name, "")[:20] for name in KEPT if name != "s"}
    return redirect(showing.address(query, s=sealed(text)))


@require_GET
@needs(rights.VIEW)
def standing(request: HttpRequest) -> HttpResponse:
    """Whether the comparison is done; then the page loads itself anew."""
    place = place_of(actor_of(request), request.GET.get("node", "")[:20])
    runs = figures.find_runs(str(place.path))
    response = render_block(
        request, "reconciliation/board.html", "standing", {"runs": runs, "query": query_of(request.GET)}
    )
    if runs.busy is None:
        response["HX-Refresh"] = "true"
    return response


@require_GET
@needs(rights.VIEW)
def export(request: HttpRequest) -> Any:
    actor, query = actor_of(request), query_of(request.GET)
    place = place_of(actor, query["node"])
    target = tempfile.NamedTemporaryFile(suffix=".xlsx")  # noqa: SIM115  the answer closes it
    export_cases(actor=actor, path=str(place.path), target=Path(target.name), wanted=wanted_of(query))
    name = _("人籍核对派单表 %(place)s %(day)s.xlsx") % {"place": place.name, "day": clock.today().isoformat()}
    response = FileResponse(target, as_attachment=True, filename=name, content_type=SHEET_TYPE)
    response["X-Content-Type-Options"] = "nosniff"
    return response
