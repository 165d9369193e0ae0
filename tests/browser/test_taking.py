"""Everything held about oneself, and about a child: ordered, watched while it is made, downloaded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lingqu.foundation.identity import testing
from lingqu.foundation.identity.middleware import forget_standings
from lingqu.foundation.identity.models import DataFile
from lingqu.foundation.lti.models import LineItem, Score
from lingqu.foundation.lti.testing import make_tool
from lingqu.foundation.registry import api as registry
from lingqu.kernel.clock import now
from lingqu.kernel.jobs import JOBS

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_a_mother_takes_her_childs_data_along(request: pytest.FixtureRequest, width: str) -> None:
    forget_standings()
    screen = request.getfixturevalue(width)
    school = testing.make_school(
        name="云汀市第三中学（演示）", parent=registry.ensure_root(name="云汀市教育局（演示）")
    )
    group = testing.make_class(school, "八（3）班")
    child, mother = testing.make_person("周禾", organisation=school), testing.make_person("王若琳", organisation=school)
    testing.seat(child, group)
    testing.guard(mother, child)
    pupil, account = testing.account_for(child), testing.account_for(mother)
    item = LineItem.objects.create(tool=make_tool()[1], class_group=group, label="分数小测", maximum=10)
    Score.objects.create(
        item=item, account=pupil, person=child, subject="x", given=7, maximum=10, activity="Completed",
        grading="FullyGraded", scored_at=now(),
    )  # fmt: skip
    screen.sign_in(account.login, testing.PASSWORD)
    screen.visit("/me")
    screen.page.get_by_role("link", name="下载全部数据").click()
    screen.page.wait_for_url("**/me/data")
    screen.page.get_by_role("button", name="生成 JSON：周禾").click()
    screen.page.wait_for_selector("text=正在排队")
    screen.shoot("taking-waiting")
    screen.check()
    assert screen.page.get_by_role("button", name="生成 Excel：我自己").is_disabled()
    JOBS["identity.make_data_file"](file_id=str(DataFile.objects.get().id))
    link = screen.page.get_by_role("link", name="下载 ")
    link.wait_for()
    screen.shoot("taking-ready")
    screen.check()
    assert screen.page.get_by_role("button", name="生成 Excel：我自己").is_enabled()
    with screen.page.expect_download() as told:
        link.click()
    assert told.value.suggested_filename == "周禾的数据.json"
    values: dict[str, Any] = json.loads(Path(told.value.path()).read_text(encoding="utf-8"))
    assert values["register"]["name"] == "周禾" and values["account"]["login"] == pupil.login
    assert [(one["label"], float(one["given"])) for one in values["scores"]] == [("分数小测", 7.0)]
