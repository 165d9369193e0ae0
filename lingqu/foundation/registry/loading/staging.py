"""The staging contract: which columns a kind has in the database while a chunk is applied, and how a frame becomes
them.

Staging tables are temporary and live until the chunk's commit. Plain columns keep their names and get real types; empty
text becomes NULL, which always means "not stated". Sensitive values never reach a table: their digests (``id_blind`` …)
and one sealed map do.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

from lingqu.kernel import crypto

from ..types.names import name_keys
from ..types.rows import ROW_KINDS
from .batch import PERSON_KINDS

TYPES: dict[str, str] = {
    "birth_date": "date", "entry_on": "date", "register_as_of": "date", "begin_on": "date", "end_on": "date",
    "start_on": "date", "class_number": "int", "serial": "int", "entry_year": "int", "boarding": "boolean",
    "synthetic": "boolean", "is_primary": "boolean", "full_time": "boolean", "lives_with": "boolean", "weekly_periods": "numeric(4,1)",
}  # fmt: skip
LENGTHS = {
    "sex": 1, "ethnicity": 2, "nationality": 3, "id_type": 2, "grade": 3, "register_state": 2, "relation": 2,
    "education_level": 2, "degree": 3,
}  # fmt: skip
"""Codes of a fixed width: a longer value is no code."""
PLACE = {"row_id": "int", "key_hash": "uuid", "row_hash": "uuid", "linked": "uuid", "pass": "smallint"}
PERSON_FIELDS = ("sex", "ethnicity", "nationality", "id_type", "email")
ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "students": ("household_type",), "staff": ("education_level", "degree"), "guardians": (),
}  # fmt: skip
"""Columns that stand in ``Person.attributes``."""
PERSON_DERIVED = {
    "name_key": "text", "name_initials": "text", "id_blind": "uuid", "phone_blind": "uuid", "sealed": "bytea",
}  # fmt: skip
DERIVED: dict[str, dict[str, str]] = {
    "organisations": {"name_key": "text", "name_initials": "text"},
    "students": {**PERSON_DERIVED, "number_blind": "uuid", "register_sealed": "bytea"},
    "staff": PERSON_DERIVED,
    "guardians": {**PERSON_DERIVED, "child_hash": "uuid"},
    "memberships": {"student_hash": "uuid", "staff_hash": "uuid", "guardian_hash": "uuid"},
    "teaching": {"staff_hash": "uuid"},
    "head_teachers": {"staff_hash": "uuid"},
    "attributes": {"student_hash": "uuid", "id_blind": "uuid", "number_blind": "uuid"},
    "numbers": {"student_hash": "uuid", "staff_hash": "uuid", "id_blind": "uuid", "number_blind": "uuid"},
}
KIND_COLUMNS: dict[str, tuple[str, ...]] = {
    **{kind: tuple(column.name for column in columns) for kind, columns in ROW_KINDS.items()},
    "head_teachers": ("key", "school_ref", "class_ref", "teacher_ref"),
}
"""``head_teachers`` is what class rows say about their 班主任, applied once the staff are known."""
SENSITIVE = frozenset(column.name for columns in ROW_KINDS.values() for column in columns if column.sensitive)
UNHASHED = frozenset({"register_as_of"})
"""Columns that may change without the row saying anything new."""
REPEATED = frozenset({"guardians", "staff"})
"""Kinds in which one person may stand in several rows under one key: one a child, one a place of work."""
IDENTITY = {
    "students": (("number_blind",), ("id_blind",), ("school_ref", "school_number"),
                 ("school_ref", "class_ref", "name", "sex", "birth_date")),
    "staff": (("key",), ("id_blind",), ("school_ref", "staff_number"), ("school_ref", "name", "sex", "birth_date")),
    "guardians": (("key",), ("id_blind",), ("name", "phone_blind")),
}  # fmt: skip
"""Column groups by which two rows of one chunk may mean the same person: the second waits for the next pass."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Distinct references of a chunk with the digests under which a source may know them."""

    values: list[str]
    digests: list[str | None]


def key_digests(kind: str, keys: Sequence[str | None] | pl.Series) -> list[str | None]:
    """Digests (hex) of source keys; empty ones stay None. The kind is part of the digest."""
    return crypto.blind_all(f"key:{kind}"[:16], keys)


def stage_columns(kind: str) -> dict[str, str]:
    """Name → SQL type of the staging table of ``kind``."""
    plain = {name: TYPES.get(name, "text") for name in KIND_COLUMNS[kind] if name not in SENSITIVE and name != "key"}
    if kind in PERSON_KINDS:
        plain |= dict.fromkeys(("name", *PERSON_FIELDS), "text") | {"birth_date": "date", "synthetic": "boolean"}
    return {**PLACE, **plain, **DERIVED.get(kind, {})}


def create_sql(kind: str) -> str:
    columns = ", ".join(f"{name} {sql}" for name, sql in stage_columns(kind).items())
    return f"CREATE TEMP TABLE load_stage ({columns}) ON COMMIT DROP"


