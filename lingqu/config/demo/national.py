"""The national pupil file of the demo city: what the city's own files say of 学籍, with a few honest mismatches of each kind."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from .files import CSV_NAMES
from .rows import FIELDS, headings

NATIONAL_FILE = "国家学籍.csv"
EVERY = {"absent": 601, "twice": 1201, "renamed": 1601, "graduated": 1901, "transferred": 1801, "elsewhere": 1501}
"""One row in so many is left out, repeated by another school, has another name, or another state."""
UNTOUCHED = 400
"""The first rows belong to the schools of the story; they are written as they are."""


def write_national(folder: Path, day: str) -> int:
    """Write the file beside the six others; returns its rows. The same city gives the same file."""
    with (folder / CSV_NAMES["students"]).open(encoding="utf-8-sig", newline="") as handle:
        pupils = [row for row in csv.DictReader(handle) if row[_heading("register_number")]]
    count = 0
    with (folder / NATIONAL_FILE).open("w", encoding="utf-8-sig", newline="") as handle:
        names = headings("students")
        writer = csv.DictWriter(handle, names, extrasaction="ignore", restval="")
        writer.writeheader()
        for row in _changed(pupils):
            writer.writerow({name: row.get(name, "") for name in names} | {
                _heading("register_as_of"): day, _heading("attendance"): "", _heading("school_number"): "", _heading("phone"): "",
                _heading("address"): "", _heading("boarding"): "",
            })  # fmt: skip
            count += 1
    return count


def _heading(column: str) -> str:
    return headings("students")[FIELDS["students"].index(column)]


def _changed(pupils: list[dict[str, str]]) -> Iterator[dict[str, str]]:
    name, number, school = _heading("name"), _heading("register_number"), _heading("school_ref")
    group, state, registered = _heading("class_ref"), _heading("register_state"), _heading("register_school_ref")
    for position, row in enumerate(pupils):
        if position < UNTOUCHED:
            yield row
            continue
        if position % EVERY["absent"] == 0:
            continue
        if position % EVERY["renamed"] == 0:
            row = {**row, name: row[name][0] + "子" + row[name][1:]}
        elif position % EVERY["graduated"] == 0:
            row = {**row, state: "毕业"}
        elif position % EVERY["transferred"] == 0:
            row = {**row, state: "转学（转出）"}
        elif position % EVERY["elsewhere"] == 0:
            other = pupils[(position + len(pupils) // 3) % len(pupils)]
            row = {**row, **{key: other[key] for key in (school, group, registered)}}
        yield row
        if position % EVERY["twice"] == 0:
            other = pupils[(position + len(pupils) // 2) % len(pupils)]
            changed = "L" + row[number][1:]
            yield {**row, number: changed, **{key: other[key] for key in (school, group, registered)}}
