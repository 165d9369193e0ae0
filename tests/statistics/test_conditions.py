"""School conditions: every change is a version."""

from __future__ import annotations

from typing import Any

import pytest

from lingqu.foundation.identity import testing as accounts
from lingqu.foundation.statistics.models import Conditions
from lingqu.foundation.statistics.selectors.conditions import find_conditions
from lingqu.foundation.statistics.services.conditions import save_conditions
from lingqu.foundation.timetable import testing as timetables
from lingqu.foundation.timetable.models import TimetableImport
from lingqu.foundation.timetable.services.importing import import_grid
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Invalid

SYSTEM = Actor.system("tests")


@pytest.mark.django_db
def test_every_change_is_a_version_and_no_change_is_none(city: dict[str, Any]) -> None:
    school = city["schools"][0]
    for books, version in (("10", 1), ("10", 1), ("11", 2)):
        made = save_conditions(
            actor=SYSTEM,
            school_code=school.code,
            year="2026-2027",
            typed={"books": books},
            rooms="101\t普通教室\t50\t甲",
        )
        assert made.version == version
    found = find_conditions(school.id, "2026-2027")
    assert found is not None
    assert found.values == {"books": 11}
    assert Conditions.objects.count() == 2
    with pytest.raises(Invalid):
        save_conditions(actor=SYSTEM, school_code=school.code, year="2026-2028", typed={})


@pytest.mark.django_db
def test_the_timetable_knows_the_registered_rooms(city: dict[str, Any]) -> None:
    """An unknown room is named with the one it is most like; the editor offers the registered ones."""
    school = city["schools"][0]
    group = school.class_groups.order_by("serial").first()
    type(group).objects.filter(id=group.id).update(room="302")
    term = timetables.make_term()
    weekdays = ["星期一", "星期二", "星期三", "星期四", "星期五"]
    rows = [["", *weekdays], ["第1节", "语文 物理实验室", "语文 物理室", "语文 302", "语文 体育馆", "语文"]]
    book = timetables.workbook({group.name: rows})

    def told() -> set[tuple[str, str]]:
        done = import_grid(actor=SYSTEM, school_id=school.id, term_id=term, file_name="课表.xlsx", data=book)
        assert done.lessons == 5
        return {(one["rule"], one["cell"]) for one in done.findings if "room" in one["rule"]}

    assert told() == set(), "a school that has registered no rooms hears nothing about them"
    save_conditions(
        actor=SYSTEM, school_code=school.code, year="2026-2027", typed={},
        rooms="物理实验室\t实验室\t48\t\n音乐教室\t音乐教室\t50\t",
    )  # fmt: skip
    assert told() == {("unknown_room", "C2"), ("unknown_room_alone", "E2")}
    [record] = TimetableImport.objects.order_by("-id")[:1]
    message = next(one["message"] for one in record.findings if one["rule"] == "unknown_room")
    assert "物理室" in message
    assert "物理实验室" in message
    client = accounts.browser(accounts.duty_account("school_admin", school))
    page = client.get(f"/timetables/{school.code}/versions/{record.timetable_id}?class={group.id}&weekday=1&slot=2")
    assert page.status_code == 200
    assert '<option value="音乐教室">' in page.content.decode()
