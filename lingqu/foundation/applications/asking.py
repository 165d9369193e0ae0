"""Asking somebody before an application learns something: one page for every protocol.

    if applications.missing_consent(app=app, account_id=session.account_id, scopes=app.scopes, session=session):
        return applications.ask_consent(request, app=app, session=session, protocol="cas", scopes=app.scopes,
                                        kept={"service": service}, leads_to=service)

What the protocol needs to go on lies signed in the form and comes back to what it has put into ``AFTER_CONSENT``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from lingqu.foundation.identity import api as identity
from lingqu.kernel.errors import DomainError
from lingqu.kernel.onward import let_forms_end_at, origin_of

from .selectors.apps import get_application
from .selectors.consents import holder_of, needs_guardian, wording_of
from .selectors.entering import require_entry
from .types.values import App, EntryRefused

SECONDS = 900
_SALT = "applications.consent"


class StaleQuestion(DomainError):
    """The page was open too long, is somebody else's, or was altered."""

    status = 400
    code = "consent_stale"


@dataclass(frozen=True, slots=True)
class Question:
    """A consent page that was answered by the session for which it was made."""

    app: App
    session: identity.SessionFact
    protocol: str
    scopes: tuple[str, ...]
    kept: Any


def ask_consent(
    request: HttpRequest, *, app: App, session: identity.SessionFact, protocol: str, scopes: Iterable[str], kept: Any,
    leads_to: str,
) -> HttpResponse:  # fmt: skip
    """The page, for somebody who may enter; a pupil whose guardian has to answer is told so instead.

    ``kept`` are plain values, not secret from the person; ``leads_to`` is the checked address at which a yes ends.
    Raises :class:`EntryRefused`, also on a class screen, where nobody answers for the teacher.
    """
    require_entry(app=app, session=session, standing=request.standing)  # type: ignore[attr-defined]
    if session.kind == identity.SessionKind.CLASS_SCREEN:
        told = _("“%(name)s”要您先同意。请在自己的手机或电脑上打开一次。") % {"name": app.name}
        raise EntryRefused(told, code="consent")
    asked = (*scopes, *app.collects)
    blob = signing.dumps([str(app.id), str(session.id), protocol, list(asked), kept], salt=_SALT)
    has_to_wait = needs_guardian(holder_of(session.account_id).person_ids)
    origin = origin_of(leads_to)
    shown = {
        "app": app, "wording": wording_of(app, asked), "blob": blob, "has_to_wait": has_to_wait,
        "host": origin.rpartition("//")[2],
    }  # fmt: skip
    response = render(request, "applications/consent.html", shown, status=403 if has_to_wait else 200)
    return response if has_to_wait else let_forms_end_at(response, origin)


def read_answer(request: HttpRequest) -> Question:
    """The question behind a posted answer. Raises :class:`StaleQuestion`."""
    try:
        found = signing.loads(request.POST.get("request", ""), salt=_SALT, max_age=SECONDS)
    except signing.BadSignature as error:
        raise StaleQuestion(_("这个页面放得太久了，请从应用重新进入。")) from error
    app_id, sid, protocol, scopes, kept = found
    session = identity.session_of(request)
    if session is None or sid != str(session.id):
        raise StaleQuestion(_("登录的账号已经换了，请从应用重新进入。"))
    return Question(get_application(app_id), session, protocol, tuple(scopes), kept)
