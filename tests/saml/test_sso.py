"""Single sign-on and out, with python3-saml (written by others, over xmlsec) as the service provider that judges."""

from __future__ import annotations

import base64
import re
import threading
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from cryptography.hazmat.primitives import serialization
from django.db import connection
from django.test import Client
from onelogin.saml2.auth import OneLogin_Saml2_Auth
from onelogin.saml2.idp_metadata_parser import OneLogin_Saml2_IdPMetadataParser

from lingqu.foundation.applications import api as applications
from lingqu.foundation.applications.models import Participation, Release, RequestLog
from lingqu.foundation.identity import api as identity
from lingqu.foundation.identity import testing
from lingqu.foundation.identity.models import SsoSession
from lingqu.foundation.identity.services import sso
from lingqu.foundation.saml.models import Key, Pending
from lingqu.foundation.saml.query import check_query, signed_query
from lingqu.foundation.saml.services import answering, keys, leaving
from lingqu.foundation.saml.testing import SYSTEM, make_provider
from lingqu.foundation.saml.types import NAMES, POST
from lingqu.foundation.saml.xml import deflate, parse, serialise
from lingqu.kernel.clock import now

from . import makers

SLO = "https://sp.example.cn/slo"


@pytest.fixture
def app(db: None) -> applications.App:
    """A provider that signs what it sends."""
    _key, certificate = makers.key_pair()
    described = makers.metadata(certificate=certificate, wants_signed=True, soap="https://sp.example.cn/soap")
    return make_provider(
        described, scopes=("profile", "roles", "person_number"), entry_url="https://sp.example.cn/start"
    )


@pytest.fixture
def browser(teacher: Any) -> Client:
    return testing.browser(teacher)


def provider(
    path: str = "/acs", post: dict[str, str] | None = None, get: dict[str, str] | None = None, **security: Any
) -> Any:
    """python3-saml, set up from our metadata as an application would."""
    key, certificate = makers.key_pair()
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    idp = OneLogin_Saml2_IdPMetadataParser.parse(Client().get("/saml/metadata").content.decode())
    settings = {
        "strict": True,
        "sp": {
            "entityId": makers.ENTITY, "assertionConsumerService": {"url": makers.ACS, "binding": POST},
            "singleLogoutService": {"url": SLO, "binding": "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"},
            "NameIDFormat": "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent", "x509cert": certificate, "privateKey": private,
        },
        "idp": idp["idp"],
        "security": {
            "authnRequestsSigned": True, "logoutRequestSigned": True, "logoutResponseSigned": True, "wantMessagesSigned": True,
            "wantAssertionsSigned": True, "wantNameId": True, "rejectDeprecatedAlgorithm": True,
            "requestedAuthnContext": False, **security,
        },
    }  # fmt: skip
    request = {
        "https": "on",
        "http_host": "sp.example.cn",
        "script_name": path,
        "get_data": get or {},
        "post_data": post or {},
    }
    return OneLogin_Saml2_Auth(request, settings)


def form_in(answer: Any) -> tuple[str, dict[str, str]]:
    page = answer.content.decode()
    assert answer.status_code == 200, page[:500]
    action = unescape(re.findall(r'<form method="post" action="([^"]*)"', page)[0])
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)
    return action, {name: unescape(value) for name, value in fields}


def ask(browser: Client, **login: Any) -> tuple[Any, str]:
    """The provider's request as its browser brings it; the answer of the address it leads to, and the request's id."""
    sp = provider()
    url = sp.login(return_to="https://sp.example.cn/deep", **login)
    kept = browser.get(f"/saml/sso?{urlsplit(url).query}")
    assert kept.status_code in (200, 302), kept.content[:500]
    return (browser.get(kept["Location"]) if kept.status_code == 302 else kept), sp.get_last_request_id()


def judged(fields: dict[str, str], request_id: str | None) -> Any:
    sp = provider(post=fields)
    sp.process_response(request_id=request_id)
    return sp


def test_the_provider_believes_the_answer(app: applications.App, browser: Client, teacher: Any) -> None:
    answer, request_id = ask(browser)
    action, fields = form_in(answer)
    assert action == makers.ACS and fields["RelayState"] == "https://sp.example.cn/deep"
    assert "form-action 'self' https://sp.example.cn;" in answer["Content-Security-Policy"]
    sp = judged(fields, request_id)
    assert sp.get_errors() == [], sp.get_last_error_reason()
    assert sp.is_authenticated()
    assert sp.get_nameid() == applications.subject_of(app=app, account_id=teacher.id)
    assert sp.get_attributes()["name"] == ["苏文"]
    assert sp.get_attributes()["lingqu_roles"] == ["teacher@3301000001"]
    assert sp.get_session_index() == str(SsoSession.objects.get().id)
    assert Participation.objects.get().protocol == "saml"
    assert "name" in Release.objects.get().fields


