"""Reminding: whom, by what, when, once; and who is never written to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingqu.foundation.identity import testing as accounts
from lingqu.foundation.inbox import testing as making
from lingqu.foundation.inbox.models import Notice, QuietHours, Reminder, ReminderRound
from lingqu.foundation.inbox.selectors import reading, reminders
from lingqu.foundation.inbox.services import publishing, reaching, receiving, reminding
from lingqu.foundation.inbox.types.quiet import MOST_DAYS, Quiet, next_allowed
from lingqu.foundation.registry import api as registry
from lingqu.foundation.registry import testing as people
from lingqu.foundation.timetable import api as timetable
from lingqu.kernel import clock, delivery
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Conflict, Invalid
from lingqu.kernel.models import AuditEntry, Message
from lingqu.kernel.testing import run_jobs, waiting_jobs

SYSTEM = Actor.system("test")
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=clock.ZONE)
"""A Tuesday."""


class Clock:
    """The platform's clock, set by the test."""

    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def time_is(monkeypatch: pytest.MonkeyPatch, db: None) -> Clock:
    registry.prepare()
    made = Clock()
    monkeypatch.setattr(clock, "now", made)
    return made


class Family:
    """A class teacher's school; a child of two parents, one with a proved address; a second child without anybody."""

    def __init__(self) -> None:
        self.school = people.make_school()
        self.desk = people.make_post(self.school, "moral_office", a=people.make_teacher(self.school, "吴静"))
        self.group = people.make_class(self.school)
        self.child, self.lonely = people.make_pupil(self.group, "周禾"), people.make_pupil(self.group, "程果")
        self.mother = people.make_guardian(self.child, "王若琳", phone="13800001111")
        self.father = people.make_guardian(self.child, "周川", phone="13800002222")
        self.account = accounts.account_for(self.mother)
        accounts.Account.objects.filter(id=self.account.id).update(verified_email="wang@example.cn")

    def notice(self, **words: Any) -> Notice:
        return making.make_notice(self.desk, [making.to_class(self.group)], **words)


def press(notice: Notice) -> datetime | None:
    return reminding.remind(actor=SYSTEM, notice_id=notice.id)


def sent() -> list[tuple[str, str]]:
    return sorted(Message.objects.filter(kind=reaching.MESSAGE).values_list("channel", "subject_id"))


def written(home: Path) -> list[dict[str, Any]]:
    return [json.loads(path.read_text()) for path in sorted(home.glob("messages/*/*.json"))]


@pytest.fixture
def letters(tmp_path: Path, settings: Any) -> Iterator[Any]:
    settings.LINGQU_HOME = str(tmp_path)
    return lambda: written(tmp_path)


# ---- by hand --------------------


def test_those_missing_get_an_email_or_an_sms_and_the_board_says_so(time_is: Clock, letters: Any) -> None:
    family = Family()
    notice = family.notice(deadline=NOON + timedelta(days=3))
    assert press(notice) is None
    assert [name for name, _arguments in waiting_jobs() if name.startswith("inbox")] == ["inbox.send_reminders"]
    run_jobs()
    found = {one["to"]: one for one in letters()}
    assert set(found) == {"wang@example.cn", "13800002222"}
    mail = found["wang@example.cn"]
    assert notice.title in mail["subject"] and f"/notices/{notice.id}" in mail["body"] and "周禾" not in mail["body"]
    assert notice.title not in found["13800002222"]["body"] and family.school.name in found["13800002222"]["body"]
    round_ = ReminderRound.objects.get()
    assert (round_.outcome, round_.missing, round_.reached) == ("sent", 2, 1)
    told = reminders.reminded_of(notice, "child", [family.child.id, family.lonely.id])
    assert set(told) == {family.child.id} and (told[family.child.id].times, told[family.child.id].last) == (1, NOON)
    assert set(Reminder.objects.values_list("channel", "reader_id")) == {
        ("email", family.mother.id), ("sms", family.father.id),
    }  # fmt: skip
    assert AuditEntry.objects.filter(action="inbox.notice.reminded").count() == 1


