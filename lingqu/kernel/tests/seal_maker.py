"""Seals for tests: a certificate of an organisation with its key, and a seal service that signs with it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from lingqu.kernel.seals.certificates import find_certificate

PASSWORD = "印章-test"
TOKEN = "token-of-the-service"


def make_seal(folder: Path, code: str, name: str, *, days: int = 365) -> None:
    """``<code>.p12``: a certificate that signs itself; ``days`` below 0: it has ended."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, name), x509.NameAttribute(NameOID.COMMON_NAME, f"{name}电子印章"),
    ])  # fmt: skip
    now = datetime.now(UTC)
    usage = x509.KeyUsage(
        digital_signature=True, content_commitment=True, key_encipherment=False, data_encipherment=False, key_agreement=False,
        key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    certificate = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=400))
        .not_valid_after(now + timedelta(days=days)).add_extension(usage, critical=True).sign(key, hashes.SHA256())
    )  # fmt: skip
    secret = serialization.BestAvailableEncryption(PASSWORD.encode())
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{code}.p12").write_bytes(
        pkcs12.serialize_key_and_certificates(code.encode(), key, certificate, None, secret)
    )


class Service:
    """What a seal service was asked; ``spoils`` changes what it sends back."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.url, self.reasons, self.spoils = folder, "", [], lambda made: made

    def answer(self, method: str, path: str, headers: Any, body: bytes) -> tuple[int, bytes]:
        if headers.get("Authorization") != f"Bearer {TOKEN}":
            return 401, b'{"message": "token"}'
        code = path.removeprefix("/seals/").removesuffix("/sign")
        seal = find_certificate(self.folder, code, PASSWORD)
        if seal is None:
            return 404, b"{}"
        if method == "GET":
            return 200, f'{{"name": "{seal.name}"}}'.encode()
        self.reasons.append(unquote(headers["X-Seal-Reason"]))
        return 200, self.spoils(seal.set_on(body, reason="served", place="").pdf)


@contextmanager
def running_service(folder: Path) -> Iterator[Service]:
    service = Service(folder)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = service.answer(self.command, self.path, self.headers, self._body())
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def _body(self) -> bytes:
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))

        def log_message(self, *_told: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    service.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
