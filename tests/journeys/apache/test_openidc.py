"""mod_auth_openidc: code with PKCE, sign-out asked for by the application, back-channel logout."""

from __future__ import annotations

from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from lingqu.kernel.clock import now

from ..conftest import DemoCity
from ..visitor import Form, Visitor
from .server import Apache, enter, in_and_out_by_our_door, is_open, known, stopped_at, wait_until_out
from .speaking import BACK, make_app, openidc

pytestmark = pytest.mark.deep
EVENT = "http://schemas.openid.net/event/backchannel-logout"


def test_in_by_our_door_and_out_by_either_side(city: DemoCity, apache: Apache) -> None:
    told = make_app(city, apache, "oidc")
    apache.start(openidc(city, told, apache))
    address = apache.page("oidc")
    found, elsewhere = in_and_out_by_our_door(city, address)
    assert found["REMOTE_USER"] == found["OIDC_CLAIM_sub"]
    assert found["OIDC_CLAIM_name"] and found["OIDC_CLAIM_amr"] == "pwd"

    left = elsewhere.get(f"{apache.url}{BACK}?logout={quote(apache.url + '/bye.html')}")
    assert (left.status, left.url) == (200, f"{apache.url}/bye.html")
    assert elsewhere.get(f"{city.url}/me").path == "/sign-in"
    wait_until_out(elsewhere, address)


@pytest.mark.parametrize("is_used", [False, True], ids=["unused", "used"])
def test_a_code_of_another_browser_opens_nothing(city: DemoCity, apache: Apache, is_used: bool) -> None:
    told = make_app(city, apache, "oidc")
    apache.start(openidc(city, told, apache))
    victim, thief = Visitor(city.url), Visitor(city.url)
    stolen = stopped_at(apache, victim, apache.page("oidc"), city.accounts["teacher"])
    own = stopped_at(apache, thief, apache.page("oidc"), city.accounts["student"])
    if is_used:
        assert is_open(victim.get(stolen))
    code, state = (parse_qs(urlsplit(url).query)[name][0] for url, name in ((stolen, "code"), (own, "state")))
    answer = thief.get(f"{apache.url}{BACK}?{urlencode({'code': code, 'state': state})}")
    assert not is_open(answer) and "Provider error" in answer.words, (answer.status, answer.url)


def test_a_wrong_secret_and_an_address_of_nobody_open_nothing(city: DemoCity, apache: Apache) -> None:
    told, teacher = make_app(city, apache, "oidc"), city.accounts["teacher"]
    apache.start(openidc(city, told, apache, secret="0" * 43))
    answer = enter(Visitor(city.url), apache.page("oidc"), teacher)
    assert not is_open(answer) and answer.url.startswith(f"{apache.url}{BACK}?")
    apache.start(openidc(city, told, apache, back="/oidc/elsewhere"))
    answer = enter(Visitor(city.url), apache.page("oidc"), teacher)
    assert (answer.status, answer.path) == (400, "/oidc/authorize")
    apache.start(openidc(city, told, apache))
    assert is_open(enter(Visitor(city.url), apache.page("oidc"), teacher)), "and with everything right it opens"


def test_a_logout_token_by_another_key_ends_nothing(city: DemoCity, apache: Apache) -> None:
    """The judge judges: what ended the session above was our signature."""
    told = make_app(city, apache, "oidc")
    apache.start(openidc(city, told, apache))
    browser = Visitor(city.url)
    found = known(enter(browser, apache.page("oidc"), city.accounts["teacher"]))
    at = int(now().timestamp())
    claims = {
        "iss": city.url, "aud": told["client_id"], "sub": found["REMOTE_USER"], "sid": found["OIDC_CLAIM_sid"], "iat": at,
        "exp": at + 120, "jti": "x", "events": {EVENT: {}},
    }  # fmt: skip
    forged = jwt.encode({"alg": "ES256", "typ": "logout+jwt"}, claims, ECKey.generate_key("P-256"))
    stranger = Visitor(apache.url)
    form = Form(f"{BACK}?logout=backchannel", "post", {"logout_token": forged}, [])
    assert stranger.send(stranger.get("/bye.html"), form).status >= 400
    assert is_open(browser.get(apache.page("oidc")))
