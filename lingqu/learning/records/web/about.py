"""The about resource: which versions are spoken here (1.0.3 Communication 2.8; 2.0 4.1.6.7)."""

from __future__ import annotations

from django.http import HttpResponse

from ..types.versions import SUPPORTED
from .front import Call, as_json, resource
from .parameters import only


def _about(call: Call) -> HttpResponse:
    only(call)
    return as_json({"version": list(SUPPORTED)})


about = resource("", is_open=True, GET=_about)
