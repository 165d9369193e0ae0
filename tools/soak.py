"""``make soak``: kill -9 at random during roster imports; nothing acknowledged may be lost, nothing may be half there.

    python tools/soak.py [--kills 200] [--people 5000] [--chunk 120] [--folder /var/tmp/lingqu-soak] [--seed N]

One life = a fresh real home and one delivery, taken in by the worker (as from the upload page) or by ``lingqu roster
import``, and kills until it is through: of worker, importing command, supervisor, single processes of PostgreSQL (which
makes it go through crash recovery), its postmaster, everything at once. After each kill the platform must be well again
within 30 s and the import must go on; only a killed command and a killed supervisor are started again by us, as an
operator or systemd would. A reader of the change log and the outbox looks on all the time.

At the end of a life every row is compared with those of an undisturbed import, the same files change nothing, the audit
trail holds, and the reader has seen each row of both feeds once. The total is kept in ``<folder>/soak.json``: go on at
any time. Ctrl-C stops the killing; the present life still comes to its end and is compared.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import pickle
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from soak_home import ROOT, Home, SoakFailed
from soak_rows import differences, rows_of, set_up

from lingqu.config.postgres import url_of
from lingqu.config.processes import read_pid

HEAL_SECONDS = 30.0
TARGETS = {
    "worker": {"worker": 50, "backend": 20, "postmaster": 18, "supervisor": 6, "everything": 6},
    "command": {"import": 44, "worker": 6, "backend": 20, "postmaster": 18, "supervisor": 6, "everything": 6},
}
"""How often what is killed, by who imports."""
POSTGRES = ("backend", "postmaster", "everything")
FEEDS = ("kernel_change", "kernel_outbox")


@dataclass(slots=True)
class Totals:
    """What all runs together have done; seconds are those of every kill."""

    lives: int = 0
    kills: dict[str, int] = field(default_factory=dict)
    heal_seconds: list[float] = field(default_factory=list)
    resume_seconds: list[float] = field(default_factory=list)
    rows_compared: int = 0
    failures: list[str] = field(default_factory=list)
    store: Path | None = None

    @classmethod
    def at(cls, store: Path) -> Totals:
        """What this folder has counted so far."""
        return cls(**(json.loads(store.read_text()) if store.is_file() else {}), store=store)

    def save(self) -> None:
        if self.store is not None:
            fresh = self.store.with_suffix(".new")
            fresh.write_text(json.dumps({k: v for k, v in asdict(self).items() if k != "store"}))
            fresh.replace(self.store)

    @property
    def all_kills(self) -> int:
        return sum(self.kills.values())

    @property
    def postgres_kills(self) -> int:
        return sum(self.kills.get(name, 0) for name in POSTGRES)

    def told(self) -> dict[str, Any]:
        def spread(values: list[float]) -> dict[str, float]:
            known = sorted(values) or [0.0]
            return {"median": round(known[len(known) // 2], 1), "longest": round(known[-1], 1)}

        return {
            "lives": self.lives, "kills": self.all_kills, "by_target": self.kills, "of_postgres": self.postgres_kills,
            "heal_seconds": spread(self.heal_seconds), "resume_seconds": spread(self.resume_seconds),
            "healed_late": sum(seconds > HEAL_SECONDS for seconds in self.heal_seconds),
            "rows_compared": self.rows_compared, "failures": self.failures,
        }  # fmt: skip


@dataclass(slots=True)
class Follower:
    """Reads both feeds as exchange and handlers do: settled rows after the last place, in the order (xid, id)."""

    places: dict[str, tuple[int, int]] = field(default_factory=lambda: dict.fromkeys(FEEDS, (0, 0)))
    seen: dict[str, Counter[int]] = field(default_factory=lambda: {name: Counter() for name in FEEDS})

    def read(self, connection: psycopg.Connection[Any]) -> None:
        for feed in FEEDS:
            rows = connection.execute(
                f"SELECT xid::text::bigint, id FROM {feed} WHERE xid < pg_snapshot_xmin(pg_current_snapshot())"  # noqa: S608
                " AND (xid, id) > (%s::text::xid8, %s) ORDER BY xid, id",
                [str(self.places[feed][0]), self.places[feed][1]],
            ).fetchall()
            connection.commit()
            self.seen[feed].update(row[1] for row in rows)
            if rows:
                self.places[feed] = rows[-1]

    def check(self, connection: psycopg.Connection[Any]) -> None:
        """Each row was delivered once, and nothing that is not there any more."""
        self.read(connection)
        for feed in FEEDS:
            present = Counter(row[0] for row in connection.execute(f"SELECT id FROM {feed}"))  # noqa: S608
            if present != self.seen[feed]:
                lost, vanished = present - self.seen[feed], self.seen[feed] - present
                raise SoakFailed(f"{feed}: {sum(lost.values())} rows never seen, {sum(vanished.values())} too many")


@dataclass(frozen=True, slots=True)
class State:
    """The import as its row tells it, with what the tables hold on the same snapshot."""

    name: str
    done: dict[str, int]
    told: dict[str, int]
    held: dict[str, int]
    touched_at: Any


HELD = {
    "people": "SELECT count(*) FROM registry_person",
    "accounts": "SELECT count(*) FROM identity_account",
    "enrolments": "SELECT count(*) FROM registry_enrolment",
    "appointments": "SELECT count(*) FROM registry_appointment",
    "guardianships": "SELECT count(*) FROM registry_guardianship",
    "classes": "SELECT count(*) FROM registry_classgroup",
    "organisations": "SELECT count(*) - 1 FROM registry_organisation",
    "chunks": "SELECT count(*) FROM registry_loadedchunk",
    "changes of people": "SELECT count(DISTINCT entity_id) FROM kernel_change WHERE entity = 'registry.person'"
    " AND operation = 'c'",
}
"""What an import has made, counted in the tables (the root organisation was there before)."""
MADE = ("people", "accounts", "enrolments", "appointments", "guardianships", "classes", "organisations")


def state_of(connection: psycopg.Connection[Any]) -> State | None:
    """One statement, so one snapshot."""
    counts = ", ".join(f"({query})" for query in HELD.values())
    row = connection.execute(
        f"SELECT state, options, counts, heartbeat_at, {counts} FROM intake_import ORDER BY number LIMIT 1"  # noqa: S608
    ).fetchone()
    connection.commit()
    if row is None:
        return None
    held = dict(zip(HELD, row[4:], strict=True))
    return State(name=row[0], done=row[1].get("done", {}), told=row[2].get("created", {}), held=held, touched_at=row[3])


def check_whole(state: State) -> None:
    """What the import says it made is what the tables hold: no chunk half there, none acknowledged and gone."""
    wrong = {name: (state.told.get(name, 0), state.held[name]) for name in MADE}
    wrong = {name: pair for name, pair in wrong.items() if pair[0] != pair[1]}
    if wrong:
        raise SoakFailed(f"acknowledged and held rows differ: {wrong}")
    if state.held["changes of people"] != state.held["people"]:
        raise SoakFailed(f"people and their change rows differ: {state.held}")


def check_kept(before: State, after: State) -> None:
    """Nothing that was acknowledged before the kill is missing after it."""
    gone = {name: n for name, n in before.held.items() if after.held[name] < n}
    back = {kind: n for kind, n in before.done.items() if after.done.get(kind, 0) < n}
    if gone or back:
        raise SoakFailed(f"acknowledged before the kill and gone after it: {gone or back}")


class Life:
    """One home from its first start to its last comparison."""

    patience = HEAL_SECONDS
    goal = 0
    """Kills after which a life comes to its end undisturbed."""

    def __init__(self, home: Home, files: list[Path], kind: str, totals: Totals, chance: random.Random) -> None:
        self.home, self.files, self.kind, self.totals, self.chance = home, files, kind, totals, chance
        self.follower = Follower()

    def look(self) -> State | None:
        """The state of the import, the feeds read on; None while the database is away."""
        with suppress(psycopg.OperationalError), self.home.connect() as connection:
            self.follower.read(connection)
            state = state_of(connection)
            if state is not None:
                check_whole(state)
            return state
        return None

    def see(self) -> State:
        state = self.look()
        end = time.monotonic() + self.patience
        while state is None:
            if time.monotonic() > end:
                raise SoakFailed("the import could not be read")
            time.sleep(0.2)
            state = self.look()
        return state

    def live(self, expected: dict[str, Counter[str]], most_postgres: int) -> None:
        self.home.start()
        if self.kind == "worker":
            self.home.upload(self.files)
        else:
            self.home.begin_command(self.files)
            self.home.wait_until(lambda: self.look() is not None, 4 * self.patience, "the import did not begin")
        while self.totals.all_kills < Life.goal and (before := self.see()).name != "applied":
            if not self.kill_once(before, most_postgres):
                break
        self.finish()
        self.compare(expected)

    def kill_once(self, before: State, most_postgres: int) -> bool:
        """One kill and what must follow; false when the import was faster."""
        weights = TARGETS[self.kind]
        names = [n for n in weights if n not in POSTGRES or self.totals.postgres_kills < most_postgres]
        target = self.chance.choices(names, [weights[name] for name in names])[0]
        time.sleep(self.chance.uniform(0.0, 1.2))
        latest = self.see()
        check_kept(before, latest)
        pids = self.home.victims(target, self.chance)
        if latest.name == "applied":
            return False
        if not pids:
            return True
        self.home.kill(pids)
        begun = time.monotonic()
        self.totals.kills[target] = self.totals.kills.get(target, 0) + 1
        if target == "supervisor" and self.home.supervisor is not None:
            self.home.supervisor.wait(10)
            self.home.start()
        else:
            time.sleep(0.3)  # PostgreSQL takes a moment to see that one of its processes is gone
            self.home.wait_until(lambda: not self._has_old(pids), 15, "the killed process is still there")
            self.home.wait_until(self.home.is_well, self.patience, f"not well after a kill of {target}")
        healed = time.monotonic() - begun
        if healed > self.patience:
            raise SoakFailed(f"healed only after {healed:.0f} s from a kill of {target}")
        self.totals.heal_seconds.append(round(healed, 2))
        self.totals.save()
        print(f"  {self.totals.all_kills}: {target} after {latest.done}, well in {healed:.1f} s", flush=True)
        self.take_up_command()
        after = self.see()
        check_kept(latest, after)
        if self.chance.random() < 0.8:
            self.totals.resume_seconds.append(round(healed + self.wait_for_progress(latest, target), 2))
        return True

    def _has_old(self, pids: list[int]) -> bool:
        records = (read_pid(self.home.places.pid_of(name)) for name in ("postgres", "worker", "web", "live", "front"))
        return any(record is not None and record.pid in pids for record in records)

    def take_up_command(self) -> None:
        """A killed command is started again; one that gave up by itself is a failure."""
        importing = self.home.importing
        if importing is None or importing.poll() is None:
            return
        if importing.returncode == 0:
            return
        if importing.returncode != -9:
            raise SoakFailed(f"the importing command gave up with {importing.returncode}; see {self.home.log}")
        self.home.begin_command(self.files, resume=True)

    def wait_for_progress(self, before: State, target: str) -> float:
        """Seconds until the import shows by itself that it goes on."""

        def goes_on() -> bool:
            self.take_up_command()
            state = self.look()
            return state is not None and (state.name == "applied" or state.done != before.done)

        return self.home.wait_until(goes_on, 2 * self.patience, f"the import did not go on after a kill of {target}")

    def finish(self) -> None:
        """Undisturbed to the end."""

        def is_through() -> bool:
            self.take_up_command()
            return self.see().name == "applied"

        self.home.wait_until(is_through, 10 * self.patience, "the import did not come to its end")
        if self.home.importing is not None and self.home.importing.wait(120) != 0:
            raise SoakFailed(f"the importing command ended with {self.home.importing.returncode}")

    def compare(self, expected: dict[str, Counter[str]]) -> None:
        found = rows_of(url_of(self.home.folder))
        if told := differences(expected, found):
            raise SoakFailed("rows differ from an undisturbed import:\n" + "\n".join(told))
        self.totals.rows_compared += sum(sum(rows.values()) for rows in found.values())
        code, again = self.home.verb("roster", "import", *map(str, self.files), "--source", "soak")
        parts = again if isinstance(again, dict) else {}
        changed = {name: n for part in ("created", "updated") for name, n in parts.get(part, {}).items() if n}
        if code != 0 or changed:
            raise SoakFailed(f"the second import ended with {code} and changed {changed}: {again}")
        code, verdict = self.home.verb("audit", "verify")
        if code != 0 or not verdict["ok"]:
            raise SoakFailed(f"audit verify: {verdict}")
        self.home.wait_until(self._is_delivered, 60, "events were not delivered")
        with self.home.connect() as connection:
            self.follower.check(connection)

    def _is_delivered(self) -> bool:
        _code, status = self.home.verb("status")
        lags = status["lags"]
        return not (lags["outbox"]["waiting"] or lags["dead_letters"] or lags["retrying"] or lags["failed_jobs"])


def copy_home(template: Path, folder: Path) -> Home:
    """A home as the first start left the template, with its keys."""
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run(["cp", "-a", str(template), str(folder)], check=True)
    shutil.copy2(template.with_name(template.name + ".keys"), folder.with_name(folder.name + ".keys"))
    return Home(folder)


def remove_home(home: Home) -> None:
    shutil.rmtree(home.folder, ignore_errors=True)
    for path in (home.folder.with_name(home.folder.name + ".keys"), home.log):
        path.unlink(missing_ok=True)


def schema_mark() -> str:
    """Changes with the tables: rows of an older schema cannot be compared."""
    digest = hashlib.blake2b(digest_size=4)
    for path in sorted(ROOT.glob("lingqu/**/migrations/*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def prepare(folder: Path, people: int, chunk: int) -> tuple[list[Path], dict[str, Counter[str]]]:
    """The template, the delivery and the rows of an import that nobody disturbed; made once for a folder."""
    template, files = folder / "template", folder / "roster"
    stored = folder / f"rows-{people}-{chunk}-{schema_mark()}.pickle"
    if not stored.is_file():
        for old in (template, files):
            shutil.rmtree(old, ignore_errors=True)
        home = Home(template)
        home.start()
        code, told = home.verb("demo", "export", "--people", str(people), str(files))
        home.stop()
        if code != 0:
            raise SoakFailed(f"demo export: {told}")
        home = copy_home(template, folder / "reference")
        home.chunk = chunk
        try:
            home.start()
            home.upload(delivery(files))
            life = Life(home, delivery(files), "worker", Totals(), random.Random(0))
            life.finish()
            set_up(template)
            rows = rows_of(url_of(home.folder))
        finally:
            home.stop()
        stored.write_bytes(pickle.dumps(rows))
        remove_home(home)
    set_up(template)
    return delivery(files), pickle.loads(stored.read_bytes())  # noqa: S301 - our own file


def delivery(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.csv"))


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200, help="more kills than the folder has counted so far")
    parser.add_argument("--most-postgres", type=int, default=10**6, help="of these at most so many of PostgreSQL")
    parser.add_argument("--people", type=int, default=5_000)
    parser.add_argument("--chunk", type=int, default=120, help="rows in one transaction")
    parser.add_argument("--patience", type=float, default=HEAL_SECONDS, help="seconds to heal; more on a busy machine")
    parser.add_argument("--folder", type=Path, default=Path("/var/tmp/lingqu-soak"))  # noqa: S108 - root's homes too
    parser.add_argument("--seed", type=int, default=None)
    return parser.parse_args()


def main() -> int:
    asked = options()
    folder = asked.folder.resolve()
    folder.mkdir(mode=0o711, parents=True, exist_ok=True)
    store = folder / "soak.json"
    totals = Totals.at(store)
    seed = asked.seed if asked.seed is not None else time.time_ns() % 10**6
    print(f"seed {seed}; {totals.all_kills} kills so far", flush=True)
    chance = random.Random(seed)
    Life.patience, Life.goal = asked.patience, totals.all_kills + asked.kills
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_signal: setattr(Life, "goal", 0))
    most_postgres = totals.postgres_kills + asked.most_postgres
    files, expected = prepare(folder, asked.people, asked.chunk)
    while totals.all_kills < Life.goal:
        home = copy_home(folder / "template", folder / f"life-{totals.lives}")
        home.chunk = asked.chunk
        kind = ("worker", "command")[totals.lives % 2]
        try:
            Life(home, files, kind, totals, chance).live(expected, most_postgres)
        except SoakFailed as failure:
            totals.failures.append(f"life {totals.lives} ({kind}), seed {seed}: {failure}")
            print(f"✗ {totals.failures[-1]}\n  its home is kept: {home.folder}", flush=True)
            return 1
        finally:
            home.stop()
            totals.lives += 1
            totals.save()
        remove_home(home)
        print(f"✓ {json.dumps(totals.told())}", flush=True)
    print(json.dumps(totals.told(), indent=1), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
