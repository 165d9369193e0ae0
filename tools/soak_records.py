"""``make soak`` for learning records: kill -9 while statements come in; nothing acknowledged may be lost, doubled or halved.

    python tools/soak_records.py [--kills 200] [--minutes 25] [--folder /var/tmp/lingqu-soak-records] [--seed N]

A fresh real home. Clients write batches, single statements and batches with attachments over HTTP, a process writes through the door
for modules, another moves old months into files, the worker forwards to another store. Killed are the web process, the worker, a
process of PostgreSQL, its postmaster, supervisor or everything, and again and again the module's and the archiving process.
After each kill the platform must be well again by itself; then every id that was acknowledged is there, and of every request all
statements or none. At the end every statement is read back through the interface and compared, with its attachment; each has
its marks and one row; agents are found with all they did; the other store has got each once or again the same.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil
import psycopg
from conformance import free_port
from soak_home import ROOT, Home, SoakFailed
from soak_writers import (
    MARKS,
    PLACES,
    Address,
    Log,
    archive,
    made,
    numbers,
    receive,
    spawn,
    with_attachment,
    write_by_door,
    write_by_http,
)

sys.path.insert(0, str(ROOT))
TARGETS = {"web": 46, "worker": 16, "backend": 20, "postmaster": 12, "supervisor": 3, "everything": 3}
"""How often what is killed; the module's and the archiving process are killed beside it, each round."""
HTTP_WRITERS, OLD, BESIDE = 3, 1200, 0.15
PATIENCE = 120.0
TICKS = 4096 * 1_000_000


@dataclass(slots=True)
class Told:
    """What the logs say so far: requests (as lists of ids), what was acknowledged, what the other store got."""

    folder: Path
    read: dict[Path, int] = field(default_factory=dict)
    requests: list[tuple[str, list[str]]] = field(default_factory=list)
    kept: dict[str, str] = field(default_factory=dict)
    came: dict[str, set[str]] = field(default_factory=dict)
    twice: int = 0
    broken: int = 0

    def take(self) -> int:
        """Read on; the number of requests before. What a writer calls wrong ends everything."""
        before = len(self.requests)
        for path in sorted(self.folder.glob("*.jsonl")):
            with path.open("rb") as lines:
                lines.seek(self.read.get(path, 0))
                whole = lines.read().rpartition(b"\n")[0]
            self.read[path] = self.read.get(path, 0) + (len(whole) + 1 if whole else 0)
            for line in whole.splitlines():
                self._note(json.loads(line), path)
        return before

    def _note(self, line: dict[str, Any], path: Path) -> None:
        what = line["what"]
        if what == "wrong":
            raise SoakFailed(f"{path.name}: {line['why']}")
        if what == "sent":
            self.requests.append((line["kind"], line["ids"]))
        elif what == "kept":
            self.kept.update(dict.fromkeys(line["ids"], line["kind"]))
        elif what == "broken":
            self.broken += 1
        else:
            for number, digest in zip(line["ids"], line["digests"], strict=True):
                self.twice += number in self.came
                self.came.setdefault(number, set()).add(digest)


