"""Brings what is stored under the newest keys: resealing beside the running platform, the index in one closed step.

A module declares the columns that hold sealed values, index values (made by ``crypto.blind`` or ``cover_all``) and sealed
files; a test compares the declarations with the models. *Resealing* reads both keys, so it runs as a job in small
transactions. *The index* has one key at a time, because equal values must be equal; it changes before the platform's
processes start, chunk by chunk, needs no plain values, and goes on where it was killed.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core import signing
from django.db import connection, transaction
from django.utils.translation import gettext as _

from . import audit, crypto, files, jobs, lanes, veil
from .actor import Actor
from .clock import now
from .errors import Conflict
from .keynames import fingerprint, names_of, number_of
from .models import KeyState, KeyStep, StoredFile
from .veil import STATE, Veil

SEALED_ROWS, INDEX_ROWS, QUIET_SECONDS = 2000, 20_000, 10.0
NOTHING = bytes(veil.BLOCK)
"""Stands for "no digest" in row digests; it is no index value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Index columns of a table that hold values in the rows that satisfy ``where``."""

    table: str
    columns: tuple[str, ...]
    where: str = "true"

    @property
    def place(self) -> str:
        return f"{self.table}.{'+'.join(self.columns)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """``count`` values at ``place`` need the key ``name``."""

    name: str
    place: str
    count: int


SEALED: list[tuple[str, str]] = []
INDEXES: list[Columns] = []
FLEETING: dict[str, str] = {}
WORKING: list[str] = []
FILES: dict[str, Callable[[], Iterable[str]]] = {}


def declare_sealed(table: str, column: str) -> None:
    """A column of values by ``crypto.seal`` without context, or of sealed maps."""
    SEALED.append((table, column))


def declare_index(table: str, *columns: str, where: str = "true") -> None:
    """Columns of index values. Declared order is kept, so ``where`` may look at a table that is declared later."""
    INDEXES.append(Columns(table=table, columns=columns, where=where))


def declare_fleeting(table: str, why: str) -> None:
    """A table whose index values may lose their meaning in a rotation, because its rows live for minutes or hours."""
    FLEETING[table] = why


def declare_working(*tables: str) -> None:
    """Tables of a pass under way that hold index values, without a model; the pass begins again when it finds them empty, as
    after a crash. A change of the index empties them together."""
    WORKING.extend(tables)


def declare_files(place: str, digests: Callable[[], Iterable[str]]) -> None:
    """Stored files that are sealed as a whole. They are never resealed: they end within days, and are counted."""
    FILES[place] = digests


# ---- resealing --------------------


def seal_task() -> str:
    return f"seal:{crypto.head().hex()}"


def has_to_reseal() -> bool:
    """Whether a place is not known to be under the present key and cipher; one statement."""
    done = KeyStep.objects.filter(task=seal_task(), done=True).values_list("place", flat=True)
    return not {f"{table}.{column}" for table, column in SEALED} <= set(done)


def plan_resealing() -> None:
    """Queue the job, if there is anything to look at."""
    if has_to_reseal():
        jobs.defer("kernel.reseal_values", _once="reseal")


def reseal_all() -> int:
    """Reseal what another key or cipher sealed; returns how many. Rows that somebody writes just now wait for the
    next run. Stops and goes on at any moment."""
    total = 0
    for table, column in SEALED:
        while True:
            changed, is_over = _reseal_some(table, column)
            total += changed
            if is_over:
                break
            jobs.checkpoint()
    return total


@transaction.atomic
def _reseal_some(table: str, column: str) -> tuple[int, bool]:
    step, _made = KeyStep.objects.select_for_update().get_or_create(task=seal_task(), place=f"{table}.{column}")
    if step.done:
        return 0, True
    key, kind = _key_of(table)
    after, values = _after(step, key, kind)
    other = f"{column} IS NOT NULL AND substring({column} FROM 1 FOR 2) <> %s"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {key}::text AS row_key, {column} FROM {table} WHERE {other} {after} ORDER BY {key} LIMIT {SEALED_ROWS}"  # noqa: S608
            " FOR NO KEY UPDATE SKIP LOCKED",
            [crypto.head(), *values],
        )
        rows = cursor.fetchall()
        if rows:
            cursor.execute(
                f"UPDATE {table} t SET {column} = n.value FROM (SELECT unnest(%s::{kind}[]) AS row_key,"  # noqa: S608
                f" unnest(%s::bytea[]) AS value) n WHERE t.{key} = n.row_key",
                [[one for one, _value in rows], [crypto.seal(crypto.unseal(value)) for _one, value in rows]],
            )
        else:
            cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {table} WHERE {other})", [crypto.head()])  # noqa: S608
            step.done = not cursor.fetchone()[0]
    step.position, step.changed = (rows[-1][0] if rows else ""), step.changed + len(rows)
    step.save()
    return len(rows), not rows


# ---- the index --------------------


def advance_index(*, tell: Callable[[str], None] = lambda text: None) -> int:
    """Bring every index value under the newest index key; returns how many changed. The platform must be stopped.

    Raises :class:`Conflict` when the key file lacks the key that the database holds, or when other processes of the
    platform are connected.
    """
    total, known = 0, veil.veils()
    state = _state(known)
    while state.target or state.fingerprint != veil.wanted().fingerprint:
        for name in {state.fingerprint, state.target or state.fingerprint} - set(known):
            raise Conflict(_("密钥文件里没有数据库所用的索引密钥 %(name)s。") % {"name": name}, code="key_missing")
        _require_quiet()
        if not state.target:
            state.target = veil.wanted().fingerprint
            state.save()
        total += _advance(known[state.fingerprint], known[state.target], tell)
        with transaction.atomic():
            KeyStep.objects.filter(task=f"index:{state.target}").delete()
            _empty_working()
            data = {"from": state.fingerprint, "to": state.target, "values": total}
            audit.record(Actor.system("rotation"), "kernel.index_key_changed", data=data)
            state.fingerprint, state.target = state.target, ""
            state.save()
        veil.forget()
    return total


def _empty_working() -> None:
    if WORKING:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE " + ", ".join(WORKING))


def _state(known: dict[str, Veil]) -> KeyState:
    """A database without a note is a new one, or older than this layer."""
    held = veil.wanted().fingerprint if len(known) == 1 else ""
    return KeyState.objects.get_or_create(name=STATE, defaults={"fingerprint": held})[0]


def has_begun() -> bool:
    """Whether the index stands between two keys: then nothing may use it."""
    return KeyState.objects.exclude(target="").exists()


def _require_quiet() -> None:
    """Processes that were told to end have a moment to do so."""
    end = time.monotonic() + QUIET_SECONDS
    while (others := _count_others()) and time.monotonic() < end:
        time.sleep(0.2)
    if others:
        told = _("还有 %(n)d 个平台命令连着数据库，更换索引密钥须等它们结束。")
        raise Conflict(told % {"n": others}, code="keys_in_use")


def _count_others() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND application_name LIKE 'lingqu-%'"
        )
        return int(cursor.fetchone()[0])


def _advance(old: Veil, new: Veil, tell: Callable[[str], None]) -> int:
    """Places whose condition looks at others come first, one after the other; then all others, the largest first, in two
    lanes: the database writes for one while the values of the other are turned."""
    task = f"index:{new.fingerprint}"

    def turn(place: Columns) -> int:
        total, is_over = 0, False
        while not is_over:
            changed, is_over = _advance_some(place, old, new, task)
            total += changed
            tell(f"{place.place}: {total}")
        return total

    bound = [place for place in INDEXES if place.where != "true"]
    free = sorted((place for place in INDEXES if place.where == "true"), key=_size_of, reverse=True)
    return sum(map(turn, bound)) + sum(lanes.spread(free, turn))


def _size_of(place: Columns) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_table_size(%s::regclass)", [place.table])
        return int(cursor.fetchone()[0])


@transaction.atomic
def _advance_some(place: Columns, old: Veil, new: Veil, task: str) -> tuple[int, bool]:
    step, _made = KeyStep.objects.select_for_update().get_or_create(task=task, place=place.place)
    if step.done:
        return 0, True
    key, kind = _key_of(place.table)
    after, values = _after(step, key, kind)
    names = ", ".join(place.columns)
    filled = " OR ".join(f"{name} IS NOT NULL" for name in place.columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {key}::text AS row_key, {names} FROM {place.table} WHERE ({place.where}) AND ({filled}) {after}"  # noqa: S608
            f" ORDER BY {key} LIMIT {INDEX_ROWS}",
            values,
        )
        rows = cursor.fetchall()
        changed = 0
        if rows:
            turned = [_turned([row[at] for row in rows], old, new) for at in range(1, len(place.columns) + 1)]
            changed = sum(1 for column in turned for one in column if one)
            made = ", ".join(f"unnest(%s::uuid[]) AS {name}" for name in place.columns)
            sets = ", ".join(f"{name} = n.{name}" for name in place.columns)
            cursor.execute(
                f"UPDATE {place.table} t SET {sets} FROM (SELECT unnest(%s::{kind}[]) AS row_key, {made}) n"  # noqa: S608
                f" WHERE t.{key} = n.row_key",
                [[row[0] for row in rows], *turned],
            )
            step.position = rows[-1][0]
    step.changed, step.done = step.changed + changed, len(rows) < INDEX_ROWS
    step.save()
    return changed, step.done


def _turned(values: list[Any], old: Veil, new: Veil) -> list[str | None]:
    """From one layer to the other, in one pass over the bytes; NULL and "no digest" stay."""
    whole = b"".join(one.bytes for one in values if one is not None and one.bytes != NOTHING)
    turned, at, made = new.cover(old.uncover(whole)).hex(), 0, []
    for one in values:
        if one is None or one.bytes == NOTHING:
            made.append(str(one) if one is not None else None)
        else:
            made.append(turned[at : at + 32])
            at += 32
    return made


# ---- what still needs which key --------------------


def list_left() -> list[Left]:
    """Values that need a key which is not the newest of its use. Reads every sealed column once."""
    newest = {use: names_of(settings.LINGQU_KEYS, use)[-1] for use in ("seal", "secret")}
    left = [one for one in (*_left_in_columns(), *_left_in_files()) if one.name != newest["seal"]]
    if sessions := _count_old_sessions():
        left.append(Left(name="secret", place="django_session", count=sessions))
    state = _state(veil.veils())
    if state.target or state.fingerprint != veil.wanted().fingerprint:
        left.append(Left(name=state.fingerprint or STATE, place="kernel_key_state", count=1))
    return left


def look_again() -> None:
    """Let the next run look at every place, because something under an old key was found."""
    KeyStep.objects.filter(task=seal_task()).update(done=False, position="")


def _left_in_columns() -> Iterable[Left]:
    with connection.cursor() as cursor:
        for table, column in SEALED:
            cursor.execute(
                f"SELECT get_byte({column}, 1), count(*) FROM {table} WHERE {column} IS NOT NULL GROUP BY 1"  # noqa: S608
            )
            for number, count in cursor.fetchall():
                yield Left(name=name_of("seal", number), place=f"{table}.{column}", count=count)


def _left_in_files() -> Iterable[Left]:
    for place, digests in FILES.items():
        counted: Counter[int] = Counter()
        wanted = list(digests())
        for digest in StoredFile.objects.filter(digest__in=wanted).values_list("digest", flat=True):
            with files.open_file(digest) as source:
                counted[source.read(crypto.HEAD)[1]] += 1
        for number, count in counted.items():
            yield Left(name=name_of("seal", number), place=place, count=count)


def _count_old_sessions() -> int:
    """Live sessions that only an older signing secret opens. They end within twelve hours."""
    if not settings.SECRET_KEY_FALLBACKS:
        return 0
    store = import_module(settings.SESSION_ENGINE).SessionStore
    count = 0
    for data in store.get_model_class().objects.filter(expire_date__gt=now()).values_list("session_data", flat=True):
        try:
            signing.loads(data, salt=store().key_salt, serializer=store().serializer, fallback_keys=[])
        except signing.BadSignature:
            count += 1
    return count


def name_of(use: str, number: int) -> str:
    """The name in the key file of the key with this number."""
    known = [name for name in names_of(settings.LINGQU_KEYS, use) if number_of(name) == number]
    return known[0] if known else f"{use}.{number}"


def describe() -> dict[str, Any]:
    """For ``lingqu status``: the keys in use and how far resealing has come."""
    names = {use: names_of(settings.LINGQU_KEYS, use) for use in ("seal", STATE, "secret")}
    steps = list(KeyStep.objects.filter(task=seal_task()).values("place", "changed", "done"))
    return {
        "cipher": getattr(settings, "LINGQU_CRYPTO", "default"),
        "newest": {use: fingerprint(settings.LINGQU_KEYS[held[-1]]) for use, held in names.items() if held},
        "older": sum(max(0, len(held) - 1) for held in names.values()),
        "resealed_places": sum(step["done"] for step in steps),
        "places": len(SEALED),
        "resealed_values": sum(step["changed"] for step in steps),
    }


def _after(step: KeyStep, key: str, kind: str) -> tuple[str, list[str]]:
    return (f"AND {key} > %s::{kind}", [step.position]) if step.position else ("", [])


def _key_of(table: str) -> tuple[str, str]:
    """Name and SQL type of the table's primary key."""
    model = next(model for model in apps.get_models() if model._meta.db_table == table)
    field = model._meta.pk
    assert field is not None and field.column is not None
    kind = field.rel_db_type(connection)
    assert kind is not None
    return field.column, kind


for _table, _column in (("kernel_message", "sealed"),):
    declare_sealed(_table, _column)
declare_fleeting("kernel_limit", "counts within minutes to a day")
