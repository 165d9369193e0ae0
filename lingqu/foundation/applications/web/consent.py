"""Yes or no on the consent page, whatever protocol asked."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from lingqu.kernel.access import actor_of, signed_in

from ..asking import Question, read_answer
from ..selectors.entering import require_entry
from ..services.consents import give_consent
from ..services.taking_part import log_request
from ..types.slots import AFTER_CONSENT


@signed_in
@never_cache
@require_POST
def answer(request: HttpRequest) -> HttpResponse:
    asked = read_answer(request)
    steps = AFTER_CONSENT[asked.protocol]
    if request.POST.get("answer") != "yes":
        return steps.refused(asked.app, asked.kept) if steps.refused else _refused(request, asked)
    require_entry(app=asked.app, session=asked.session, standing=request.standing)  # type: ignore[attr-defined]
    give_consent(
        actor=actor_of(request), app=asked.app, account_id=asked.session.account_id,
        scopes=set(asked.scopes) & set(asked.app.consent_scopes),
    )  # fmt: skip
    return steps.agreed(request, asked.app, asked.session, asked.kept)


def _refused(request: HttpRequest, asked: Question) -> HttpResponse:
    """A page of ours: the application hears nothing, not even that somebody was there."""
    log_request(app=asked.app, protocol=asked.protocol, endpoint="consent", outcome="access_denied", milliseconds=0)
    return render(request, "applications/consent_refused.html", {"app": asked.app})
