"""An evaluation comes in batches, is killed and goes on; what is late is reminded."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from lingqu.foundation.quality.models import DayScore, Evaluation, Finding, WorkOrder
from lingqu.foundation.quality.selectors.findings import get_score, list_areas
from lingqu.foundation.quality.services import evaluating, handling, reminding
from lingqu.foundation.registry import api as registry
from lingqu.foundation.registry import testing
from lingqu.kernel.clock import now, today
from lingqu.kernel.crypto import unseal_fields
from lingqu.kernel.errors import Conflict
from lingqu.kernel.models import Message
from lingqu.kernel.testing import run_jobs

from .test_quality import SYSTEM, Site, number
from .test_quality import _unseated as unseated

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(db: None) -> Site:
    registry.prepare()
    return Site()


def test_late_orders_are_reminded_once_a_day_by_one_message_a_school(site: Site) -> None:
    officer = testing.make_teacher(site.school, "吴静", phone="13800003140")
    officer.duties.create(
        organisation=site.school, path=site.school.path, kind="register_officer", valid_from=testing.START
    )
    unseated(site)
    site.found()
    order = handling.give_order(actor=site.actor(), code=str(site.school.code), deadline=today(), note="")
    code = str(site.county.code)
    with pytest.raises(Conflict):
        reminding.order_reminders(actor=site.actor(), code=code)
    WorkOrder.objects.update(deadline=today() - timedelta(days=1))
    assert reminding.order_reminders(actor=site.actor(), code=code) == 1
    assert run_jobs("quality.send_reminders") == ["quality.send_reminders"]
    order.refresh_from_db()
    assert (order.reminder, order.reminders) == ("sent", 1)
    message = Message.objects.get(kind="quality.reminder")
    assert (message.channel, message.subject_id) == ("sms", str(order.id))
    told = unseal_fields(message.sealed)["body"]
    assert site.school.name in told
    assert "1 项" in told
    assert "未编班" not in told
    with pytest.raises(Conflict):
        reminding.order_reminders(actor=site.actor(), code=code)


def test_batches_and_one_go_say_the_same(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    for _n in range(4):
        school = testing.make_school(site.county)
        testing.make_pupil(testing.make_class(school), "外校")
    for serial in range(51, 61, 2):
        site.add(f"同号{serial}", number(serial=f"0{serial}"), guardian_phone="12000001111")
    unseated(site)
    site.found()
    handling.give_order(actor=site.actor(), code=str(site.school.code), deadline=today(), note="")
    whole = picture()
    assert {"phone_shared", "pupil_without_class", "no_id"} <= {one[0] for one in whole[0]}
    for most in (0, 1, 3):
        Finding.objects.all().delete()
        DayScore.objects.all().delete()
        monkeypatch.setattr(evaluating, "BATCH", most)
        site.found()
        assert picture() == whole


def picture() -> tuple[Any, ...]:
    """Findings and scores without their ids."""
    rows = Finding.objects.values_list(
        "rule_id", "subject_id", "school_id", "path", "detail", "severity", "state", "since"
    )
    scores = DayScore.objects.values_list(
        "school_id", "path", "day", "checked", "blocks", "reviews", "hints", "cost", "score"
    )
    return sorted(map(tuple, rows), key=str), sorted(map(tuple, scores), key=str)


@pytest.mark.parametrize("stop_at", [1, 2, 3, 4, 6])
def test_a_killed_evaluation_goes_on_where_it_stopped(
    site: Site, monkeypatch: pytest.MonkeyPatch, stop_at: int
) -> None:
    for _n in range(3):
        testing.make_pupil(testing.make_class(testing.make_school(site.county)), "外校")
    unseated(site)
    site.found()
    whole = picture()
    Finding.objects.all().delete()
    DayScore.objects.all().delete()
    monkeypatch.setattr(evaluating, "BATCH", 1)
    steps = iter(range(1, 1000))

    def stop() -> None:
        if next(steps) == stop_at:
            raise KeyboardInterrupt

    monkeypatch.setattr(evaluating.jobs, "checkpoint", stop)
    with pytest.raises(KeyboardInterrupt):
        site.found()
    half = Evaluation.objects.get(state="running")
    assert len(half.staged) + half.schools >= 1
    monkeypatch.setattr(evaluating.jobs, "checkpoint", lambda: None)
    site.found()
    assert picture() == whole
    half.refresh_from_db()
    assert (half.state, half.wide.count()) == ("done", 0)
    assert Evaluation.objects.filter(state="running").count() == 0


def test_an_evaluation_of_another_day_is_given_up(site: Site) -> None:
    evaluating.prepare()
    old = Evaluation.objects.create(
        path=site.county.path, day=today() - timedelta(days=1), beat_at=now() - timedelta(hours=9)
    )
    assert evaluating.list_stale() == [str(site.county.path)]
    site.found()
    old.refresh_from_db()
    assert old.state == "abandoned"
    assert evaluating.list_stale() == []


def test_a_part_that_is_checked_again_is_no_day_of_the_whole(site: Site) -> None:
    for _n in range(3):
        testing.make_pupil(testing.make_class(testing.make_school(site.county)), "外校")
    site.found()
    DayScore.objects.update(day=today() - timedelta(days=1))
    evaluating.evaluate(actor=SYSTEM, path=str(site.school.path))
    told = get_score(str(site.county.path))
    assert (told.day, len(told.trend)) == (today() - timedelta(days=1), 1)
    assert get_score(str(site.school.path)).day == today()
    [area] = list_areas(site.county.parent, told.day)
    assert (area.code, area.schools, area.score) == (site.county.code, 4, told.score)
