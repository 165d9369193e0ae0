"""Hostile XML, and signatures: only what was signed, by whom we know, is ever read."""

from __future__ import annotations

import base64
import copy
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from lingqu.foundation.saml import reading
from lingqu.foundation.saml.query import check_query, signed_query
from lingqu.foundation.saml.types import DS, NAMES, SAML, SAMLP, BadMessage
from lingqu.foundation.saml.xml import deflate, inflate, parse, serialise, verified

from . import makers

HERE = "https://idp.example.cn/saml/sso"
SIGNER = makers.bare(makers.key_pair()[1])


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        '<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1/x">%p;]><a/>', "<a>", "", "plain", "<a xmlns:b='c'><b:d></a>",
        "<a>" + "<b>" * 400 + "</b>" * 400 + "</a>", "<a>" + "x" * 70_000 + "</a>",
    ],
)  # fmt: skip
def test_hostile_documents_are_refused(text: str) -> None:
    with pytest.raises(BadMessage):
        parse(text.encode())
    with pytest.raises(BadMessage):
        parse(text.encode("utf-16"))


def test_a_deflated_bomb_is_never_blown_up() -> None:
    bomb = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = bomb.compress(b"<a>" + b"x" * 50_000_000) + bomb.flush()
    with pytest.raises(BadMessage):
        inflate(base64.b64encode(data).decode())


@given(st.text(max_size=80))
def test_whatever_arrives_is_a_message_or_a_refusal(text: str) -> None:
    for read in (inflate, lambda one: parse(one.encode("utf-8", "replace"))):
        try:
            read(text)
        except BadMessage:
            continue


def test_a_comment_does_not_cut_a_name_in_two() -> None:
    message = makers.logout_request(HERE, name_id="admin<!-- x -->.evil", session="s")
    assert reading.read_logout_request(parse(message), HERE).name_id == "admin.evil"


def test_a_signature_by_the_registered_key_is_good() -> None:
    found = verified(parse(makers.signed(makers.authn_request(HERE))), [SIGNER])
    assert reading.read_authn_request(found, HERE).issuer == makers.ENTITY


def test_a_signature_by_another_key_is_not() -> None:
    with pytest.raises(BadMessage, match="certificate"):
        verified(parse(makers.signed(makers.authn_request(HERE), "somebody else")), [SIGNER])


def test_a_changed_message_is_refused() -> None:
    changed = makers.signed(makers.authn_request(HERE)).replace(b"sp.example.cn", b"zz.example.cn")
    with pytest.raises(BadMessage):
        verified(parse(changed), [SIGNER])


def wrapped(kind: str) -> etree._Element:
    """The classic wrappings (XSW): the signed message moves inside, a forged one takes its place."""
    original = parse(makers.signed(makers.logout_request(HERE, name_id="me", session="s")))
    forged = copy.deepcopy(original)
    forged.find("saml:NameID", NAMES).text = "somebody else"
    signature = forged.find("ds:Signature", NAMES)
    if kind == "signed beside":
        forged.set("ID", "_forged")
        forged.append(original)
        forged.remove(signature)
    elif kind == "signed inside signature":
        forged.set("ID", "_forged")
        inner = copy.deepcopy(original)
        inner.remove(inner.find("ds:Signature", NAMES))
        etree.SubElement(signature, f"{{{DS}}}Object").append(inner)
    elif kind == "same id":
        inner = copy.deepcopy(original)
        inner.remove(inner.find("ds:Signature", NAMES))
        etree.SubElement(forged, f"{{{SAMLP}}}Extensions").append(inner)
    elif kind == "two signatures":
        forged.insert(1, copy.deepcopy(signature))
    elif kind == "signature of a part":
        forged.set("ID", "_forged")
        part = etree.SubElement(forged, f"{{{SAMLP}}}Extensions")
        inner = copy.deepcopy(original)
        inner.remove(inner.find("ds:Signature", NAMES))
        part.append(inner)
    return forged


@pytest.mark.parametrize(
    "kind",
    ["signed beside", "signed inside signature", "same id", "two signatures", "signature of a part", "only text"],
)
def test_wrapped_signatures_are_refused(kind: str) -> None:
    with pytest.raises(BadMessage):
        verified(wrapped(kind), [SIGNER])


def test_what_stands_beside_the_signed_part_is_not_read() -> None:
    """A value added after signing breaks the signature; a verified message is read from the signed bytes."""
    message = parse(makers.signed(makers.authn_request(HERE)))
    etree.SubElement(message, f"{{{SAML}}}Issuer").text = "https://evil.example.cn"
    with pytest.raises(BadMessage):
        verified(message, [SIGNER])


def test_the_query_is_signed_as_it_was_sent() -> None:
    key, certificate = makers.key_pair()
    query = signed_query({"SAMLRequest": deflate(makers.authn_request(HERE)), "RelayState": "a b&c"}, key)
    check_query(query, "SAMLRequest", [makers.bare(certificate)])
    for changed in (
        query.replace("RelayState=a", "RelayState=b"), query.replace("&RelayState=a+b%26c", ""),
        query + "&RelayState=x", query.split("&Signature=")[0], query.replace("rsa-sha256", "rsa-sha1"),
        query[:-8] + "AAAAAA%3D",
    ):  # fmt: skip
        with pytest.raises(BadMessage):
            check_query(changed, "SAMLRequest", [makers.bare(certificate)])
    other = makers.bare(makers.key_pair("somebody else")[1])
    with pytest.raises(BadMessage):
        check_query(query, "SAMLRequest", [other])


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ((b'Version="2.0"', b'Version="1.1"'), "SAML 2.0"), ((b'Destination="https://idp', b'Destination="https://odp'), "destination"),
        ((b"AuthnRequest", b"ArtifactResolve"), "SAML 2.0"), ((b"<saml:Issuer>", b"<saml:Issuer><x/>"), "plain"),
        ((b'IssueInstant="20', b'IssueInstant="19'), "old"), ((b'IssueInstant="20', b'IssueInstant="x'), "moment"),
    ],
)  # fmt: skip
def test_requests_that_are_refused(change: tuple[bytes, bytes], reason: str) -> None:
    with pytest.raises(BadMessage, match=reason):
        reading.read_authn_request(parse(makers.authn_request(HERE).replace(*change)), HERE)


def test_metadata_is_read() -> None:
    found = reading.read_metadata(makers.metadata(certificate=makers.key_pair()[1], soap="https://sp.example.cn/soap"))
    assert (found.entity_id, found.acs[0].url, found.certificates) == (makers.ENTITY, makers.ACS, (SIGNER,))
    assert [one.binding.rpartition(":")[2] for one in found.slo] == ["HTTP-Redirect", "SOAP"]


@pytest.mark.parametrize(
    "change",
    [
        (b"HTTP-POST", b"HTTP-Artifact"), (b"https://sp.example.cn/acs", b"javascript:alert(1)"),
        (b'entityID="https', b'other="https'), (b"SPSSODescriptor", b"IDPSSODescriptor"), (b"SAML:2.0:protocol", b"SAML:1.1:x"),
        (b"https://sp.example.cn/acs", b"https://a@sp.example.cn/acs"),
    ],
)  # fmt: skip
def test_metadata_that_is_refused(change: tuple[bytes, bytes]) -> None:
    with pytest.raises(BadMessage):
        reading.read_metadata(makers.metadata().replace(*change))


def test_a_message_survives_the_redirect_binding() -> None:
    message = makers.authn_request(HERE)
    assert inflate(deflate(message)) == message
    assert serialise(parse(message)).startswith(b"<samlp:AuthnRequest")