def test_a_visitor_signs_in_first(app: applications.App, teacher: Any) -> None:
    visitor = Client()
    asked, request_id = ask(visitor)
    assert asked["Location"].startswith("/sign-in?")
    door = visitor.get(asked["Location"])
    assert "form-action 'self' https://sp.example.cn;" in door["Content-Security-Policy"]
    back = parse_qs(urlsplit(asked["Location"]).query)["next"][0]
    entered = visitor.post("/sign-in", {"login": teacher.login, "password": testing.PASSWORD, "next": back})
    sp = judged(form_in(visitor.get(entered["Location"]))[1], request_id)
    assert sp.is_authenticated()


def test_a_request_by_post_with_a_signature_inside(app: applications.App, browser: Client) -> None:
    message = makers.signed(makers.authn_request(answering.address("sso")))
    kept = browser.post("/saml/sso", {"SAMLRequest": makers.posted(message), "RelayState": "x"})
    _action, fields = form_in(browser.get(kept["Location"]))
    assert fields["RelayState"] == "x"
    assert judged(fields, parse(message).get("ID")).is_authenticated()


def test_force_authn_asks_again(app: applications.App, browser: Client) -> None:
    asked, request_id = ask(browser, force_authn=True)
    assert asked["Location"].startswith("/sign-in/again?")
    back = parse_qs(urlsplit(asked["Location"]).query)["next"][0]
    assert browser.get(back)["Location"].startswith("/sign-in/again?")
    proved = browser.post("/sign-in/again", {"password": testing.PASSWORD, "next": back})
    assert judged(form_in(browser.get(proved["Location"]))[1], request_id).is_authenticated()


def test_passive_never_shows_the_door(app: applications.App, browser: Client) -> None:
    answer, request_id = ask(Client(), is_passive=True)
    sp = judged(form_in(answer)[1], request_id)
    assert not sp.is_authenticated() and "NoPassive" in str(sp.get_last_error_reason())
    answer, request_id = ask(browser, is_passive=True)
    assert judged(form_in(answer)[1], request_id).is_authenticated()


def test_the_entry_from_the_shelf(app: applications.App, browser: Client) -> None:
    assert applications.ENTRIES["saml"](app, None) == f"/saml/enter/{app.client_id}"
    _action, fields = form_in(browser.get(f"/saml/enter/{app.client_id}"))
    assert fields["RelayState"] == "https://sp.example.cn/start"
    assert judged(fields, None).is_authenticated()
    assert Client().get(f"/saml/enter/{app.client_id}")["Location"].startswith("/sign-in")
    assert browser.get("/saml/enter/lqnone").status_code == 404


# ---- what must be refused --------------------


def test_an_answer_is_given_once(app: applications.App, browser: Client) -> None:
    sp = provider()
    kept = browser.get(f"/saml/sso?{urlsplit(sp.login()).query}")["Location"]
    assert browser.get(kept).status_code == 200
    assert browser.get(kept).status_code == 409


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (lambda url: makers.authn_request(url), "not signed"),
        (lambda url: makers.signed(makers.authn_request(url), "somebody else"), "certificate"),
        (lambda url: makers.signed(makers.authn_request(url)).replace(b"</saml:Issuer>", b" </saml:Issuer>"), "certificate"),
        (lambda url: makers.signed(makers.authn_request(url, entity="https://stranger.cn/")), "not registered"),
        (lambda url: makers.signed(makers.authn_request("https://other-idp.cn/sso")), "destination"),
        (lambda url: makers.signed(makers.authn_request(url, age=600)), "too old"),
        (lambda url: makers.signed(makers.authn_request(url, more='AssertionConsumerServiceURL="https://evil.cn/acs"')), "not registered"),
        (lambda url: makers.signed(makers.authn_request(url, more='AssertionConsumerServiceIndex="7"')), "not registered"),
        (lambda url: b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>" + makers.authn_request(url), "document type"),
        (lambda url: b"nonsense", "well-formed"),
    ],
)  # fmt: skip
def test_requests_that_get_no_answer(app: applications.App, browser: Client, made: Any, told: str) -> None:
    answer = browser.post("/saml/sso", {"SAMLRequest": makers.posted(made(answering.address("sso")))})
    assert answer.status_code == 422 and told in answer.content.decode()
    assert not Pending.objects.exists() and not Participation.objects.exists()


