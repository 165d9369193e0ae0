"""The catalogue also shows what the reader's own places offer, to those for whom it is."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from lingqu.foundation.identity import testing as accounts
from lingqu.foundation.registry import api as registry
from lingqu.foundation.registry import testing as people
from lingqu.foundation.workflow import testing as drawing

pytestmark = pytest.mark.django_db


def text_of(answer: Any) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", answer.content.decode()))


def test_own_forms_stand_in_the_hall_for_their_audience() -> None:
    registry.prepare()
    school = people.make_school(people.make_organisation(people.make_root(), "region", name="云溪县"))
    pupil = people.make_pupil(people.make_class(school), "周禾")
    mother = people.make_guardian(pupil)
    teacher = people.make_teacher(school, "吴静")
    for key, name, audience in (
        ("car", "用车申请", "staff"),
        ("meal", "午餐退费", "family"),
        ("transfer", "转学", "family"),
    ):
        drawn = drawing.Drawing(key)
        drawn.line("start", "end")
        drawing.make_version(school, drawn.graph(audience=(audience,)), name=name)
    at_home = text_of(accounts.signed_in(accounts.account_for(mother)).get("/services"))
    assert "午餐退费" in at_home and "为 周禾 办理" in at_home and "用车申请" not in at_home
    at_work = accounts.signed_in(accounts.account_for(teacher))
    page = text_of(at_work.get("/services"))
    assert "用车申请" in page and "午餐退费" not in page
    assert "用车申请" in text_of(at_work.get("/services?q=用车"))
    start = text_of(at_work.get("/workflow/start"))
    assert "用车申请" in start and "转学" not in start
    anybody = text_of(accounts.Client().get("/services"))
    assert "用车申请" not in anybody and "午餐退费" not in anybody
