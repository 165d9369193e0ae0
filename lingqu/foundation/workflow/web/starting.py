"""Starting a case: choose, fill in what the register does not know, hand in; also at a counter for somebody else."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from lingqu.foundation.registry import api as registry
from lingqu.kernel.access import actor_of, needs, signed_in
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.errors import DomainError, Forbidden, Invalid, NotFound
from lingqu.ui.jinja import render_block

from ..forms.answers import Answers, clean
from ..forms.schema import Form
from ..models import DefinitionVersion
from ..selectors import doors, forms
from ..selectors.plans import find_version
from ..selectors.prefill import Prefilled, people, prefilled
from ..services import starting
from ..types import rights
from .filling import drawn_fields, posted_of, uploads_of


@require_GET
@signed_in
def choose(request: HttpRequest) -> HttpResponse:
    """What I may apply for, by where I work, where I learn and where my children learn."""
    actor = actor_of(request)
    open_doors = doors.doors_of(actor)
    offered = [
        (one.door, [doors.way_to(one.door, row) for row in one.versions]) for one in doors.offers_of(actor, open_doors)
    ]
    context = {"offered": offered, "counters": doors.counters_of(actor, open_doors)}
    return render(request, "workflow/start.html", context)


@require_http_methods(["GET", "POST"])
@signed_in
def apply(request: HttpRequest, key: str) -> HttpResponse:
    """The application: for oneself or a child (``about``), at one of the own places (``at``)."""
    actor = actor_of(request)
    at, about = request.GET.get("at", ""), request.GET.get("about", "")
    door = next((one for one in doors.doors_of(actor) if one.organisation.code == at and one.number == about), None)
    if door is None:
        raise Forbidden()
    return _page(request, key, door.organisation, subject_id=door.subject_id, about=door.name)


@require_http_methods(["GET", "POST"])
@needs(rights.CASE_COUNTER)
def counter(request: HttpRequest, key: str) -> HttpResponse:
    """窗口代办: staff start a case for somebody who stands at the counter."""
    actor = actor_of(request)
    place = registry.find_organisation(request.GET.get("at", ""))
    if place is None:
        raise Forbidden()
    require(actor.holds(rights.CASE_COUNTER, str(place.path)))
    person = registry.find_person(request.GET.get("for", "").strip())
    about = registry.find_person(request.GET.get("about", "").strip()) or person
    if person is None or about is None:
        return render(
            request, "workflow/counter.html", {"place": place, "key": key, "asked": request.GET.get("for", "")}
        )
    _require_served(actor, person)
    _require_served(actor, about)
    return _page(request, key, place, subject_id=about.id, starter_id=person.id, about=person.name)


def _require_served(actor: Actor, person: Any) -> None:
    """The counter serves people of the own area: whoever may be seen there, or guards somebody who may."""
    if registry.may_see_person(actor, person):
        return
    wards = registry.relations_of(person.id).wards
    found = people().filter(id__in=[ward.person_id for ward in wards])
    require(any(registry.may_see_person(actor, one) for one in found))


def _page(
    request: HttpRequest, key: str, place: Any, *, subject_id: UUID, starter_id: UUID | None = None, about: str = ""
) -> HttpResponse:
    actor = actor_of(request)
    version = find_version(key, str(place.path))
    if version is None:
        raise NotFound()
    form = forms.start_form(version.id)
    sources = prefilled(form, organisation=place, starter=starter_id or actor.person_id, subject=subject_id)
    kept = {name: one.value for name, one in sources.items()}
    writes = form.keys - kept.keys()
    is_refresh = "refresh" in request.GET
    answers = Answers(values=kept)
    if request.method == "POST":
        answers = clean(form, posted_of(request), kept=kept, writes=writes, is_draft=is_refresh)
        if is_refresh:
            answers = Answers(values=answers.values)
        else:
            done = _handed_in(request, version, place, form, answers, sources, subject_id, starter_id)
            if not isinstance(done, Answers):
                return done
            answers = done
    context = {
        "version": version, "place": place, "about": about, "errors": _summary(form, answers.errors),
        "fields": drawn_fields(form, answers.values, errors=answers.errors, sources=sources, writes=writes),
        "is_lively": any(one.hide for one in form.fields), "free": len(sources), "count": len(form.keys),
        "action": request.get_full_path(), "refresh": request.get_full_path() + "&refresh=1",
    }  # fmt: skip
    if is_refresh:
        return render_block(request, "workflow/apply.html", "fields", context)
    return render(request, "workflow/apply.html", context, status=422 if request.method == "POST" else 200)


def _handed_in(
    request: HttpRequest, version: DefinitionVersion, place: Any, form: Form, answers: Answers,
    sources: dict[str, Prefilled], subject_id: UUID, starter_id: UUID | None,
) -> HttpResponse | Answers:  # fmt: skip
    """The way to the new case, or the answers with what is wrong."""
    uploads, wrong = uploads_of(request, form, answers)
    errors = {**answers.errors, **wrong}
    if not errors:
        try:
            case = starting.start(
                actor=actor_of(request), key=version.key, organisation_id=place.id, subject_id=subject_id, uploads=uploads,
                starter_id=starter_id, fields={name: value for name, value in answers.values.items() if value is not None},
                sources={name: one.source for name, one in sources.items() if answers.values.get(name) is not None},
            )  # fmt: skip
            messages.success(request, _("已提交，编号 %(number)s。") % {"number": case.number})
            return redirect("workflow:case", case.id)
        except Invalid as refused:
            errors = dict(refused.details) or {"": refused.message}
        except (Forbidden, NotFound):
            raise
        except DomainError as refused:
            errors = {"": refused.message}
    return Answers(values=answers.values, errors=errors, hidden=answers.hidden)


def _summary(form: Form, errors: dict[str, str]) -> list[tuple[str, str, str]]:
    labels = {one.key: one.label for one in form.asked()}
    return [(f"f-{key}" if key in labels else "", labels.get(key, ""), text) for key, text in errors.items()]
