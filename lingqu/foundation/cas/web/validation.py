"""Where applications redeem tickets. Asked by servers: no cookies, no forms."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST
from lxml import etree

from lingqu.foundation.applications import api as applications
from lingqu.kernel.access import public

from .. import messages, services
from ..types import Outcome, Refused
from .login import is_on

SAML_ARTIFACT = "{urn:oasis:names:tc:SAML:1.0:protocol}AssertionArtifact"
MOST_SAML = 16 * 1024
SAFE_XML = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def _redeem(request: HttpRequest, endpoint: str, ticket: str, service: str) -> Outcome:
    started = time.monotonic()
    outcome, app = services.redeem(ticket=ticket, service=service, renew=is_on(request, "renew"))
    if app is not None:
        refusal = outcome if isinstance(outcome, Refused) else None
        applications.log_request(
            app=app, protocol=services.PROTOCOL, endpoint=endpoint, outcome=refusal.code if refusal else "ok",
            detail=refusal.message if refusal else "", milliseconds=int((time.monotonic() - started) * 1000),
        )  # fmt: skip
    return outcome


def _asked(request: HttpRequest, endpoint: str) -> Outcome:
    return _redeem(request, endpoint, request.GET.get("ticket", ""), request.GET.get("service", ""))


@public
@never_cache
@require_http_methods(["GET", "HEAD"])
def validate(request: HttpRequest) -> HttpResponse:
    """CAS 1 (§ 2.4)."""
    return HttpResponse(messages.as_line(_asked(request, "validate")), content_type="text/plain; charset=utf-8")


def _service_validate(endpoint: str, *, with_attributes: bool) -> Callable[[HttpRequest], HttpResponse]:
    @public
    @never_cache
    @require_http_methods(["GET", "HEAD"])
    def answer(request: HttpRequest) -> HttpResponse:
        outcome = _asked(request, endpoint)
        if request.GET.get("format", "").upper() == "JSON":
            return JsonResponse(messages.as_json(outcome, with_attributes=with_attributes))
        text = messages.as_xml(outcome, with_attributes=with_attributes)
        return HttpResponse(text, content_type="application/xml; charset=utf-8")

    return answer


service_validate = _service_validate("serviceValidate", with_attributes=False)
proxy_validate = _service_validate("proxyValidate", with_attributes=False)
p3_service_validate = _service_validate("p3/serviceValidate", with_attributes=True)
p3_proxy_validate = _service_validate("p3/proxyValidate", with_attributes=True)


@public
@never_cache
@csrf_exempt
@require_POST
def saml_validate(request: HttpRequest) -> HttpResponse:
    """The SAML 1.1 question of older clients (§ 4.2): the ticket is the artifact, ``TARGET`` the service."""
    service = request.GET.get("TARGET", "")
    ticket, question = _artifact(request.body[: MOST_SAML + 1])
    outcome = _redeem(request, "samlValidate", ticket, service)
    text = messages.as_saml(outcome, service=service, issuer=settings.PUBLIC.geturl(), in_response_to=question)
    return HttpResponse(text, content_type="text/xml; charset=utf-8")


def _artifact(body: bytes) -> tuple[str, str]:
    """Ticket and request id of a SAML 1.1 question; empty ones when it is none."""
    if not body or len(body) > MOST_SAML or b"<!DOCTYPE" in body:
        return "", ""
    try:
        root = etree.fromstring(body, SAFE_XML)
    except etree.XMLSyntaxError:
        return "", ""
    found = root.find(f".//{SAML_ARTIFACT}")
    if found is None:
        return "", ""
    parent = found.getparent()
    return (found.text or "").strip(), parent.get("RequestID", "") if parent is not None else ""
