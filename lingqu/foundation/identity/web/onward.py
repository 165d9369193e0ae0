"""The door's form may end at an application."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from lingqu.kernel.access import actor_of
from lingqu.kernel.onward import let_forms_end_at

from ..types.slots import ONWARD


def allow(request: HttpRequest, response: HttpResponse, target: str) -> HttpResponse:
    """Let the form on this page end at the origins to which ``target``, an address of ours, sends a browser on."""
    return let_forms_end_at(response, *ONWARD.collect(actor_of(request), target))
