"""An HTTP server that behaves like the group robots of WeCom and DingTalk as they are documented: always 200 with ``errcode``,
twenty messages a minute, DingTalk's signature checked by code of its own."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

KEY, TOKEN, SECRET = "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa", "c0ffee", "SEC-000ffff"
MOST = 20


class Groups:
    """What the groups heard, and what the services say next."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []
        self.answers: list[Any] = []
        self.url = ""

    @property
    def wecom(self) -> str:
        return f"{self.url}/cgi-bin/webhook/send?key={KEY}"

    @property
    def dingtalk(self) -> str:
        return f"{self.url}/robot/send?access_token={TOKEN}"

    def answer_for(self, raw_path: str, body: bytes) -> Any:
        parts = urlsplit(raw_path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if self.answers:
            return self.answers.pop(0)
        if parts.path == "/cgi-bin/webhook/send":
            return self._heard("wecom", body) if query == {"key": KEY} else _told(93000, "invalid webhook url")
        if parts.path != "/robot/send" or query.get("access_token") != TOKEN:
            return _told(300001, "token is not exist")
        stamp = query.get("timestamp", "0")
        mac = hmac.HMAC(SECRET.encode("utf-8"), digestmod=hashlib.sha256)
        mac.update((stamp + "\n" + SECRET).encode("utf-8"))
        if query.get("sign") != base64.b64encode(mac.digest()).decode() or abs(time.time() - int(stamp) / 1000) > 3600:
            return _told(310000, "sign not match")
        return self._heard("dingtalk", body)

    def _heard(self, kind: str, body: bytes) -> dict[str, Any]:
        words = json.loads(body)
        if words.get("msgtype") != "text" or not words["text"]["content"]:
            return _told(40008 if kind == "wecom" else 400105, "invalid message type")
        if len([one for one, _text in self.heard if one == kind]) >= MOST:
            return _told(45009, "api freq out of limit") if kind == "wecom" else _told(130101, "send too fast")
        self.heard.append((kind, words["text"]["content"]))
        return _told(0, "ok")


def _told(code: int, words: str) -> dict[str, Any]:
    return {"errcode": code, "errmsg": words}


@contextmanager
def running_groups() -> Iterator[Groups]:
    groups = Groups()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            answer = groups.answer_for(self.path, body)
            if answer is None:
                self.close_connection = True
                return
            status, words = answer if isinstance(answer, tuple) else (200, answer)
            content = words if isinstance(words, bytes) else json.dumps(words).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_told: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    groups.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield groups
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
