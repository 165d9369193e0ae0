"""Export for analytics: goes on behind the last statement, names nobody, and can be joined later."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import uuid4

import polars as pl
import pytest

from ..services.exporting import compact, export
from ..services.linking import link_actors
from ..testing import Lrs, statement
from .test_archive import age

pytestmark = pytest.mark.django_db


def read(folder: Path) -> pl.DataFrame:
    return pl.concat([pl.read_parquet(path) for path in sorted(folder.glob("month=*/*.parquet"))]).sort("seq")


def test_it_goes_on_behind_the_last_and_names_nobody(tmp_path: Path) -> None:
    lrs, number = Lrs(), str(uuid4())
    lrs.ask("POST", "statements", [statement(actor=f"u{nth}", parent="t9") for nth in range(5)])
    age(2)
    assert export(tmp_path)["statements"] == 5
    assert export(tmp_path)["statements"] == 0
    lrs.ask("POST", "statements", [statement(actor="u1") | {"id": number}])
    age(0)
    assert export(tmp_path)["statements"] == 1
    frame = read(tmp_path)
    assert frame["scaled"].to_list() == [0.5] * 6
    assert frame["parent"].to_list()[:1] == ["https://edu.example.cn/activity/t9"]
    assert frame["id"].to_list()[-1] == number
    assert b"\xe5\xad\xa6\xe7\x94\x9f" not in b"".join(path.read_bytes() for path in tmp_path.rglob("*.parquet"))
    link_actors()
    assert set(pl.read_parquet(tmp_path / "actors.parquet").columns) == {"face", "actor", "person"}


def test_small_files_of_a_month_that_is_over_become_one(tmp_path: Path) -> None:
    lrs = Lrs()
    for _part in range(3):
        lrs.ask("POST", "statements", [statement(), statement()])
        age(2)
        export(tmp_path)
        (tmp_path / "month=2999-01").mkdir(exist_ok=True)
    before = read(tmp_path)
    compact(tmp_path)
    assert read(tmp_path).equals(before)
    assert json.dumps(sorted(path.parent.name for path in tmp_path.glob("month=*/*.parquet")))
