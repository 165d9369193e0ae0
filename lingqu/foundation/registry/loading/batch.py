"""What comes in and what comes out: a chunk of canonical rows, and what applying it did."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

import polars as pl

PERSON_KINDS = ("students", "staff", "guardians")


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One chunk of one kind.

    ``rows`` have the columns of ``ROW_KINDS[kind]`` plus ``file``, ``sheet``, ``row_number``; absent columns count
      as not
    stated. ``scope`` is the path the importer may write below. ``import_id`` and ``position`` name the chunk for
      resuming
    and withdrawing. ``keys`` are the key digests of the whole delivery of this kind (hex): what else the file says.
    """

    kind: str
    source: str
    scope: str
    rows: pl.DataFrame
    number: str = ""
    import_id: UUID | None = None
    position: int = 0
    as_of: date | None = None
    keys: pl.Series | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A batch made ready for COPY without the database: digests, sealed maps and name keys are in.

    ``data`` is CSV of ``columns``; ``frame`` keeps the stated values (sensitive ones too) of the rows in ``data``
      and stays
    in memory. ``unchanged`` rows said the same as last time and are left out.
    """

    batch: Batch
    frame: pl.DataFrame
    data: bytes
    columns: tuple[str, ...]
    unchanged: int
    passes: int = 1
    findings: tuple[RowFinding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFinding:
    """A row that was not applied (``severity`` block), or applied with a doubt (review) or a remark (hint)."""

    file: str
    sheet: str
    row: int
    kind: str
    field: str
    rule: str
    severity: str
    message: str
    value: str = ""
    responsible: str = ""


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What a chunk did. Counts are by entity kind (organisations, classes, people, enrolments …).

    ``people_table`` is a temporary table (``person_id``, ``number``) of the persons that this chunk made, until commit.
    """

    created: Counter[str] = field(default_factory=Counter)
    updated: Counter[str] = field(default_factory=Counter)
    unchanged: Counter[str] = field(default_factory=Counter)
    rejected: int = 0
    suspects: int = 0
    findings: list[RowFinding] = field(default_factory=list)
    people_table: str = ""
    touched: set[UUID] = field(default_factory=set)

    @property
    def has_changes(self) -> bool:
        return bool(sum(self.created.values()) + sum(self.updated.values()))

    def as_counts(self) -> dict[str, dict[str, int]]:
        named = {"created": self.created, "updated": self.updated, "unchanged": self.unchanged}
        return {name: {kind: n for kind, n in counter.items() if n} for name, counter in named.items()}


ENTITIES: dict[str, tuple[str, ...]] = {
    "organisations": ("organisations",),
    "sessions": ("sessions",),
    "courses": ("courses",),
    "classes": ("classes",),
    "students": ("people", "enrolments"),
    "staff": ("people", "appointments"),
    "guardians": ("people", "guardianships"),
    "memberships": ("memberships",),
    "teaching": ("memberships",),
    "head_teachers": (),
    "attributes": ("attributes",),
    "numbers": ("numbers",),
}
"""What one row of a kind stands for, for counting rows that say nothing new."""
