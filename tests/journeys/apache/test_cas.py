"""mod_auth_cas: tickets with attributes, single logout."""

from __future__ import annotations

import time
from urllib.parse import quote

import pytest

from ..conftest import DemoCity
from ..visitor import Form, Visitor
from .server import Apache, enter, in_and_out_by_our_door, is_open, stopped_at, wait_until_out
from .speaking import cas, make_app

pytestmark = pytest.mark.deep
TICKET_SECONDS = 10


def test_in_by_our_door_and_out_by_either_side(city: DemoCity, apache: Apache) -> None:
    make_app(city, apache, "cas")
    apache.start(cas(city, apache))
    address = apache.page("cas")
    found, elsewhere = in_and_out_by_our_door(city, address)
    assert found["REMOTE_USER"] == found["HTTP_CAS_USER"]
    assert found["HTTP_CAS_NAME"]

    elsewhere.get(f"{city.url}/cas/logout?service={quote(address)}")
    assert elsewhere.get(f"{city.url}/me").path == "/sign-in"
    wait_until_out(elsewhere, address)


@pytest.mark.parametrize("fault", ["used", "too old", "for another application", "invented"])
def test_a_ticket_that_is_not_good_opens_nothing(city: DemoCity, apache: Apache, fault: str) -> None:
    make_app(city, apache, "cas")
    apache.start(cas(city, apache))
    asked = apache.page("cas")
    if fault == "for another application":
        make_app(city, apache, "cas", "saml")
        asked = f"{city.url}/cas/login?service={quote(apache.page('saml'))}"
    ahead = stopped_at(apache, Visitor(city.url), asked, city.accounts["teacher"])
    ticket = ahead.partition("ticket=")[2]
    assert ticket.startswith("ST-"), ahead
    if fault == "used":
        assert is_open(Visitor(apache.url).get(ahead))
    elif fault == "too old":
        time.sleep(TICKET_SECONDS + 1)
    elif fault == "invented":
        ticket = f"{ticket[:-4]}AAAA"
    answer = Visitor(apache.url).get(f"{apache.page('cas')}?ticket={ticket}")
    assert not is_open(answer), answer.words[:300]


def test_a_logout_request_for_another_ticket_ends_nothing(city: DemoCity, apache: Apache) -> None:
    make_app(city, apache, "cas")
    apache.start(cas(city, apache))
    browser = Visitor(city.url)
    assert is_open(enter(browser, apache.page("cas"), city.accounts["teacher"]))
    text = (
        '<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="x" Version="2.0">'
        "<samlp:SessionIndex>ST-invented</samlp:SessionIndex></samlp:LogoutRequest>"
    )
    stranger = Visitor(apache.url)
    stranger.send(stranger.get("/bye.html"), Form(apache.page("cas"), "post", {"logoutRequest": text}, []))
    browser.stop_at(city.url)
    assert is_open(browser.get(apache.page("cas")))
