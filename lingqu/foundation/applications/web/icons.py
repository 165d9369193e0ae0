"""The picture of an application, for whoever may meet it: on the shelf, on the consent page, on its own page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from lingqu.foundation.identity import api as identity
from lingqu.kernel import files
from lingqu.kernel.access import actor_of, signed_in
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import NotFound
from lingqu.kernel.media import media_type_of

from .. import policies
from ..models import Application
from ..selectors.sandbox import find_sandbox_person
from ..types.words import AppState

YEAR = 365 * 24 * 3600


@require_GET
@identity.on_class_screen
@signed_in
def icon(request: HttpRequest, client_id: str) -> HttpResponse:
    """Of a live application for everybody, of any other for those who see its page and who try it. The address changes with the
    picture."""
    row = (
        Application.objects.select_related("organisation")
        .filter(client_id=client_id[:64])
        .exclude(icon_digest="")
        .first()
    )
    if row is None or not _may_meet(actor_of(request), row):
        raise NotFound()
    with files.open_file(row.icon_digest) as source:
        content = source.read()
    response = HttpResponse(content, content_type=media_type_of(content))
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = f"private, max-age={YEAR}, immutable"
    return response


def _may_meet(actor: Actor, row: Application) -> bool:
    if row.state == AppState.LIVE or policies.may_see(actor, row):
        return True
    return actor.account_id is not None and find_sandbox_person(row.vendor_id, actor.account_id) is not None
