"""What waits stands on the start page of an office, of its leader and of a school, by module and within the statements."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lingqu.foundation.collection import testing as tables
from lingqu.foundation.identity import testing as accounts
from lingqu.foundation.inbox import testing as notices
from lingqu.foundation.registry import api as registry
from lingqu.foundation.registry import testing as people

pytestmark = pytest.mark.django_db


class Place:
    """A county with a clerk and a leader, a school whose administrator holds its office, tables and a notice."""

    def __init__(self) -> None:
        registry.prepare()
        self.city = people.make_root()
        self.county = people.make_organisation(kind="bureau", name="青湾县教育局")
        self.clerk = self.with_duty(self.county, "county_officer", "何清")
        self.leader = self.with_duty(self.county, "bureau_leader", "简宁")
        self.school = people.make_school(self.county, name="第三中学")
        self.admin = self.with_duty(self.school, "school_admin", "白芸")
        self.principal = self.with_duty(self.school, "principal", "冯立")
        people.make_post(self.school, "school_office", a=self.admin, phone="0530-2")
        self.holder = people.make_teacher(self.county, "沈岚")
        desk = people.make_post(self.county, "basic_education", a=self.clerk, b=self.holder)
        tables.make_collection(self.county, "县里的表")
        tables.make_collection(self.city, "市里的表")
        notices.make_notice(desk, [notices.to_posts(self.county)], "供暖自查")

    def with_duty(self, at: Any, kind: str, name: str) -> Any:
        person = people.make_teacher(at, name)
        person.duties.create(organisation=at, path=at.path, kind=kind, valid_from=people.START)
        return person


@pytest.mark.parametrize(
    ("who", "told", "not_told"),
    [
        (
            "clerk",
            ("今天要办的", "报送正在回来 2 张表", "本月已向学校要 2 张表", "县里的表", "市里的表", "0 / 1 所已报", "提醒 1 所", "未签收 1 个岗位",
             "第三中学 白芸 · 校办 A 角 · 0530-2 · 供暖自查", "等我办的", "新建采集", "发通知"),
            ("就读学生", "数据问题，按学校"),
        ),
        ("holder", ("今天要办的", "县里的表", "提醒 1 所", "未签收 1 个岗位", "新建采集"), ("数据问题",)),
        ("leader", ("报送正在回来 2 张表", "就读学生", "各下级机构"), ("提醒 1 所", "新建采集", "发通知")),
        ("admin", ("要填的表 2 张", "县里的表", "未打开", "要办的 1 件", "供暖自查"), ("填报：县里的表",)),
        ("principal", ("要填的表 2 张", "没有等着签收或办理的"), ("供暖自查",)),
    ],
)  # fmt: skip
def test_what_waits_stands_on_the_start_page(who: str, told: tuple[str, ...], not_told: tuple[str, ...]) -> None:
    place = Place()
    visitor = accounts.signed_in(accounts.account_for(getattr(place, who)))
    visitor.get("/")
    with CaptureQueriesContext(connection) as asked:
        answer = visitor.get("/")
    page = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))
    assert [one for one in told if one not in page] == [], page
    assert [one for one in not_told if one in page] == []
    assert len(asked) <= 12, [str(one["sql"])[:150] for one in asked]
