"""The profile of the platform's own words, for anybody."""

from __future__ import annotations

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from lingqu.kernel.access import public
from lingqu.kernel.short_way import short_way

from ..types import profile as words
from .cors import allow_origins


@short_way
@public
@require_GET
def profile(_request: HttpRequest) -> HttpResponse:
    address = f"{settings.LINGQU_PUBLIC_URL}/xapi/profile"
    answer = HttpResponse(msgspec.json.encode(words.document(address)), content_type="application/ld+json")
    answer.headers["Cache-Control"] = "public, max-age=3600"
    return allow_origins(answer)
