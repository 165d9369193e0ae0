"""Classes of a delivery: every spelling of one class becomes one key; classes that only pupils mention are made."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import polars as pl

from lingqu.foundation.registry.api import ClassName, read_class_name, tidy_class_name

from ..types import Lookup, OrganisationFact
from .places import Directory
from .work import Work


@dataclass(slots=True, kw_only=True)
class KnownClass:
    """``place``: file, sheet and row that first named it."""

    key: str
    school: str
    read: ClassName
    written: str
    place: tuple[str, str, int]
    is_listed: bool


class ClassBook:
    """Classes by school. ``listed`` schools brought a table of classes: there a class must be in it."""

    def __init__(self, lookup: Lookup, directory: Directory) -> None:
        self.lookup, self.directory = lookup, directory
        self.by_key: dict[str, KnownClass] = {}
        self.listed: set[str] = set()
        self._by_written: dict[tuple[str, str], str] = {}
        self._by_local: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._found: dict[tuple[str, str, str], KnownClass] = {}

    def read(self, school: str, written: str, grade: str = "") -> ClassName:
        fact = self.directory.get(school) or OrganisationFact(code=school, name=school)
        return read_class_name(
            written, schooling=fact.schooling, school_year=self.lookup.school_year, stages=fact.stages, grade=grade
        )

    def key(self, school: str, read: ClassName) -> str:
        return f"{school}|{self.lookup.school_year}|{read.identity}"

    def add(self, entry: KnownClass) -> None:
        self.by_key[entry.key] = entry
        self._by_written.setdefault((entry.school, tidy_class_name(entry.written)), entry.key)
        if entry.read.local_name:
            self._by_local[(entry.school, tidy_class_name(entry.read.local_name))].add(entry.key)

    def find(self, school: str, written: str, grade: str = "") -> tuple[KnownClass | None, ClassName]:
        """The class that a spelling means, and what the spelling says by itself."""
        before = self._found.get((school, written, grade))
        if before is not None:
            return before, before.read
        read = self.read(school, written, grade)
        entry = self.by_key.get(self.key(school, read))
        if entry is None:
            entry = self.by_key.get(self._by_written.get((school, tidy_class_name(written)), ""))
        if entry is None and read.local_name:
            keys = self._by_local.get((school, tidy_class_name(read.local_name)), set())
            entry = self.by_key[next(iter(keys))] if len(keys) == 1 else None
        if entry is None and grade:
            plain = self.read(school, written)
            entry = self.by_key.get(self.key(school, plain)) if plain.grades else None
        if entry is not None:
            self._found[(school, written, grade)] = entry
        return entry, read

    def said(self, school: str, written: str) -> str | None:
        """What a person said that a spelling means at a school: another class, or "" for one to be made."""
        fact = self.directory.get(school)
        return self.lookup.class_fixes.get((fact.name if fact else school, written))

    def frame(self, columns: list[str]) -> pl.DataFrame:
        """Classes that pupils mention and no table lists, as rows of the kind ``classes``."""
        made = [entry for entry in self.by_key.values() if not entry.is_listed]
        known = (
            self.lookup.is_known("classes", [entry.key for entry in made])
            if self.lookup.is_known and made
            else frozenset()
        )
        rows = [self._row(entry, columns) for entry in made if entry.key not in known]
        schema = {**dict.fromkeys(columns, pl.String), "file": pl.String, "sheet": pl.String, "row_number": pl.Int64}
        return pl.DataFrame(rows, schema=schema, orient="row")

    def _row(self, entry: KnownClass, columns: list[str]) -> tuple[object, ...]:
        values = {**facts_of(entry.read), "key": entry.key, "school_ref": entry.school, "written_name": entry.written,
                  "school_year": self.lookup.school_year}  # fmt: skip
        return (*(values.get(column, "") for column in columns), *entry.place)


def facts_of(read: ClassName) -> dict[str, str]:
    """Canonical columns that a reading fills."""
    return {
        "grades": ",".join(read.grades), "entry_year": str(read.entry_year or ""), "serial": str(read.serial or ""),
        "local_name": read.local_name, "kind": read.kind,
    }  # fmt: skip


def resolve_classes(work: Work, book: ClassBook, column: str, *, may_make: bool, is_required: bool = True) -> None:
    """``column`` (as written) → class key, ``_class_grade`` and ``_class_name``. ``may_make``: an unknown class of a
    school without a class table is made."""
    has_grade = work.has("grade") and column == "class_ref"
    columns = ["school_ref", column, *(["grade"] if has_grade else [])]
    places = (
        work.frame.filter((pl.col(column) != "") & work.is_good())
        .group_by(columns, maintain_order=True)
        .agg(pl.col("file", "sheet", "row_number").first())
    )
    rows = []
    for record in places.iter_rows(named=True):
        school, written = record["school_ref"], record[column]
        grade = record.get("grade") or ""
        said = book.said(school, written)
        entry, read = book.find(school, said or written, grade)
        problem = ""
        is_new = said == "" and may_make
        if entry is None and (read.kind == "teaching" or is_new or (may_make and school not in book.listed)):
            place = (record["file"], record["sheet"], record["row_number"])
            entry = KnownClass(
                key=book.key(school, read), school=school, read=read, written=written, place=place, is_listed=False,
            )  # fmt: skip
            book.add(entry)
        elif entry is None:
            problem = "unknown" if school in book.listed else "elsewhere"
        key = entry.key if entry else book.key(school, read)
        shown = entry.read if entry else read
        rows.append(
            (
                school,
                written,
                *([record["grade"]] if has_grade else []),
                key,
                problem,
                ",".join(shown.grades),
                shown.doubt,
            )
        )
    names = [*columns, "_class", "_problem", "_class_grades", "_doubt"]
    table = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
    work.frame = work.frame.join(table, on=columns, how="left", maintain_order="left").with_columns(
        pl.col("_class", "_problem", "_class_grades", "_doubt").fill_null("")
    )
    unknown = pl.col("_problem") == "unknown"
    work.flag("class_unknown" if is_required else "class_reference", unknown, column)
    if column == "class_ref" and work.kind == "students":
        work.flag("class_stage", pl.col("_doubt") == "stage_unknown", column)
        work.flag("class_outside", pl.col("_doubt") == "grade_outside", column)
    keep = pl.col("_class") if is_required else pl.when(unknown).then(pl.lit("")).otherwise("_class")
    work.set(**{f"_written_{column}": pl.col(column), column: keep})
    work.frame = work.frame.drop("_problem", "_doubt")
