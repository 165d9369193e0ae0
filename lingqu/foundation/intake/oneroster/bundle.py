"""The files of one OneRoster set: manifest, modes (bulk, delta, absent), version, required columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

import polars as pl

from lingqu.kernel.language import listed

from ..reading.cells import clean
from ..reading.limits import refuse
from ..reading.sheets import Sheet

FILES = ("orgs", "academicSessions", "courses", "classes", "users", "roles", "enrollments", "demographics")
REQUIRED: dict[str, tuple[str, ...]] = {
    "orgs": ("sourcedId", "name", "type"), "academicSessions": ("sourcedId", "title", "type", "startDate", "endDate"),
    "courses": ("sourcedId", "title"), "classes": ("sourcedId", "title", "schoolSourcedId"),
    "users": ("sourcedId", "givenName", "familyName"), "enrollments": ("sourcedId", "classSourcedId", "userSourcedId", "role"),
    "roles": ("sourcedId", "userSourcedId", "role", "orgSourcedId"), "demographics": (),
}  # fmt: skip
HEADINGS: dict[str, dict[str, str]] = {
    "organisations": {"key": "sourcedId", "code": "identifier", "parent_ref": "parentSourcedId", "kind": "type"},
    "sessions": {"key": "sourcedId", "start_on": "startDate", "end_on": "endDate", "parent_ref": "parentSourcedId",
                 "kind": "type"},
    "courses": {"key": "sourcedId", "organisation_ref": "orgSourcedId", "code": "courseCode"},
    "classes": {"key": "sourcedId", "school_ref": "schoolSourcedId", "course_ref": "courseSourcedId",
                "session_refs": "termSourcedIds", "written_name": "title"},
    "students": {"key": "sourcedId", "school_ref": "orgSourcedIds", "birth_date": "birthDate", "name": "familyName"},
    "staff": {"key": "sourcedId", "school_ref": "orgSourcedIds", "birth_date": "birthDate", "name": "familyName"},
    "guardians": {"key": "sourcedId", "child_ref": "agentSourcedIds", "birth_date": "birthDate", "name": "familyName"},
    "memberships": {"key": "sourcedId", "class_ref": "classSourcedId", "person_ref": "userSourcedId"},
}  # fmt: skip
"""Canonical column → heading in the set, for the report."""
VERSIONS = ("1.1", "1.2")
DELTA = "delta"
MODES = frozenset({"bulk", DELTA, "absent"})


def stem(file: str) -> str:
    """``a/orgs.csv`` → ``orgs``."""
    name = PurePosixPath(file.replace("\\", "/")).name
    return name[:-4] if name.lower().endswith(".csv") else name


def headings_of(sheet: Sheet) -> list[str]:
    return [cell.strip("\ufeff ").strip() for cell in sheet.head[0]] if sheet.head else []


def is_bundle(sheets: Sequence[Sheet]) -> bool:
    """A manifest, or orgs and users side by side, each with the standard's columns."""
    heads = {stem(sheet.file): set(headings_of(sheet)) for sheet in sheets}
    if "propertyName" in heads.get("manifest", set()):
        return True
    return all("sourcedId" in heads.get(name, set()) for name in ("orgs", "users"))


