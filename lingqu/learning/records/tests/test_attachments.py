"""Attachments in both directions, and signed statements."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from lingqu.kernel.models import StoredFile

from ..models import Attachment, Statement
from ..testing import Lrs, statement
from ..types.signatures import SIGNATURE

pytestmark = pytest.mark.django_db
BOUNDARY = "frontier-26"


def named(content: bytes, **more: Any) -> dict[str, Any]:
    return {
        "usageType": "http://example.org/usage", "display": {"en": "work"}, "contentType": "text/plain", "length": len(content),
        "sha2": sha256(content).hexdigest(), **more,
    }  # fmt: skip


def mixed(value: Any, *contents: bytes, encoding: str = "binary", digest: str = "") -> bytes:
    pieces = [f"--{BOUNDARY}\r\nContent-Type: application/json\r\n\r\n".encode() + json.dumps(value).encode()]
    for content in contents:
        head = (
            f"--{BOUNDARY}\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: {encoding}\r\n"
            f"X-Experience-API-Hash: {digest or sha256(content).hexdigest()}\r\n\r\n"
        )
        pieces.append(head.encode() + content)
    return b"\r\n".join([*pieces, f"--{BOUNDARY}--".encode()])


def send(lrs: Lrs, body: bytes, kind: str = f"multipart/mixed; boundary={BOUNDARY}") -> Any:
    return lrs.ask("POST", "statements", body, content_type=kind)


def test_bytes_come_back_as_they_were_sent_and_lie_once() -> None:
    lrs, content = Lrs(), b"line\r\n--frontier\r\n\x00\xff"
    for _time in range(2):
        assert send(lrs, mixed(statement() | {"attachments": [named(content)]}, content)).status_code == 200
    assert (Attachment.objects.count(), StoredFile.objects.count()) == (1, 1)
    answer = lrs.ask("GET", "statements", parameters={"attachments": "true"})
    assert answer["Content-Type"].startswith("multipart/mixed; boundary=")
    assert answer.content.count(content) == 1
    plain = lrs.ask("GET", "statements", parameters={"attachments": "false"})
    assert len(json.loads(plain.content)["statements"]) == 2


@pytest.mark.parametrize(
    "change",
    [
        {"encoding": "base64"}, {"digest": "a" * 64}, {"contents": ()}, {"contents": (b"one", b"other")}, {"kind": "multipart/mixed"},
        {"kind": "multipart/form-data; boundary=" + BOUNDARY}, {"kind": "multipart/mixed; boundary=none"}, {"kind": "application/json"},
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_and_nothing_is_stored(change: dict[str, Any]) -> None:
    lrs, content = Lrs(), b"one"
    kind = change.pop("kind", f"multipart/mixed; boundary={BOUNDARY}")
    contents = change.pop("contents", (content,))
    body = mixed(statement() | {"attachments": [named(content)]}, *contents, **change)
    assert send(lrs, body, kind).status_code == 400
    assert (Statement.objects.count(), Attachment.objects.count()) == (0, 0)


def test_what_lies_elsewhere_need_not_come_along() -> None:
    lrs = Lrs()
    assert lrs.ask("POST", "statements", statement() | {"attachments": [named(b"x")]}).status_code == 400
    linked = statement() | {"attachments": [named(b"x", fileUrl="https://files.example/x")]}
    assert lrs.ask("POST", "statements", linked).status_code == 200


KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def encoded(value: bytes) -> bytes:
    return base64.urlsafe_b64encode(value).rstrip(b"=")


def certificate() -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "school")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(KEY.public_key()).serial_number(7)
    made = made.not_valid_before(datetime(2026, 1, 1, tzinfo=UTC)).not_valid_after(datetime(2036, 1, 1, tzinfo=UTC))
    return base64.b64encode(made.sign(KEY, hashes.SHA256()).public_bytes(serialization.Encoding.DER)).decode()


def signed(value: dict[str, Any], algorithm: str = "RS256", *, breaks: bool = False) -> bytes:
    head = encoded(json.dumps({"alg": algorithm, "x5c": [certificate()]}).encode())
    whole = head + b"." + encoded(json.dumps(value).encode())
    mark = KEY.sign(whole, padding.PKCS1v15(), hashes.SHA256())
    return whole + b"." + encoded(mark[::-1] if breaks else mark)


def with_signature(value: dict[str, Any], token: bytes, **more: Any) -> bytes:
    fields = {"usageType": SIGNATURE, "contentType": "application/octet-stream", **more}
    return mixed(value | {"attachments": [named(token, **fields)]}, token)


def test_a_signature_fits_its_statement() -> None:
    lrs, value = Lrs(), statement() | {"id": "fd41c918-b88b-4b20-a0a5-a4c32391aaa0"}
    finer = {**value, "result": {**value["result"], "duration": "PT1M30.5001S"}}
    assert send(lrs, with_signature(finer, signed(value))).status_code == 200


@pytest.mark.parametrize("case", ["other", "algorithm", "broken", "text", "type"])
def test_a_signature_that_does_not_fit_is_refused(case: str) -> None:
    value = statement()
    other = statement(actor="somebody else")
    body = {
        "other": with_signature(value, signed(other)), "algorithm": with_signature(value, signed(value, "HS256")),
        "broken": with_signature(value, signed(value, breaks=True)), "text": with_signature(value, b"not a token"),
        "type": with_signature(value, signed(value), contentType="text/plain"),
    }[case]  # fmt: skip
    assert send(Lrs(), body).status_code == 400
    assert Statement.objects.count() == 0
