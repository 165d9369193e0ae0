"""Running one import: read and check everything, then apply chunk by chunk; the same code resumes after a kill.

A chunk's rows, accounts, findings and progress commit together, so a chunk that counts as done is done, and one that
  does
not has left nothing. A resumed import reads the same files again: chunks done are skipped by position while the rows of
their kind are the same, otherwise they are applied again, which changes nothing.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import polars as pl
from django.db import connection, transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from lingqu.foundation.identity import api as identity
from lingqu.foundation.inbox import api as inbox
from lingqu.foundation.registry import api as registry
from lingqu.kernel import audit, events, jobs
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import ZONE, now, today
from lingqu.kernel.errors import Conflict, DomainError
from lingqu.kernel.language import writing_to

from ..mapping import columns_of, kinds
from ..models import Finding, Import
from ..selectors import mappings_for
from ..summaries import summary_of
from ..types import BLOCK, ONEROSTER, PUPILS_READ, Delivery, ImportApplied, PupilsRead, ReadFile
from .facts import lookup_for
from .lanes import Turn, apply_in_lanes
from .planning import HEAD_TEACHERS, Planner, Ready, prepared_ahead

ENTITY_KINDS = (
    "organisations", "classes", "people", "enrolments", "appointments", "guardianships", "memberships", "accounts",
)  # fmt: skip
UNPROPOSED = frozenset({HEAD_TEACHERS, "attributes", "numbers"})
"""Kinds whose missing rows say nothing: lists of programmes come one by one."""
LOCK_KEY = 0x4C51_0002
"""Advisory lock of the one import that writes."""
STATISTICS = frozenset({0, 1, 3, 7, 15, 31, 63})
"""Positions of chunks of a kind after which the planner is told anew how big its tables have become."""
SETTLE_ROWS, SETTLE_SECONDS = 1_000, 5
"""After an import of that many rows the tables are vacuumed and analysed, once PostgreSQL has counted what it wrote."""
Progress = Callable[[str, int, int], None]


class Unusable(DomainError):
    """The files cannot be used at all; the message says why."""

    code = "unusable_file"
    exit_code = 2


class Strict(DomainError):
    """Nothing was applied because blocking problems were found and the importer asked for all or nothing."""

    code = "strict"
    exit_code = 3


class Halted(DomainError):
    """Somebody cancelled the import; the chunks applied so far stay."""

    status = 409
    code = "cancelled"


@dataclass(slots=True, kw_only=True)
class Result:
    """What an import did, over all its runs. ``created``, ``updated`` and ``unchanged`` are by kind of entity."""

    number: str
    state: str
    rows: int = 0
    created: Counter[str] = field(default_factory=Counter)
    updated: Counter[str] = field(default_factory=Counter)
    unchanged: Counter[str] = field(default_factory=Counter)
    rejected: int = 0
    suspects: int = 0
    proposed_removals: int = 0
    seconds: float = 0.0

    @classmethod
    def of(cls, record: Import) -> Result:
        held = record.counts
        return cls(
            number=record.number, state=record.state, rows=held.get("rows", 0),
            created=Counter(held.get("created", {})), updated=Counter(held.get("updated", {})),
            unchanged=Counter(held.get("unchanged", {})),
            rejected=held.get("rejected", 0), suspects=held.get("suspects", 0),
            proposed_removals=held.get("proposed_removals", 0), seconds=held.get("seconds", 0.0),
        )  # fmt: skip

    def add(self, outcome: registry.Outcome) -> None:
        for mine, theirs in (
            (self.created, outcome.created), (self.updated, outcome.updated), (self.unchanged, outcome.unchanged),
        ):  # fmt: skip
            mine.update(theirs)
        self.rejected += outcome.rejected
        self.suspects += outcome.suspects

    def as_counts(self) -> dict[str, Any]:
        by_kind = {
            name: {kind: counter.get(kind, 0) for kind in dict.fromkeys((*ENTITY_KINDS, *counter))}
            for name, counter in (("created", self.created), ("updated", self.updated), ("unchanged", self.unchanged))
        }
        return {
            "rows": self.rows, **by_kind, "rejected": self.rejected, "suspects": self.suspects,
            "proposed_removals": self.proposed_removals, "seconds": round(self.seconds, 2),
        }  # fmt: skip


def run_import(
    *,
    actor: Actor,
    import_id: Any,
    files: Sequence[ReadFile],
    progress: Progress = lambda state, done, of: None,
    mapping: Any = None,
) -> Result:
    """Read, check and apply; begins anew or goes on where an earlier run of this import ended.

    The caller has checked the permission. Raises :class:`Unusable`, :class:`Strict` or :class:`Halted`; in each case
      the
    record says the same.
    """
    begun = time.monotonic()
    with _only_writer(import_id, progress):
        record = Import.objects.select_related("source").get(id=import_id)
        if record.state in {"applied", "withdrawn", "cancelled", "refused"}:
            raise Conflict(_("这次导入已经结束，不能再运行。"))
        result = Result.of(record)
        delivery = _read(record, files, mapping, result, progress)
        if delivery is None:
            return Result.of(record)
        options = record.options
        if options.get("strict") and result.rejected and record.state != "applying":
            _close(record, result, "checked", begun)
            raise Strict(_("有阻断问题，按要求一行也没有写入。"), details={"rejected": result.rejected})
        if options.get("dry_run"):
            _close(record, result, "checked", begun)
            return result
        _tell_pupils(actor, record, delivery)
        _apply(actor, record, delivery, result, progress)
        _close(record, result, "applied", begun)
    return result


@contextmanager
def _only_writer(import_id: Any, progress: Progress) -> Iterator[None]:
    """One import writes at a time; another one waits and says so."""
    with connection.cursor() as cursor:
        waited = False
        while True:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK_KEY])
            if cursor.fetchone()[0]:
                break
            if not waited:
                _note(import_id, waiting=True)
                progress(str(_("另一个导入正在写入，本次导入排队等待。")), 0, 0)
                waited = True
            Import.objects.filter(id=import_id).update(heartbeat_at=now())
            jobs.stop_if_asked()
            time.sleep(0.5)
    try:
        if waited:
            _note(import_id, waiting=False)
        yield
    finally:
        if connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK_KEY])


def _note(import_id: Any, **facts: Any) -> None:
    with transaction.atomic():
        record = Import.objects.select_for_update().get(id=import_id)
        record.options = {**record.options, **facts}
        record.heartbeat_at = now()
        record.save(update_fields=["options", "heartbeat_at"])


def _read(
    record: Import, files: Sequence[ReadFile], mapping: Any, result: Result, progress: Progress
) -> Delivery | None:
    """The delivery, with its findings kept once; None when a person must say first what the columns are."""
    is_first = record.state != "applying"
    if is_first:
        Import.objects.filter(id=record.id).update(state="reading", started_at=now(), heartbeat_at=now())
    from ..reading import read_delivery
    from ..reading.limits import refusal_again

    progress(str(_("正在读取和校验文件。")), 0, 0)
    known = {**mappings_for(str(record.path)), **(mapping or {})}
    with writing_to():
        delivery = read_delivery(
            files,
            mapping=known,
            lookup=lookup_for(
                scope=str(record.path),
                source_id=record.source_id,
                may_record=record.options.get("may_record", True),
                may_number=record.options.get("may_number", True),
                fixes=record.options.get("fixes", ()),
            ),
        )
    if delivery.refusal:
        Import.objects.filter(id=record.id).update(state="refused", refusal=delivery.refusal, finished_at=now())
        raise Unusable(refusal_again(delivery.refusal), details={"reason": delivery.refusal_code})
    if delivery.needs_mapping:
        Import.objects.filter(id=record.id).update(
            state="mapping", kind=delivery.kind, heartbeat_at=now(), counts=summary_of(delivery)
        )
        record.state = "mapping"
        return None
    if is_first:
        _keep_reading(record, delivery, result)
    return delivery


@transaction.atomic
def _keep_reading(record: Import, delivery: Delivery, result: Result) -> None:
    Finding.objects.filter(owner=record).delete()
    keep_findings(record, delivery.findings)
    result.rows, result.rejected = sum(delivery.rows.values()), sum(delivery.rejected.values())
    for counter in (result.created, result.updated, result.unchanged):
        counter.clear()
    result.suspects = 0
    record.counts = result.as_counts() | summary_of(delivery)
    record.kind, record.state, record.heartbeat_at = delivery.kind, "checked", now()
    record.options = {**record.options, "done": {}, "plan": {}}
    record.chunks = record.chunks_done = 0
    record.save()


def keep_findings(record: Import, findings: pl.DataFrame) -> None:
    """Findings by COPY: a hostile file has 10^5 of them."""
    columns = ("file", "sheet", "row", "kind", "field", "column", "rule", "severity", "value", "message", "responsible")
    if not len(findings):
        return
    names = ", ".join(f'"{name}"' for name in columns)
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY intake_finding (owner_id, state, {names}) FROM STDIN") as copy,
    ):
        for row in findings.select(columns).iter_rows():
            copy.write_row((record.id, "open", *("" if value is None else _clean(value) for value in row)))


def _clean(value: Any) -> Any:
    return value.replace("\0", "") if isinstance(value, str) else value


def _tell_pupils(actor: Actor, record: Import, delivery: Delivery) -> None:
    """Who compares deliveries with the register sees the pupils before the register takes them over."""
    frame = delivery.frames.get("students")
    if frame is None:
        return
    found = delivery.findings.filter((pl.col("severity") == BLOCK) & (pl.col("kind") == "students"))
    PUPILS_READ.collect(
        actor,
        PupilsRead(
            import_id=record.id, number=record.number, path=str(record.path), source_kind=record.source.kind,
            loaded_by=record.created_by, as_of=record.created_at.astimezone(ZONE).date(), frame=frame,
            rows=delivery.rows.get("students", 0), rejected=delivery.rejected.get("students", 0),
            blocked=found.select("file", "sheet", "row", "message", "responsible").unique(["file", "sheet", "row"]),
        ),
    )  # fmt: skip


def _apply(actor: Actor, record: Import, delivery: Delivery, result: Result, progress: Progress) -> None:
    planner = Planner(
        frames=dict(delivery.frames), source=record.source.code, source_id=record.source_id, scope=str(record.path),
        number=record.number, import_id=record.id, as_of=today(),
    )  # fmt: skip
    delivery.frames.clear()
    chunks = planner.chunks()
    with transaction.atomic():
        if record.state != "applying":
            place = str(record.path)
            audit.record(actor, "intake.import.applying", subject_kind="import", subject_id=record.number, path=place)
        record.state, record.chunks = "applying", len(chunks)
        record.save(update_fields=["state", "chunks"])
    held = Lock()

    def apply(ready: Ready, turn: Turn) -> None:
        with held:
            is_done = _is_done(record, ready)
        if is_done:
            turn.wait()
        else:
            _apply_chunk(actor, record, ready, result, turn, held)
            if ready.chunk.position in STATISTICS:
                registry.refresh_statistics(ready.chunk.kind)
            jobs.checkpoint()
        progress("", turn.number, len(chunks))

    with prepared_ahead(chunks, planner.prepare) as ready_chunks:
        apply_in_lanes(ready_chunks, apply)
    registry.finish_import(record.id)
    _propose_removals(record, delivery, planner, result)


def _is_done(record: Import, ready: Ready) -> bool:
    kind = ready.chunk.kind
    if record.options.get("plan", {}).get(kind) != ready.fingerprint:
        record.options.setdefault("plan", {})[kind] = ready.fingerprint
        record.options.setdefault("done", {})[kind] = 0
        return False
    return ready.chunk.position < record.options.get("done", {}).get(kind, 0)


@transaction.atomic
def _apply_chunk(actor: Actor, record: Import, ready: Ready, result: Result, turn: Turn, held: Lock) -> None:
    """One chunk with its accounts, findings and progress: all of it or nothing.

    The import's row is locked last, also by the keys of findings: the chunk before commits meanwhile, and cancelling
    needs not wait for this one, which then takes its work back.
    """
    _stop_if_cancelled(Import.objects.filter(id=record.id))
    with writing_to():
        outcome = registry.apply_prepared(actor=actor, prepared=ready.prepared, ahead=turn.is_ahead)
    if outcome.people_table:
        outcome.created["accounts"] += identity.open_accounts(people_table=outcome.people_table, newborn=True)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    turn.wait()
    _stop_if_cancelled(Import.objects.select_for_update(no_key=True).filter(id=record.id))
    _keep_row_findings(record, outcome)
    kind = ready.chunk.kind
    with held:
        result.add(outcome)
        record.options["done"][kind] = ready.chunk.position + 1
        record.counts = {**record.counts, **result.as_counts()}
        record.chunks_done, record.heartbeat_at = turn.number, now()
        record.save(update_fields=["options", "counts", "chunks_done", "heartbeat_at"])


def _stop_if_cancelled(found: QuerySet[Import]) -> None:
    if found.values_list("state", flat=True).get() == "cancelled":
        raise Halted(_("导入已取消，已写入的批次保留。"))


def _keep_row_findings(record: Import, outcome: registry.Outcome) -> None:
    names = ("file", "sheet", "row", "kind", "field", "rule", "severity", "value", "message", "responsible")
    rows = [{**{n: getattr(finding, n) for n in names}, "column": _heading(finding)} for finding in outcome.findings]
    if rows:
        keep_findings(record, pl.DataFrame(rows, infer_schema_length=None))


def _heading(finding: registry.RowFinding) -> str:
    """What the column is called in the template of its kind; fields without one keep their name."""
    known = columns_of(finding.kind).get(finding.field) if finding.kind in kinds() else None
    return known.heading if known else finding.field


def _propose_removals(record: Import, delivery: Delivery, planner: Planner, result: Result) -> None:
    """Rows that this source named before and a complete file no longer names. Listed, never removed."""
    total, listed = 0, []
    for kind, keys in planner.keys.items():
        if kind in UNPROPOSED or (delivery.kind == ONEROSTER and kind not in delivery.complete):
            continue
        count, found = registry.find_removals(source_id=record.source_id, kind=kind, keys=keys)
        total += count
        listed += [{"kind": item.kind, "id": item.entity_id, "label": item.label} for item in found]
    for (kind,), marked in delivery.removals.group_by("kind"):
        keys = registry.with_digests(str(kind), marked.select("key"))["key_hash"]
        total += len(registry.known_links(record.source_id, str(kind), keys))
    result.proposed_removals = total
    record.options = {**record.options, "removals": listed[:1000]}


@transaction.atomic
def _close(record: Import, result: Result, state: str, begun: float) -> None:
    result.state, result.seconds = state, round(result.seconds + time.monotonic() - begun, 2)
    record.state, record.finished_at, record.heartbeat_at = state, now(), now()
    record.counts = {**record.counts, **result.as_counts()}
    record.save(update_fields=["state", "finished_at", "heartbeat_at", "counts", "options"])
    if state == "applied":
        events.publish(ImportApplied(import_id=record.id, number=record.number, source_kind=record.source.kind))
        _tell_finished(record, result)
    if state == "applied" and result.rows >= SETTLE_ROWS:
        jobs.defer("kernel.settle_tables", _once="kernel.settle_tables", _in_seconds=SETTLE_SECONDS)


def _tell_finished(record: Import, result: Result) -> None:
    """A message to whoever handed the files in."""
    with writing_to():
        values = {"number": record.number, "rows": result.rows, "rejected": result.rejected}
        text = _("导入 %(number)s 已完成：%(rows)d 行，%(rejected)d 行没有写入") % values
    inbox.tell_account(
        record.created_by_account, module="intake", key=f"import:{record.id}", text=text,
        url=reverse("intake:import", args=[record.number]),
    )  # fmt: skip