def test_the_query_must_be_signed_too(app: applications.App, browser: Client) -> None:
    key, _certificate = makers.key_pair()
    stranger, _other = makers.key_pair("somebody else")
    text = {"SAMLRequest": deflate(makers.authn_request(answering.address("sso")))}
    for query in (
        urlencode(text),
        signed_query(text, stranger),
        signed_query(text, key).replace("sha256", "sha512", 1),
    ):
        assert browser.get(f"/saml/sso?{query}").status_code == 422
    assert browser.get(f"/saml/sso?{signed_query(text, key)}").status_code == 302


def test_a_name_format_that_we_do_not_have(app: applications.App, browser: Client) -> None:
    policy = '<samlp:NameIDPolicy Format="urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"/>'
    message = makers.signed(makers.authn_request(answering.address("sso"), inside=policy))
    _action, fields = form_in(browser.post("/saml/sso", {"SAMLRequest": makers.posted(message)}))
    sp = judged(fields, parse(message).get("ID"))
    assert not sp.is_authenticated() and "InvalidNameIDPolicy" in str(sp.get_last_error_reason())
    assert RequestLog.objects.get().outcome == "InvalidNameIDPolicy", "the developer reads why"


def test_who_may_not_enter_gets_no_assertion(browser: Client) -> None:
    make_provider(makers.metadata(certificate=makers.key_pair()[1]), audiences=("student",))
    answer, _id = ask(browser)
    assert answer.status_code == 403 and not Participation.objects.exists()


def test_a_suspended_application_gets_nothing(app: applications.App, browser: Client) -> None:
    applications.suspend(actor=SYSTEM, application_id=app.id, reason="出事了")
    answer, _id = ask(browser)
    assert answer.status_code == 403
    assert browser.get(f"/saml/enter/{app.client_id}").status_code == 403


@pytest.mark.parametrize("kind", ["other request", "altered", "wrapped", "without signature", "other audience"])
def test_the_provider_refuses_what_was_tampered_with(app: applications.App, browser: Client, kind: str) -> None:
    """Negative controls of the judge: our answers hold only as they are."""
    answer, request_id = ask(browser)
    _action, fields = form_in(answer)
    xml = base64.b64decode(fields["SAMLResponse"])
    root = parse(xml)
    if kind == "altered":
        xml = xml.replace("苏文".encode(), "校长".encode())
    elif kind == "wrapped":
        inner = root.find("saml:Assertion", NAMES)
        forged = parse(xml).find("saml:Assertion", NAMES)
        forged.set("ID", "_forged")
        forged.find("saml:Subject/saml:NameID", NAMES).text = "somebody else"
        forged.remove(forged.find("ds:Signature", NAMES))
        inner.addprevious(forged)
        xml = serialise(root)
    elif kind == "without signature":
        for one in root.iter("{http://www.w3.org/2000/09/xmldsig#}Signature"):
            one.getparent().remove(one)
            break
        xml = serialise(root)
    elif kind == "other audience":
        xml = xml.replace(makers.ENTITY.encode(), b"https://other.cn/")
    fields["SAMLResponse"] = makers.posted(xml)
    sp = judged(fields, "_another" if kind == "other request" else request_id)
    assert not sp.is_authenticated() and sp.get_errors()


@pytest.mark.django_db(transaction=True)
def test_six_at_once_get_one_answer(app: applications.App, teacher: Any) -> None:
    session = sso.begin(teacher, amr=["pwd"])
    fact, standing = identity.find_sso_session(session.id), identity.standing_of(teacher)
    pending, _asked = answering.take_request(
        text=makers.posted(makers.signed(makers.authn_request(answering.address("sso")))), relay_state="", query=None
    )
    done: list[str] = []
    gate = threading.Barrier(6)

    def answer() -> None:
        gate.wait()
        try:
            done.append(answering.answer(pending=pending, session=fact, standing=standing)[0])
        except answering.Conflict:
            done.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=answer) for _one in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [makers.ACS] + ["refused"] * 5


# ---- leaving --------------------


