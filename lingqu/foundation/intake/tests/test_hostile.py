"""What means harm or comes by accident at the worst moment: floods of errors, formulas, a gigabyte in one line, clicks at
the same time, imports at the same time."""

from __future__ import annotations

import resource
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from lingqu.foundation.identity.testing import browser, duty_account, make_school
from lingqu.foundation.intake import api as intake
from lingqu.foundation.intake.models import Finding, Import, SavedMapping
from lingqu.foundation.intake.reading import read_delivery
from lingqu.foundation.intake.reports import write_json_lines, write_xlsx
from lingqu.foundation.intake.types import Lookup, ReadFile
from lingqu.foundation.registry import api as registry
from lingqu.kernel.actor import Actor
from lingqu.kernel.spreadsheets import FORMULA_STARTS, harmless
from lingqu.kernel.testing import run_jobs, waiting_jobs

from .conftest import PUPILS, csv_of, pupil

ACTOR = Actor.system("test")
FORMULAS = ("=HYPERLINK(\"http://x\",\"点\")", "+8+1", "-2+3", "@SUM(1)", "＝1+1", "\t=1", "\r=1")  # fmt: skip


def imported(path: Path, **options: Any) -> Import:
    root = registry.ensure_root()
    record = intake.create_import(actor=ACTOR, scope=str(root.path), paths=[path], **options)
    intake.run_import(actor=ACTOR, import_id=record.id, files=[ReadFile(path.name, path)])
    record.refresh_from_db()
    return record


@given(st.text())
def test_no_cell_that_leaves_begins_like_a_formula(text: str) -> None:
    assert not harmless(text).startswith(FORMULA_STARTS)
    assert harmless(text).removeprefix("'") == text.removeprefix("'") or harmless(text) == text


@pytest.mark.django_db
def test_formulas_in_a_roster_do_not_reach_the_report(tmp_path: Path) -> None:
    """As names, as numbers, as a heading, as a sheet's file: the report shows them and runs none."""
    registry.prepare()
    make_school("3301000001", "云溪县第一中学")
    path = tmp_path / "=cmd.csv"
    heads = [*PUPILS, "=1+1"]
    rows = [[*pupil(formula, 性别="", 学号=formula), formula] for formula in FORMULAS if "\r" not in formula]
    path.write_text("\n".join("\t".join([heads, *rows][at]) for at in range(len(rows) + 1)), encoding="utf-8")
    path.write_text(csv_of([heads, *([cell.replace('"', '""') for cell in row] for row in rows)]), encoding="utf-8")
    record = imported(path, dry_run=True)
    book = openpyxl.load_workbook(write_xlsx(record, tmp_path / "r.xlsx"))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    texts = [cell.value for cell in cells if isinstance(cell.value, str)]
    assert any("HYPERLINK" in text for text in texts), "it is shown"
    assert [text for text in texts if text.startswith(FORMULA_STARTS)] == []
    assert {cell.data_type for cell in cells} <= {"s", "n"}


