"""Guardians written into the rows of pupils (监护人1姓名 …, 父亲手机 …): rows of their own."""

from __future__ import annotations

import polars as pl

from ..checks.work import WHO, Work
from ..mapping.headings import FAMILY, FAMILY_PARTS, family_relations


def guardians_of(work: Work) -> list[pl.DataFrame]:
    """One frame per slot that the file has, of pupils whose row is good; the columns leave the pupils' frame."""
    columns = [name for name in work.frame.columns if name.startswith(FAMILY)]
    if not columns:
        return []
    made: list[pl.DataFrame] = []
    good = work.frame.filter(work.is_good())
    for slot, relation in family_relations().items():
        parts = {part: f"{FAMILY}{slot}.{part}" for part in FAMILY_PARTS if f"{FAMILY}{slot}.{part}" in columns}
        if "name" not in parts:
            continue
        stated = pl.col(parts["relation"]) if "relation" in parts else pl.lit("")
        made.append(
            good.filter(pl.col(parts["name"]) != "").select(
                "file", "sheet", "row_number", pl.col(WHO).alias("_answers"),
                *(pl.col(column).alias(part) for part, column in parts.items() if part != "relation"),
                pl.when(stated == "").then(pl.lit(relation)).otherwise(stated).alias("relation"),
                pl.col("school_ref").alias("child_ref.school"), pl.col("key").alias("child_key"), pl.col("synthetic"),
            )
        )  # fmt: skip
    work.frame = work.frame.drop(columns)
    return [frame for frame in made if frame.height]
