"""Platforms above as they answer: recorded from the vendors' public documentation, every id invented. Served over HTTP."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Answer = tuple[int, str, bytes]


@dataclass(frozen=True, slots=True)
class Asked:
    """One question as it reached the platform."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Platform:
    """``answers`` maps a path to what it says; a function gets the question."""

    url: str
    answers: dict[str, Any] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def says(self, path: str, answer: Any) -> None:
        self.answers[path] = answer

    def answer(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        found: Any = self.answers.get(asked.path)
        if isinstance(found, Callable):  # type: ignore[arg-type]
            found = found(asked)
        if found is None:
            return 404, "text/plain", b"nothing here"
        if isinstance(found, str):
            return 200, "application/xml", found.encode()
        return 200, "application/json", json.dumps(found, ensure_ascii=False).encode()


@contextmanager
def platform() -> Iterator[Platform]:
    made = Platform(url="")

    class Handler(BaseHTTPRequestHandler):
        def _say(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            told = {name.lower(): value for name, value in self.headers.items()}
            status, kind, data = made.answer(Asked(self.command, parts.path, query, told, body))
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = _say

        def log_message(self, *_said: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    made.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


WECOM_TOKEN = {"errcode": 0, "errmsg": "ok", "access_token": "accesstoken000001", "expires_in": 7200}
WECOM_MEMBER = {"errcode": 0, "errmsg": "ok", "userid": "SuWen", "user_ticket": "USER_TICKET"}
WECOM_PARENT = {"errcode": 0, "errmsg": "ok", "parent_userid": "parent_0001", "student_userid": "student_0001"}
WECOM_OUTSIDER = {"errcode": 0, "errmsg": "ok", "openid": "oAAAA0001"}
WECOM_BAD_CODE = {"errcode": 40029, "errmsg": "invalid code, hint: [1700000000000000000000000]"}
DINGTALK_TOKEN = {"expireIn": 7200, "accessToken": "abcd0001", "refreshToken": "abcd0002", "corpId": "dingcorp0001"}
DINGTALK_ME = {"nick": "苏老师", "avatarUrl": "", "openId": "123", "unionId": "z21HjQliSzpw0Yxxxx", "stateCode": "86"}
WECHAT_TOKEN = {
    "access_token": "ACCESS_TOKEN", "expires_in": 7200, "refresh_token": "REFRESH_TOKEN", "openid": "oPENID0001",
    "scope": "snsapi_base", "unionid": "o6_bmasdasdsad6_2sgVt7hMZOPfL",
}  # fmt: skip
WECHAT_BAD_CODE = {"errcode": 40029, "errmsg": "invalid code"}
CAS_OK = """<cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas"><cas:authenticationSuccess><cas:user>t0001</cas:user>
<cas:attributes><cas:xm>苏文</cas:xm><cas:sfzh>{id_number}</cas:sfzh></cas:attributes></cas:authenticationSuccess></cas:serviceResponse>"""
CAS_NO = """<cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas"><cas:authenticationFailure code="INVALID_TICKET">no
</cas:authenticationFailure></cas:serviceResponse>"""
