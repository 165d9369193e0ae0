"""Whether a chunk may be applied while the one before it is not committed: when the two cannot speak of the same people."""

from __future__ import annotations

import polars as pl

from .batch import PERSON_KINDS, Prepared
from .staging import IDENTITY

NEVER_TOGETHER = frozenset({("students", "guardians")})
"""The later kind names people of the earlier one."""


def may_overtake(later: Prepared, earlier: Prepared) -> bool:
    """True for chunks of people that share no key, number, name or family, none of them known from the last delivery;
    and for 任课 beside guardians. Whom the register knows by other ways shows when the chunk is applied."""
    kinds = (earlier.batch.kind, later.batch.kind)
    if kinds == ("guardians", "teaching"):
        return True
    if not set(kinds) <= set(PERSON_KINDS) or kinds in NEVER_TOGETHER:
        return False
    if later.frame["linked"].null_count() < len(later.frame) or _goes_on(later.frame):
        return False
    groups: list[tuple[str, ...]] = [("id_blind",)]
    if kinds[0] == kinds[1]:
        groups += [("key_hash",), *IDENTITY[kinds[1]]]
    if any(_share(later.frame, earlier.frame, group) for group in groups):
        return False
    if kinds != ("students", "students"):
        return True
    undated = later.frame.filter(pl.col("birth_date").is_null())
    return not _share(undated, earlier.frame, ("school_ref", "class_ref", "name", "sex"))


def _goes_on(frame: pl.DataFrame) -> bool:
    """Whether a row goes on about somebody whom an earlier chunk began."""
    if "is_repeat" not in frame.columns:
        return False
    begun = frame.filter(~pl.col("is_repeat")).select("key_hash")
    return not frame.filter("is_repeat").join(begun, on="key_hash", how="anti").is_empty()


def _share(later: pl.DataFrame, earlier: pl.DataFrame, columns: tuple[str, ...]) -> bool:
    """Whether a row of each states the same values."""
    mine, theirs = later.select(columns).drop_nulls(), earlier.select(columns).drop_nulls()
    return not mine.join(theirs, on=list(columns), how="semi").is_empty()
