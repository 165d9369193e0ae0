"""Tables that remind by themselves: once for each deadline, on the chosen morning, not in quiet hours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lingqu.foundation.inbox.testing import todos_of
from lingqu.foundation.registry import api as registry
from lingqu.foundation.registry import testing as people
from lingqu.kernel import clock
from lingqu.kernel.models import Message

from .. import testing as making
from ..models import Answer, Step
from ..services import chasing, checking, publishing

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 18, 4, tzinfo=UTC)
"""A Wednesday, 12:00 in Shanghai."""


class Clock:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.at = NOON
        monkeypatch.setattr(clock, "now", lambda: self.at)

    def goes_to(self, day: int, hour: int, minute: int = 0) -> None:
        self.at = datetime(2026, 11, day, hour, minute, tzinfo=clock.ZONE)


@pytest.fixture
def hands(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def county(db: None) -> Any:
    registry.prepare()
    people.make_root()
    made = people.make_organisation(kind="bureau", name="青湾县教育局")
    for name in ("第三中学", "东滩小学"):
        clerk = people.make_teacher(school := people.make_school(made, name=name), "白芸", phone="13800001111")
        people.make_post(school, "school_office", a=clerk)
    return made


def noon_of(day: int) -> datetime:
    return datetime(2026, 11, day, 12, tzinfo=clock.ZONE)


def test_whoever_is_missing_is_reminded_once_on_the_morning_before(county: Any, hands: Clock) -> None:
    collection = making.make_collection(county, deadline=noon_of(20))
    making.report(Answer.objects.get(collection=collection, school__name="第三中学"))
    assert chasing.pending(collection) == datetime(2026, 11, 19, 8, tzinfo=clock.ZONE)
    hands.goes_to(19, 7, 59)
    assert chasing.chase_due() == 0
    hands.goes_to(19, 8, 1)
    assert chasing.chase_due() == 1
    assert [one.title for one in todos_of("collection") if one.state == "open"] == ["催报：基本情况统计表"]
    step = Step.objects.get(kind="chased", answer__isnull=False)
    assert step.answer is not None and step.answer.school.name == "东滩小学"
    assert Message.objects.filter(kind="collection.reminder").count() == 1
    for hour in (9, 14, 23):
        hands.goes_to(19, hour)
        assert chasing.chase_due() == 0
    assert Step.objects.filter(kind="chased").count() == 2


def test_another_deadline_reminds_again_and_an_ended_table_never(county: Any, hands: Clock) -> None:
    collection = making.make_collection(county, deadline=noon_of(20))
    hands.goes_to(19, 8, 1)
    assert chasing.chase_due() == 2
    publishing.extend(actor=making.SYSTEM, collection_id=collection.id, deadline=noon_of(25))
    hands.goes_to(24, 8, 1)
    assert chasing.chase_due() == 2
    publishing.extend(actor=making.SYSTEM, collection_id=collection.id, deadline=noon_of(27))
    publishing.close(actor=making.SYSTEM, collection_id=collection.id)
    hands.goes_to(26, 8, 1)
    assert chasing.chase_due() == 0


@pytest.mark.parametrize(
    ("days", "deadline", "at", "asked"),
    [
        (None, noon_of(20), (19, 8), 0),
        (0, noon_of(20), (20, 8), 2),
        (3, noon_of(20), (18, 13), 0),
        (1, datetime(2026, 11, 23, 12, tzinfo=clock.ZONE), (22, 9), 2),
        (1, datetime(2026, 11, 19, 6, tzinfo=clock.ZONE), (18, 22), 0),
    ],
    ids=["not asked for", "on the day itself", "that morning was over when it went out", "a Sunday is a day like others", "quiet until the end"],
)  # fmt: skip
def test_when_it_reminds(county: Any, hands: Clock, days: int | None, deadline: datetime, at: Any, asked: int) -> None:
    making.make_collection(county, deadline=deadline, remind_before=days)
    hands.goes_to(*at)
    assert chasing.chase_due() == asked


def test_quiet_hours_put_it_off(county: Any, hands: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    making.make_collection(county, deadline=noon_of(20))
    morning = datetime(2026, 11, 19, 9, 30, tzinfo=clock.ZONE)
    monkeypatch.setattr(chasing.inbox, "message_allowed_from", lambda _office, _path, at: max(at, morning))
    monkeypatch.setattr(checking.inbox, "message_allowed_from", lambda _office, _path, at: max(at, morning))
    hands.goes_to(19, 8, 1)
    assert chasing.chase_due() == 0 and not Step.objects.filter(kind="chased").exists()
    hands.at = morning + timedelta(minutes=1)
    assert chasing.chase_due() == 2


def test_whoever_was_reminded_by_hand_this_morning_is_left_in_peace(county: Any, hands: Clock) -> None:
    collection = making.make_collection(county, deadline=noon_of(20))
    one = Answer.objects.filter(collection=collection).order_by("path").first()
    hands.goes_to(19, 7, 30)
    assert one is not None
    checking.remind(actor=making.SYSTEM, collection_id=collection.id, answer_ids=[one.id])
    hands.goes_to(19, 8, 1)
    assert chasing.chase_due() == 1