def test_once_in_some_hours_and_only_while_somebody_is_missing(time_is: Clock) -> None:
    family = Family()
    notice = family.notice()
    press(notice)
    time_is.at += reminding.AGAIN_AFTER - timedelta(minutes=1)
    with pytest.raises(Conflict, match="刚提醒过"):
        press(notice)
    time_is.at += timedelta(minutes=2)
    press(notice)
    run_jobs()
    assert reminders.reminded_of(notice, "child", [family.child.id])[family.child.id].times == 2
    time_is.at += reminding.AGAIN_AFTER
    family.lonely.class_memberships.update(valid_to=clock.today())
    family.lonely.enrolments.update(valid_to=clock.today())
    reader = Actor(kind="account", name="x", account_id=family.account.id, person_id=family.mother.id)
    receiving.confirm(actor=reader, notice_id=notice.id, owner=family.child.id)
    with pytest.raises(Conflict, match="都确认了"):
        press(notice)
    publishing.withdraw(actor=SYSTEM, notice_id=notice.id, reason="误发")
    with pytest.raises(Conflict, match="不能提醒"):
        press(notice)
    with pytest.raises(Conflict, match="不能提醒"):
        press(family.notice(needs_confirmation=False))


def test_posts_and_people_are_reminded_too(time_is: Clock, letters: Any) -> None:
    family = Family()
    clerk = people.make_teacher(family.school, "白芸")
    office = people.make_post(family.school, "school_office", a=clerk, b=people.make_teacher(family.school, "何清"))
    for person, address in ((clerk, "bai@example.cn"), (office.holders.get(place="b").person, "he@example.cn")):
        accounts.Account.objects.filter(id=accounts.account_for(person).id).update(verified_email=address)
    former = people.make_teacher(family.school, "走了")
    former.appointments.update(valid_to=clock.today())
    office.holders.create(person=former, place="c", valid_from=people.START)
    notice = making.make_notice(family.desk, [making.to_posts(family.school), making.to_person(clerk)])
    press(notice)
    run_jobs()
    assert sorted(one["to"] for one in letters()) == ["bai@example.cn", "he@example.cn"]
    assert sorted(Reminder.objects.values_list("kind", flat=True)) == ["person", "post", "post"]


# ---- quiet hours and bundling --------------------


def test_at_night_it_waits_until_the_end_and_several_notices_become_one_message(time_is: Clock, letters: Any) -> None:
    family = Family()
    notices = [family.notice(title=f"第{n}份") for n in (1, 2)]
    time_is.at = NOON.replace(hour=22)
    morning = NOON.replace(hour=7) + timedelta(days=1)
    assert [press(notice) for notice in notices] == [morning, morning]
    run_jobs()
    assert reaching.send_due() == 0 and Reminder.objects.count() == 0
    time_is.at = morning - timedelta(minutes=1)
    assert reaching.send_due() == 0
    time_is.at = morning
    assert reaching.send_due() == 2
    run_jobs()
    mail = next(one for one in letters() if one["to"] == "wang@example.cn")
    assert "2 份" in mail["subject"] and "第1份" in mail["body"] and "第2份" in mail["body"]
    assert Reminder.objects.filter(reader=family.mother).values("message_id").distinct().count() == 1
    assert set(ReminderRound.objects.values_list("outcome", "reached")) == {("sent", 1)}


def test_holidays_are_quiet_unless_it_is_urgent(time_is: Clock) -> None:
    family = Family()
    root = registry.root_organisation()
    timetable.set_days(
        actor=SYSTEM, organisation_id=root.id, days=[timetable.Day(day=NOON.date(), kind="holiday", name="假日")]
    )
    assert press(family.notice()) == NOON.replace(hour=7) + timedelta(days=1)
    assert press(family.notice(is_urgent=True)) is None


def test_a_region_sets_its_own_hours_and_the_nearest_counts(time_is: Clock) -> None:
    family = Family()
    root = registry.root_organisation()
    reminding.set_quiet_hours(actor=SYSTEM, office=root, starts=time(11), ends=time(13, 30), holidays=False)
    assert press(family.notice()) == NOON.replace(hour=13, minute=30)
    QuietHours.objects.create(organisation=family.school, starts=time(0), ends=time(0), changed_by="x")
    assert press(family.notice()) is None
    with pytest.raises(Invalid):
        reminding.set_quiet_hours(actor=SYSTEM, office=root, starts=time(8), ends=time(7), holidays=True)
    reminding.unset_quiet_hours(actor=SYSTEM, office=root)
    assert reminders.quiet_of(reminders.quiet_row_at(str(root.path))) == Quiet()


