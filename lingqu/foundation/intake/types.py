"""Values of the import: files in, one delivery out. No database here; the caller hands in what must be known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final
from uuid import UUID

import polars as pl

from lingqu.kernel.slots import Slot

IMPORT_RUN: Final = "intake.import.run"
IMPORT_VIEW: Final = "intake.import.view"

ROSTER: Final = "roster"
ONEROSTER: Final = "oneroster"

BLOCK: Final = "block"
REVIEW: Final = "review"
HINT: Final = "hint"
SEVERITIES: Final = (BLOCK, REVIEW, HINT)

CLASS_RULES: Final = frozenset({"class_unknown", "class_reference"})
VALUE_RULES: Final = frozenset({"code_unknown", "sex_unknown"})
"""Rules whose findings a person can settle for all rows with the same value at once."""

PLACE_COLUMNS: Final = ("file", "sheet", "row_number")
"""Columns that every frame of a delivery has beside those of its kind."""

FINDING_SCHEMA: Final[dict[str, type[pl.DataType]]] = {
    "file": pl.String, "sheet": pl.String, "row": pl.Int64, "kind": pl.String, "field": pl.String, "column": pl.String,
    "rule": pl.String, "severity": pl.String, "value": pl.String, "message": pl.String, "responsible": pl.String,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file (or folder) on disk and the name under which it was handed in."""

    name: str
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationFact:
    """What reading must know of an organisation. ``stages``: preschool, primary, junior, senior; empty = unknown.

    ``in_scope``: the importer may deliver rows for it.
    """

    code: str
    name: str
    key: str = ""
    short_name: str = ""
    kind: str = "school"
    schooling: str = ""
    school_type: str = ""
    stages: frozenset[str] = frozenset()
    in_scope: bool = True
    synthetic: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """Facts from outside the files. ``codes``: table → spelling → code, laid over the shipped tables.

    ``organisation``: name of the organisation that imports; answers for rows whose school is unknown.
    ``default_school``: code taken when rows state no school (an import made inside one school).
    """

    school_year: str
    today: date
    organisations: Sequence[OrganisationFact] = ()
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    organisation: str = ""
    default_school: str = ""
    fixes: Mapping[tuple[str, str], Mapping[str, str]] = field(default_factory=dict)
    """(kind, column) → value as written → what a person said it means."""
    class_fixes: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """(name of the school, class as written) → the class that is meant; "" = a class of its own, to be made."""
    may_record: bool = True
    """Whether the importer may record pupil attributes."""
    may_number: bool = True
    """Whether the importer may record numbers of other platforms."""
    is_known: Callable[[str, Sequence[str]], frozenset[str]] | None = None
    """Which keys of a kind the same source has delivered before; None = cannot be said, applying will find out."""

    @property
    def year(self) -> int:
        """Calendar year in which the school year starts."""
        return int(self.school_year[:4])


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetMapping:
    """How one sheet was understood. ``columns[i]`` is the canonical column of ``headings[i]``, "" = not taken.

    ``digest`` names the headings (a confirmed mapping is found by it). ``header_row``: number of the last heading row.
    ``samples``: the first rows as shown for confirmation, sensitive values masked.
    """

    file: str
    sheet: str
    kind: str
    digest: str
    header_row: int
    headings: tuple[str, ...]
    columns: tuple[str, ...]
    confidence: tuple[float, ...]
    samples: tuple[tuple[str, ...], ...] = ()
    rows: int = 0
    is_confirmed: bool = False
    problem: str = ""
    """Why a person must look: ``kind_unknown``, ``required_missing`` or ""."""

    @property
    def needs_a_person(self) -> bool:
        return bool(self.problem) and not self.is_confirmed


@dataclass(slots=True, kw_only=True)
class Delivery:
    """What a set of files says. ``frames``: only rows without a blocking finding, in the columns of ``ROW_KINDS``.

    ``findings`` is capped (a summary row stands for the rest); ``severities``, ``rules`` and ``rejected`` are exact.
    ``removals`` (kind, key): rows that a source marked as deleted. ``complete``: kinds delivered whole (bulk), where
    a known row that is missing may be proposed for removal.
    """

    kind: str = ROSTER
    frames: dict[str, pl.DataFrame] = field(default_factory=dict)
    findings: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=FINDING_SCHEMA))
    sheets: tuple[SheetMapping, ...] = ()
    rows: dict[str, int] = field(default_factory=dict)
    rejected: dict[str, int] = field(default_factory=dict)
    severities: dict[str, int] = field(default_factory=dict)
    rules: dict[str, int] = field(default_factory=dict)
    rows_with: dict[str, int] = field(default_factory=dict)
    """Rows that carry a finding of the severity, each row once under its worst."""
    removals: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema={"kind": pl.String, "key": pl.String}))
    complete: frozenset[str] = frozenset()
    quality: dict[str, int] = field(default_factory=dict)
    """Percent: ``complete``, ``correct``, ``consistent`` and their ``score``."""
    refusal: str = ""
    refusal_code: str = ""

    @property
    def needs_mapping(self) -> bool:
        """A sheet waits for a person to say what its columns are."""
        return any(sheet.needs_a_person for sheet in self.sheets)


@dataclass(frozen=True, slots=True, kw_only=True)
class PupilsRead:
    """The pupils of a checked delivery, before the register takes them over. ``rows`` counts those that were refused too.

    ``frame`` has the columns of ``ROW_KINDS["students"]`` and where each row stands; ``blocked`` the places of refused rows
    (file, sheet, row, message, responsible), of which the first are listed.
    """

    import_id: UUID
    number: str
    path: str
    source_kind: str
    loaded_by: str
    as_of: date
    frame: pl.DataFrame
    rows: int
    rejected: int
    blocked: pl.DataFrame


PUPILS_READ: Slot[PupilsRead, None] = Slot("intake.pupils_read")
"""Filled by whoever compares a delivery with the register as it was. May be told the same delivery twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportApplied:
    """Event: everything an import had to say is in the register."""

    import_id: UUID
    number: str
    source_kind: str