class Bundle:
    """Frames by the standard's file names, cells cleaned, ``row_number`` and ``file`` added. Absent files are empty."""

    headings: Mapping[str, Mapping[str, str]] = HEADINGS

    def __init__(self, sheets: Sequence[Sheet]) -> None:
        self.sheets = {stem(sheet.file): sheet for sheet in sheets}
        self.manifest = self._manifest()
        self.version = self.manifest.get("oneroster.version") or ("1.2" if "roles" in self.sheets else "1.1")
        if self.version not in VERSIONS:
            raise refuse("oneroster_version", sheets[0].file, version=self.version)
        self._check()

    def _manifest(self) -> dict[str, str]:
        sheet = self.sheets.get("manifest")
        if sheet is None:
            return {}
        return {row[0].strip("\ufeff ").strip(): row[1].strip() for row in sheet.head[1:] if len(row) > 1}

    def mode(self, name: str) -> str:
        """``bulk``, ``delta`` or ``absent``; without a manifest what is there is whole."""
        stated = self.manifest.get(f"file.{name}", "").lower()
        if stated:
            return stated if name in self.sheets or stated == "absent" else "missing"
        return "bulk" if name in self.sheets else "absent"

    def _check(self) -> None:
        self._check_manifest()
        missing = [f"{name}.csv" for name in FILES if self.mode(name) == "missing"]
        wanted = [
            "users",
            *(["orgs"] if self.mode("orgs") != DELTA else []),
            *(["roles"] if self.version == "1.2" else []),
        ]
        is_delta = any(self.mode(name) == DELTA for name in FILES)
        if not is_delta:
            missing += [f"{name}.csv" for name in wanted if self.mode(name) == "absent"]
        if missing:
            raise refuse("oneroster_missing", "", missing=listed(dict.fromkeys(missing)))
        for name in FILES:
            if self.mode(name) == "absent":
                continue
            have = set(headings_of(self.sheets[name]))
            needed = REQUIRED[name] if name != "users" or self.version != "1.1" else (*REQUIRED["users"], "role")
            for wanted_column in needed:
                if wanted_column not in have:
                    raise refuse(
                        "oneroster_column",
                        self.sheets[name].file,
                        column=wanted_column,
                        version=f"OneRoster {self.version}",
                    )

    def _check_manifest(self) -> None:
        """What the manifest says of the files is true: nothing declared that is not there, nothing there that it
        calls absent, no unknown mode."""
        for name, value in self.manifest.items():
            if not name.startswith("file."):
                continue
            mode, file = value.lower(), name.removeprefix("file.")
            if mode not in MODES:
                raise refuse("oneroster_mode", self.sheets["manifest"].file, property=name, value=value[:40])
            if mode == "absent" and file in self.sheets:
                raise refuse("oneroster_surplus", self.sheets["manifest"].file, surplus=f"{file}.csv")
            if mode != "absent" and file not in self.sheets:
                raise refuse("oneroster_missing", "", missing=f"{file}.csv")

    def read(self, name: str) -> pl.DataFrame:
        """All rows of a file; an absent one gives no rows and only ``sourcedId``."""
        if self.mode(name) == "absent":
            text = dict.fromkeys(("sourcedId", "status", "file", "sheet"), pl.String)
            return pl.DataFrame(schema={**text, "row_number": pl.Int64})
        return frame_of(self.sheets[name])


def frame_of(sheet: Sheet) -> pl.DataFrame:
    """A whole sheet under its first row's headings, cells cleaned, with ``status``, ``file``, ``sheet``, ``row_number``."""
    headings = headings_of(sheet)
    raw = [f"c{index}" for index in range(len(headings))]
    parts = [clean(batch.select(*raw, "row_number"), raw) for batch in sheet.body(1, len(headings))]
    schema = {**dict.fromkeys(raw, pl.String), "row_number": pl.Int64}
    whole = pl.concat(parts) if parts else pl.DataFrame(schema=schema)
    chosen = {text: column for column, text in reversed(list(zip(raw, headings, strict=True))) if text}
    frame = whole.select("row_number", *(pl.col(column).alias(text) for text, column in chosen.items()))
    frame = frame.filter(pl.any_horizontal(pl.col(text) != "" for text in chosen)) if chosen else frame
    if "status" not in frame.columns:
        frame = frame.with_columns(pl.lit("").alias("status"))
    return frame.with_columns(
        pl.lit(sheet.file).alias("file"), pl.lit("").alias("sheet"), pl.col("status").str.to_lowercase(),
    )  # fmt: skip


def column(frame: pl.DataFrame, *names: str) -> pl.Expr:
    """The first of the columns that the file has; "" when none."""
    found = next((name for name in names if name in frame.columns), None)
    return pl.col(found).fill_null("") if found else pl.lit("")
