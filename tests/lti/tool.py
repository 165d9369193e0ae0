"""A tool written with PyLTI1p3, on an address of its own: what a vendor runs. PyLTI1p3 judges what the platform sends."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qsl
from wsgiref.simple_server import WSGIRequestHandler, make_server

import requests
from django.conf import settings
from joserfc.jwk import RSAKey
from pylti1p3.cookie import CookieService
from pylti1p3.deep_link_resource import DeepLinkResource
from pylti1p3.lineitem import LineItem
from pylti1p3.message_launch import MessageLaunch
from pylti1p3.oidc_login import OIDCLogin
from pylti1p3.redirect import Redirect
from pylti1p3.request import Request
from pylti1p3.session import SessionService
from pylti1p3.tool_config import ToolConfDict

from lingqu.foundation.identity import testing


class Asked(Request):
    """One request to the tool, with its parameters; the tool remembers for everybody in one place."""

    def __init__(self, parameters: dict[str, str], cookies: dict[str, str], session: dict[str, Any]) -> None:
        self.parameters, self.cookies, self._session = parameters, cookies, session

    @property
    def session(self) -> dict[str, Any]:
        return self._session

    def is_secure(self) -> bool:
        return False

    def get_param(self, key: str) -> str:
        return self.parameters.get(key, "")


class Cookies(CookieService):
    def __init__(self, asked: Asked) -> None:
        self.asked, self.given = asked, {}

    def get_cookie(self, name: str) -> str | None:
        return self.asked.cookies.get(name)

    def set_cookie(self, name: str, value: Any, exp: int | None = 3600) -> None:
        self.given[name] = str(value)


class Leading(Redirect[str]):
    def __init__(self, address: str) -> None:
        self.address = address

    def do_redirect(self) -> str:
        return self.address

    def do_js_redirect(self) -> str:
        return self.address

    def set_redirect_url(self, location: str) -> None:
        self.address = location

    def get_redirect_url(self) -> str:
        return self.address


class Login(OIDCLogin):
    def __init__(self, asked: Asked, config: Any, cookies: Cookies) -> None:
        super().__init__(asked, config, SessionService(asked), cookies)

    def get_redirect(self, url: str) -> Leading:
        return Leading(url)


class Launch(MessageLaunch):
    def __init__(self, asked: Asked, config: Any, cookies: Cookies) -> None:
        self.server = requests.Session()
        super().__init__(asked, config, SessionService(asked), cookies, requests_session=self.server)

    def _get_request_param(self, key: str) -> str:
        return self._request.get_param(key)


class Quiet(WSGIRequestHandler):
    def log_message(self, *_told: Any) -> None:
        pass


class VendorTool:
    """``launches`` are those that PyLTI1p3 believed, ``faults`` why it did not believe others, ``answers`` Deep Linking
    answers as they were sent."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, private=True)
        self.config: Any = None
        self.session: dict[str, Any] = {}
        self.launches: list[Launch] = []
        self.faults: list[str] = []
        self.answers: list[str] = []
        self.offers = [resource("分数小测", quiz="7", points=20), resource("分数讲解")]
        self.server = make_server("127.0.0.1", 0, self.answer, handler_class=Quiet)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def register(self, given: dict[str, Any]) -> None:
        """Types in what the platform shows, by the names of PyLTI1p3."""
        issuer, client_id = given["issuer"], given["client_id"]
        self.config = ToolConfDict({issuer: [{"default": True, **given}]})
        self.config.set_private_key(issuer, self.key.as_pem(private=True).decode(), client_id)
        self.config.set_public_key(issuer, self.key.as_pem(private=False).decode(), client_id)
        self.issuer, self.client_id = issuer, client_id

    def answer(self, environ: dict[str, Any], start: Any) -> list[bytes]:
        size = int(environ.get("CONTENT_LENGTH") or 0)
        sent = environ["wsgi.input"].read(size).decode() if size else ""
        parameters = dict(parse_qsl(environ.get("QUERY_STRING", "")) + parse_qsl(sent))
        cookies = {name: one.value for name, one in SimpleCookie(environ.get("HTTP_COOKIE", "")).items()}
        asked = Asked(parameters, cookies, self.session)
        try:
            status, headers, body = self._answer(environ["PATH_INFO"], asked)
        except Exception as fault:  # noqa: BLE001  the test reads why the tool refused
            self.faults.append(f"{type(fault).__name__}: {fault}")
            status, headers, body = "400 Bad Request", {}, self.faults[-1]
        start(status, [("Content-Type", headers.pop("Content-Type", "text/html; charset=utf-8")), *headers.items()])
        return [body.encode()]

    def _answer(self, path: str, asked: Asked) -> tuple[str, dict[str, str], str]:
        cookies = Cookies(asked)
        if path == "/jwks":
            return "200 OK", {"Content-Type": "application/json"}, json.dumps(self.jwks())
        if path == "/login":
            address = Login(asked, self.config, cookies).redirect(f"{self.url}/launch")
            state = "; ".join(f"{name}={value}" for name, value in cookies.given.items())
            return "302 Found", {"Location": address, "Set-Cookie": f"{state}; Path=/"}, ""
        if path == "/launch" and asked.get_param("error"):
            raise ValueError(asked.get_param("error"))
        if path == "/launch":
            launch = Launch(asked, self.config, cookies)
            launch.set_launch_id(f"launch-{len(self.launches)}").validate()
            self.launches.append(launch)
            if not launch.is_deep_link_launch():
                return "200 OK", {}, f"<h1>{launch.get_launch_data().get('name', '')}</h1>"
            link = launch.get_deep_link()
            self.answers.append(link.get_response_jwt(self.offers))
            return "200 OK", {}, link.get_response_form_html(self.answers[-1])
        return "404 Not Found", {}, ""

    def jwks(self) -> dict[str, Any]:
        return self.config.get_jwks(self.issuer, self.client_id)


def resource(title: str, *, quiz: str = "", points: int = 0) -> DeepLinkResource:
    made = DeepLinkResource().set_title(title).set_url("https://tool.example.cn/quiz")
    made.set_custom_params({"quiz": quiz, "class": "$Context.title"} if quiz else {})
    if points:
        made.set_lineitem(LineItem().set_label(title).set_score_maximum(points).set_tag("quiz").set_resource_id(quiz))
    return made


@contextmanager
def running() -> Iterator[VendorTool]:
    tool = VendorTool()
    thread = threading.Thread(target=tool.server.serve_forever, daemon=True)
    thread.start()
    try:
        yield tool
    finally:
        for launch in tool.launches:
            launch.server.close()
        tool.server.shutdown()
        tool.server.server_close()
        thread.join(5)


def moment(ahead: int = 0) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(time.time() + ahead))


def get(browser: requests.Session, url: str) -> requests.Response:
    return browser.get(url, timeout=20)


def browser_of(account: Any) -> requests.Session:
    made, cookies = requests.Session(), testing.signed_in(account).cookies
    made.cookies.set(settings.SESSION_COOKIE_NAME, cookies[settings.SESSION_COOKIE_NAME].value)
    return made


def send_form(browser: requests.Session, page: requests.Response) -> requests.Response:
    """What a browser with script does with a page that sends itself."""
    found = re.search(r'<form[^>]*action="([^"]+)"', page.text, re.IGNORECASE)
    assert found is not None, page.text[:500]
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text)
    return browser.post(unescape(found[1]), data={name: unescape(value) for name, value in fields}, timeout=20)


def into(browser: requests.Session, url: str) -> requests.Response:
    """Through login, request and form into the tool."""
    return send_form(browser, get(browser, url))