@pytest.mark.django_db
def test_a_hundred_thousand_errors_are_counted_all_and_listed_some(tmp_path: Path) -> None:
    registry.prepare()
    make_school("3301000001", "云溪县第一中学")
    path = tmp_path / "学生.csv"
    rows = [pupil(f"生{at}", 学号=str(at), 出生日期="2013-02-30", 性别="男" if at % 2 else "") for at in range(50_000)]
    path.write_text(csv_of([PUPILS, *rows]), encoding="utf-8")
    record = imported(path, dry_run=True)
    assert record.counts["rules"]["date_invalid"] == 50_000
    assert record.counts["rules"]["required"] == 25_000
    assert record.counts["rejected"] == 25_000
    assert sum(record.counts["severities"].values()) >= 100_000
    listed = Finding.objects.filter(owner=record)
    assert listed.count() <= 50_000
    assert listed.filter(rule="date_invalid").count() == 5_000
    assert set(listed.filter(rule="more").values_list("value", flat=True)) >= {"45000", "20000"}
    lines = write_json_lines(record, tmp_path / "r.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == listed.count()
    report = write_xlsx(record, tmp_path / "r.xlsx")
    assert report.stat().st_size < 8 << 20
    client = browser(duty_account("operator"))
    page = client.get(f"/imports/{record.number}?severity=block").content.decode()
    assert "25,000" in page


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_gigabyte_in_one_line_costs_no_memory(tmp_path: Path, lookup: Lookup, encoding: str) -> None:
    path = tmp_path / "长.csv"
    block = ("a" * (1 << 20)).encode("utf-8" if encoding == "utf-8" else "utf-16-le")
    with path.open("wb") as handle:
        handle.write(",".join(PUPILS).encode(encoding) + "\n".encode(encoding)[-2:])
        for _block in range((1 << 30) // len(block) if encoding == "utf-8" else 64):
            handle.write(block)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    made = read_delivery([ReadFile("长.csv", path)], lookup=lookup)
    path.unlink()
    assert made.refusal_code == "line_too_long"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 << 10, "kilobytes"


def test_a_gigabyte_in_a_zip_is_a_bomb(tmp_path: Path, lookup: Lookup) -> None:
    path = tmp_path / "长.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a.csv", "w") as entry:
        for _block in range(256):
            entry.write(b"a" * (1 << 20))
    assert read_delivery([ReadFile("长.zip", path)], lookup=lookup).refusal_code == "zip_bomb"


def at_once(count: int, act: Callable[[int], Any]) -> list[Any]:
    """The same from several threads, as nearly at one moment as can be."""
    gate = Barrier(count)

    def one(number: int) -> Any:
        try:
            gate.wait(10)
            return act(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


@pytest.fixture
def checked(transactional_db: None) -> tuple[Any, Import]:
    registry.prepare()
    make_school("3301000009", "云溪县第九中学")
    account = duty_account("operator")
    client = browser(account)
    text = csv_of([PUPILS, pupil("张三", 学校="3301000009"), pupil("李四", 学校="3301000009", 性别="女")])
    place = str(registry.root_organisation().path)
    file = SimpleUploadedFile("学生.csv", text.encode())
    client.post("/imports/new", {"rosters": file, "place": place, "source": "school-roster"})
    run_jobs()
    return account, Import.objects.get()


def click(account: Any, record: Import, action: str) -> int:
    return int(browser(account).post(f"/imports/{record.number}/actions", {"action": action}).status_code)


def test_five_clicks_on_apply_write_once(checked: tuple[Any, Import]) -> None:
    account, record = checked
    assert at_once(5, lambda _n: click(account, record, "apply")) == [302] * 5
    assert len(waiting_jobs()) == 1
    run_jobs()
    record.refresh_from_db()
    assert (record.state, record.counts["created"]["people"]) == ("applied", 2)


def test_apply_and_cancel_at_once_end_in_one_of_both(checked: tuple[Any, Import]) -> None:
    account, record = checked
    answers = at_once(6, lambda n: click(account, record, "cancel" if n % 2 else "apply"))
    assert answers == [302] * 6
    run_jobs()
    record.refresh_from_db()
    assert (record.state, record.chunks_done) == ("cancelled", 0)


def test_one_mapping_confirmed_by_several_clicks_is_kept_once(checked: tuple[Any, Import]) -> None:
    account, record = checked
    [sheet] = record.counts["sheets"]
    data = {"do": "confirm", f"kind-{sheet['digest']}": "students"}
    data |= {f"col-{sheet['digest']}-{at}": column for at, column in enumerate(sheet["columns"])}
    answers = at_once(4, lambda _n: browser(account).post(f"/imports/{record.number}/mapping", data).status_code)
    assert set(answers) <= {302, 409}, answers
    assert SavedMapping.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_write_one_after_the_other(tmp_path: Path) -> None:
    registry.prepare()
    make_school("3301000001", "云溪县第一中学")
    paths = []
    for name in ("甲", "乙"):
        path = tmp_path / f"{name}.csv"
        path.write_text(
            csv_of([PUPILS, *(pupil(f"{name}{at}", 学号=f"{name}{at}") for at in range(40))]), encoding="utf-8"
        )
        paths.append(path)
    registry.ensure_root()
    states = at_once(2, lambda n: imported(paths[n]).state)
    assert states == ["applied", "applied"]
    assert sum(record.counts["created"]["people"] for record in Import.objects.all()) == 80
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM registry_person p JOIN registry_enrolment e ON e.person_id = p.id")
        assert cursor.fetchone()[0] == 80
