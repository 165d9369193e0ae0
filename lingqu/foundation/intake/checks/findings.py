"""Collecting findings: counts are exact, the listed ones are capped, a summary row stands for the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import polars as pl

from ..rules import RULES
from ..types import BLOCK, FINDING_SCHEMA, HINT, REVIEW

MOST_PER_RULE = 5_000
MOST = 50_000
RANK = {HINT: 1, REVIEW: 2, BLOCK: 3}
SENSITIVE = frozenset({"id_number", "register_number", "phone", "address", "child_ref", "child_ref.id_number"})
_RAW = ("file", "sheet", "row", "kind", "field", "column", "rule", "severity", "value", "detail", "responsible")


def mask(value: str) -> str:
    """A sensitive value as it may be shown: its length and its ends."""
    if len(value) <= 4:
        return "*" * len(value)
    keep = 1 if len(value) < 8 else 2
    return f"{value[:keep]}{'*' * (len(value) - 2 * keep)}{value[-keep:]}"


class Findings:
    """All findings of a delivery. ``rules`` counts every one, listed or not."""

    def __init__(self) -> None:
        self.rules: Counter[str] = Counter()
        self._parts: list[pl.DataFrame] = []
        self._listed: Counter[str] = Counter()
        self._first: dict[str, tuple[str, str]] = {}

    def room(self, rule: str) -> int:
        """How many more of the rule will be listed."""
        return max(0, min(MOST_PER_RULE - self._listed[rule], MOST - sum(self._listed.values())))

    def add(self, rule: str, rows: pl.DataFrame, *, count: int, kind: str, field: str, column: str) -> None:
        """``rows``: ``file, sheet, row, value, detail, responsible`` of places where the rule is broken, at least the first
        ``room`` of them; ``count``: how many there are."""
        if not count:
            return
        self.rules[rule] += count
        kept = rows.head(self.room(rule))
        if not kept.height:
            return
        self._first.setdefault(rule, (kept["file"][0], kept["sheet"][0]))
        self._listed[rule] += kept.height
        hide = field in SENSITIVE
        self._parts.append(
            kept.with_columns(
                pl.lit(kind).alias("kind"), pl.lit(field).alias("field"), pl.lit(column).alias("column"),
                pl.lit(rule).alias("rule"), pl.lit(RULES[rule].severity).alias("severity"),
                pl.col("value").map_elements(mask, return_dtype=pl.String) if hide else pl.col("value").str.slice(0, 60),
            ).select(_RAW)
        )  # fmt: skip

    def note(self, rule: str, *, file: str, sheet: str = "", row: int = 0, kind: str = "", field: str = "",
             column: str = "", value: str = "", detail: str = "", responsible: str = "") -> None:  # fmt: skip
        """One finding about a file, a sheet or a single row."""
        row_frame = pl.DataFrame(
            {
                "file": [file],
                "sheet": [sheet],
                "row": [row],
                "value": [value],
                "detail": [detail],
                "responsible": [responsible],
            },
            schema_overrides={"row": pl.Int64},
        )
        self.add(rule, row_frame, count=1, kind=kind, field=field, column=column)

    def table(self) -> pl.DataFrame:
        """The listed findings with their sentences, by file and row, and the summary rows."""
        parts = [*self._parts, *self._more()]
        if not parts:
            return pl.DataFrame(schema=FINDING_SCHEMA)
        whole = pl.concat(parts).with_columns(pl.col("row").cast(pl.Int64))
        messages = [
            _sentence(rule, {"value": value, "detail": detail, "column": column})
            for rule, value, detail, column in whole.select("rule", "value", "detail", "column").iter_rows()
        ]
        return (
            whole.with_columns(pl.Series("message", messages, dtype=pl.String))
            .select(list(FINDING_SCHEMA))
            .sort("file", "sheet", "row", maintain_order=True)
        )

    def _more(self) -> list[pl.DataFrame]:
        rows = [
            (
                *self._first.get(rule, ("", "")),
                0,
                "",
                "",
                "",
                "more",
                HINT,
                f"{count - self._listed[rule]}",
                str(RULES[rule].title),
                "",
            )
            for rule, count in self.rules.items()
            if count > self._listed[rule]
        ]
        schema = {name: pl.Int64 if name == "row" else pl.String for name in _RAW}
        return [pl.DataFrame(rows, schema=schema, orient="row")] if rows else []

    def severities(self) -> dict[str, int]:
        counted = {BLOCK: 0, REVIEW: 0, HINT: 0}
        for rule, count in self.rules.items():
            counted[RULES[rule].severity] += count
        return counted


def _sentence(rule: str, facts: Mapping[str, str]) -> str:
    return str(RULES[rule].message) % facts