def completed(kind: str, rows: pl.DataFrame) -> pl.DataFrame:
    """The kind's columns as text, all of them, with NULL for everything not stated."""
    names = [*KIND_COLUMNS[kind], "file", "sheet"]
    present = set(rows.columns)
    texts = [
        pl.col(name).cast(pl.String).replace("", None) if name in present else pl.lit(None, pl.String).alias(name)
        for name in names
    ]
    number = pl.col("row_number").cast(pl.Int64, strict=False) if "row_number" in present else pl.lit(None, pl.Int64)
    return rows.select(*texts, number.fill_null(0).alias("row_number"))


def row_digests(kind: str, frame: pl.DataFrame) -> list[str]:
    """What a row says, as a keyed digest. Rows of a guardian with several children are told apart by their child."""
    names = [name for name in KIND_COLUMNS[kind] if name not in UNHASHED]
    texts = frame.select(pl.concat_str([pl.col(n).fill_null("") for n in names], separator="\x1f")).to_series()
    return crypto.row_hashes(texts)


def with_passes(kind: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Number rows that may mean the same person (1, 2, …), so that a later one finds what an earlier one made;
    the first may stand in an earlier chunk (``is_repeat``)."""
    counts = []
    for group in IDENTITY.get(kind, ()):
        stated = pl.all_horizontal([pl.col(name).is_not_null() for name in group])
        nth = pl.int_range(pl.len()).over(list(group)) + 1
        counts.append(pl.when(stated).then(nth).otherwise(1))
    if "is_repeat" in frame.columns:
        counts.append(pl.when(pl.col("is_repeat")).then(2).otherwise(1))
    return frame.with_columns((pl.max_horizontal(counts) if counts else pl.lit(1)).cast(pl.Int16).alias("pass"))


def with_people(kind: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Search keys and digests of people, before sealing."""
    keys = name_keys(frame["name"].fill_null(""))
    added: dict[str, Sequence[str | None]] = {
        "name_key": [key for key, _initials in keys],
        "name_initials": [initials for _key, initials in keys],
        "id_blind": crypto.blind_all("id", frame["id_number"]),
        "phone_blind": crypto.blind_all("phone", frame["phone"]),
    }
    if kind == "students":
        added["number_blind"] = crypto.blind_all("register", frame["register_number"])
    if kind == "guardians":
        added["child_hash"] = key_digests("students", frame["child_ref"])
    return frame.with_columns(*(pl.Series(name, values, dtype=pl.String) for name, values in added.items()))


def with_seals(kind: str, frame: pl.DataFrame) -> pl.DataFrame:
    """One sealed map per person, for rows whose person is not known yet (known ones are merged when applied)."""
    fresh = frame["linked"].is_null()
    maps = (
        {"id_number": i, "phone": p, "address": a} if new else {}
        for new, i, p, a in zip(fresh, frame["id_number"], frame["phone"], frame["address"], strict=True)
    )
    sealed = {"sealed": crypto.seal_all(maps)}
    if kind == "students":
        sealed["register_sealed"] = crypto.seal_all({"register_number": n} for n in frame["register_number"])
    return frame.with_columns(
        *(
            pl.Series(name, [None if value is None else "\\x" + value.hex() for value in values], dtype=pl.String)
            for name, values in sealed.items()
        )
    )


def _date(name: str) -> pl.Expr:
    return pl.col(name).str.to_date("%Y-%m-%d", strict=False)


def _int(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.Int32, strict=False)


def _boolean(name: str) -> pl.Expr:
    return pl.col(name).replace_strict({"1": "t", "0": "f"}, default=None, return_dtype=pl.String)


def _periods(name: str) -> pl.Expr:
    number = pl.col(name).cast(pl.Float64, strict=False).round(1)
    return pl.when(number.is_between(0, 999.9)).then(number)


CASTS: dict[str, Callable[[str], pl.Expr]] = {
    "date": _date, "int": _int, "boolean": _boolean, "numeric(4,1)": _periods,
}  # fmt: skip


def typed(kind: str, frame: pl.DataFrame) -> tuple[pl.DataFrame, list[tuple[int, str]]]:
    """The frame with typed columns, and (row index, column) of values that are not of their type (left out)."""
    columns = {name: CASTS[sql](name) for name, sql in stage_columns(kind).items() if sql in CASTS}
    columns |= {
        name: pl.when(pl.col(name).str.len_chars() <= width).then(pl.col(name)) for name, width in LENGTHS.items()
    }
    columns = {name: made for name, made in columns.items() if name in frame.columns}
    made = frame.with_columns(**columns)
    bad: list[tuple[int, str]] = []
    for name in columns:
        if made[name].null_count() != frame[name].null_count():
            lost = (made[name].is_null() & frame[name].is_not_null()).arg_true()
            bad += [(at, name) for at in lost]
    return made, bad


def as_csv(frame: pl.DataFrame, columns: Sequence[str]) -> bytes:
    buffer = io.BytesIO()
    frame.select(columns).write_csv(buffer, include_header=False, null_value="")
    data = buffer.getvalue()
    return data.replace(b"\0", b"") if b"\0" in data else data
