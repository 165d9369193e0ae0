"""The province's table goes to 30 schools: 28 come back, one is returned, one is overdue with a phone; the export has the
layout of the original cell by cell, its sums are right, and next month begins with what was reported."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook

from lingqu.foundation.collection import testing as making
from lingqu.foundation.collection.models import Answer, Collection, Report
from lingqu.foundation.identity import testing as accounts
from lingqu.foundation.inbox.testing import todos_of
from lingqu.foundation.registry import api as registry
from lingqu.foundation.registry import testing as people
from lingqu.kernel import clock

pytestmark = pytest.mark.django_db
ENTERED = ("C5", "D5", "C6", "D6", "C7", "D7")


class City:
    """Two counties with 15 schools each; every school has an office, the first one people who answer."""

    def __init__(self) -> None:
        registry.prepare()
        self.city = people.make_root()
        self.clerk = people.make_teacher(self.city, "何清")
        people.make_post(self.city, "basic_education", a=self.clerk)
        self.counties = [people.make_organisation(name=name) for name in ("青湾县教育局", "青石县教育局")]
        self.schools = [
            people.make_school(county, name=f"{county.name[:2]}第{at}学校", phone=f"0530-55{at:02d}")
            for county in self.counties
            for at in range(1, 16)
        ]
        for school in self.schools[1:]:
            people.make_post(school, "school_office", phone=f"0530-{school.code}")
        self.office_clerk = people.make_teacher(self.schools[0], "白芸")
        people.make_post(self.schools[0], "school_office", a=self.office_clerk)
        self.principal = people.make_teacher(self.schools[0], "冯立")
        self.principal.duties.create(
            organisation=self.schools[0], path=self.schools[0].path, kind="principal", valid_from=people.START
        )
        for at, school in enumerate(self.schools):
            group = people.make_class(school, grade="G08" if at % 2 else "G03")
            for n in range(at % 3 + 1):
                people.make_pupil(group, f"学生{at}-{n}", sex="1")


def browser(person: Any) -> Any:
    return accounts.signed_in(accounts.account_for(person))


def text_of(answer: Any) -> str:
    return re.sub(r"<[^>]+>", "", answer.content.decode())


def values_of(at: int) -> dict[str, Any]:
    return {
        **{f"1!{ref}": str(at * 10 + place) for place, ref in enumerate(ENTERED)}, "1!H5": f"{at}.25",
        "2!3:1": [[f"骨干{at}-{n}", "数学", str(n)] for n in range(at % 4)],
    }  # fmt: skip


def by_excel(city: City, answer: Answer) -> None:
    """The first school downloads its copy, fills it with another program, sends it back; the principal signs."""
    client, url = browser(city.office_clerk), f"/answers/{answer.id}"
    book = load_workbook(io.BytesIO(client.get(f"{url}/file").content))
    values = values_of(0)
    for ref in (*ENTERED, "H5"):
        book["基本情况"][ref] = float(values[f"1!{ref}"])
    out = io.BytesIO()
    book.save(out)
    sent = SimpleUploadedFile("本校.xlsx", out.getvalue())
    assert "已收下" in text_of(client.post(f"{url}/upload", {"file": sent}, follow=True))
    assert "等校长审签" in text_of(client.post(f"{url}/act", {"do": "submit", "sheet": "1"}, follow=True))
    browser(city.principal).post(f"{url}/act", {"do": "sign"})


def drawn(content: bytes) -> dict[str, Any]:
    """Every cell's look and formula, merges, widths, heights, protection, validation: all but entered values."""
    found: dict[str, Any] = {}
    for sheet in load_workbook(io.BytesIO(content)):
        found[sheet.title] = {
            "merges": sorted(map(str, sheet.merged_cells.ranges)), "state": sheet.sheet_state, "locked": sheet.protection.sheet,
            "widths": {name: (one.width, one.hidden) for name, one in sheet.column_dimensions.items()},
            "heights": {number: (one.height, one.hidden) for number, one in sheet.row_dimensions.items() if number < 11},
            "checks": [(str(one.sqref), one.formula1, one.formula2) for one in sheet.data_validations.dataValidation],
            "cells": {
                cell.coordinate: (
                    cell.font.b, cell.font.name, cell.fill.fgColor.rgb, cell.border.left.style, cell.border.bottom.style,
                    cell.alignment.horizontal, cell.number_format, cell.protection.locked,
                    cell.value if cell.data_type == "f" else None,
                )
                for row in sheet.iter_rows(max_row=10 if sheet.title != "骨干教师" else 4, max_col=12)
                for cell in row
            },
        }  # fmt: skip
    return found


