"""One class: its pupils, teachers, and the 花名册 to print."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.clock import today
from lingqu.kernel.errors import Forbidden

from .. import policies
from ..selectors import classes, pupil_attributes
from ..types import rights
from ..types.slots import CLASS_LINKS, Spot


@needs(rights.CLASS_VIEW, rights.PERSON_VIEW)
def class_page(request: HttpRequest, class_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    group = classes.get_class(actor, class_id)
    path = str(group.school.path)
    context = {
        "page": classes.get_class_page(actor, group),
        "sees_names": policies.may_see_roster(actor, group, path),
        "sees_school": actor.holds(rights.ORGANISATION_VIEW, path),
        "may_edit": policies.may_edit_class(actor, group, path),
        "links": CLASS_LINKS.collect(actor, Spot(id=group.id, path=path)),
        "may_tick": pupil_attributes.may_edit_in_class(actor, group),
        "may_manage": actor.holds(rights.CLASS_EDIT, path),
    }
    return render(request, "registry/class.html", context)


@needs(rights.PERSON_VIEW)
def print_roster(request: HttpRequest, class_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    group = classes.get_class(actor, class_id)
    if not policies.may_see_roster(actor, group, str(group.school.path)):
        raise Forbidden()
    return render(request, "registry/roster.html", {"page": classes.get_class_page(actor, group), "day": today()})