def test_the_provider_signs_everybody_out(app: applications.App, browser: Client, teacher: Any) -> None:
    answer, request_id = ask(browser)
    entered = judged(form_in(answer)[1], request_id)
    sp = provider()
    url = sp.logout(
        name_id=entered.get_nameid(), session_index=entered.get_session_index(), return_to="https://sp.example.cn/bye",
        name_id_format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
    )  # fmt: skip
    left = browser.get(f"/saml/slo?{urlsplit(url).query}")
    assert left["Location"].startswith(f"{SLO}?SAMLResponse=")
    assert SsoSession.objects.get().ended_because == "signed_out"
    given = {name: values[0] for name, values in parse_qs(urlsplit(left["Location"]).query).items()}
    judge = provider("/slo", get=given)
    judge.process_slo(request_id=sp.get_last_request_id(), keep_local_session=True)
    assert judge.get_errors() == [], judge.get_last_error_reason()
    assert given["RelayState"] == "https://sp.example.cn/bye"


@pytest.mark.parametrize("who", ["nobody", "somebody else"])
def test_a_logout_that_cannot_be_believed_ends_nothing(
    app: applications.App, browser: Client, who: str, teacher: Any
) -> None:
    session = SsoSession.objects.get()
    subject = applications.subject_of(app=app, account_id=teacher.id)
    message = makers.logout_request(answering.address("slo"), name_id=subject, session=str(session.id))
    sent = message if who == "nobody" else makers.signed(message, who)
    assert Client().post("/saml/slo", {"SAMLRequest": makers.posted(sent)}).status_code == 422
    assert SsoSession.objects.get().ended_at is None


def test_a_provider_ends_only_sessions_of_whom_it_names(app: applications.App, browser: Client) -> None:
    other = sso.begin(testing.account_for(testing.make_person("别人")), amr=["pwd"])
    message = makers.signed(makers.logout_request(answering.address("slo"), name_id="unknown", session=str(other.id)))
    assert browser.post("/saml/slo", {"SAMLRequest": makers.posted(message)}).status_code == 302
    assert not SsoSession.objects.exclude(ended_at=None).exists()


def test_behind_the_browser_the_provider_is_told_by_soap(app: applications.App, browser: Client, teacher: Any) -> None:
    session = SsoSession.objects.get()
    subject = applications.subject_of(app=app, account_id=teacher.id)
    call = leaving.logout_call(
        applications.Took(
            session_id=session.id,
            account_id=teacher.id,
            application=app,
            protocol="saml",
            key="",
            data={},
            subject=subject,
        )
    )
    assert call is not None and call.url == "https://sp.example.cn/soap"
    message = parse(call.body).find("soap:Body", NAMES)[0]
    assert message.find("saml:NameID", NAMES).text == subject
    assert message.find("samlp:SessionIndex", NAMES).text == str(session.id)
    assert message.find("ds:Signature", NAMES) is not None
    plain = make_provider()
    assert leaving.logout_call(applications.Took(
        session_id=session.id, account_id=teacher.id, application=plain, protocol="saml", key="", data={}, subject="x"
    )) is None  # fmt: skip


# ---- keys --------------------


def test_a_new_key_is_announced_before_it_signs(app: applications.App, browser: Client, monkeypatch: Any) -> None:
    old = keys.signing_key()[1]
    made = keys.rotate(actor=SYSTEM)
    assert keys.signing_key()[1] == old
    assert set(keys.list_certificates()) == {old, made.certificate}
    monkeypatch.setattr(keys, "now", lambda: now() + keys.ANNOUNCED + timedelta(minutes=1))
    assert keys.signing_key()[1] == made.certificate
    assert set(keys.list_certificates()) == {old, made.certificate}
    monkeypatch.setattr(keys, "now", lambda: now() + keys.ANNOUNCED + keys.KEPT + timedelta(minutes=1))
    assert keys.list_certificates() == (made.certificate,)


def test_a_stolen_key_goes_at_once(db: None) -> None:
    keys.signing_key()
    made = keys.rotate(actor=SYSTEM, at_once=True)
    assert keys.list_certificates() == (made.certificate,) and keys.signing_key()[1] == made.certificate
    assert not any(b"PRIVATE" in bytes(row.sealed) for row in Key.objects.all())


def test_a_successor_comes_a_year_before_the_end(db: None) -> None:
    keys.signing_key()
    assert not keys.renew_due()
    Key.objects.update(ends_at=now() + timedelta(days=300))
    assert keys.renew_due() and not keys.renew_due()
    assert Key.objects.count() == 2


def test_the_redirect_answer_is_signed(app: applications.App) -> None:
    key, certificate = keys.signing_key()
    query = signed_query({"SAMLResponse": "x"}, key)
    check_query(query, "SAMLResponse", [makers.bare(certificate)])
