"""From the rail to the pages of one's own school or class."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Forbidden

from .. import register
from ..types import rights


def _own_school(actor: Actor) -> str:
    place = register.organisations().filter(path=actor.path).first() if actor.path else None
    if place is None or place.kind not in register.SCHOOL_KINDS or not place.code:
        raise Forbidden()
    return str(place.code)


@needs(rights.STAFF_VIEW)
def staff(request: HttpRequest) -> HttpResponse:
    return redirect("office:staff", _own_school(actor_of(request)))


@needs(rights.PUPIL_RECORD)
def pupils(request: HttpRequest) -> HttpResponse:
    """A class teacher's class; whoever keeps the whole school sees the school."""
    actor = actor_of(request)
    classes = actor.things(rights.PUPIL_RECORD, "class")
    if classes:
        return redirect("office:class", classes[0])
    return redirect("office:pupils", _own_school(actor))
