"""A batch of rows under check: one frame, the headings as written, and which rows have been found wanting."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from ..mapping import columns_of
from ..rules import RULES
from ..types import BLOCK, PLACE_COLUMNS
from .findings import RANK, Findings

ERROR = r"^#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|SPILL!|CALC!)$"
WORST = "_worst"
WHO = "_who"
OWN = (WORST, WHO)


class Work:
    """``frame`` has the canonical columns as text plus ``file, sheet, row_number, _worst, _who``.

    ``headings``: canonical column → heading as written in the file.
    """

    def __init__(self, kind: str, frame: pl.DataFrame, headings: Mapping[str, str], findings: Findings) -> None:
        self.kind, self.headings, self.findings = kind, headings, findings
        fresh = [] if WORST in frame.columns else [pl.lit(0, pl.Int8).alias(WORST), pl.lit("").alias(WHO)]
        self.frame = frame.with_columns(fresh)

    def require(self, *columns: str) -> None:
        """Flag rows in which a required column is empty; columns that the file lacks are empty in every row."""
        for column in columns:
            if not self.has(column):
                self.set(**{column: pl.lit("")})
            self.flag("required", pl.col(column) == "", column)

    def ensure(self, *columns: str) -> None:
        """Columns that the file lacks, empty."""
        self.frame = self.frame.with_columns(pl.lit("").alias(name) for name in columns if not self.has(name))

    def has(self, column: str) -> bool:
        return column in self.frame.columns

    def heading(self, column: str) -> str:
        if column in self.headings:
            return self.headings[column]
        found = columns_of(self.kind).get(column) if self.kind not in {"sessions", "courses", "memberships"} else None
        return found.heading if found else column

    def flag(
        self,
        rule: str,
        where: pl.Expr | pl.Series,
        field: str,
        *,
        value: str | pl.Expr = "",
        detail: pl.Expr | None = None,
    ) -> int:
        """Note the rule on the rows that ``where`` says; their worst finding is kept. Returns how many."""
        mask = (
            where if isinstance(where, pl.Series) else self.frame.select(where.fill_null(False).alias("m")).to_series()
        )
        count = int(mask.sum() or 0)
        if not count:
            return 0
        shown = pl.col(value or field) if isinstance(value, str) else value
        if isinstance(value, str) and (value or field) not in self.frame.columns:
            shown = pl.lit("")
        room = self.findings.room(rule)
        at = mask.arg_true().head(room) if room < count else mask.arg_true()
        rows = self.frame[at].select(
            "file", "sheet", pl.col("row_number").alias("row"), shown.cast(pl.String).fill_null("").alias("value"),
            (detail if detail is not None else pl.lit("")).cast(pl.String).fill_null("").alias("detail"),
            pl.col(WHO).alias("responsible"),
        )  # fmt: skip
        self.findings.add(rule, rows, count=count, kind=self.kind, field=field, column=self.heading(field))
        rank = RANK[RULES[rule].severity]
        self.frame = self.frame.with_columns(
            pl.when(pl.lit(mask) & (pl.col(WORST) < rank))
            .then(pl.lit(rank, pl.Int8))
            .otherwise(pl.col(WORST))
            .alias(WORST)
        )
        return count

    def set(self, **columns: pl.Expr) -> None:
        self.frame = self.frame.with_columns(**columns)

    def take_errors(self) -> dict[str, pl.Series]:
        """Columns with errors of formulas (``#REF!``): the errors by row, "" elsewhere. Their cells are empty then."""
        names = [name for name in self.frame.columns if name not in (*PLACE_COLUMNS, *OWN)]
        is_error = [pl.col(name).str.contains(ERROR) for name in names]
        if not names:
            return {}
        some = self.frame.select(one.any() for one in is_error).row(0)
        found = {
            name: self.frame.select(pl.when(one).then(pl.col(name)).otherwise(pl.lit(""))).to_series().alias(name)
            for name, one, has in zip(names, is_error, some, strict=True)
            if has
        }
        for name in found:
            self.blank(pl.col(name).str.contains(ERROR), name)
        return found

    def flag_errors(self, broken: Mapping[str, pl.Series]) -> None:
        """Note the errors that ``take_errors`` found, once it is known who answers for the rows."""
        for name, values in broken.items():
            self.frame = self.frame.with_columns(values.alias("_error"))
            self.flag("cell_error", values != "", name, value="_error")
            self.frame = self.frame.drop("_error")

    def blank(self, where: pl.Expr, *columns: str) -> None:
        """Empty the cells of rows whose value is not taken."""
        self.frame = self.frame.with_columns(
            pl.when(where).then(pl.lit("")).otherwise(pl.col(column)).alias(column) for column in columns
        )

    def translated(self, column: str, read: Callable[[str], str | None]) -> tuple[pl.Expr, pl.Series]:
        """The column read through ``read``, called once per distinct value, and where it could not be read (None)."""
        values = self.frame[column]
        table = {text: read(text) for text in values.unique().to_list() if text}
        unread = values.is_in([text for text, made in table.items() if made is None])
        changed = {text: made or "" for text, made in table.items() if made != text}
        return (pl.col(column).replace(changed) if changed else pl.col(column)), unread

    def good(self) -> pl.DataFrame:
        """Rows without a blocking finding; the frame itself when that is all of them."""
        worst = self.frame[WORST].max() if self.frame.height else 0
        return self.frame if int(worst or 0) < RANK[BLOCK] else self.frame.filter(self.is_good())  # type: ignore[arg-type]

    def is_good(self) -> pl.Expr:
        return pl.col(WORST) < RANK[BLOCK]