MINUTES = st.integers(0, 24 * 60 - 1)


@given(
    st.integers(0, 330), MINUTES, MINUTES, MINUTES, st.booleans(), st.booleans(),
    st.sets(st.integers(0, 360), max_size=20),
)  # fmt: skip
def test_the_next_moment_is_never_quiet_and_never_needlessly_late(
    day: int, minute: int, starts: int, ends: int, holidays: bool, urgent: bool, rests: set[int]
) -> None:
    first = datetime(2026, 1, 1, tzinfo=clock.ZONE)
    moment = first + timedelta(days=day, minutes=minute)
    quiet = Quiet(starts=time(*divmod(starts, 60)), ends=time(*divmod(ends, 60)), holidays=holidays)

    def is_holiday(when: date) -> bool:
        return (when - first.date()).days in rests

    def is_quiet(when: datetime) -> bool:
        return quiet.night_ends(when) is not None or (holidays and not urgent and is_holiday(when.date()))

    found = next_allowed(moment, quiet, is_holiday, urgent=urgent)
    assert moment <= found <= moment + timedelta(days=MOST_DAYS) and not is_quiet(found)
    step = moment
    while step < found:
        assert is_quiet(step)
        step += timedelta(minutes=97)


# ---- before the deadline --------------------


def test_a_notice_reminds_by_itself_once_before_its_deadline(time_is: Clock, letters: Any) -> None:
    family = Family()
    notice = family.notice(deadline=NOON + timedelta(days=3, hours=5), remind_before=1)
    due = NOON.replace(hour=8) + timedelta(days=2)
    assert ReminderRound.objects.get().due_at == due
    time_is.at = due - timedelta(minutes=1)
    assert reaching.send_due() == 0
    time_is.at = due
    assert [reaching.send_due() for _again in range(3)] == [2, 0, 0]
    assert ReminderRound.objects.get().outcome == "sent"
    assert AuditEntry.objects.filter(action="inbox.notice.reminded", subject_id=str(notice.id)).count() == 1


def test_a_reminder_by_itself_needs_a_deadline_and_a_time_that_is_not_over(time_is: Clock) -> None:
    family = Family()
    with pytest.raises(Invalid):
        family.notice(remind_before=1)
    family.notice(deadline=NOON + timedelta(hours=2), remind_before=0)
    family.notice(deadline=NOON + timedelta(days=1), remind_before=3)
    assert ReminderRound.objects.count() == 0


def test_nothing_is_sent_for_notices_that_ended_or_after_the_deadline(time_is: Clock) -> None:
    family = Family()
    gone, late = (family.notice(deadline=NOON + timedelta(days=2), remind_before=1) for _one in range(2))
    publishing.withdraw(actor=SYSTEM, notice_id=gone.id, reason="误发")
    time_is.at = NOON + timedelta(days=1)
    reaching.list_round(gone.reminder_rounds.get().id)
    time_is.at = NOON + timedelta(days=2)
    assert reaching.send_due() == 0
    assert [one.reminder_rounds.get().outcome for one in (gone, late)] == ["ended", "late"]
    assert sent() == []


# ---- idempotent --------------------


