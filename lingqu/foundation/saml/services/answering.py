"""Checking requests of service providers and answering them, once each."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.foundation.applications import api as applications
from lingqu.kernel.clock import now
from lingqu.kernel.errors import Conflict, Forbidden, Invalid

from .. import reading, writing
from ..models import Pending, Provider
from ..query import check_query
from ..types import NO_PASSIVE, PERSISTENT, REQUESTER, RESPONDER, UNSUPPORTED_FORMAT, AuthnRequest, BadMessage
from ..xml import Element, decode, inflate, is_signed, parse, serialise, sign, verified
from .keys import signing_key
from .providers import endpoints

PROTOCOL = "saml"
WAITS = timedelta(minutes=30)
"""How long somebody may take to sign in."""
MOST_RELAY = 1024
"""The standard says 80 bytes; service providers send whole addresses."""


class Unusable(Invalid):
    """A message that cannot be answered, because its sender is not known or not believed."""

    code = "saml_request"


def issuer() -> str:
    """Our entityID, which is the address of our metadata."""
    return f"{settings.PUBLIC.geturl()}/saml/metadata"


def address(name: str) -> str:
    return f"{settings.PUBLIC.geturl()}/saml/{name}"


def provider_of(root: Element) -> Provider:
    entity_id = reading.issuer_of(root)
    found = Provider.objects.select_related("application").filter(entity_id=entity_id).first()
    if found is None:
        raise BadMessage("issuer is not registered")
    return found


def open_message(name: str, text: str, *, query: str | None) -> tuple[Element, Provider]:
    """The message of the redirect binding (with its raw ``query``) or of the POST binding, as far as it is signed.

    Raises :class:`BadMessage`. A provider that signs is believed only with a signature.
    """
    root = parse(inflate(text) if query is not None else decode(text))
    provider = provider_of(root)
    has_signature = "Signature=" in query if query is not None else is_signed(root)
    if has_signature and not provider.certificates:
        return root, provider
    if has_signature or provider.wants_signed_requests:
        if query is not None:
            check_query(query, name, provider.certificates)
        elif not has_signature:
            raise BadMessage("request is not signed")
        else:
            root = verified(root, provider.certificates)
    return root, provider


def take_request(*, text: str, relay_state: str, query: str | None) -> tuple[Pending, AuthnRequest]:
    """Check an AuthnRequest and keep it until somebody has signed in. Raises :class:`Unusable`."""
    try:
        root, provider = open_message("SAMLRequest", text, query=query)
        request = reading.read_authn_request(root, address("sso"))
        acs_url = _acs_of(provider, request)
        if len(relay_state) > MOST_RELAY:
            raise BadMessage("RelayState is too long")
    except BadMessage as fault:
        raise Unusable(_("应用发来的登录请求不能用：%(reason)s") % {"reason": fault}) from fault
    kept = Pending.objects.create(
        provider=provider, request_id=request.id, acs_url=acs_url, relay_state=relay_state, force=request.force,
        expires_at=now() + WAITS,
    )  # fmt: skip
    return kept, request


def _acs_of(provider: Provider, request: AuthnRequest) -> str:
    """Where the answer goes: one of the registered addresses, the default if the request names none."""
    known = endpoints(provider.acs)
    if request.acs_url:
        found = next((one for one in known if one.url == request.acs_url), None)
    elif request.acs_index is not None:
        found = next((one for one in known if one.index == request.acs_index), None)
    else:
        found = next((one for one in known if one.is_default), known[0])
    if found is None:
        raise BadMessage("AssertionConsumerService is not registered")
    return found.url


def find_pending(pending_id: UUID) -> Pending:
    found = Pending.objects.select_related("provider__application").filter(id=pending_id, answered_at=None).first()
    if found is None or found.expires_at <= now():
        raise Conflict(_("这次登录已经完成或过期，请从应用重新进入。"))
    return found


def app_of(provider: Provider) -> applications.App:
    app = applications.find_application(provider.application.client_id)
    if app is None:
        raise Forbidden(_("这个应用没有登记。"))
    return app


@transaction.atomic
def answer(*, pending: Pending, session: Any, standing: Any) -> tuple[str, dict[str, str]]:
    """The signed answer to a request for the session's account: address and form fields. Once per request."""
    if not Pending.objects.filter(id=pending.id, answered_at=None).update(answered_at=now()):
        raise Conflict(_("这次登录已经完成或过期，请从应用重新进入。"))
    made = _signed_answer(pending.provider, pending.acs_url, pending.request_id, session, standing)
    return pending.acs_url, response_fields(made, pending.relay_state)


