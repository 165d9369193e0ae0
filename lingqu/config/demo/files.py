"""Writes a city as roster files: six CSV templates, the workbook of one school, a manifest to count against."""

from __future__ import annotations

import csv
import json
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import astuple, fields
from pathlib import Path
from typing import Any

from rustpy_xlsxwriter import write_worksheets

from .city import SEED, City
from .core_schools import STORY_SCHOOL
from .planted import Planted, Spoiler
from .rows import FIELDS, KIND_WORDS, Roster, headings

CSV_NAMES = {kind: f"{number}-{word}.csv" for number, (kind, word) in enumerate(KIND_WORDS.items(), start=1)}
"""In the order in which they are applied."""
MANIFEST, ERROR_LIST = "manifest.json", "planted-errors.csv"


def export_city(people: int, folder: Path, *, error_share: float = 0.0, seed: int = SEED) -> dict[str, Any]:
    """Write the files and return the manifest: how many of what, and how many errors of which kind were planted.

    CSV is UTF-8 with a byte order mark, as the spreadsheet programs of schools expect it.
    """
    begun = time.monotonic()
    folder.mkdir(parents=True, exist_ok=True)
    city, spoiler = City(people, seed=seed), Spoiler(error_share, seed=seed)
    rows: Counter[str] = Counter()
    workbook = ""
    with ExitStack() as stack:
        writers = {}
        for kind, name in CSV_NAMES.items():
            handle = stack.enter_context((folder / name).open("w", encoding="utf-8-sig", newline=""))
            writers[kind] = csv.writer(handle)
            writers[kind].writerow(headings(kind))
        for school, roster in city.rosters():
            if school is not None and school.story == STORY_SCHOOL:
                workbook = f"{school.name}.xlsx"
                write_workbook(folder / workbook, roster)
            first_rows = {kind: rows[kind] + 2 for kind in FIELDS}
            spoiler.spoil(roster, files=CSV_NAMES, first_rows=first_rows)
            for kind, writer in writers.items():
                writer.writerows(roster.of(kind))
                rows[kind] += len(roster.of(kind))
    manifest = {
        "people": people,
        "seed": seed,
        "school_year": city.plan.school_year,
        "files": [*CSV_NAMES.values(), workbook],
        "rows": dict(rows),
        "schools": len(city.plan.schools),
        "pupils": city.plan.pupils,
        "staff": city.staff,
        "guardians": people - city.plan.pupils - city.staff,
        "errors": spoiler.counts(),
        "blocked_rows": spoiler.blocked(),
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if error_share:
        _write_errors(folder / ERROR_LIST, spoiler.planted)
    return manifest | {"folder": str(folder), "seconds": round(time.monotonic() - begun, 2)}


def write_workbook(path: Path, roster: Roster) -> None:
    """One school as it would send itself: six sheets, the templates' headings, everything as text."""
    sheets: list[Any] = []
    for kind, word in KIND_WORDS.items():
        heads = headings(kind)
        sheets.append((word, [dict(zip(heads, row, strict=True)) for row in roster.of(kind)]))
    write_worksheets(sheets, str(path), freeze_panes={"general": {"row": 1}}, bold_headers=True)


def _write_errors(path: Path, planted: list[Planted]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow([column.name for column in fields(Planted)])
        writer.writerows(astuple(error) for error in planted)