def test_a_killed_run_neither_loses_nor_doubles_anything(time_is: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    family = Family()
    for n in range(6):
        people.make_guardian(people.make_pupil(family.group, f"孩{n}"), f"家{n}", phone=f"1390000{n:04d}")
    monkeypatch.setattr(reaching, "PAGE", 3)
    press(family.notice())
    real, calls = delivery.send, []

    def killed_at_the_fifth(**words: Any) -> Any:
        calls.append(words["subject_id"])
        if len(calls) == 5:
            raise KeyboardInterrupt
        return real(**words)

    monkeypatch.setattr(delivery, "send", killed_at_the_fifth)
    with pytest.raises(KeyboardInterrupt):
        reaching.send_due()
    assert len(sent()) == 3 and Reminder.objects.filter(sent_at=None).count() == 5
    assert reaching.send_due() == 5
    run_jobs("kernel.carry")
    per_reader = [subject for _channel, subject in sent()]
    assert len(per_reader) == len(set(per_reader)) == 8
    assert Reminder.objects.filter(sent_at=None).count() == 0
    assert reaching.send_due() == 0


def test_messages_that_failed_or_expired_do_not_count(time_is: Clock) -> None:
    family = Family()
    notice = family.notice()
    press(notice)
    reaching.send_due()
    Message.objects.filter(channel="sms").update(state="failed")
    reaching.send_due()
    assert list(Reminder.objects.values_list("channel", flat=True)) == ["email"]
    Message.objects.filter(channel="email").update(state="expired")
    reaching.send_due()
    assert reminders.reminded_of(notice, "child", [family.child.id]) == {}
    assert ReminderRound.objects.get().reached == 0


def test_people_who_share_a_phone_get_one_sms(time_is: Clock, letters: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    family = Family()
    monkeypatch.setattr(reaching, "PAGE", 2)
    for n in range(3):
        people.make_guardian(people.make_pupil(family.group, f"孩{n}"), f"外婆{n}", phone="13800002222")
    notice = family.notice()
    press(notice)
    run_jobs()
    assert sorted(one["to"] for one in letters()) == ["13800002222", "wang@example.cn"]
    assert (ReminderRound.objects.get().reached, Reminder.objects.filter(channel="sms").count()) == (4, 4)


def test_the_budget_of_the_sender_stops_sms(time_is: Clock, settings: Any) -> None:
    family = Family()
    settings.LINGQU_SMS_BUDGET = 0
    press(family.notice())
    reaching.send_due()
    assert sent() == [("email", str(family.mother.id))]


# ---- silence --------------------


def silence_child(family: Family) -> None:
    people_model = type(family.child)
    people_model.objects.filter(id=family.child.id).update(deceased_on=clock.today())


def leave(family: Family) -> None:
    family.child.enrolments.update(valid_to=clock.today())


def revoke(family: Family) -> None:
    family.child.guardianships.update(valid_to=clock.today())


def guardians_dead(family: Family) -> None:
    type(family.mother).objects.filter(id__in=[family.mother.id, family.father.id]).update(deceased_on=clock.today())


def stop_accounts(family: Family) -> None:
    accounts.account_for(family.father)
    accounts.Account.objects.filter(person__in=[family.mother, family.father]).update(state="locked")


def make_proxies(family: Family) -> None:
    family.child.guardianships.update(kind="proxy")


SILENCES = [silence_child, leave, revoke, guardians_dead, stop_accounts, make_proxies]


@pytest.mark.parametrize("silence", SILENCES)
def test_nobody_is_written_to_against_the_silence_rules(time_is: Clock, silence: Any) -> None:
    family = Family()
    notice = family.notice()
    press(notice)
    silence(family)
    reaching.send_due()
    assert sent() == [] and Reminder.objects.count() == 0


@pytest.mark.parametrize("silence", SILENCES)
def test_a_message_on_its_way_is_looked_at_once_more(time_is: Clock, letters: Any, silence: Any) -> None:
    family = Family()
    press(family.notice())
    reaching.send_due()
    assert len(sent()) == 2
    silence(family)
    run_jobs()
    assert letters() == [] and Reminder.objects.count() == 0
    assert set(Message.objects.values_list("state", "error")) == {("expired", "withdrawn")}
    assert ReminderRound.objects.get().reached == 0


def test_whoever_confirmed_in_the_meantime_is_left_alone(time_is: Clock, letters: Any) -> None:
    family = Family()
    notice = family.notice()
    press(notice)
    reaching.send_due()
    reader = Actor(kind="account", name="x", account_id=family.account.id, person_id=family.mother.id)
    receiving.confirm(actor=reader, notice_id=notice.id, owner=family.child.id)
    assert reading.count(reading.list_hits(reading.get_reader(reader))).waiting == 0
    run_jobs()
    assert letters() == []