class Soak:
    """One home from its start to the last comparison."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self.chance = folder, random.Random(seed)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o711, parents=True)
        (folder / "logs").mkdir()
        own = {"LINGQU_OUTGOING_ALLOW": "127.0.0.0/8", "LINGQU_XAPI_MONTHS": "1"}
        self.home = Home(folder / "home", settings=own)
        self.told = Told(folder / "logs")
        self.kills: Counter[str] = Counter()
        self.pids: dict[str, int] = {}
        self.heal: list[float] = []
        self.months: dict[str, list[str]] = {}
        self.archived = 0

    # ---- before ---------------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        self.home.start()
        os.environ.update(self.home.environment)
        from lingqu.config.env import use_settings

        use_settings()
        import django

        django.setup()
        from lingqu.kernel.actor import Actor
        from lingqu.learning.records import api as records
        from lingqu.learning.records.models import Credential, Tenant
        from lingqu.learning.records.services.forwarding import add_forward
        from lingqu.learning.records.services.partitions import make_partitions

        actor = Actor.system("soak")
        make_partitions()
        key = records.create_credential(actor=actor, name="soak")
        self.address = Address(self.home.places.state, key.key, key.secret)
        records.record("soak", [made(numbers(self.chance, 1)[0])])
        own = records.create_credential(actor=actor, name="door")
        door = Tenant.objects.get(application=None, organisation=None, name="")
        Credential.objects.filter(key=own.key).update(tenant=door)
        self.door = Address(self.home.places.state, own.key, own.secret)
        self.tenant, self.door_tenant = Tenant.objects.get(name="soak").pk, door.pk
        port = free_port()
        self.pids["receiver"] = spawn(lambda: receive(self.log("receiver"), port))
        add_forward(
            actor=actor, tenant_id=self.tenant, name="other", endpoint=f"http://127.0.0.1:{port}/xapi", key="k", secret="s",  # noqa: S106
            version="2.0.0", from_start=True,
        )  # fmt: skip
        for nth in range(HTTP_WRITERS):
            seed = self.chance.randrange(10**9)
            self.pids[f"http-{nth}"] = spawn(
                lambda nth=nth, seed=seed: write_by_http(self.address, self.log(f"http-{nth}"), seed)  # type: ignore[misc]
            )

    def log(self, name: str) -> Log:
        return Log(self.folder / "logs" / f"{name}.jsonl")

    def old_month(self) -> None:
        """Statements of the module that lie in a month that is over, ready to move into files."""
        from django.db import connection, transaction

        from lingqu.learning.records import api as records
        from lingqu.learning.records.types.marks import months_from, seq_at

        year, month = divmod(len(self.months), 12)
        begin = datetime(2021 + year, month + 1, 1, tzinfo=UTC)
        ((name, first, end),) = months_from(begin, 1)
        ids = numbers(self.chance, OLD)
        records.record("soak-old", [made(one) for one in ids])
        with transaction.atomic(), connection.cursor() as cursor:
            for table in ("records_statement", "records_mark"):
                cursor.execute(f"CREATE TABLE {table}_{name} PARTITION OF {table} FOR VALUES FROM ({first}) TO ({end})")
            cursor.execute("SELECT seq FROM records_statementid WHERE id = ANY(%s::uuid[])", [ids])
            seqs = [row[0] for row in cursor.fetchall()]
            back = min(seqs) - seq_at(begin) - 86_400 * TICKS
            for table in ("records_statement", "records_mark", "records_statementid"):
                cursor.execute(f"UPDATE {table} SET seq = seq - {back} WHERE seq = ANY(%s)", [seqs])  # noqa: S608
        self.months[name] = ids

    # ---- killing --------------------------------------------------------------------------------------------------------

    def run(self, goal: int, end: float) -> None:
        while self.kills.total() < goal and time.monotonic() < end:
            self.round(goal)
            self.check()
            print(f"  {self.kills.total()} kills, {len(self.told.kept)} acknowledged, nothing lost", flush=True)

    def round(self, goal: int) -> None:
        from django.db import OperationalError, connections

        connections.close_all()  # what the last kill left of them
        if len(self.months) == self.count_months():
            with suppress(OperationalError):
                self.old_month()
        self.defer_forwarding()
        self.start_children()
        time.sleep(self.chance.uniform(0.3, 1.2))
        target = self.chance.choices(list(TARGETS), list(TARGETS.values()))[0]
        pids = self.victims(target)
        if pids:
            self.home.kill(pids)
            self.kills[target] += 1
        begun = time.monotonic()
        self.kill_children()
        if target == "supervisor" and self.home.supervisor is not None:
            self.home.supervisor.wait(10)
            self.home.start()
        elif target in ("web", "worker"):
            while not self.home.is_well():
                self.start_children()  # PostgreSQL lives: the module goes on, and dies again
                time.sleep(self.chance.uniform(0.4, 1.0))
                if self.kills.total() < goal and self.chance.random() < BESIDE:
                    self.kill_children()
                if time.monotonic() - begun > PATIENCE:
                    raise SoakFailed(f"not well after a kill of {target}")
        else:
            time.sleep(0.3)
            self.home.wait_until(self.home.is_well, PATIENCE, f"not well after a kill of {target}")
        self.heal.append(time.monotonic() - begun)

    def victims(self, target: str) -> list[int]:
        pids = self.home.victims(target, self.chance)
        for pid in list(pids) if target in ("web", "everything") else ():
            with suppress(psutil.Error):
                pids += [child.pid for child in psutil.Process(pid).children(recursive=True)]
        return pids

    def start_children(self) -> None:
        if "door" not in self.pids:
            seed = self.chance.randrange(10**9)
            self.pids["door"] = spawn(lambda: write_by_door(self.log(f"door-{seed}"), seed))
        if "archive" not in self.pids:
            self.pids["archive"] = spawn(lambda: archive(self.log("archive")))

    def kill_children(self) -> None:
        """The module's process and the archiving one; one that had ended already does not count."""
        for name in ("door", "archive"):
            pid = self.pids.pop(name, 0)
            if pid:
                ended, _status = os.waitpid(pid, os.WNOHANG)
                if not ended:
                    os.kill(pid, signal.SIGKILL)
                    os.waitpid(pid, 0)
                    self.kills[name] += 1

    def stop_writers(self) -> None:
        for name, pid in list(self.pids.items()):
            if name != "receiver":
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
                del self.pids[name]

    def defer_forwarding(self) -> None:
        from django.db import Error, connections

        from lingqu.learning.records.jobs import forward_statements
        from lingqu.learning.records.models import Forward

        try:
            Forward.objects.update(next_at=None)
            forward_statements.defer(_once="soak-forward")
        except Error:
            connections.close_all()

    # ---- looking --------------------------------------------------------------------------------------------------------

    def rows(self, sql: str, values: list[Any] | None = None) -> list[Any]:
        """From a connection of its own, once more when PostgreSQL is just coming back."""
        for _again in range(100):
            try:
                with self.home.connect() as connection:
                    return connection.execute(sql, values or []).fetchall()  # type: ignore[arg-type]
            except psycopg.OperationalError:
                time.sleep(0.3)
        raise SoakFailed("the database could not be read")

    def count_months(self) -> int:
        return int(self.rows("SELECT count(*) FROM records_month")[0][0])

    def check(self) -> None:
        """What was asked for since the last check: whole or not at all; what was acknowledged is there. Months are in one place."""
        at = self.told.take()
        asked = self.told.requests[at:]
        ids = [number for _kind, many in asked for number in many]
        held = {
            row[0] for row in self.rows("SELECT id::text FROM records_statementid WHERE id = ANY(%s::uuid[])", [ids])
        }
        self.judge(asked, held)
        parts = self.rows(
            "SELECT m.name, m.statements, (SELECT sum(rows) FROM records_part p WHERE p.month_id = m.name AND kind = 1),"
            " to_regclass('records_statement_' || m.name) IS NULL FROM records_month m"
        )
        for name, count, rows, is_gone in parts:
            if not (count == rows == OLD and is_gone):
                raise SoakFailed(f"month {name}: {count} statements, {rows} in files, partition gone: {is_gone}")
        self.archived = len(parts)

    def judge(self, asked: list[tuple[str, list[str]]], held: set[str]) -> None:
        for kind, many in asked:
            there = sum(number in held for number in many)
            if 0 < there < len(many):
                raise SoakFailed(f"{there} of {len(many)} statements of one request are there ({kind})")
            if there == 0 and any(number in self.told.kept for number in many):
                raise SoakFailed(f"acknowledged and gone: {many[0]} and {len(many) - 1} more ({kind})")

    # ---- the end --------------------------------------------------------------------------------------------------------

    def finish(self) -> dict[str, Any]:
        """Undisturbed to the end, then everything is compared."""
        self.stop_writers()
        self.home.wait_until(self.home.is_well, PATIENCE, "not well at the end")
        pid = spawn(lambda: archive(self.log("archive")))
        os.waitpid(pid, 0)
        self.wait_for_quiet()
        self.told.take()
        asked = {number for _kind, many in self.told.requests for number in many}
        held = {
            row[0] for row in self.rows("SELECT id::text FROM records_statementid WHERE tenant_id = %s", [self.tenant])
        }
        inside = {
            row[0]
            for row in self.rows("SELECT id::text FROM records_statementid WHERE tenant_id = %s", [self.door_tenant])
        }
        self.judge(self.told.requests, held | inside)
        old = {number for ids in self.months.values() for number in ids}
        if strange := held - asked:
            raise SoakFailed(f"{len(strange)} statements that nobody sent")
        if self.count_months() != len(self.months) or not old <= inside:
            raise SoakFailed("a month did not move into files, or lost statements")
        self.check_marks()
        read = self.compare(self.address, held) + self.compare(self.door, inside)
        self.check_agents(held)
        files = self.check_attachments(held)
        self.wait_for_other(held)
        return {
            "kills": self.kills.total(), "by_target": dict(self.kills), "acknowledged": len(self.told.kept), "read_back": read,
            "with_attachment": files, "months_moved": len(self.months), "forwarded": len(self.told.came), "forwarded_again": self.told.twice,
            "answers_500": self.told.broken, "heal_seconds": {"median": round(sorted(self.heal)[len(self.heal) // 2], 1), "longest": round(max(self.heal), 1)},
        }  # fmt: skip

    def wait_for_quiet(self) -> None:
        """Requests of writers that are gone come to their end."""
        count = -1
        while count != (count := self.rows("SELECT count(*) FROM records_statementid")[0][0]):
            time.sleep(3)

    def check_marks(self) -> None:
        """One row and all marks for each id in the database; none without an id."""
        wrong = self.rows(
            "SELECT count(*) FROM (SELECT s.seq FROM records_statement s LEFT JOIN records_statementid i ON i.id = s.id"
            " AND i.tenant_id = s.tenant_id AND i.seq = s.seq WHERE i.id IS NULL UNION ALL"
            " SELECT i.seq FROM records_statementid i LEFT JOIN records_statement s ON s.tenant_id = i.tenant_id AND s.seq = i.seq"
            " WHERE s.id IS NULL AND NOT EXISTS (SELECT 1 FROM records_month m WHERE i.seq >= m.begin AND i.seq < m.end)) x"
        )[0][0]
        marks = self.rows(
            "SELECT count(*) FROM (SELECT s.seq FROM records_statement s LEFT JOIN records_mark m ON m.seq = s.seq"
            " GROUP BY s.tenant_id, s.seq HAVING count(m.mark) <> %s) x",
            [MARKS],
        )[0][0]
        if wrong or marks:
            raise SoakFailed(
                f"{wrong} statements without their id or ids without statement, {marks} with marks missing"
            )

    def pages(self, address: Address, path: str) -> Iterator[dict[str, Any]]:
        while path:
            status, body = address.ask("GET", path)
            if status != 200:
                raise SoakFailed(f"GET {path[:80]}: {status} {body[:200]!r}")
            told = json.loads(body)
            yield from told["statements"]
            path = told["more"]

    def compare(self, address: Address, held: set[str]) -> int:
        """Every statement through the interface, once, as it was sent."""
        kinds = {number: kind for kind, many in self.told.requests for number in many}
        seen: set[str] = set()
        for one in self.pages(address, "/xapi/statements?limit=500&ascending=true"):
            number = one["id"]
            sent = with_attachment(number) if kinds.get(number) == "attachments" else made(number)
            if number in seen or any(one.get(name) != value for name, value in sent.items()):
                raise SoakFailed(f"{number} stands twice, or differs: {one}")
            seen.add(number)
        if seen != held:
            raise SoakFailed(f"{len(held - seen)} of {len(held)} statements are not on any page")
        return len(seen)

    def check_agents(self, held: set[str]) -> None:
        """Statements of each agent, found by the agent."""
        expected: Counter[str] = Counter(made(number)["actor"]["account"]["name"] for number in held)
        for name in sorted(expected)[: PLACES["agents"]]:
            agent = quote(json.dumps({"account": {"homePage": "https://soak.example", "name": name}}))
            found = sum(1 for _one in self.pages(self.address, f"/xapi/statements?limit=500&format=ids&agent={agent}"))
            if found != expected[name]:
                raise SoakFailed(f"agent {name}: {found} of {expected[name]} statements are found")

    def check_attachments(self, held: set[str]) -> int:
        from lingqu.kernel import files
        from lingqu.learning.records.models import Attachment

        wanted = {number for kind, many in self.told.requests if kind == "attachments" for number in many} & held
        digests = {with_attachment(number)["attachments"][0]["sha2"] for number in wanted}
        rows = dict(Attachment.objects.filter(tenant_id=self.tenant).values_list("sha2", "file"))
        for digest in digests:
            if digest not in rows or hashlib.sha256(files.open_file(rows[digest]).read()).hexdigest() != digest:
                raise SoakFailed(f"the attachment {digest} is not there")
        return len(wanted)

    def wait_for_other(self, held: set[str]) -> None:
        def is_through() -> bool:
            self.defer_forwarding()
            time.sleep(1)
            self.told.take()
            return held <= set(self.told.came)

        self.home.wait_until(is_through, 240, "the other store did not get everything")
        if different := [number for number, digests in self.told.came.items() if len(digests) > 1]:
            raise SoakFailed(f"{len(different)} statements came to the other store in two shapes")
        if strange := set(self.told.came) - held:
            raise SoakFailed(f"{len(strange)} statements came to the other store that are not here")

    def end(self) -> None:
        self.stop_writers()
        if pid := self.pids.pop("receiver", 0):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        self.home.stop()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=25, help="of killing; fewer kills than asked for is a failure")
    parser.add_argument("--folder", type=Path, default=Path("/var/tmp/lingqu-soak-records"))  # noqa: S108 - root's homes too
    parser.add_argument("--seed", type=int, default=time.time_ns() % 10**6)
    asked = parser.parse_args()
    print(f"seed {asked.seed}, load {os.getloadavg()[0]:.1f}", flush=True)
    soak = Soak(asked.folder.resolve(), asked.seed)
    steps: tuple[Callable[[], Any], ...] = (
        soak.begin,
        lambda: soak.run(asked.kills, time.monotonic() + asked.minutes * 60),
        lambda: print(json.dumps(soak.finish() | {"seed": asked.seed}), flush=True),
    )
    try:
        for step in steps:
            step()
    except SoakFailed as failure:
        print(
            f"✗ after {soak.kills.total()} kills {dict(soak.kills)}, seed {asked.seed}: {failure}\n  its home: {soak.home.folder}"
        )
        return 1
    finally:
        soak.end()
    shutil.rmtree(soak.folder, ignore_errors=True)
    if soak.kills.total() < asked.kills:
        print(f"✗ {soak.kills.total()} of {asked.kills} kills in {asked.minutes:.0f} minutes; nothing was lost")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
