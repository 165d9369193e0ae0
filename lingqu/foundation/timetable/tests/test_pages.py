"""Pages: what they say, what they refuse, how many statements they take."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
import vobject
from django.core.files.uploadedfile import SimpleUploadedFile

from lingqu.foundation.registry import testing as register
from lingqu.foundation.timetable import testing
from lingqu.foundation.timetable.models import CalendarDay, Feed, LessonChange, Timetable, TimetableImport
from lingqu.foundation.timetable.services import changes, feeds
from lingqu.foundation.timetable.types import rights
from lingqu.kernel.actor import Actor, Right
from lingqu.kernel.errors import Forbidden, Invalid, NotFound

pytestmark = pytest.mark.django_db
FRIDAY = date(2026, 11, 20)


@pytest.fixture
def school() -> Any:
    made = register.make_school(name="云汀市第三中学（演示）")
    made.one, made.two = register.make_class(made, room="302"), register.make_class(made, serial=5, name="八（5）班")
    made.cheng, made.luo = (register.make_teacher(made, name=name) for name in ("程岳", "罗芷"))
    for teacher, group in ((made.cheng, made.one), (made.luo, made.two)):
        testing.teach(teacher, group, "16", 3)
    testing.make_term()
    testing.make_bells(made)
    rows = [
        testing.lesson(made.one, 5, "5", "16", [made.cheng]), testing.lesson(made.two, 5, "1", "16", [made.luo]),
        testing.lesson(made.one, 3, "2", "13", [made.luo]), testing.lesson(made.two, 3, "2", "13", [made.luo]),
    ]  # fmt: skip
    made.timetable = testing.make_timetable(made, rows)
    made.officer = Actor(
        kind="account", name="顾言", role="academic_director", path=str(made.path), account_id=uuid4(),
        rights=tuple(Right(code, str(made.path)) for code in rights.ALL),
    )  # fmt: skip
    return made


def teacher_of(school: Any, person: Any) -> Actor:
    return Actor(
        kind="account", name=person.name, role="teacher", path=str(school.path), person_id=person.id, account_id=uuid4(),
        rights=(Right(rights.VIEW, str(school.path)),),
    )  # fmt: skip


def text_of(answer: Any) -> str:
    return answer.content.decode()


def test_the_calendar_is_shown_pasted_and_printed(school: Any, visit: Any) -> None:
    base = f"/calendar/{school.code}"
    text = text_of(visit(school.officer, base))
    assert "第 12 周" in text and "粘贴放假通知" in text
    notice = "11月21日（周六）上课，补11月27日的课。11月27日停课，运动会。13月1日放假"
    read = text_of(visit(school.officer, base, {"action": "read", "text": notice, "year": testing.YEAR}))
    assert "写入看懂的日子" in read and "日期不存在或先后颠倒。" in read
    assert not CalendarDay.objects.exists()
    answer = visit(
        school.officer, base, {"action": "write", "text": notice, "year": testing.YEAR, "notice": "区教〔2026〕2号"}
    )
    assert answer.status_code == 302
    assert CalendarDay.objects.count() == 2
    printed = text_of(visit(school.officer, f"{base}/print"))
    assert "2026-11-21（周六）调休上课" in printed and "补 11-27（周五）的课" in printed
    with pytest.raises(Forbidden):
        visit(teacher_of(school, school.luo), base, {"action": "write", "text": notice})


def test_a_bad_term_is_said_and_not_written(school: Any, visit: Any) -> None:
    base = f"/calendar/{school.code}"
    form = {"action": "term", "year": testing.YEAR, "code": "2", "start_on": "2027-07-01", "end_on": "2027-02-22"}
    assert visit(school.officer, base, form).status_code == 422
    assert visit(school.officer, base, {**form, "start_on": "2027-02-22", "end_on": "2027-07-01"}).status_code == 302
    assert "2027-02-22 至 2027-07-01" in text_of(visit(school.officer, base))


def test_bell_times_are_saved_as_lines(school: Any, visit: Any) -> None:
    base = f"/calendar/{school.code}/bells"
    form = {
        "action": "save",
        "name": "冬季",
        "periods": "第1节 08:10-08:50\n第2节 08:40-09:20",
        "valid_from": "2026-12-01",
    }
    answer = visit(school.officer, base, form)
    assert answer.status_code == 422 and "时间重叠" in text_of(answer)
    assert (
        visit(
            school.officer, base, {**form, "periods": "早读 07:40-08:00\n第1节 08:10-08:50", "grades": "七年级"}
        ).status_code
        == 302
    )
    assert "冬季" in text_of(visit(school.officer, base))


@pytest.mark.parametrize("query", ["", "?by=teacher", "?by=room", "?by=x&which=y", "?day=2026-12-30"])
def test_the_week_of_a_school(school: Any, visit: Any, query: str, django_assert_max_num_queries: Any) -> None:
    visit(school.officer, f"/timetables/{school.code}{query}")
    with django_assert_max_num_queries(18):
        answer = visit(school.officer, f"/timetables/{school.code}{query}")
    assert answer.status_code == 200


def test_clashes_stand_as_sentences_above_the_grid(school: Any, visit: Any) -> None:
    text = text_of(visit(school.officer, f"/timetables/{school.code}"))
    assert "周三第 2 节：罗芷同时在八（1）班上语文、在八（5）班上语文" in text
    assert "lq-week-clash" in text


def test_a_file_becomes_a_draft_that_is_edited_and_published(school: Any, visit: Any) -> None:
    base = f"/timetables/{school.code}"
    term = str(school.timetable.term_id)
    data = testing.workbook({"八（1）班": [["", "星期一", "星期二", "星期三"], ["第1节", "物理", "奥数", "物理 程岳"]]})
    answer = visit(school.officer, f"{base}/import", {"term": term, "grid": SimpleUploadedFile("课表.xlsx", data)})
    record = TimetableImport.objects.get()
    assert answer["Location"].endswith(f"/imports/{record.id}")
    report = text_of(visit(school.officer, answer["Location"]))
    assert "没有认出学科，这一格没有写入。" in report and "课表.xlsx" in report
    draft = Timetable.objects.get(state="draft")
    editor = f"{base}/versions/{draft.id}"
    form = {
        "action": "put", "class": str(school.one.id), "weekday": "3", "slot": "2", "subject": "语文", "teacher": str(school.luo.id),
    }  # fmt: skip
    refused = visit(school.officer, editor, form)
    assert refused.status_code == 409 and "我知道有冲突，仍要保存" in text_of(refused)
    assert visit(school.officer, editor, {**form, "slot": "3"}).status_code == 302
    assert "罗芷" in text_of(visit(school.officer, f"{editor}?class={school.one.id}"))
    assert "罗芷上八（1）班语文 1 节，任课里没有这一项" in text_of(visit(school.officer, f"{editor}/clashes"))
    publish = {"action": "publish", "version": str(draft.id), "effective_from": "2026-11-23"}
    assert visit(school.officer, f"{base}/versions", publish).status_code == 302
    assert Timetable.objects.get(id=draft.id).state == "published"
    assert visit(school.officer, f"{base}/versions", publish).status_code == 409
    with pytest.raises(Invalid):
        visit(school.officer, f"{base}?day=yesterday")


def test_a_hostile_file_is_refused_on_the_page(school: Any, visit: Any) -> None:
    form = {"term": str(school.timetable.term_id), "grid": SimpleUploadedFile("<b>.xlsx", b"PK\x03\x04")}
    answer = visit(school.officer, f"/timetables/{school.code}/import", form)
    assert answer.status_code == 422
    assert "<b>.xlsx" not in text_of(answer) and "打不开" in text_of(answer)


def test_a_lesson_is_given_to_a_substitute(school: Any, visit: Any) -> None:
    lesson = school.timetable.lessons.get(class_group=school.one, slot="5")
    day_list = f"/substitutions/{school.code}?day=2026-11-20"
    assert "安排" in text_of(visit(school.officer, f"{day_list}&teacher={school.cheng.id}"))
    page = f"/substitutions/{school.code}/{lesson.id}?day=2026-11-20"
    assert "同科、同年级" in text_of(visit(school.officer, page))
    assert (
        visit(
            school.officer, f"/substitutions/{school.code}/{lesson.id}", {"mode": "substitute", "day": "2026-11-20"}
        ).status_code
        == 422
    )
    form = {
        "mode": "substitute",
        "day": "2026-11-20",
        "substitute": str(school.luo.id),
        "reason": "教研",
        "counts": "on",
        "back": "//evil.example",
    }
    answer = visit(school.officer, f"/substitutions/{school.code}/{lesson.id}", form)
    assert answer["Location"] == f"/substitutions/{school.code}?day=2026-11-20"
    text = text_of(visit(school.officer, day_list))
    assert "程岳的课由罗芷代" in text and "教研" in text
    mine = text_of(visit(teacher_of(school, school.luo), "/timetable?day=2026-11-20"))
    assert "代课" in mine and "八（1）班 物理" in mine
    change = LessonChange.objects.get()
    visit(school.officer, f"/substitutions/{school.code}", {"change": str(change.id), "day": "2026-11-20"})
    assert "撤销过的" in text_of(visit(school.officer, day_list))


def test_a_known_week_of_ones_own_costs_few_statements(
    school: Any, visit: Any, django_assert_max_num_queries: Any
) -> None:
    actor = teacher_of(school, school.luo)
    visit(actor, "/timetable")
    with django_assert_max_num_queries(10):
        assert "八（5）班 物理" in text_of(visit(actor, "/timetable"))
    assert "第 12 周" in text_of(visit(actor, "/timetable/print"))


def test_a_pupil_and_a_parent_see_the_class(school: Any, visit: Any) -> None:
    pupil = register.make_pupil(school.one)
    parent = register.make_guardian(pupil)
    here = (Right(rights.VIEW, f"class:{school.one.id}"),)
    child = Actor(
        kind="account",
        name="周禾",
        role="student",
        path=str(school.path),
        person_id=pupil.id,
        account_id=uuid4(),
        rights=here,
    )
    mother = Actor(kind="account", name="王若琳", role="guardian", person_id=parent.id, account_id=uuid4(), rights=here)
    for actor in (child, mother):
        assert "物理" in text_of(visit(actor, "/timetable"))
        assert visit(actor, f"/classes/{school.one.id}/week").status_code == 200
        assert visit(actor, f"/classes/{school.one.id}/week/print").status_code == 200
        with pytest.raises(Forbidden):
            visit(actor, f"/classes/{school.two.id}/week")
        with pytest.raises(Forbidden):
            visit(actor, f"/timetables/{school.code}")
    with pytest.raises(Forbidden):
        visit(mother, f"/timetable?child={register.make_pupil(school.two).number}")


def test_a_calendar_address_is_read_by_another_program_and_revoked(school: Any, visit: Any) -> None:
    pupil = register.make_pupil(school.one, name="周禾")
    actor = teacher_of(school, school.luo)
    visit(actor, "/timetable/feeds", {"action": "make", "what": "me"})
    feed = Feed.objects.get()
    lesson = school.timetable.lessons.get(class_group=school.one, slot="5")
    changes.arrange(
        actor=testing.SYSTEM,
        wish=changes.Wish(lesson_id=lesson.id, day=FRIDAY, kind="substitute", substitute=school.luo.id),
    )
    address = f"/timetable/feed/{feeds.token_of(feed.id)}.ics"
    answer = visit(Actor.anonymous(), address)
    assert answer["Content-Type"].startswith("text/calendar")
    calendar = vobject.readOne(answer.content.decode())
    events = [one for one in calendar.vevent_list if one.dtstart.value.date() == FRIDAY]
    assert sorted((one.summary.value, f"{one.dtstart.value:%H:%M}", f"{one.dtend.value:%H:%M}") for one in events) == [
        ("八（1）班 物理（代课）", "11:20", "12:00"), ("八（5）班 物理", "08:00", "08:40"),
    ]  # fmt: skip
    assert {str(one.dtstart.value.utcoffset()) for one in events} == {"8:00:00"}
    assert len({one.uid.value for one in calendar.vevent_list}) == len(calendar.vevent_list)
    made = feeds.make_feed(actor=teacher_of(school, pupil), class_id=school.one.id)
    body = visit(Actor.anonymous(), f"/timetable/feed/{feeds.token_of(made.id)}.ics").content.decode()
    assert "物理" in body and "周禾" not in body
    visit(actor, "/timetable/feeds", {"action": "revoke", "feed": str(feed.id)})
    with pytest.raises(NotFound):
        visit(Actor.anonymous(), address)
    with pytest.raises(Forbidden):
        feeds.make_feed(actor=actor, class_id=register.make_class().id)
    with pytest.raises(Forbidden):
        feeds.revoke_feed(actor=actor, feed_id=made.id)


@pytest.mark.parametrize("token", ["x", "A" * 46, "....", "你好", "A" * 400])
def test_a_guessed_address_is_nothing(token: str, visit: Any) -> None:
    with pytest.raises(NotFound):
        feeds.open_feed(token)


def test_an_address_ends_with_the_relation_it_came_from(school: Any) -> None:
    pupil = register.make_pupil(school.one)
    feed = feeds.make_feed(actor=teacher_of(school, pupil), class_id=school.one.id)
    assert feeds.open_feed(feeds.token_of(feed.id)).id == feed.id
    pupil.class_memberships.update(valid_to=FRIDAY)
    with pytest.raises(NotFound):
        feeds.open_feed(feeds.token_of(feed.id))
