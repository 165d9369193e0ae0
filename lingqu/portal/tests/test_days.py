"""Today's lessons on the homes, and what the pages of the day cost."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lingqu.foundation.identity import testing
from lingqu.foundation.registry import api as registry
from lingqu.foundation.timetable import testing as plans
from lingqu.kernel import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def school(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Friday, 20 November 2026, 09:20: 吴静 gives 数学 in the first and the fifth period."""
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 11, 20, 1, 20, tzinfo=UTC))
    registry.prepare()
    made = testing.make_school()
    made.group, made.teacher = testing.make_class(made), testing.make_person("吴静", organisation=made)
    testing.employ(made.teacher, made)
    testing.teach(made.teacher, made.group, "14")
    made.pupil = testing.make_person("周禾", organisation=made)
    testing.seat(made.pupil, made.group)
    made.mother = testing.make_person("王若琳", organisation=made)
    testing.guard(made.mother, made.pupil)
    plans.make_term()
    plans.make_bells(made)
    plans.make_timetable(made, [plans.lesson(made.group, 5, slot, "14", [made.teacher]) for slot in ("1", "5")])
    return made


@pytest.mark.parametrize("who", ["teacher", "pupil", "mother"])
def test_homes_show_the_day_and_stay_within_their_statements(school: Any, who: str) -> None:
    browser = testing.browser(testing.account_for(getattr(school, who)))
    browser.get("/")
    for path in ("/", "/timetable"):
        with CaptureQueriesContext(connection) as told:
            text = browser.get(path).content.decode()
        assert len(told) <= 12, (path, len(told))
        assert "数学" in text
    text = browser.get("/").content.decode()
    assert "下一节 11:20 数学" in text and "08:00" in text


def test_a_teacher_of_two_schools_pays_no_statement_more(school: Any) -> None:
    """Neither the first time, when nothing is kept of the schools, nor later."""

    def spent(person: Any) -> tuple[int, int]:
        browser = testing.browser(testing.account_for(person))
        counts = []
        for _turn in range(2):
            with CaptureQueriesContext(connection) as told:
                assert "数学" in browser.get("/").content.decode()
            counts.append(len(told))
        cache.clear()
        return counts[0], counts[1]

    other = testing.make_school("河东小学")
    group = testing.make_class(other)
    both = testing.make_person("梁敏", organisation=school)
    testing.employ(both, school)
    plans.make_bells(other)
    for place, of_class, slot in ((school, school.group, "2"), (other, group, "3")):
        testing.teach(both, of_class, "14")
        plans.make_timetable(place, [plans.lesson(of_class, 5, slot, "14", [both])])
    spent(school.teacher)
    first, again = spent(school.teacher)
    first_of_both, again_of_both = spent(both)
    assert first_of_both <= first and again_of_both <= again
