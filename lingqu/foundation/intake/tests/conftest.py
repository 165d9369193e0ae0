from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from lingqu.foundation.intake.reading import read_delivery
from lingqu.foundation.intake.types import Delivery, Lookup, OrganisationFact, ReadFile

TODAY = date(2026, 11, 25)
FIRST = OrganisationFact(code="3301000001", name="云溪县第一中学", school_type="311", schooling="six_three")
FIVE_FOUR = OrganisationFact(code="3301000002", name="云溪县海滨学校", school_type="312", schooling="five_four")
POINT = OrganisationFact(
    code="3301000003", name="石泉村教学点", school_type="218", schooling="six_three", kind="teaching_point"
)
OUTSIDE = OrganisationFact(code="3302000001", name="邻县中学", school_type="311", schooling="six_three", in_scope=False)

Read = Callable[..., Delivery]


@pytest.fixture
def lookup() -> Lookup:
    return Lookup(
        school_year="2026-2027",
        today=TODAY,
        organisations=(FIRST, FIVE_FOUR, POINT, OUTSIDE),
        organisation="云溪县教育局",
    )


@pytest.fixture
def shared() -> Path:
    """Rosters that others published, beside the checkout; wherever they are, these tests run."""
    folder = Path(getattr(settings, "SHARED_DATA", settings.BASE_DIR.parent / "shared" / "data")) / "oneroster"
    if not folder.parent.parent.exists():
        pytest.skip("no shared data beside this checkout")
    return folder


@pytest.fixture
def read(lookup: Lookup, tmp_path: Path) -> Read:
    """Read files given as name → bytes, text, rows, or a path."""

    def reading(files: Mapping[str, Any] | Path, *, look: Lookup = lookup, mapping: Any = None) -> Delivery:
        if isinstance(files, Path):
            return read_delivery([ReadFile(files.name, files)], lookup=look, mapping=mapping)
        made = []
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, bytes):
                path.write_bytes(content)
            elif isinstance(content, str):
                path.write_text(content, encoding="utf-8")
            else:
                path.write_text(csv_of(content), encoding="utf-8")
            made.append(ReadFile(name, path))
        return read_delivery(made, lookup=look, mapping=mapping)

    return reading


def csv_of(rows: Sequence[Sequence[str]]) -> str:
    return (
        "\n".join(",".join(f'"{cell}"' if "," in cell or '"' in cell else cell for cell in row) for row in rows) + "\n"
    )


def rules_at(delivery: Delivery) -> list[tuple[int, str, str]]:
    """(row, rule, severity) of every finding that stands in a row."""
    rows = delivery.findings.filter(delivery.findings["row"] > 0)
    return sorted(rows.select("row", "rule", "severity").rows())


PUPILS = ["姓名", "性别", "出生日期", "身份证件号", "学籍号", "学校", "班级", "学号", "联系电话"]


def pupil(name: str = "张晓明", **more: str) -> list[str]:
    """A row of ``PUPILS`` that is right."""
    values = {"姓名": name, "性别": "男", "学校": "云溪县第一中学", "班级": "七(3)班", **more}
    return [values.get(heading, "") for heading in PUPILS]
