"""The official form of a case as PDF, and the page that confirms it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from lingqu.foundation.registry import api as registry
from lingqu.kernel import clock, files, limits
from lingqu.kernel.access import actor_of, public, signed_in
from lingqu.kernel.language import listed, writing_to
from lingqu.ui import looks
from lingqu.ui.figures import day, moment

from ..documents.paper import Box, Printed, as_pdf
from ..selectors import cases, forms, papers
from ..selectors.plans import plan_of
from ..services import papering
from ..types.views import CaseView
from ..types.words import CaseState, FileKind
from .filling import drawn_fields
from .showing import PEOPLE, outcome_words

VERIFY_LIMIT, VERIFY_WINDOW = 30, 60
MOST_COPY = 40 << 20


@require_GET
@signed_in
def paper(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The official form of a case as PDF, with what its reader may see."""
    actor = actor_of(request)
    found = cases.get_case(actor, case_id)
    code = papering.issue(actor=actor, case_id=case_id, path=found.path)
    with writing_to():
        made = as_pdf(printed_of(request, found, code))
    return files.hand_over(made, f"{found.line.number}.pdf", "application/pdf")


def pdf_for_seal(request: HttpRequest, case: CaseView, node: str, organisation: str) -> bytes:
    """The form on which an electronic seal is set at a step."""
    code = papering.issue(actor=actor_of(request), case_id=case.line.id, path=case.path)
    with writing_to():
        return as_pdf(printed_of(request, case, code, sealing={node: organisation}))


def printed_of(request: HttpRequest, case: CaseView, code: str, sealing: Mapping[str, str] | None = None) -> Printed:
    plan = plan_of(case.version_id)
    place = registry.organisation_at(case.path)
    form = forms.form_of(case.version_id, plan.graph.form)
    layout = forms.paper_of(case.version_id)
    reads = None if case.sees_all else frozenset(case.fields)
    fields = drawn_fields(form, case.fields, reads=reads, writes=frozenset())
    materials = [one.name for one in case.files if one.kind == FileKind.MATERIAL]
    facts = [
        (one.field.label, one.text or "—") for one in fields if one.field.asks and not one.is_hidden and not one.files
    ]
    return Printed(
        title=layout.title or _("%(name)s审批表") % {"name": case.line.process}, number=case.line.number, code=code,
        place_code=place.code or "", platform=looks.Shell(request).platform_name,
        head=[(_("申请人"), case.line.starter), (_("申请日期"), day(case.line.started_at)), (_("办理单位"), place.name)],
        facts=[*facts, (_("所附材料"), listed(materials))] if materials else facts, boxes=_boxes(case, layout.seals, sealing or {}), foot=layout.foot,
        state=_("状态：%(state)s") % {"state": dict(CaseState.choices)[case.line.state]}, printed=moment(clock.now()),
    )  # fmt: skip


def _boxes(case: CaseView, seals: tuple[str, ...], sealing: Mapping[str, str]) -> list[Box]:
    """A box for each step of people that the layout names, or for each of them; filled in when the step was done.
    ``sealing``: whose seal is being set at which step."""
    sealed = {one.node: one.organisation for one in papers.list_seals(case.line.id)} | dict(sealing)
    plan = plan_of(case.version_id)
    nodes = [node for node in plan.graph.nodes if node.kind in PEOPLE and (not seals or node.id in seals)]
    made = []
    for node in nodes:
        done = [task for task in case.tasks if task.node == node.id and task.decision]
        last = done[-1] if done else None
        made.append(
            Box(
                step=node.name or node.id, opinion=outcome_words(plan, last.decision) if last else "",
                who=last.actor if last else "", day=day(last.ended_at) if last and last.ended_at else "",
                seal=sealed.get(node.id, ""),
            )
        )  # fmt: skip
    return made


@require_http_methods(["GET", "POST"])
@public
def verify(request: HttpRequest) -> HttpResponse:
    """Whether a paper is genuine, for anybody who holds it: number and check code together. A post looks at the seals of a copy,
    which is not kept."""
    asked = {name: request.GET.get(name, "").strip()[:40] for name in ("at", "number", "code")}
    is_asked = bool(asked["number"] or asked["code"])
    found, copy = None, None
    if is_asked or request.method == "POST":
        limits.hit(f"workflow.verify:{request.META.get('REMOTE_ADDR', '')}", VERIFY_LIMIT, VERIFY_WINDOW)
    if request.method == "POST":
        uploaded: Any = request.FILES.get("file")
        is_readable = uploaded is not None and uploaded.size <= MOST_COPY
        copy = papers.check_copy(uploaded.read()) if is_readable else ()
    elif is_asked:
        found = papers.find_verified(asked["at"], asked["number"], asked["code"])
    context = {"asked": asked, "found": found, "is_asked": is_asked, "states": dict(CaseState.choices), "copy": copy}
    is_unknown = (is_asked and found is None and copy is None) or copy == ()
    response = render(request, "workflow/verify.html", context, status=404 if is_unknown else 200)
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex"
    return response