@transaction.atomic
def answer_unasked(*, app: applications.App, session: Any, standing: Any) -> tuple[str, dict[str, str]]:
    """The entry from the shelf (saml-profiles § 4.1.5): no request, the default address, RelayState is the entry URL."""
    provider, acs_url = _provider_with_address(app)
    made = _signed_answer(provider, acs_url, "", session, standing)
    return acs_url, response_fields(made, app.entry_url)


def get_default_address(app: applications.App) -> str:
    """Where an answer goes that no request asked for; :class:`Forbidden` for an application that does not speak SAML."""
    return _provider_with_address(app)[1]


def _provider_with_address(app: applications.App) -> tuple[Provider, str]:
    provider = find_provider(app.id)
    if provider is None:
        raise Forbidden(_("这个应用没有登记。"))
    known = endpoints(provider.acs)
    return provider, next((one for one in known if one.is_default), known[0]).url


def refuse(*, pending: Pending, passive: bool = False) -> tuple[str, dict[str, str]]:
    """The answer that says why there is no assertion; the request is used up."""
    Pending.objects.filter(id=pending.id).update(answered_at=now())
    codes = (RESPONDER, NO_PASSIVE) if passive else (REQUESTER, UNSUPPORTED_FORMAT)
    if not passive:
        applications.log_request(
            app=app_of(pending.provider), protocol=PROTOCOL, endpoint="sso", outcome="InvalidNameIDPolicy",
            detail=f"only {PERSISTENT}", milliseconds=0,
        )  # fmt: skip
    key, certificate = signing_key()
    root = writing.refusal(issuer=issuer(), acs_url=pending.acs_url, in_response_to=pending.request_id, codes=codes)
    return pending.acs_url, response_fields(sign(root, key=key, certificate=certificate), pending.relay_state)


def _signed_answer(provider: Provider, acs_url: str, request_id: str, session: Any, standing: Any) -> Element:
    app = app_of(provider)
    account_id = session.account_id
    applications.require_entry(app=app, session=session, standing=standing)
    subject = applications.subject_of(app=app, account_id=account_id)
    claims = applications.tell(
        app=app, account_id=account_id, protocol=PROTOCOL, scopes=app.scopes, subject=subject, session=session
    )
    key, certificate = signing_key()
    facts = writing.Assertion(
        issuer=issuer(), audience=provider.entity_id, acs_url=acs_url, in_response_to=request_id, name_id=subject,
        session_id=str(session.id), auth_time=session.auth_time, session_until=session.expires_at, amr=session.amr,
        attributes=applications.printed(claims),
    )  # fmt: skip
    inner = writing.assertion(facts)
    signed = sign(inner, key=key, certificate=certificate)
    applications.join(session_id=session.id, app=app, protocol=PROTOCOL, key="", data={"name_id": subject})
    applications.log_request(app=app, protocol=PROTOCOL, endpoint="sso", outcome="ok", milliseconds=0)
    whole = writing.response(issuer=issuer(), acs_url=acs_url, in_response_to=request_id, signed_assertion=signed)
    return sign(whole, key=key, certificate=certificate)


def response_fields(root: Element, relay_state: str) -> dict[str, str]:
    fields = {"SAMLResponse": base64.b64encode(serialise(root)).decode()}
    return {**fields, "RelayState": relay_state} if relay_state else fields


def purge() -> int:
    """Requests go a day after their end."""
    return Pending.objects.filter(expires_at__lt=now() - timedelta(days=1)).delete()[0]


def forget_pending(application_id: UUID) -> int:
    return Pending.objects.filter(provider__application_id=application_id).delete()[0]


def find_provider(application_id: UUID) -> Provider | None:
    return Provider.objects.filter(application_id=application_id).first()


def origin_behind(pending_id: UUID) -> str | None:
    """Address to which a kept request will be answered."""
    return Pending.objects.filter(id=pending_id).values_list("acs_url", flat=True).first()
