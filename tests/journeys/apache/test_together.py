"""One browser, one sign-in, three applications of three protocols; one end for all of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ..conftest import DemoCity
from ..visitor import Visitor
from .server import AREAS, Apache, enter, is_open, sign_out, user_at, wait_until_out
from .speaking import cas, make_app, mellon_known, openidc

pytestmark = pytest.mark.deep


def start_three(city: DemoCity, apache: Apache, keeper: Visitor) -> tuple[str, ...]:
    """The three pages of three applications."""
    told = make_app(city, apache, "oidc")
    make_app(city, apache, "cas")
    third = make_app(city, apache, "saml")
    known_saml = mellon_known(city, apache, keeper, third["client_id"])
    apache.start(openidc(city, told, apache), cas(city, apache), known_saml)
    return tuple(map(apache.page, AREAS))


def administrator(city: DemoCity, act: str) -> Callable[[Visitor], None]:
    """What the school's administrator does to the pupil's account on its page."""

    def done(_browser: Visitor) -> None:
        visitor, number = city.visitor("school_admin"), city.accounts["student"]["login"]
        page = visitor.get(f"/people/{number}/account")
        assert visitor.send(page, page.form(f"/account/{act}"), reason="手机丢了").status == 200

    return done


@pytest.mark.parametrize("end", ["by the pupil", "by an end of all sessions", "by a stop of the account"])
def test_in_once_and_out_everywhere(city: DemoCity, apache: Apache, keeper: Visitor, end: str) -> None:
    pages, browser = start_three(city, apache, keeper), Visitor(city.url)
    ids = [user_at(browser, pages[0], city.accounts["student"]), *(user_at(browser, page) for page in pages[1:])]
    assert len(set(ids)) == 3, "each application knows the pupil by an id of its own"
    ends = {
        "by the pupil": lambda one: sign_out(one, city.url), "by an end of all sessions": administrator(city, "end-sessions"),
        "by a stop of the account": administrator(city, "lock"),
    }  # fmt: skip
    ends[end](browser)
    try:
        wait_until_out(browser, *pages)
        answer = enter(browser, pages[0], city.accounts["student"])
        assert is_open(answer) == (end != "by a stop of the account"), answer.words[:300]
    finally:
        if end == "by a stop of the account":
            administrator(city, "unlock")(browser)


def test_one_application_sees_one_id_in_every_protocol(city: DemoCity, apache: Apache, keeper: Visitor) -> None:
    told = make_app(city, apache, "oidc")
    page = keeper.get(f"/applications/{told['client_id']}/cas")
    assert keeper.send(page, page.form(having="services"), services=f"{apache.url}/cas/").status == 200
    known_saml = mellon_known(city, apache, keeper, told["client_id"])
    apache.start(openidc(city, told, apache), cas(city, apache), known_saml)
    browser = Visitor(city.url)
    ids = {user_at(browser, apache.page(area), city.accounts["teacher"]) for area in AREAS}
    assert len(ids) == 1


def test_public_ids_are_the_same_in_two_applications(city: DemoCity, apache: Apache) -> None:
    told = make_app(city, apache, "oidc", "", "--user-id", "public")
    make_app(city, apache, "cas", "", "--user-id", "public")
    apache.start(openidc(city, told, apache), cas(city, apache))
    browser = Visitor(city.url)
    ids = {user_at(browser, apache.page(area), city.accounts["teacher"]) for area in ("oidc", "cas")}
    assert len(ids) == 1
    assert user_at(Visitor(city.url), apache.page("cas"), city.accounts["student"]) not in ids
