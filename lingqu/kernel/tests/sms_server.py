"""An HTTP server that behaves like the SMS service: checks the signature by code of its own, answers as told.

The check reads the raw request line and headers and knows nothing of the sender's code.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

KEY_ID, SECRET = "testid", "testsecret"


class SmsService:
    """What it was asked, and what it says next."""

    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []
        self.actions: list[str] = []
        self.answers: list[dict[str, Any] | None] = []
        self.nonces: set[str] = set()
        self.url = ""

    def answer_for(self, raw_path: str, headers: dict[str, str], body: bytes) -> dict[str, Any] | None:
        """None means: hang up without a word."""
        fault = self.fault_of(raw_path, headers, body)
        if fault:
            return {"Code": fault, "Message": "refused", "RequestId": "r"}
        self.asked.append(dict(parse_qsl(raw_path.partition("?")[2], keep_blank_values=True)))
        self.actions.append(headers["x-acs-action"])
        if self.answers:
            return self.answers.pop(0)
        return {"Code": "OK", "Message": "OK", "RequestId": "r", "BizId": f"biz-{len(self.asked)}"}

    def fault_of(self, raw_path: str, headers: dict[str, str], body: bytes) -> str:
        told = re.fullmatch(
            r"ACS3-HMAC-SHA256 Credential=([^,]+),SignedHeaders=([^,]+),Signature=([0-9a-f]{64})",
            headers.get("authorization", ""),
        )
        if told is None or told[1] != KEY_ID:
            return "InvalidAccessKeyId.NotFound"
        names = told[2].split(";")
        must = {name for name in headers if name.startswith("x-acs-")} | {"host", "content-type"}
        if names != sorted(must) or headers["x-acs-content-sha256"] != hashlib.sha256(body).hexdigest():
            return "SignatureDoesNotMatch"
        where, _mark, query = raw_path.partition("?")
        text = "POST\n" + where + "\n" + query + "\n"
        for name in names:
            text += name + ":" + headers[name].strip() + "\n"
        text += "\n" + told[2] + "\n" + headers["x-acs-content-sha256"]
        to_sign = b"ACS3-HMAC-SHA256\n" + hashlib.sha256(text.encode()).hexdigest().encode()
        mac = hmac.HMAC(SECRET.encode(), digestmod="sha256")
        mac.update(to_sign)
        if mac.hexdigest() != told[3]:
            return "SignatureDoesNotMatch"
        if headers["x-acs-signature-nonce"] in self.nonces:
            return "SignatureNonceUsed"
        self.nonces.add(headers["x-acs-signature-nonce"])
        return ""


@contextmanager
def running_service() -> Iterator[SmsService]:
    service = SmsService()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            answer = service.answer_for(self.path, {k.lower(): v for k, v in self.headers.items()}, body)
            if answer is None:
                self.close_connection = True
                return
            content = json.dumps(answer).encode()
            self.send_response(200 if answer.get("Code") == "OK" else 400)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_told: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
