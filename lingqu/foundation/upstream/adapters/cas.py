"""A CAS 3 server above."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from lxml import etree

from ..types import ATTRIBUTES, Arrived, Distrusted, Trip
from .asking import get_text, means
from .base import Options

NAMES = {"cas": "http://www.yale.edu/tp/cas"}
MOST_LOGOUT = 16 * 1024
INDEX = "{urn:oasis:names:tc:SAML:2.0:protocol}SessionIndex"


class Cas:
    needs, is_asked = ("server_url",), True

    def begin(self, options: Options, trip: Trip) -> str:
        return f"{str(options['server_url']).rstrip('/')}/login?{urlencode({'service': _service(trip)})}"

    def finish(self, options: Options, secret: str, trip: Trip | None, given: Mapping[str, str]) -> Arrived:
        if trip is None or not given.get("ticket"):
            raise Distrusted("no ticket")
        ticket = given["ticket"]
        path = "serviceValidate" if str(options.get("version", "3")) == "2" else "p3/serviceValidate"
        body = get_text(
            f"{str(options['server_url']).rstrip('/')}/{path}", {"service": _service(trip), "ticket": ticket}
        )
        success = parse(body).find("cas:authenticationSuccess", NAMES)
        user = success.findtext("cas:user", "", NAMES).strip() if success is not None else ""
        if success is None or not user:
            raise Distrusted("ticket was refused")
        told = {
            etree.QName(one).localname: (one.text or "").strip() for one in success.findall("cas:attributes/*", NAMES)
        }
        names = dict(options.get("claims") or {})
        facts = {fact: told[names.get(fact, fact)] for fact in ATTRIBUTES if told.get(names.get(fact, fact))}
        proved = means([one.text or "" for one in success.findall("cas:attributes/cas:amr", NAMES)], told.get("acr"))
        return Arrived(
            subject=user, session=ticket, name=told.get(names.get("name", "name"), ""), facts=facts, **proved
        )


def _service(trip: Trip) -> str:
    """Our address with the state of this visit: a ticket that was made for another one is refused by the server above."""
    return f"{trip.back_url}?{urlencode({'state': trip.state})}"


def parse(body: bytes) -> etree._Element:
    """An answer without document type and entities."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as fault:
        raise Distrusted("answer is not XML") from fault
    if root.getroottree().docinfo.doctype:
        raise Distrusted("answer has a document type")
    return root


def read_logout(text: str) -> str:
    """The ticket that a CAS LogoutRequest names. Only the platform and we know it, so it needs no signature."""
    if not text or len(text) > MOST_LOGOUT:
        raise Distrusted("not a logout request")
    found = parse(text.encode()).find(INDEX)
    if found is None or not (found.text or "").strip():
        raise Distrusted("logout request names no session")
    return str(found.text).strip()
