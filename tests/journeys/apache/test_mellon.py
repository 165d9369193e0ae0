"""mod_auth_mellon: sign-on, logout asked for by the application, logout told to it by SOAP."""

from __future__ import annotations

import base64
import re

import httpx
import pytest

from lingqu.foundation.saml.types import SOAP
from tests.saml import makers

from ..conftest import DemoCity
from ..visitor import Visitor
from .server import Apache, enter, in_and_out_by_our_door, is_open, known, user_at, wait_until_out
from .speaking import SAML, make_app, mellon, mellon_known, own_metadata, upload_metadata

pytestmark = pytest.mark.deep


def test_in_by_our_door_and_out_by_either_side(city: DemoCity, apache: Apache, keeper: Visitor) -> None:
    told = make_app(city, apache, "saml")
    apache.start(mellon_known(city, apache, keeper, told["client_id"]))
    address = apache.page("saml")
    found, elsewhere = in_and_out_by_our_door(city, address)
    assert found["REMOTE_USER"] == found["MELLON_NAME_ID"]
    assert found["MELLON_name"]

    left = elsewhere.get(f"{apache.url}{SAML}/logout?ReturnTo={apache.url}/bye.html")
    assert (left.status, left.url) == (200, f"{apache.url}/bye.html")
    assert elsewhere.get(f"{city.url}/me").path == "/sign-in"
    wait_until_out(elsewhere, address)


def test_what_was_altered_or_signed_by_another_key_opens_nothing(
    city: DemoCity, apache: Apache, keeper: Visitor
) -> None:
    told, teacher = make_app(city, apache, "saml"), city.accounts["teacher"]
    apache.start(mellon_known(city, apache, keeper, told["client_id"]))
    browser = Visitor(city.url)
    user = user_at(browser, apache.page("saml"), teacher)
    thief = Visitor(city.url)
    thief.sign_in(city.accounts["student"]["login"], city.accounts["student"]["password"])
    page = thief.get(apache.page("saml"))
    form = page.form(having="SAMLResponse")
    xml = base64.b64decode(form.fields["SAMLResponse"])
    mine = found_in(xml, "<saml:NameID[^>]*>([^<]+)")
    altered = base64.b64encode(xml.replace(mine.encode(), user.encode())).decode()
    assert thief.send(page, form, SAMLResponse=altered).status >= 400
    assert is_open(thief.send(page, form)), "and as it was sent it opens"

    ours = Visitor(city.url).get("/saml/metadata").text
    other = re.sub(r"(<ds:X509Certificate>)[^<]+", rf"\g<1>{makers.bare(makers.key_pair('stranger')[1])}", ours)
    own = str(apache.folder / "sp.xml")
    apache.start(mellon(city, apache, platform=other.encode(), own=own))
    assert enter(Visitor(city.url), apache.page("saml"), teacher).status >= 400
    apache.start(mellon(city, apache, who="stranger", own=own))
    answer = enter(Visitor(city.url), apache.page("saml"), teacher)
    assert (answer.status, answer.path) == (422, "/saml/sso")


def test_passing_ids_are_refused_and_the_keeper_was_told_so(city: DemoCity, apache: Apache, keeper: Visitor) -> None:
    """What the module asks for where nobody changes its metadata."""
    told = make_app(city, apache, "saml")
    page = upload_metadata(keeper, told["client_id"], apache, own_metadata(city, apache))
    assert "nameid-format:transient" in page.words
    answer = enter(Visitor(city.url), apache.page("saml"), city.accounts["teacher"])
    assert not is_open(answer) and answer.url.startswith(apache.url)
    assert "InvalidNameIDPolicy" in keeper.get(f"/applications/{told['client_id']}/requests").words


def test_a_logout_by_another_key_ends_nothing(city: DemoCity, apache: Apache, keeper: Visitor) -> None:
    """The judge judges: what ended the session above was our signature."""
    told = make_app(city, apache, "saml")
    apache.start(mellon_known(city, apache, keeper, told["client_id"]))
    browser, teacher = Visitor(city.url), city.accounts["teacher"]
    browser.sign_in(teacher["login"], teacher["password"])
    page = browser.get(apache.page("saml"))
    form = page.form(having="SAMLResponse")
    user = known(browser.send(page, form))["REMOTE_USER"]
    told_us = base64.b64decode(form.fields["SAMLResponse"])
    message = makers.logout_request(
        f"{apache.url}{SAML}/logout", name_id=user, session=found_in(told_us, 'SessionIndex="([^"]+)'),
        entity=found_in(told_us, "<saml:Issuer>([^<]+)"),
    )  # fmt: skip
    body = b"<s:Envelope xmlns:s='%s'><s:Body>%s</s:Body></s:Envelope>"
    sent = body % (SOAP.encode(), makers.signed(message, "stranger"))
    answer = httpx.post(f"{apache.url}{SAML}/logout", content=sent, headers={"Content-Type": "text/xml"})
    assert answer.status_code >= 400
    assert is_open(browser.get(apache.page("saml")))


def found_in(xml: bytes, pattern: str) -> str:
    found = re.search(pattern, xml.decode())
    assert found is not None, xml
    return found[1]
