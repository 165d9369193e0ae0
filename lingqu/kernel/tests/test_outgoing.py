"""The way out to addresses that others supplied."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from lingqu.kernel import outgoing

REFUSED = (
    "http://example.org/", "ftp://example.org/", "https://", "example.org", "https://user@example.org/",
    "https://user:pass@example.org/", "https://127.0.0.1/", "https://127.1/", "https://0x7f.1/", "https://2130706433/",
    "https://10.0.0.8/", "https://192.168.1.1/", "https://172.16.0.1/", "https://169.254.169.254/latest/meta-data/",
    "https://100.64.0.1/", "https://0.0.0.0/", "https://[::1]/", "https://[::]/", "https://[fe80::1]/",
    "https://[fd00::1]/", "https://[::ffff:127.0.0.1]/", "https://[::ffff:a00:1]/", "https://[64:ff9b::7f00:1]/",
    "https://[2002:7f00:1::]/", "https://224.0.0.1/", "https://255.255.255.255/", "https://localhost/",
    "https://localhost./", "https://example.org/#part", "https://exa mple.org/", "https://example.org/\r\nX: y",
    "https://例子.cn/", "https://example.org:99999/", "https://" + "a" * 3000,
)  # fmt: skip


@pytest.mark.parametrize("url", REFUSED)
def test_addresses_that_are_not_public_https_are_refused(url: str) -> None:
    with pytest.raises(outgoing.OutgoingRefused):
        outgoing.find_target(url)


def resolves_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    asked: list[str] = []

    def answer(host: str, port: int, **_options: Any) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    return asked


def test_a_name_of_which_one_address_is_private_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    resolves_to(monkeypatch, "93.184.216.34", "10.0.0.1")
    with pytest.raises(outgoing.OutgoingRefused):
        outgoing.find_target("https://app.example.org/logout")


def test_the_connection_goes_to_the_address_that_was_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = resolves_to(monkeypatch, "93.184.216.34")
    target = outgoing.find_target("https://app.example.org/logout?a=1")
    assert (target.url, target.authority) == ("https://93.184.216.34:443/logout?a=1", "app.example.org")
    assert asked == ["app.example.org"]


def test_the_operator_allows_hosts_and_ranges(settings: Any) -> None:
    settings.LINGQU_OUTGOING_ALLOW = ("127.0.0.0/8", "localhost:8081")
    assert outgoing.find_target("http://127.0.0.1:9000/x").address == "127.0.0.1"
    assert outgoing.find_target("http://localhost:8081/x").port == 8081
    for url in ("http://localhost:8082/x", "http://10.0.0.1/"):
        with pytest.raises(outgoing.OutgoingRefused):
            outgoing.find_target(url)


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen.append((self.path, self.headers["Host"], self.headers["Content-Type"], body))  # type: ignore[attr-defined]
        if self.path == "/slow":
            time.sleep(1)
        if self.path == "/away":
            self.send_response(302)
            self.send_header("Location", "http://169.254.169.254/")
            self.end_headers()
            return
        with suppress(BrokenPipeError):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"x" * (100_000 if self.path == "/long" else 2))

    def log_message(self, *_parts: Any) -> None:
        """Quiet."""


@pytest.fixture
def server(settings: Any) -> Iterator[Any]:
    made = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.seen = []  # type: ignore[attr-defined]
    settings.LINGQU_OUTGOING_ALLOW = ("127.0.0.1/32",)
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield made
    made.shutdown()
    made.server_close()


def ask(server: Any, path: str, **more: Any) -> outgoing.Answer:
    url = f"http://127.0.0.1:{server.server_port}{path}"
    return outgoing.post(url, body=b"a=1", content_type="application/x-www-form-urlencoded", **more)


def test_a_body_arrives_and_the_answer_comes_back(server: Any) -> None:
    answer = ask(server, "/ok?b=2")
    assert (answer.status, answer.body, answer.is_ok) == (200, b"xx", True)
    assert server.seen == [("/ok?b=2", f"127.0.0.1:{server.server_port}", "application/x-www-form-urlencoded", b"a=1")]


def test_a_redirect_is_an_answer_and_is_not_followed(server: Any) -> None:
    answer = ask(server, "/away")
    assert (answer.status, answer.is_ok, len(server.seen)) == (302, False, 1)


@pytest.mark.parametrize("path", ["/long", "/slow"])
def test_long_and_late_answers_fail(server: Any, path: str) -> None:
    with pytest.raises(outgoing.OutgoingFailed):
        ask(server, path, timeout=0.5)


def test_nobody_there_is_a_failure(settings: Any) -> None:
    settings.LINGQU_OUTGOING_ALLOW = ("127.0.0.1/32",)
    with pytest.raises(outgoing.OutgoingFailed):
        outgoing.get("http://127.0.0.1:1/")
