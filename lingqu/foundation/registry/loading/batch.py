"""One chunk: what comes in, what it did, and the order in which its parts are applied."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl
from django.db import transaction

from lingqu.kernel import audit, events
from lingqu.kernel.actor import Actor

from ..models import Source
from ..types.events import RosterChunkApplied
from . import episodes, places
from .people import apply_people
from .staging import changed_rows, run, with_hashes

REVIEW_RULES = frozenset({"person.several"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """``rows`` have the columns of ``ROW_KINDS[kind]`` plus ``file``, ``sheet``, ``row_number``. ``scope``: path that the
    importer may write below."""

    kind: str
    source: str
    scope: str
    rows: pl.DataFrame
    number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFinding:
    """A row that was not applied (or, for review rules, only doubted)."""

    file: str
    sheet: str
    row: int
    kind: str
    field: str
    rule: str
    is_blocking: bool
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Counts per entity kind as (created, updated); ``unchanged`` rows said nothing new."""

    counts: dict[str, tuple[int, int]] = field(default_factory=dict)
    unchanged: int = 0
    findings: tuple[RowFinding, ...] = ()
    has_people: bool = False


def source_of(code: str) -> Source:
    return Source.objects.get_or_create(code=code, defaults={"name": code})[0]


def apply_batch(*, actor: Actor, batch: Batch) -> Outcome:
    """Apply one chunk inside the caller's transaction. Afterwards the temporary table ``stage`` still holds its rows
    (``person_id``, ``made``), so that accounts can be opened in the same transaction."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("apply_batch needs a transaction")
    source = source_of(batch.source)
    hashed = with_hashes(batch.kind, batch.rows)
    rows = changed_rows(source.id, batch.kind, hashed)
    unchanged = len(hashed) - len(rows)
    if not len(rows):
        return Outcome(unchanged=unchanged)
    rows = rows.with_columns(pl.int_range(len(rows), dtype=pl.Int32).alias("at"))
    counts = _apply(batch, rows, source, actor)
    findings = tuple(_findings(batch.kind, rows))
    audit.record(
        actor, "registry.roster.applied", subject_kind="import", subject_id=batch.number, path=batch.scope,
        data={"kind": batch.kind, "rows": len(rows), "counts": counts},
    )  # fmt: skip
    events.publish(RosterChunkApplied(kind=batch.kind, number=batch.number, rows=len(rows)))
    return Outcome(
        counts=counts,
        unchanged=unchanged,
        findings=findings,
        has_people=batch.kind in {"students", "staff", "guardians"},
    )


def _apply(batch: Batch, rows: pl.DataFrame, source: Source, actor: Actor) -> dict[str, tuple[int, int]]:
    kind, given = batch.kind, {"source_id": source.id, "scope": batch.scope}
    if kind == "organisations":
        return {kind: places.apply_organisations(rows, **given)}
    if kind == "sessions":
        return {kind: places.apply_sessions(rows, **given)}
    if kind == "courses":
        return {kind: places.apply_courses(rows, **given)}
    if kind == "classes":
        return {kind: places.apply_classes(rows, **given)}
    if kind == "memberships":
        return episodes.apply_memberships(rows, source_id=source.id, source=source.code)
    if kind == "teaching":
        return episodes.apply_teaching(rows, source_id=source.id, source=source.code)
    people = apply_people(kind, rows, source=source.code, actor_name=actor.name, **given)
    bind = {"students": episodes.seat_pupils, "staff": episodes.place_staff, "guardians": episodes.bind_guardians}[kind]
    return {"people": people, **bind(source.code)}


def _findings(kind: str, rows: pl.DataFrame) -> list[RowFinding]:
    where = rows.select("file", "sheet", "row_number").rows()

    def made(at: int, rule: str, name: str, is_blocking: bool) -> RowFinding:
        file, sheet, row = where[at]
        value = str(rows[name][at] or "") if name in rows.columns and name != "id_number" else ""
        return RowFinding(
            file=file, sheet=sheet, row=int(row), kind=kind, field=name, rule=rule, is_blocking=is_blocking, value=value
        )

    found = [made(at, rule, name, True) for at, rule, name in episodes.problems()]
    if kind == "students":
        found += [made(at, "person.several", "name", False) for at in episodes.repeated_people()]
    return found


def recount() -> None:
    """Bring the maintained totals of organisations and classes up to date: set-based, once at the end of an import."""
    run(
        """UPDATE registry_classgroup c SET size = m.n FROM (SELECT class_group_id, count(*) AS n FROM registry_classmembership
             WHERE valid_to IS NULL GROUP BY 1) m WHERE m.class_group_id = c.id AND c.size <> m.n"""
    )
    run(
        """UPDATE registry_organisationcount t SET students = COALESCE(e.n, 0), registered = COALESCE(r.n, 0), staff = COALESCE(a.n, 0),
             classes = COALESCE(c.n, 0), people = COALESCE(p.n, 0), updated_at = now()
           FROM registry_organisation o
             LEFT JOIN (SELECT school_id AS k, count(*) AS n FROM registry_enrolment WHERE valid_to IS NULL GROUP BY 1) e ON e.k = o.id
             LEFT JOIN (SELECT school_id AS k, count(*) AS n FROM registry_registerentry WHERE valid_to IS NULL GROUP BY 1) r ON r.k = o.id
             LEFT JOIN (SELECT organisation_id AS k, count(DISTINCT person_id) AS n FROM registry_appointment WHERE valid_to IS NULL
                        GROUP BY 1) a ON a.k = o.id
             LEFT JOIN (SELECT school_id AS k, count(*) AS n FROM registry_classgroup GROUP BY 1) c ON c.k = o.id
             LEFT JOIN (SELECT organisation_id AS k, count(*) AS n FROM registry_person GROUP BY 1) p ON p.k = o.id
           WHERE t.organisation_id = o.id"""
    )
