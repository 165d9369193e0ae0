"""From the rail to the pages of one's own school."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.errors import Forbidden

from .. import register
from ..types import rights


def _own_school(request: HttpRequest) -> str:
    actor = actor_of(request)
    place = register.organisations().filter(path=actor.path).first() if actor.path else None
    if place is None or place.kind not in register.SCHOOL_KINDS or not place.code:
        raise Forbidden()
    return str(place.code)


@needs(rights.VIEW)
def school(request: HttpRequest) -> HttpResponse:
    return redirect("timetable:school", _own_school(request))


@needs(rights.VIEW)
def changes(request: HttpRequest) -> HttpResponse:
    return redirect("timetable:changes", _own_school(request))
