"""The simple designer: a process as a form and steps in order; check, publish, copy, extend, export and import."""

from __future__ import annotations

from dataclasses import replace as replaced
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lingqu.kernel import files
from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.answers import refusals_told
from lingqu.kernel.errors import Invalid, NotFound

from ..definition.design import Design, DesignStep, new_id
from ..definition.document import MOST_BYTES
from ..forms.schema import Field, FieldType, Form
from ..selectors import designs
from ..services import defining, designing
from ..types import rights
from ..types.words import Audience, Origin, VersionState
from . import choosing
from .design_forms import NameForm, PaperForm, StepForm, WholeForm, condition_words, initial_of_step
from .field_forms import TYPES, FieldForm, initial_of_field
from .filling import drawn_fields

EDIT = (rights.DEFINE, rights.PUBLISH)
BPMN_MEDIA = "application/xml"


@require_GET
@needs(*EDIT)
def processes(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    homes = designs.homes_of(actor)
    home = designs.home_of(actor, request.GET.get("at", "")) if homes else None
    context = {
        "page": designs.list_own(actor, request.GET.get("cursor", "")), "homes": homes, "home": home,
        "above": designs.list_above(home) if home else (), "form": NameForm(),
    }  # fmt: skip
    return render(request, "workflow/processes.html", context)


@require_POST
@needs(rights.DEFINE)
def new(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    home = designs.home_of(actor, request.POST.get("at", ""))
    with refusals_told(request):
        made = designing.create_draft(actor=actor, organisation=home, name=request.POST.get("name", ""))
        return redirect("workflow:process", made)
    return redirect("workflow:processes")


@require_POST
@needs(rights.DEFINE)
def bring(request: HttpRequest) -> HttpResponse:
    """Import a BPMN file as a draft."""
    actor = actor_of(request)
    home = designs.home_of(actor, request.POST.get("at", ""))
    with refusals_told(request):
        made = designing.import_file(actor=actor, organisation=home, content=_uploaded(request))
        return redirect("workflow:process", made)
    return redirect("workflow:processes")


def _uploaded(request: HttpRequest) -> bytes:
    file = request.FILES.get("file")
    if file is None:
        raise Invalid(_("请选择流程文件。"), code="no_file")
    content: bytes = file.read(MOST_BYTES + 1)
    return content


@require_GET
@needs(*EDIT)
def process(request: HttpRequest, version_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    version = designs.get_version(actor, version_id)
    own = designs.design_of_version(version)
    design = designing.whole_of(version, own) if own is not None else None
    problems = designing.problems_of(version) if version.state == VersionState.DRAFT else []
    base = _base_of(version)
    context = {
        "version": version, "design": design, "problems": problems, "types": TYPES, "states": VersionState,
        "steps": [_step_line(one, design) for one in design.steps] if design else (),
        "may_edit": actor.holds(rights.DEFINE, str(version.path)) and version.state == VersionState.DRAFT,
        "may_publish": actor.holds(rights.PUBLISH, str(version.path)),
        "audience": [label for word, label in Audience.choices if design is not None and word in design.audience],
        "base": base, "own_steps": {one.id for one in own.steps} if own else (), "own_fields": own.form.keys if own else (),
    }  # fmt: skip
    return render(request, "workflow/process.html", context)


def _step_line(step: DesignStep, design: Design) -> dict[str, Any]:
    return {
        "step": step, "who": choosing.words_of(step.who),
        "conditions": [condition_words(one, design) for one in step.only_if],
        "writes": [found.label for key in step.writes if (found := design.form.find(key))],
    }  # fmt: skip


def _base_of(version: Any) -> Design | None:
    """What an extension inherits."""
    if version.origin != Origin.EXTENSION or version.derived_from is None:
        return None
    return designs.design_of_version(designs.in_force(version.derived_from))


def _design(request: HttpRequest, version_id: UUID) -> tuple[Any, Design]:
    """A version that the simple designer can change, with everything that it inherits."""
    version = designs.get_version(actor_of(request), version_id)
    own = designs.design_of_version(version)
    if own is None:
        raise NotFound()
    return version, designing.whole_of(version, own)


@require_http_methods(["GET", "POST"])
@needs(rights.DEFINE)
def whole(request: HttpRequest, version_id: UUID) -> HttpResponse:
    version, design = _design(request, version_id)
    initial = {
        "name": design.name, "days": design.days or None, "saved": design.saved or None, "audience": list(design.audience),
        "recusal": design.recusal,
    }  # fmt: skip
    form = WholeForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data

        def changed(now: Design) -> Design:
            return replaced(
                now, name=given["name"], days=given["days"] or 0, saved=given["saved"] or 0,
                audience=tuple(given["audience"]), recusal=given["recusal"],
            )  # fmt: skip

        designing.change(actor=actor_of(request), version_id=version_id, how=changed)
        return redirect("workflow:process", version_id)
    return _drawer(request, "workflow/edit_whole.html", version, form)


@require_http_methods(["GET", "POST"])
@needs(rights.DEFINE)
def paper(request: HttpRequest, version_id: UUID) -> HttpResponse:
    version, design = _design(request, version_id)
    initial = {"title": design.paper.title, "seals": list(design.paper.seals), "foot": design.paper.foot}
    form = PaperForm(request.POST or None, initial=initial, design=design)
    if request.method == "POST" and form.is_valid():
        made = form.paper()
        designing.change(actor=actor_of(request), version_id=version_id, how=lambda now: replaced(now, paper=made))
        return redirect("workflow:process", version_id)
    return _drawer(request, "workflow/edit_paper.html", version, form)


@require_http_methods(["GET", "POST"])
@needs(rights.DEFINE)
def step(request: HttpRequest, version_id: UUID, step_id: str) -> HttpResponse:
    version, design = _design(request, version_id)
    is_new = step_id == "new"
    found = DesignStep(id=new_id("step", (one.id for one in design.steps))) if is_new else design.find(step_id)
    if found is None:
        raise NotFound()
    form = StepForm(
        request.POST or None, initial=initial_of_step(found, design), design=design, step=found, base=_base_of(version)
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        made = form.made()
        designing.change(
            actor=actor_of(request), version_id=version_id, how=lambda now: designing.with_step(now, made)
        )  # fmt: skip
        return redirect("workflow:process", version_id)
    return _drawer(request, "workflow/edit_step.html", version, form, is_new=is_new)


@require_http_methods(["GET", "POST"])
@needs(rights.DEFINE)
def field(request: HttpRequest, version_id: UUID, name: str) -> HttpResponse:
    version, design = _design(request, version_id)
    is_new = name in TYPES
    former = Field(type=FieldType(name)) if is_new else _field_of(design, name)
    form = FieldForm(
        request.POST or None, initial=initial_of_field(former, design), kind=former.type, design=design, key=former.key
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            made = form.field()
            known = "" if is_new else name
            designing.change(
                actor=actor_of(request), version_id=version_id, how=lambda now: designing.with_field(now, made, known)
            )
            return redirect("workflow:process", version_id)
        except Invalid as refused:
            form.add_error(None, refused.message)
    return _drawer(request, "workflow/edit_field.html", version, form, type_name=TYPES[former.type])


def _field_of(design: Design, name: str) -> Field:
    found = next((one for one in design.form.fields if (one.key or one.label) == name), None)
    if found is None:
        raise NotFound()
    return found


@require_POST
@needs(rights.DEFINE)
def arrange(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """Move a step or field up or down, or take it away."""
    given = {"step": request.POST.get("step", ""), "field": request.POST.get("field", "")}
    act = request.POST.get("act", "")

    def changed(design: Design) -> Design:
        if act == "remove":
            return designing.without(design, **given)
        return designing.moved(design, by=-1 if act == "up" else 1, **given)

    with refusals_told(request):
        designing.change(actor=actor_of(request), version_id=version_id, how=changed)
    return redirect("workflow:process", version_id)


@require_GET
@needs(*EDIT)
def preview(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """The form as the applicant will see it; nothing is sent from here."""
    version = designs.get_version(actor_of(request), version_id)
    design = designs.design_of_version(version)
    form = designing.whole_of(version, design).form if design else Form(key="form")
    context = {"version": version, "fields": drawn_fields(form, {})}
    return render(request, "workflow/preview.html", context)


@require_POST
@needs(rights.PUBLISH)
def publish(request: HttpRequest, version_id: UUID) -> HttpResponse:
    with refusals_told(request):
        designing.publish(actor=actor_of(request), version_id=version_id)
        messages.success(request, _("已发布。正在办的件仍按原来的版本办完。"))
    return redirect("workflow:process", version_id)


@require_POST
@needs(rights.PUBLISH)
def withdraw(request: HttpRequest, version_id: UUID) -> HttpResponse:
    with refusals_told(request):
        defining.withdraw(actor=actor_of(request), version_id=version_id)
        messages.success(request, _("已停用，不能再发起；正在办的件照常办完。"))
    return redirect("workflow:process", version_id)


@require_POST
@needs(rights.DEFINE)
def discard(request: HttpRequest, version_id: UUID) -> HttpResponse:
    defining.discard_draft(actor=actor_of(request), version_id=version_id)
    return redirect("workflow:processes")


@require_POST
@needs(rights.DEFINE)
def take(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """A draft from a published version: next version, copy or extension."""
    actor = actor_of(request)
    origin = request.POST.get("origin", "")
    if origin not in Origin.values:
        raise NotFound()
    home = designs.home_of(actor, request.POST.get("at", ""))
    with refusals_told(request):
        made = designing.draft_from(actor=actor, version_id=version_id, organisation=home, origin=Origin(origin))
        return redirect("workflow:process", made)
    return redirect("workflow:processes")


@require_POST
@needs(rights.DEFINE)
def replace(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """Another file for a draft, as it came back from another tool."""
    designs.get_version(actor_of(request), version_id)
    with refusals_told(request):
        designing.replace_file(actor=actor_of(request), version_id=version_id, content=_uploaded(request))
    return redirect("workflow:process", version_id)


@require_GET
@needs(*EDIT)
def bpmn(request: HttpRequest, version_id: UUID) -> HttpResponse:
    version = designs.get_version(actor_of(request), version_id)
    return files.hand_over(version.bpmn.encode(), f"{version.name}-{version.number}.bpmn", BPMN_MEDIA)


@require_GET
@needs(*EDIT)
def diagram(request: HttpRequest, version_id: UUID) -> HttpResponse:
    version = designs.get_version(actor_of(request), version_id)
    return render(request, "workflow/diagram.html", {"version": version, "problems": designing.problems_of(version)})


def _drawer(request: HttpRequest, template: str, version: Any, form: Any, **more: Any) -> HttpResponse:
    status = 422 if form.is_bound else 200
    return render(request, template, {"version": version, "form": form, **more}, status=status)
