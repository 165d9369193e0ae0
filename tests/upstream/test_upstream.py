"""Sign-in from above: each kind against recorded answers over HTTP, linking, the work list, logout, and what is refused."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey

from lingqu.foundation.identity import testing
from lingqu.foundation.identity.models import Account, SsoSession
from lingqu.foundation.registry import api as registry
from lingqu.foundation.upstream import selectors, services
from lingqu.foundation.upstream.adapters.ticket import signature
from lingqu.foundation.upstream.models import Identifier, IssuerKeys, Source, Unmatched, Visit
from lingqu.foundation.upstream.testing import make_source
from lingqu.foundation.upstream.types import LINK, MANAGE
from lingqu.kernel import crypto
from lingqu.kernel.clock import now
from lingqu.kernel.errors import Conflict, Forbidden, Invalid
from lingqu.kernel.models import AuditEntry
from lingqu.kernel.testing import actor_with

from . import platforms
from .platforms import Asked, Platform
from .visiting import ID_NUMBER, go, is_in, ticket_source, told

# ---- the ticket interface and linking --------------------


def test_a_ticket_is_asked_about_with_a_signature_and_links_by_what_was_verified(
    above: Platform, teacher: Account
) -> None:
    ticket_source(above)

    def verify(asked: Asked) -> Any:
        given = asked.form
        sign = given.pop("sign")
        fits = sign == signature(given, "s3cret") and abs(int(given["timestamp"]) - time.time()) < 60
        return told() if fits and given["ticket"] == "TK-1" else {"code": 401}

    above.says("/verify", verify)
    browser = Client()
    answer = go(browser, ticket="TK-1")
    assert answer["Location"] == "/me" and is_in(browser)
    session = SsoSession.objects.get()
    assert (session.account_id, session.amr) == (teacher.id, ["fed"])
    linked = Identifier.objects.get()
    assert (linked.person_id, linked.value, linked.linked_by, linked.valid_to) == (
        teacher.person_id,
        "P-77",
        "attributes",
        None,
    )
    above.says("/verify", told(id_number="", name="改名了"))
    again = Client()
    assert go(again, ticket="TK-2")["Location"] == "/me", "known by the identifier from now on, whatever else is told"
    assert go(Client(), ticket="TK-3").status_code == 302


@pytest.mark.parametrize(
    ("data", "reason"),
    [({"id_number": "110101199003079999"}, "nobody"), ({"id_number": ""}, "nobody"), ({"name": "别人"}, "name")],
)
def test_whom_nobody_can_place_waits_on_the_work_list(
    above: Platform, teacher: Account, data: Any, reason: str
) -> None:
    ticket_source(above)
    above.says("/verify", told(**data))
    browser = Client()
    for _time in range(2):
        answer = go(browser, ticket="TK-1")
        assert answer.status_code == 403 and "还不能确认你是谁" in answer.content.decode()
    row = Unmatched.objects.get()
    assert (row.reason, row.times, row.state) == (reason, 2, "open")
    assert not is_in(browser) and not Identifier.objects.exists()
    assert ID_NUMBER.encode() not in bytes(row.sealed)


def test_two_people_with_one_number_are_nobody(above: Platform, teacher: Account) -> None:
    testing.make_person("苏文", id_blind=crypto.blind("id", ID_NUMBER))
    ticket_source(above)
    above.says("/verify", told())
    assert go(Client(), ticket="TK-1").status_code == 403
    assert Unmatched.objects.get().reason == "several"


def test_attributes_that_disagree_are_nobody(above: Platform, teacher: Account) -> None:
    ticket_source(above, link_by=["id_number", "school_staff"])
    above.says("/verify", told(school_staff="3301000001-T999"))
    assert go(Client(), ticket="TK-1").status_code == 403
    above.says("/verify", told(school_staff="3301000001-T001"))
    assert go(Client(), ticket="TK-1")["Location"] == "/me"


def test_a_second_account_above_does_not_take_a_person(above: Platform, teacher: Account) -> None:
    ticket_source(above)
    above.says("/verify", told())
    go(Client(), ticket="TK-1")
    above.says("/verify", told(user_id="P-78"))
    assert go(Client(), ticket="TK-2").status_code == 403
    assert Unmatched.objects.get().reason == "taken"


def test_the_work_list_links_within_the_region_only(above: Platform, teacher: Account) -> None:
    ticket_source(above)
    above.says("/verify", told(id_number=""))
    go(Client(), ticket="TK-1")
    top = str(registry.ensure_root().path)
    row, officer = Unmatched.objects.get(), actor_with(LINK, path=top)
    waiting = selectors.list_unmatched(actor=officer).items
    assert [one.name for one in waiting] == ["苏文"]
    for stranger in (actor_with("x"), actor_with(LINK, path=f"{top}.5")):
        with pytest.raises(Forbidden):
            services.decide(actor=stranger, unmatched_id=row.id, number=teacher.login)
    with pytest.raises(Invalid):
        services.decide(actor=officer, unmatched_id=row.id, number="000000000000")
    services.decide(actor=officer, unmatched_id=row.id, number=teacher.login)
    row.refresh_from_db()
    assert (row.state, row.sealed, Identifier.objects.get().person_id) == ("linked", None, teacher.person_id)
    with pytest.raises(Conflict):
        services.decide(actor=officer, unmatched_id=row.id, is_ours=False)
    assert go(Client(), ticket="TK-2")["Location"] == "/me"


def test_a_binding_is_ended_by_its_owner_and_so_are_its_visits(above: Platform, teacher: Account) -> None:
    ticket_source(above)
    above.says("/verify", told())
    browser, other = Client(), testing.browser(teacher)
    assert go(browser, ticket="TK-1")["Location"] == "/me"
    page = other.get("/me/bindings").content.decode()
    binding = Identifier.objects.get()
    assert "省平台" in page and f"/me/bindings/{binding.id}/end" in page
    stranger = testing.browser(testing.account_for(testing.make_person("许安")))
    assert stranger.post(f"/me/bindings/{binding.id}/end").status_code == 404
    assert other.post(f"/me/bindings/{binding.id}/end")["Location"] == "/me/bindings"
    assert not is_in(browser) and is_in(other)
    assert "已解除" in other.get("/me/bindings").content.decode()
    assert other.post(f"/me/bindings/{binding.id}/end").status_code == 404


def test_a_stopped_account_does_not_enter_from_above(above: Platform, teacher: Account) -> None:
    ticket_source(above)
    above.says("/verify", told())
    Account.objects.update(state="locked")
    browser = Client()
    answer = go(browser, ticket="TK-1")
    assert answer.status_code == 403 and "账号已停用" in answer.content.decode() and not is_in(browser)


def test_a_new_account_is_in_use_from_its_first_visit_from_above(above: Platform, teacher: Account) -> None:
    ticket_source(above)
    above.says("/verify", told())
    testing.set_state(teacher, "new")
    browser = Client()
    assert go(browser, ticket="TK-1")["Location"] == "/me" and is_in(browser)


@pytest.mark.parametrize(
    "answer", [{"code": 401}, {"code": 0}, {"code": 0, "data": {"name": "x"}}, [1], "<html>", None]
)
def test_answers_that_are_not_believed(above: Platform, teacher: Account, answer: Any) -> None:
    ticket_source(above)
    above.says("/verify", answer)
    browser = Client()
    assert go(browser, ticket="TK-1").status_code == 409 and not is_in(browser)


# ---- CAS above --------------------


def test_a_cas_server_above_with_odd_names_and_its_logout(above: Platform, teacher: Account) -> None:
    names = {"name": "xm", "id_number": "sfzh"}
    make_source(kind="cas", options={"server_url": f"{above.url}/cas", "claims": names})
    above.says("/cas/p3/serviceValidate", platforms.CAS_OK.format(id_number=ID_NUMBER))
    browser = Client()
    assert go(browser, ticket="ST-9")["Location"] == "/me" and is_in(browser)
    asked = above.asked[-1].query
    assert asked["ticket"] == "ST-9" and "/from/province/back?state=" in asked["service"]
    request = '<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"><samlp:SessionIndex>{}</samlp:SessionIndex></samlp:LogoutRequest>'
    for ticket in ("ST-8", ""):
        Client().post("/from/province/back", {"logoutRequest": request.format(ticket)})
        assert is_in(browser)
    assert Client().post("/from/province/back", {"logoutRequest": "<!DOCTYPE a><a/>"}).status_code == 400
    assert Client().post("/from/province/back", {"logoutRequest": request.format("ST-9")}).status_code == 200
    assert not is_in(browser)
    assert SsoSession.objects.get().ended_because == "upstream"


@pytest.mark.parametrize("answer", [platforms.CAS_NO, "<!DOCTYPE x><x/>", "<x/>", {"a": 1}])
def test_a_cas_answer_that_is_not_believed(above: Platform, teacher: Account, answer: Any) -> None:
    make_source(kind="cas", options={"server_url": f"{above.url}/cas"})
    above.says("/cas/p3/serviceValidate", answer)
    assert go(Client(), ticket="ST-9").status_code == 409


# ---- OpenID Connect above --------------------


class Issuer:
    """An OpenID provider that signs what a test wants."""

    def __init__(self, above: Platform) -> None:
        self.above, self.key = above, ECKey.generate_key("P-256", {"kid": "k1"})
        self.nonce, self.changes, self.header, self.signer = "", {}, {"alg": "ES256", "kid": "k1"}, self.key
        base = above.url
        above.says("/.well-known/openid-configuration", {
            "issuer": base, "authorization_endpoint": f"{base}/authorize", "token_endpoint": f"{base}/token",
            "jwks_uri": f"{base}/jwks",
        })  # fmt: skip
        above.says("/jwks", KeySet([self.key]).as_dict(private=False))
        above.says("/token", self.token)

    def signed(self, **claims: Any) -> str:
        at = int(time.time())
        usual = {"iss": self.above.url, "aud": "lingqu", "iat": at, "exp": at + 60}
        whole = {name: value for name, value in {**usual, **claims}.items() if value is not None}
        return str(jwt.encode(self.header, whole, self.signer, algorithms=["ES256", "HS256"]))

    def token(self, asked: Asked) -> Any:
        usual = {"sub": "u-1", "sid": "up-1", "name": "苏文", "id_number": ID_NUMBER, "nonce": self.nonce}
        return {"access_token": "a", "token_type": "Bearer", "id_token": self.signed(**{**usual, **self.changes})}

    def visit(self, browser: Client, **given: str) -> Any:
        begun = browser.get("/from/province")
        query = {name: values[0] for name, values in parse_qs(urlsplit(begun["Location"]).query).items()}
        self.nonce = query["nonce"]
        assert query["code_challenge_method"] == "S256"
        return browser.get("/from/province/back", {"state": query["state"], "code": "c-1", **given})


@pytest.fixture
def issuer(above: Platform) -> Issuer:
    make_source(kind="oidc", options={"issuer": above.url, "client_id": "lingqu"})
    return Issuer(above)


def test_an_openid_provider_above(issuer: Issuer, above: Platform, teacher: Account) -> None:
    browser = Client()
    assert issuer.visit(browser)["Location"] == "/" and is_in(browser)
    token = next(asked for asked in above.asked if asked.path == "/token")
    assert token.headers["authorization"].startswith("Basic ") and len(token.form["code_verifier"]) >= 43
    assert Visit.objects.get().session_above == "up-1"


@pytest.mark.parametrize(
    "changes",
    [
        {"nonce": "another"}, {"iss": "https://evil.example.cn"}, {"aud": "somebody"}, {"aud": ["lingqu", "x"]},
        {"exp": 1000}, {"exp": None}, {"iat": 4102444800},
    ],
)  # fmt: skip
def test_id_tokens_that_are_refused(issuer: Issuer, teacher: Account, changes: dict[str, Any]) -> None:
    issuer.changes = changes
    browser = Client()
    assert issuer.visit(browser).status_code == 409 and not is_in(browser)


def test_a_token_by_another_key_or_by_a_shared_secret_is_refused(issuer: Issuer, teacher: Account) -> None:
    for header, key in (
        ({"alg": "ES256", "kid": "k1"}, ECKey.generate_key("P-256")),
        ({"alg": "HS256", "kid": "k1"}, OctKey.import_key(json.dumps(issuer.key.as_dict(private=False)))),
    ):
        issuer.header, issuer.signer = header, key
        assert issuer.visit(Client()).status_code == 409


def test_mix_up_and_states(issuer: Issuer, teacher: Account) -> None:
    assert issuer.visit(Client(), iss="https://evil.example.cn").status_code == 409
    assert issuer.visit(Client(), state="guessed").status_code == 409
    assert Client().get("/from/province/back?code=c-1&state=").status_code == 409, "an answer that nobody asked for"
    browser = Client()
    issuer.visit(browser)
    assert browser.get("/from/province/back?code=c-1&state=x").status_code == 409, "a state is used once"


def logout(token: str) -> int:
    return Client().post("/from/province/logout", {"logout_token": token}).status_code


def test_a_logout_above_ends_the_session_here_once(issuer: Issuer, teacher: Account) -> None:
    event = {"http://schemas.openid.net/event/backchannel-logout": {}}
    browser = Client()
    issuer.visit(browser)
    good = {"events": event, "jti": "j-1", "sid": "up-1"}
    stale = int(time.time()) - 3600
    for wrong in (
        {**good, "events": {}},
        {**good, "nonce": "n"},
        {**good, "jti": None},
        {**good, "sid": None},
        {**good, "aud": "x"},
        {**good, "iss": "https://evil.example.cn"},
        {**good, "iat": stale, "exp": stale + 60},
    ):
        assert logout(issuer.signed(**wrong)) == 400
    assert logout("nonsense") == logout("") == 400
    assert is_in(browser)
    assert logout(issuer.signed(**{**good, "sid": "up-2"})) == 200 and is_in(browser), "somebody else's"
    token = issuer.signed(**{**good, "jti": "j-2"})
    assert logout(token) == 200 and not is_in(browser)
    again = Client()
    issuer.visit(again)
    assert logout(token) == 400 and is_in(again), "a replayed token ends nothing"
    assert logout(issuer.signed(events=event, jti="j-3", sub="u-1")) == 200 and not is_in(again)


# ---- messengers --------------------


def messenger(kind: str, above: Platform) -> None:
    own = {"wecom": {"corpid": "wwcorp0001", "agentid": "1000002"}, "dingtalk": {"client_id": "dingapp0001"},
           "wechat": {"appid": "wxapp0001"}}[kind]  # fmt: skip
    make_source(code=kind, kind=kind, link_by=[], options={**own, "api_url": above.url})


RECORDED = {
    "wecom": [("/cgi-bin/gettoken", platforms.WECOM_TOKEN), ("/cgi-bin/auth/getuserinfo", platforms.WECOM_MEMBER)],
    "dingtalk": [
        ("/v1.0/oauth2/userAccessToken", platforms.DINGTALK_TOKEN),
        ("/v1.0/contact/users/me", platforms.DINGTALK_ME),
    ],
    "wechat": [("/sns/oauth2/access_token", platforms.WECHAT_TOKEN)],
}
SUBJECTS = {
    "wecom": "userid:SuWen",
    "dingtalk": "z21HjQliSzpw0Yxxxx",
    "wechat": "unionid:o6_bmasdasdsad6_2sgVt7hMZOPfL",
}
DOORS = {"wecom": "open.weixin.qq.com", "dingtalk": "login.dingtalk.com", "wechat": "open.weixin.qq.com"}


@pytest.mark.parametrize("kind", sorted(RECORDED))
def test_the_first_time_people_bind_and_then_they_are_in(above: Platform, teacher: Account, kind: str) -> None:
    messenger(kind, above)
    for path, answer in RECORDED[kind]:
        above.says(path, answer)
    browser = Client()
    assert urlsplit(browser.get(f"/from/{kind}")["Location"]).netloc == DOORS[kind]
    unknown = go(browser, kind, code="CODE")
    page = unknown.content.decode()
    assert unknown.status_code == 200 and "还没有绑定账号" in page and not is_in(browser)
    back = page.split("/sign-in?next=")[1].split('"')[0].replace("%2F", "/")
    assert browser.get(back)["Location"].startswith("/sign-in")
    browser.post("/sign-in", {"login": teacher.login, "password": testing.PASSWORD, "next": back})
    assert "绑定" in browser.get(back).content.decode() and not Identifier.objects.exists()
    assert browser.post(back)["Location"] == "/me"
    assert (Identifier.objects.get().value, Identifier.objects.get().linked_by) == (SUBJECTS[kind], "person")
    again = Client()
    assert go(again, kind, code="CODE2")["Location"] == "/me" and is_in(again)
    assert browser.get(back[:-2] + "xx").status_code == 422, "an altered link binds nothing"


@pytest.mark.parametrize(
    ("kind", "path", "answer"),
    [
        ("wecom", "/cgi-bin/auth/getuserinfo", platforms.WECOM_OUTSIDER), ("wecom", "/cgi-bin/auth/getuserinfo", platforms.WECOM_BAD_CODE),
        ("wecom", "/cgi-bin/gettoken", {"errcode": 40001, "errmsg": "invalid credential"}),
        ("wechat", "/sns/oauth2/access_token", platforms.WECHAT_BAD_CODE), ("dingtalk", "/v1.0/contact/users/me", {"nick": "x"}),
        ("dingtalk", "/v1.0/oauth2/userAccessToken", {"code": "invalidParameter.authCode.notFound"}),
    ],
)  # fmt: skip
def test_messengers_that_refuse(above: Platform, kind: str, path: str, answer: Any) -> None:
    messenger(kind, above)
    for usual in RECORDED[kind]:
        above.says(*usual)
    above.says(path, answer)
    assert go(Client(), kind, code="CODE").status_code == 409


def test_a_parent_of_the_school_contacts(above: Platform) -> None:
    messenger("wecom", above)
    above.says("/cgi-bin/gettoken", platforms.WECOM_TOKEN)
    above.says("/cgi-bin/auth/getuserinfo", platforms.WECOM_PARENT)
    assert go(Client(), "wecom", code="CODE").status_code == 200


# ---- setting up --------------------


def test_a_door_stands_below_the_form_and_only_while_open(above: Platform) -> None:
    source = ticket_source(above)
    page = Client().get("/sign-in?next=/me").content.decode()
    assert "省平台" in page and "/from/province?next=/me" in page
    Source.objects.filter(id=source.id).update(is_open=False)
    assert "省平台" not in Client().get("/sign-in").content.decode()
    assert Client().get("/from/province").status_code == 404


def test_nobody_is_led_away_after_coming_back(above: Platform, teacher: Account) -> None:
    ticket_source(above)
    above.says("/verify", told())
    for onward in ("https://evil.example.cn/", "//evil.example.cn/", "/\\evil.example.cn"):
        browser = Client()
        begun = browser.get("/from/province", {"next": onward})
        state = parse_qs(urlsplit(parse_qs(urlsplit(begun["Location"]).query)["redirect"][0]).query)["state"][0]
        assert browser.get("/from/province/back", {"state": state, "ticket": "T"})["Location"] == "/"


def test_addresses_inside_are_not_asked(settings: Any, above: Platform) -> None:
    settings.LINGQU_OUTGOING_ALLOW = ()
    for address in (f"{above.url}/verify", "https://user@province.example.cn/x", "ftp://x"):
        with pytest.raises(Invalid):
            make_source(options={"login_url": "https://p.example.cn/", "verify_url": address, "appid": "a"})
    make_source(
        options={"login_url": "https://p.example.cn/", "verify_url": "https://127.0.0.1:9/verify", "appid": "a"}
    )
    assert go(Client(), ticket="T").status_code == 409 and above.asked == []


def test_what_a_kind_needs(above: Platform) -> None:
    with pytest.raises(Invalid) as refusal:
        make_source(kind="oidc", options={})
    assert set(refusal.value.details) == {"issuer", "client_id"}
    with pytest.raises(Invalid):
        make_source(kind="nothing")
    with pytest.raises(Invalid):
        make_source(link_by=["shoe_size"])


@pytest.mark.parametrize("path", ["1.2", None])
def test_only_at_the_top_sources_are_set_up(path: str | None) -> None:
    actor = actor_with(MANAGE, path=path) if path else actor_with("other")
    with pytest.raises(Forbidden):
        services.save_source(
            actor=actor, code="x", values={"name": "x", "kind": "cas", "options": {"server_url": "https://c.cn"}}
        )
    assert not Source.objects.exists()


def test_the_pages_of_the_desk(above: Platform, teacher: Account) -> None:
    admin = testing.browser(testing.duty_account("system_admin"))
    assert "还没有外部登录入口" in admin.get("/upstream").content.decode()
    values = {"code": "prov", "name": "省平台", "kind": "cas", "options": '{"server_url": "https://cas.example.cn"}', "secret": "geheim",
              "link_by": ["id_number"], "is_open": "on"}  # fmt: skip
    wrong = admin.post("/upstream/new", {**values, "options": "{}"})
    assert wrong.status_code == 422 and "server_url" in wrong.content.decode()
    assert admin.post("/upstream/new", values).status_code == 302
    source = Source.objects.get()
    assert services.secret_of(source) == "geheim" and b"geheim" not in bytes(source.sealed)
    assert admin.post("/upstream/sources/prov", {**values, "secret": "", "name": "省"}).status_code == 302
    source.refresh_from_db()
    assert (source.name, services.secret_of(source)) == ("省", "geheim")
    assert "geheim" not in admin.get("/upstream/sources/prov").content.decode()
    assert AuditEntry.objects.filter(action="upstream.source.saved").count() == 2
    ticket_source(above)
    above.says("/verify", told(id_number="", phone="13800000000"))
    go(Client(), ticket="T")
    officer = testing.browser(testing.duty_account("county_admin"))
    page = officer.get("/upstream/unmatched").content.decode()
    assert "苏文" in page and "13800000000" not in page
    row = Unmatched.objects.get()
    assert officer.post(f"/upstream/unmatched/{row.id}", {"do": "link"}).status_code == 302
    assert Unmatched.objects.get().state == "open"
    officer.post(f"/upstream/unmatched/{row.id}", {"do": "link", "number": teacher.login})
    assert Unmatched.objects.get().state == "linked"


def test_keys_above_that_cannot_be_read_count_for_a_day(issuer: Issuer, above: Platform, teacher: Account) -> None:
    assert issuer.visit(Client()).status_code == 302
    above.says("/jwks", None)
    IssuerKeys.objects.update(tried_at=now() - timedelta(hours=2), read_at=now() - timedelta(hours=23))
    assert issuer.visit(Client()).status_code == 302, "a key server may be down for a while"
    IssuerKeys.objects.update(tried_at=now() - timedelta(hours=2), read_at=now() - timedelta(hours=25))
    browser = Client()
    answer = issuer.visit(browser)
    assert answer.status_code == 409 and "24小时读不到" in answer.content.decode() and not is_in(browser)
    event = {"http://schemas.openid.net/event/backchannel-logout": {}}
    assert logout(issuer.signed(events=event, jti="j-9", sub="u-1")) == 400
    above.says("/jwks", KeySet([issuer.key]).as_dict(private=False))
    IssuerKeys.objects.update(tried_at=now() - timedelta(hours=2))
    assert issuer.visit(Client()).status_code == 302


def test_a_new_key_above_is_believed_when_it_is_shown(issuer: Issuer, above: Platform, teacher: Account) -> None:
    assert issuer.visit(Client()).status_code == 302
    issuer.signer = ECKey.generate_key("P-256", {"kid": "k2"})
    issuer.header = {"alg": "ES256", "kid": "k2"}
    above.says("/jwks", KeySet([issuer.signer]).as_dict(private=False))
    assert issuer.visit(Client()).status_code == 409, "asked once a minute at most"
    IssuerKeys.objects.update(tried_at=now() - timedelta(minutes=2))
    assert issuer.visit(Client()).status_code == 302
