"""学校: organisations of all kinds. Their codes are their keys."""

from __future__ import annotations

import polars as pl

from lingqu.foundation.registry.api import ROW_KINDS

from ..checks.values import check_codes
from ..checks.work import WHO, Work
from ..types import OrganisationFact
from .context import Context

TEACHING_POINT = frozenset({"218"})


def prepare(work: Work, context: Context) -> None:
    """One batch of rows: codes, kind, key; parents are resolved once all batches are known."""
    work.ensure(*(column.name for column in ROW_KINDS["organisations"]))
    work.set(
        code=pl.col("code").str.replace(r"\.0$", "").str.replace_all(r"\s", ""),
        name=pl.col("name").str.replace_all(r"\s+", ""),
    )
    work.set(**{WHO: pl.when(pl.col("name") != "").then("name").otherwise("code")})
    work.require("name")
    check_codes(work, context.codes)
    outside = work.frame["code"].is_in(
        [code for code in work.frame["code"].unique() if context.directory.is_outside(code)]
    )
    work.flag("out_of_scope", outside, "code", value="name")
    is_bureau = pl.col("name").str.contains("教育局|教体局|教育和体育局|教育委员会|教育体育局")
    is_point = pl.col("school_type").is_in(TEACHING_POINT) | pl.col("name").str.contains("教学点$")
    kind = (
        pl.when(pl.col("kind") != "").then("kind")
        .when((pl.col("school_type") == "") & is_bureau).then(pl.lit("bureau"))
        .when(is_point).then(pl.lit("teaching_point"))
        .otherwise(pl.lit("school"))
    )  # fmt: skip
    code = pl.when(pl.col("code") != "").then("code").otherwise(pl.lit("nm:") + pl.col("name"))
    work.set(kind=kind, key=code)


def connect(work: Work, context: Context) -> None:
    """All organisations of the delivery join the directory; then their references are looked up in it."""
    for row in work.frame.filter(work.is_good()).iter_rows(named=True):
        context.directory.add(_fact(row, context))
    for column, rule in (
        ("parent_ref", "parent_unknown"), ("territory_ref", "organisation_unknown"), ("central_ref", "organisation_unknown"),
    ):  # fmt: skip
        outside: list[str] = []

        def read(text: str, outside: list[str] = outside) -> str | None:
            found = context.directory.find(text)
            if found.problem == "outside":
                outside.append(text)
            return (found.fact.code or found.fact.key) if found.fact else None

        made, unread = work.translated(column, read)
        work.flag(rule, unread, column)
        if column == "parent_ref":
            work.flag("out_of_scope", pl.col(column).is_in(outside), column)
        work.set(**{column: made})


def _fact(row: dict[str, str], context: Context) -> OrganisationFact:
    known = context.directory.get(row["key"])
    stages = known.stages if known and not row["school_type"] else frozenset()
    return OrganisationFact(
        code=row["code"], name=row["name"], key=row["key"] if not row["code"] else "", short_name=row["short_name"],
        kind=row["kind"], schooling=row["schooling"] or (known.schooling if known else ""), school_type=row["school_type"],
        stages=stages, synthetic=row["synthetic"] == "1",
    )  # fmt: skip
