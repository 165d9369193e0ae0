"""Somebody with a browser without script: cookies, redirects and plain forms."""

from __future__ import annotations

import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from uuid import uuid4


@dataclass(frozen=True, slots=True)
class Page:
    status: int
    url: str
    body: bytes
    kind: str

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", errors="replace")

    @property
    def path(self) -> str:
        return urllib.parse.urlsplit(self.url).path

    @property
    def words(self) -> str:
        """What a reader sees: the text without tags, spaces squeezed."""
        reader = _Words()
        reader.feed(self.text)
        return " ".join(" ".join(reader.parts).split())

    def forms(self) -> list[Form]:
        reader = _Forms()
        reader.feed(self.text)
        return reader.forms

    def form(self, action: str = "", *, having: str = "") -> Form:
        """The form with this action that has a field of the name ``having``."""
        for form in self.forms():
            if (not action or action in form.action) and (not having or having in form.fields):
                return form
        raise AssertionError(f"no form {action} {having} on {self.url}: {[form.action for form in self.forms()]}")

    def links(self) -> list[str]:
        reader = _Links()
        reader.feed(self.text)
        return reader.found


@dataclass(slots=True)
class Form:
    action: str
    method: str
    fields: dict[str, str]
    files: list[str]


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Followed, but for those to addresses that begin with ``stop_at``."""

    stop_at = ""

    def redirect_request(self, *about: Any) -> urllib.request.Request | None:
        return None if self.stop_at and about[-1].startswith(self.stop_at) else super().redirect_request(*about)


class Visitor:
    """``base`` is how browsers reach the platform. Redirects are followed; the page says where they led. Before an address
    that begins with ``stop_at`` the visitor stands still: the page is the redirect, its ``url`` the address ahead."""

    def __init__(self, base: str) -> None:
        self.base = base
        self._redirects = _Redirects()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()), self._redirects)
        self._opener.addheaders = [("User-Agent", "Visitor"), ("Accept", "text/html, */*;q=0.5")]

    def stop_at(self, start: str) -> None:
        self._redirects.stop_at = start

    def get(self, path: str) -> Page:
        return self._open(urllib.request.Request(urllib.parse.urljoin(self.base, path)))

    def send(self, page: Page, form: Form, **values: str) -> Page:
        """Submit a form of the page with some values changed."""
        fields = form.fields | values
        target = urllib.parse.urljoin(page.url, form.action or page.url)
        data = urllib.parse.urlencode(fields).encode()
        if form.method != "post":
            return self.get(f"{target}?{data.decode()}")
        return self._open(urllib.request.Request(target, data=data, headers={"Referer": page.url}))

    def upload(
        self, page: Page, form: Form, paths: list[Path], *, more: Sequence[tuple[str, str]] = (), **values: str
    ) -> Page:
        """Submit a form with files; ``more`` are fields that stand several times, like ticked rows."""
        boundary, parts = uuid4().hex, []
        for name, value in [*(form.fields | values).items(), *more]:
            parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode())
        for path in paths:
            head = f'Content-Disposition: form-data; name="{form.files[0]}"; filename="{path.name}"'
            parts.append(f"--{boundary}\r\n{head}\r\nContent-Type: application/octet-stream\r\n\r\n".encode())
            parts.append(path.read_bytes() + b"\r\n")
        body = b"".join(parts) + f"--{boundary}--\r\n".encode()
        kind = f"multipart/form-data; boundary={boundary}"
        target = urllib.parse.urljoin(page.url, form.action or page.url)
        return self._open(urllib.request.Request(target, body, {"Content-Type": kind, "Referer": page.url}))

    def sign_in(self, login: str, password: str) -> Page:
        page = self.get("/sign-in")
        return self.send(page, page.form(having="login"), login=login, password=password)

    def _open(self, request: urllib.request.Request) -> Page:
        try:
            with self._opener.open(request, timeout=60) as answer:
                return Page(answer.status, answer.url, answer.read(), answer.headers.get_content_type())
        except urllib.error.HTTPError as error:
            ahead = error.headers.get("Location") if error.code < 400 else ""
            url = ahead or error.url or request.full_url
            return Page(error.code, url, error.read(), error.headers.get_content_type())


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._skip = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._skip += tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self._skip -= tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        if not self._skip:
            self.parts.append(data)


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a" and (target := dict(attrs).get("href")):
            self.found.append(target)


class _Forms(HTMLParser):
    """Forms with the values their fields have when the page opens."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._select = self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given.get("action", ""), given.get("method", "get").lower(), {}, []))
        if not self.forms:
            return
        form, name = self.forms[-1], given.get("name", "")
        if tag == "input" and name:
            self._input(form, name, given)
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and (self._select not in form.fields or "selected" in given):
            form.fields[self._select] = given.get("value", "")
        elif tag == "textarea" and name:
            self._area = name
            form.fields[name] = ""

    def _input(self, form: Form, name: str, given: dict[str, str]) -> None:
        kind = given.get("type", "text")
        if kind == "file":
            form.files.append(name)
        elif kind in ("checkbox", "radio"):
            if "checked" in given:
                form.fields[name] = given.get("value", "on")
        elif kind not in ("submit", "button", "image"):
            form.fields[name] = given.get("value", "")

    def handle_data(self, data: str) -> None:
        if self._area and self.forms:
            self.forms[-1].fields[self._area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = ""
