"""Single logout: what a service provider asks for in the browser, and what we tell the others behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from lingqu.foundation.applications import api as applications
from lingqu.kernel.ids import as_uuid

from .. import reading, writing
from ..models import Provider
from ..query import signed_query
from ..types import POST, REDIRECT, SOAP_BINDING, BadMessage, Endpoint
from ..xml import deflate, serialise, sign
from .answering import Unusable, address, app_of, issuer, open_message, response_fields
from .keys import signing_key
from .providers import endpoints


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A checked LogoutRequest: whose sessions, and where the answer goes."""

    provider: Provider
    request_id: str
    account_id: UUID | None
    sessions: tuple[UUID, ...]
    relay_state: str
    answer_to: Endpoint | None


def take_logout(*, text: str, relay_state: str, query: str | None) -> Asked:
    """Check a LogoutRequest. Only a signed one is believed (saml-profiles § 4.4.4.1). Raises :class:`Unusable`."""
    try:
        root, provider = open_message("SAMLRequest", text, query=query)
        if not provider.certificates:
            raise BadMessage("provider has no certificate, so its logout cannot be believed")
        request = reading.read_logout_request(root, address("slo"))
        sessions = tuple(found for one in request.sessions if (found := as_uuid(one)))
    except BadMessage as fault:
        raise Unusable(_("应用发来的退出请求不能用：%(reason)s") % {"reason": fault}) from fault
    account_id = applications.find_account_by_subject(app=app_of(provider), subject=request.name_id)
    known = endpoints(provider.slo)
    answer_to = next((one for wanted in (REDIRECT, POST) for one in known if one.binding == wanted), None)
    return Asked(
        provider=provider, request_id=request.id, account_id=account_id, sessions=sessions, relay_state=relay_state,
        answer_to=answer_to,
    )  # fmt: skip


def logout_answer(asked: Asked) -> tuple[str, dict[str, str] | None] | None:
    """Where the browser goes with the LogoutResponse: ``(address, None)`` to follow, or with fields to post."""
    if asked.answer_to is None:
        return None
    url = asked.answer_to.response_url or asked.answer_to.url
    key, certificate = signing_key()
    root = writing.logout_response(issuer=issuer(), destination=url, in_response_to=asked.request_id)
    if asked.answer_to.binding == POST:
        return url, response_fields(sign(root, key=key, certificate=certificate), asked.relay_state)
    parameters = {"SAMLResponse": deflate(serialise(root))}
    if asked.relay_state:
        parameters["RelayState"] = asked.relay_state
    return f"{url}{'&' if '?' in url else '?'}{signed_query(parameters, key)}", None


def logout_call(took: applications.Took) -> applications.LogoutCall | None:
    """The LogoutRequest behind the browser, by SOAP; None for a provider that takes none."""
    provider = Provider.objects.filter(application_id=took.application.id).first()
    found = next((one for one in endpoints(provider.slo) if one.binding == SOAP_BINDING), None) if provider else None
    if provider is None or found is None:
        return None
    key, certificate = signing_key()
    root = writing.logout_request(
        issuer=issuer(), destination=found.url, audience=provider.entity_id, name_id=took.subject,
        session_id=str(took.session_id),
    )  # fmt: skip
    body = serialise(writing.in_envelope(sign(root, key=key, certificate=certificate)))
    headers: Mapping[str, str] = {"SOAPAction": "http://www.oasis-open.org/committees/security"}
    return applications.LogoutCall(url=found.url, body=body, content_type="text/xml; charset=utf-8", headers=headers)