def test_thirty_schools(monkeypatch: pytest.MonkeyPatch) -> None:
    city = City()
    collection = making.make_collection(city.city)
    answers = {one.school_id: one for one in Answer.objects.filter(collection=collection).select_related("sheet")}
    assert len(answers) == len(todos_of("collection")) == 30
    by_excel(city, answers[city.schools[0].id])
    for at, school in enumerate(city.schools[1:29], 1):
        making.report(answers[school.id], values_of(at))
    desk, url = browser(city.clerk), f"/collections/{collection.id}"
    returned = answers[city.schools[28].id]
    desk.post(f"/answers/{returned.id}/check", {"do": "return", "reason": "E8 与名册差 3 人"})
    later = clock.now() + timedelta(days=4)
    monkeypatch.setattr(clock, "now", lambda: later)
    desk = browser(city.clerk)
    page = " ".join(text_of(desk.get(url)).split())
    assert "已过截止时间" in page and "提醒未报 2 所" in page and "E8 与名册差 3 人" in page
    assert city.schools[29].name in page and f"0530-{city.schools[29].code}" in page
    assert "28/30所" in page.replace(" ", "") and "93.3%" in page
    assert Answer.objects.filter(collection=collection, state="signed").count() == 28

    exported = desk.get(f"{url}/export").content
    assert drawn(exported) == drawn(making.province_file())
    sheet = load_workbook(io.BytesIO(exported), data_only=True)["基本情况"]
    for place, ref in enumerate(ENTERED):
        assert sheet[ref].value == sum(at * 10 + place for at in range(28)), ref
    assert sheet["H5"].value == sum(range(28)) + 28 * 0.25
    assert sheet["E8"].value == sum(sheet[ref].value for ref in ENTERED)
    counted = [sum(at % 3 + 1 for at in range(28) if at % 2 == odd) for odd in (0, 1)]
    assert (sheet["B5"].value, sheet["B6"].value) == (14, 14) and sum(counted) == 28 + sum(at % 3 for at in range(28))
    names = load_workbook(io.BytesIO(exported), data_only=True)["骨干教师"]
    listed = sum(at % 4 for at in range(28))
    assert names.cell(row=2 + listed, column=1).value and not names.cell(row=3 + listed, column=1).value

    part = desk.get(f"{url}/export?org={city.counties[0].code}").content
    assert load_workbook(io.BytesIO(part), data_only=True)["基本情况"]["C5"].value == sum(at * 10 for at in range(15))
    flat = b"".join(desk.get(f"{url}/flat").streaming_content).decode("utf-8-sig").splitlines()
    assert len(flat) == 29 and "基本情况 C5 小学 男" in flat[0]

    next_month(city, desk, collection)


def next_month(city: City, desk: Any, collection: Collection) -> None:
    """下月再来一次: everything stands as it was, and each school begins with its own numbers."""
    made = desk.post(f"/collections/{collection.id}/again")["Location"]
    fresh = Collection.objects.get(previous=collection)
    assert made == f"/collections/{fresh.id}/terms" and fresh.keep_last
    making.set_terms(fresh.id, city.city, keep_last=True, deadline=clock.now() + timedelta(days=3))
    assert "编号 CJ-" in text_of(desk.post(f"/collections/{fresh.id}/publish", follow=True))
    for at in (0, 5, 28):
        former = Report.objects.get(answer__collection=collection, answer__school=city.schools[at])
        sheet = Answer.objects.get(collection=fresh, school=city.schools[at]).sheet
        assert {key: sheet.values[key] for key in (*(f"1!{ref}" for ref in ENTERED), "1!H5")} == {
            key: former.values[key] for key in (*(f"1!{ref}" for ref in ENTERED), "1!H5")
        }
        assert sheet.values.get("2!3:1") == former.values.get("2!3:1")
    school = browser(city.office_clerk)
    assert re.search("本月收到 [12] 张表", text_of(school.get("/collections")))
