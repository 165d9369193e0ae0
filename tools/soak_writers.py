"""Who writes while ``tools/soak_records.py`` kills: clients over HTTP, a module's process, the other store.

Each is a fork with a log of its own: a line before something is sent, a line after it was acknowledged. Everything about a statement
follows from its id, so whoever checks needs nothing but ids.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import os
import random
import signal
import sys
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

VERBS = ("answered", "completed", "attempted", "passed")
PLACES = {"agents": 60, "activities": 40, "courses": 7}
MARKS = 5
"""Of each statement: agent, verb, activity, course, registration."""


def made(number: str) -> dict[str, Any]:
    """The statement of an id."""
    chance = random.Random(number)
    unit = chance.randrange(PLACES["activities"])
    return {
        "id": number,
        "actor": {
            "objectType": "Agent",
            "account": {"homePage": "https://soak.example", "name": f"u{chance.randrange(PLACES['agents'])}"},
        },
        "verb": {"id": f"http://adlnet.gov/expapi/verbs/{chance.choice(VERBS)}"},
        "object": {"objectType": "Activity", "id": f"https://soak.example/unit/{unit}"},
        "result": {"score": {"scaled": round(chance.random(), 3)}, "response": f"{number[:8]} 甲"},
        "context": {
            "registration": str(uuid.UUID(int=chance.getrandbits(128), version=4)),
            "contextActivities": {
                "parent": [{"objectType": "Activity", "id": f"https://soak.example/course/{unit % PLACES['courses']}"}]
            },
        },
        "timestamp": "2026-11-29T08:00:00.000Z",
    }


def content_of(number: str) -> bytes:
    """Bytes of the attachment of an id; every fourth has the same."""
    seed = number[:8] if int(number[-1], 16) % 4 else "shared"
    return (f"{seed}·" * 150).encode()


def with_attachment(number: str) -> dict[str, Any]:
    content = content_of(number)
    said = {
        "usageType": "https://soak.example/paper", "display": {"zh-CN": "作业"}, "contentType": "text/plain",
        "length": len(content), "sha2": hashlib.sha256(content).hexdigest(),
    }  # fmt: skip
    return {**made(number), "attachments": [said]}


def numbers(chance: random.Random, count: int) -> list[str]:
    return [str(uuid.UUID(int=chance.getrandbits(128), version=4)) for _one in range(count)]


@dataclass(slots=True)
class Log:
    """Lines of one writer; a line is there whole or not at all, whenever its writer is killed."""

    path: Path

    def say(self, what: str, **more: Any) -> None:
        line = json.dumps({"what": what, **more}) + "\n"
        handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(handle, line.encode())
        finally:
            os.close(handle)


def spawn(work: Callable[[], None]) -> int:
    """A fork that works until it is killed or done."""
    from django.db import connections

    connections.close_all()
    pid = os.fork()
    if pid:
        return pid
    code = 3
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        work()
        code = 0
    finally:
        sys.stderr.flush()
        os._exit(code)


# ---- over HTTP ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Address:
    """Where the platform listens at the moment, and the key of the writers."""

    state: Path
    key: str
    secret: str

    def ask(self, method: str, path: str, body: bytes = b"", kind: str = "application/json") -> tuple[int, bytes]:
        port = json.loads(self.state.read_text())["port"]
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        pair = base64.b64encode(f"{self.key}:{self.secret}".encode()).decode()
        headers = {
            "Authorization": f"Basic {pair}", "X-Experience-API-Version": "2.0.0", "Content-Type": kind, "Host": f"localhost:{port}",
        }  # fmt: skip
        try:
            link.request(method, path, body, headers)
            answer = link.getresponse()
            return answer.status, answer.read()
        finally:
            link.close()


def parts(statements: list[dict[str, Any]]) -> tuple[str, bytes]:
    """A body with the attachments of its statements, each content once."""
    line = b"--soak\r\n"
    pieces = [line, b"Content-Type: application/json\r\n\r\n", json.dumps(statements).encode(), b"\r\n"]
    for content in {content_of(one["id"]) for one in statements}:
        digest = hashlib.sha256(content).hexdigest()
        head = (
            f"Content-Type: text/plain\r\nContent-Transfer-Encoding: binary\r\nX-Experience-API-Hash: {digest}\r\n\r\n"
        )
        pieces += [line, head.encode(), content, b"\r\n"]
    return "multipart/mixed; boundary=soak", b"".join([*pieces, b"--soak--\r\n"])


def write_by_http(address: Address, log: Log, seed: int) -> None:
    """Batches, single statements and batches with attachments; what was not answered is mostly sent again, as clients do."""
    chance = random.Random(seed)
    while True:
        kind = chance.choices(("batch", "single", "attachments"), (5, 3, 2))[0]
        ids = numbers(chance, 1 if kind == "single" else chance.randrange(5, 60))
        path, method, content_type = "/xapi/statements", "POST", "application/json"
        if kind == "single":
            path, method, body = f"{path}?statementId={ids[0]}", "PUT", json.dumps(made(ids[0])).encode()
        elif kind == "attachments":
            ids = ids[:12]
            content_type, body = parts([with_attachment(one) for one in ids])
        else:
            body = json.dumps([made(one) for one in ids]).encode()
        log.say("sent", kind=kind, ids=ids)
        while True:
            try:
                status, told = address.ask(method, path, body, content_type)
            except (OSError, http.client.HTTPException, ValueError, KeyError):
                status, told = 0, b""
            if status in (200, 204):
                log.say("kept", kind=kind, ids=ids)
                break
            if status not in (0, 500, 502, 503, 504):
                log.say("wrong", why=f"HTTP {status} {told[:300]!r}")
            if status == 500:
                log.say("broken", why=told[:200].decode("utf-8", "replace"))
            if chance.random() < 0.2:
                break  # a client that gives up: whole or not at all, both are right
            time.sleep(0.2)
        time.sleep(chance.uniform(0, 0.04))


# ---- a module's process -------------------------------------------------------------------------------------------------


def write_by_door(log: Log, seed: int) -> None:
    """The door for modules: alone, or twice in a transaction of its own."""
    from django.db import Error, connections, transaction

    from lingqu.learning.records import api as records

    chance = random.Random(seed)
    while True:
        ids = numbers(chance, chance.randrange(2, 80))
        log.say("sent", kind="door", ids=ids)
        statements = [made(one) for one in ids]
        for _again in range(100):
            try:
                if chance.random() < 0.5:
                    records.record("soak", statements)
                else:
                    with transaction.atomic():
                        records.record("soak", statements[:1])
                        records.record("soak", statements[1:])
            except Error:
                connections.close_all()
                time.sleep(0.2)
            except Exception as error:  # noqa: BLE001 - the log carries it to whoever judges
                log.say("wrong", why=repr(error)[:300])
                return
            else:
                log.say("kept", kind="door", ids=ids)
                break


def archive(log: Log) -> None:
    """Old months into files; killed at any moment."""
    from django.db import Error

    from lingqu.learning.records.services.archiving import archive_due

    try:
        archive_due(1)
    except Error:
        return
    except Exception as error:  # noqa: BLE001 - the log carries it to whoever judges
        log.say("wrong", why=repr(error)[:300])


# ---- the other store ----------------------------------------------------------------------------------------------------


def receive(log: Log, port: int) -> None:
    """Takes every batch, a moment later says so, and notes what came."""

    class Other(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kind = self.headers["Content-Type"]
            if kind.startswith("multipart"):
                body = body.split(b"\r\n\r\n", 1)[1].split(b"\r\n--", 1)[0]
            told = json.loads(body)
            digests = [hashlib.sha256(json.dumps(one, sort_keys=True).encode()).hexdigest()[:16] for one in told]
            log.say("came", ids=[one["id"] for one in told], digests=digests)
            time.sleep(0.02)
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"[]")

        def log_message(self, *_told: Any) -> None:
            """Nothing on the terminal."""

    ThreadingHTTPServer(("127.0.0.1", port), Other).serve_forever()
