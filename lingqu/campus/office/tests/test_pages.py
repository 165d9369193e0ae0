"""Pages: what they say, what they refuse, how many statements they take."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from lingqu.campus.office import testing
from lingqu.campus.office.models import Absence, Cover, LeaveRule
from lingqu.campus.office.testing import FRIDAY
from lingqu.foundation.registry import testing as registry
from lingqu.foundation.timetable import api as timetable
from lingqu.kernel.errors import Conflict, Forbidden, Invalid

pytestmark = pytest.mark.django_db


def text_of(answer: Any) -> str:
    return answer.content.decode()


def form_of(school: testing.School, **more: Any) -> dict[str, Any]:
    return {
        "person": school.people["吴静"].number, "kind": "private", "starts_on": "2026-11-20", "ends_on": "2026-11-20",
        "starts_at": "", "ends_at": "", "way": "paper", "approved_by": "高校长", "reason": "", **more,
    }  # fmt: skip


def test_from_the_slip_to_the_printed_notice(school: testing.School, visit: Any) -> None:
    officer, base = school.officer(), f"/leave/staff/{school.row.code}"
    refused = visit(officer, f"{base}/new", form_of(school, ends_on="2026-11-19"))
    assert refused.status_code == 422 and "结束不能早于开始。" in text_of(refused)
    assert visit(officer, f"{base}/new", form_of(school)).status_code == 302
    absence = Absence.objects.get()
    page = text_of(visit(officer, f"/leave/absences/{absence.id}"))
    first = f"lesson:{school.lesson_id(school.one, 5, '1')}@2026-11-20"
    assert first in page and "顾言（同科、本班教师，本月已代 0 节）" in page and "selected" in page
    gu = school.people["顾言"].id
    visit(officer, f"/leave/absences/{absence.id}", {first: f"substitute:{gu}", "note": "上到第 3 章", "counts": "on"})
    cover = Cover.objects.get()
    assert "由顾言代课" in text_of(visit(officer, f"/leave/absences/{absence.id}"))
    printed = text_of(visit(officer, f"/leave/absences/{absence.id}/print"))
    assert "由顾言代课" in printed and "上到第 3 章" in printed and "事假" not in printed
    mine = text_of(visit(school.teacher("顾言"), "/leave/covers"))
    assert "八（1）班 数学" in mine and "代吴静" in mine
    visit(school.teacher("顾言"), "/leave/covers", {"cover": [str(cover.id)], "answer": "confirm"})
    cover.refresh_from_db()
    assert cover.state == "confirmed"
    assert "吴静" in text_of(visit(officer, base))
    sheet = visit(officer, f"{base}/month.xlsx?month=2026-11")
    book = load_workbook(BytesIO(sheet.content))
    assert [cell.value for cell in book["合计"][4]] == ["顾言", 1, 0, 0]
    assert book["明细"]["B4"].value == "2026-11-20" and book["明细"]["F4"].value == "吴静"
    assert "计课时 1 节" in text_of(visit(officer, f"{base}/month?month=2026-11"))


def test_forged_choices_are_refused(school: testing.School, visit: Any) -> None:
    absence = testing.staff_leave(school)
    here = f"/leave/absences/{absence.id}"
    key = f"lesson:{school.lesson_id(school.one, 5, '1')}@2026-11-20"
    stranger = registry.make_teacher(name="外校人")
    for name, value in (
        (key, f"substitute:{stranger.id}"), (key, "substitute:x"), (key, "holiday:"), ("lesson:1@2026-11-20", "cancel:"),
        ("lesson:x@y", "cancel:"), (key, "move:1@2026-11-23"), (key, "move:"),
    ):  # fmt: skip
        try:
            visit(school.officer(), here, {name: value})
        except Forbidden:
            pass
    assert not Cover.objects.exists()
    for path in (
        f"/leave/absences/{uuid4()}",
        "/leave/staff/nowhere",
        f"/classes/{uuid4()}/leave",
        "/leave/rules/nowhere",
    ):
        with pytest.raises(Forbidden):
            visit(school.officer(), path)
    with pytest.raises(Invalid):
        visit(school.officer(), f"/leave/staff/{school.row.code}/month?month=2026-13")
    with pytest.raises(Forbidden):
        visit(school.teacher("顾言"), "/leave/covers", {"cover": ["x"], "answer": "confirm"})


def test_a_class_teacher_records_for_a_parent_without_a_phone(school: testing.School, visit: Any) -> None:
    pupil, head = registry.make_pupil(school.one), school.head(school.one)
    here = f"/classes/{school.one.id}/leave"
    form = {
        **form_of(school), "person": pupil.number, "kind": "sick", "symptoms": ["fever"], "asked_by": "奶奶", "way": "visit",
        "approved_by": "",
    }  # fmt: skip
    assert visit(head, here, {**form, "ends_on": "2026-11-24"}).status_code == 422
    assert visit(head, here, form).status_code == 302
    page = text_of(visit(head, here))
    assert "今天 1 人请假" in page and "发热" in page and "奶奶 当面" in page
    colleague = testing.actor("罗芷", "teacher", school.path, [("office.pupil_leave.view", f"class:{school.one.id}")])
    seen = text_of(visit(colleague, here))
    assert "周禾" in seen and "发热" not in seen and "病假" not in seen
    with pytest.raises(Forbidden):
        visit(colleague, here, form)
    assert "周禾" in text_of(visit(school.officer(), f"/leave/pupils/{school.row.code}"))
    visit(head, f"/leave/absences/{Absence.objects.get().id}/end", {"returned": "1", "day": "2026-11-20"})
    assert "今天没有人请假。" in text_of(visit(head, here))


def test_kinds_and_limits_are_lines_of_text(school: testing.School, visit: Any) -> None:
    here = f"/leave/rules/{school.row.code}?audience=staff"
    form = {"audience": "staff", "save": "1", "first": "2", "second": "5", "kinds": "病假 病\n事假 15 天\n婚假"}
    assert "事假 10 天" in text_of(visit(school.officer(), here))
    assert visit(school.officer(), here, {**form, "second": "1"}).status_code == 422
    assert visit(school.officer(), here, {**form, "kinds": "事假 十五天"}).status_code == 422
    assert visit(school.officer(), here, {**form, "kinds": "事假\n事假"}).status_code == 422
    assert visit(school.officer(), here, form).status_code == 302
    row = LeaveRule.objects.get()
    kinds = [(one["code"], one["quota"], one["is_illness"]) for one in row.kinds]
    assert kinds == [("sick", "", True), ("private", "15", False), ("marriage", "", False)]
    visit(school.officer(), here, {"audience": "staff", "unset": "1"})
    assert not LeaveRule.objects.exists()


def test_statements_do_not_grow(school: testing.School, visit: Any) -> None:
    absence = testing.staff_leave(school, last=testing.MONDAY)
    for name in ("程岳", "罗芷", "沈一"):
        testing.staff_leave(school, name)
    pages = {
        f"/leave/staff/{school.row.code}": 6, f"/leave/absences/{absence.id}": 8, f"/leave/absences/{absence.id}/print": 4,
        "/leave/covers": 6, f"/leave/staff/{school.row.code}/month": 6, f"/classes/{school.one.id}/leave": 8,
    }  # fmt: skip
    taken = {}
    for path in pages:
        visit(school.officer(), path)
        with CaptureQueriesContext(connection) as seen:
            visit(school.officer(), path)
        taken[path] = len(seen)
    assert {path for path, most in pages.items() if taken[path] > most} == set(), taken


def test_leave_counts_on_the_timetables_own_page(school: testing.School, visit: Any) -> None:
    testing.staff_leave(school, "何清")
    lesson = school.lesson_id(school.one, 5, "1")
    wish = timetable.Wish(lesson_id=lesson, day=FRIDAY, kind="substitute", substitute=school.people["何清"].id)
    with pytest.raises(Conflict, match="何清请假"):
        timetable.arrange(actor=school.officer(), wish=wish)
