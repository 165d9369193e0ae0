"""Messages: told once however often, to desks and people, seen by each, silent where the register says so."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lingqu.foundation.identity import testing as accounts
from lingqu.foundation.inbox import api as inbox
from lingqu.foundation.inbox import testing as making
from lingqu.foundation.inbox.models import News, NewsSeen
from lingqu.foundation.inbox.selectors import news, reading
from lingqu.foundation.inbox.services import facts, telling
from lingqu.foundation.registry import api as registry
from lingqu.foundation.registry import testing as people
from lingqu.kernel import clock
from lingqu.kernel.actor import Actor
from lingqu.kernel.ids import uuid7

pytestmark = pytest.mark.django_db


class School:
    def __init__(self) -> None:
        registry.prepare()
        self.school = people.make_school()
        self.a, self.b = people.make_teacher(self.school, "甲"), people.make_teacher(self.school, "乙")
        self.post = people.make_post(self.school, "school_office", a=self.a, b=self.b)
        self.group = people.make_class(self.school)
        self.head = people.make_head(self.group, people.make_teacher(self.school, "吴静"))
        self.child = people.make_pupil(self.group, "周禾")
        self.mother = people.make_guardian(self.child, "王若琳")


@pytest.fixture
def school(db: None) -> School:
    return School()


def reader_of(person: Any) -> Any:
    return reading.get_reader(Actor(kind="account", name="x", account_id=person.id, person_id=person.id))


def new_of(*who: Any) -> list[int]:
    return [making.count_for(person)[2] for person in who]


def tell(to: str, key: str = "1", **more: Any) -> int:
    return inbox.tell(**{"module": "m", "key": key, "to": [to], "text": "文件已生成", "url": "/x", **more})


def test_a_desk_is_told_once_and_each_holder_sees_it_for_himself(school: School) -> None:
    told = [tell(f"post:{school.post.id}") for _again in range(3)]
    assert (told, News.objects.count(), NewsSeen.objects.count()) == ([1, 1, 1], 1, 0)
    assert new_of(school.a, school.b, school.mother) == [1, 1, 0]
    assert len(telling.mark_seen(reader_of(school.a))) == 1 and telling.mark_seen(reader_of(school.a)) == set()
    assert new_of(school.a, school.b) == [0, 1]
    tell(f"post:{school.post.id}", text="文件又生成了")
    assert new_of(school.a, school.b) == [1, 1] and News.objects.get().text == "文件又生成了"
    fresh = people.make_teacher(school.school, "新")
    registry.hand_over(actor=making.SYSTEM, post_id=school.post.id, place="a", person_id=fresh.id, on=clock.today())
    assert new_of(school.a, fresh) == [0, 1], "what was told to the desk stays with the desk"


def test_nothing_is_told_of_or_to_the_dead_and_former_guardians_see_nothing(school: School) -> None:
    to = f"person:{school.mother.id}"
    assert tell(to, about=school.child.id) == 1 and new_of(school.mother) == [1]
    tell(f"post:{school.post.id}", about=school.child.id)
    school.child.guardianships.update(valid_to=clock.today())
    assert new_of(school.mother, school.a) == [0, 1]
    school.child.guardianships.update(valid_to=None)
    model = type(school.child)
    model.objects.filter(id=school.child.id).update(deceased_on=clock.today())
    assert new_of(school.mother) == [0] and tell(to, "2", about=school.child.id) == 0
    model.objects.filter(id=school.mother.id).update(deceased_on=clock.today())
    assert tell(to, "3") == 0


def test_refuses_what_leads_outside_and_whom_nobody_is() -> None:
    for to, url in (("person:x", "//evil.example"), ("person:x", "https://x.example"), ("staff@x", "/x")):
        with pytest.raises(ValueError, match=r"message leads|has the address"):
            tell(to, url=url)


def test_a_duty_hears_and_an_account_without_a_person_does_not(school: School) -> None:
    school.a.duties.create(
        organisation=school.school, path=school.school.path, kind="principal", valid_from=people.START
    )
    tell(f"duty:principal@{school.school.label}")
    assert new_of(school.a, school.b) == [1, 0]
    words = {"module": "m", "key": "9", "text": "x"}
    assert inbox.tell_account(accounts.duty_account("operator").id, **words) == 0
    assert [inbox.tell_account(one, **words) for one in (None, uuid7())] == [0, 0]
    assert inbox.tell_account(accounts.account_for(school.mother).id, **words) == 1


def test_the_page_shows_bundles_and_empties_the_bell(school: School) -> None:
    for n in range(4):
        tell(f"person:{school.mother.id}", str(n), text=f"第{n}条", bundle="files" if n else "")
    client = accounts.signed_in(accounts.account_for(school.mother))
    assert "共 4 件" in client.get("/inbox/bell").content.decode()
    page = client.get("/inbox").content.decode()
    assert "同类还有 2 条" in page and page.count("第0条") == 1
    with CaptureQueriesContext(connection) as captured:
        client.get("/inbox?tab=messages")
    assert len(captured) <= 12
    assert "没有未读" in client.get("/inbox/bell").content.decode()
    assert "第3条" in client.get("/inbox?tab=messages").content.decode()
    assert "第0条" not in accounts.signed_in(accounts.account_for(school.a)).get("/inbox?tab=messages").content.decode()


def test_many_are_paged_and_all_are_seen_at_once(school: School) -> None:
    for n in range(news.PAGE + 5):
        tell(f"person:{school.mother.id}", str(n))
    reader = reader_of(school.mother)
    page = news.list_news(reader, telling.mark_seen(reader))
    assert len(page.items) == news.PAGE and page.next and new_of(school.mother) == [0]


def test_old_ones_are_forgotten_with_who_saw_them(school: School) -> None:
    tell(f"person:{school.mother.id}", "old")
    tell(f"person:{school.mother.id}", "new")
    telling.mark_seen(reader_of(school.mother))
    News.objects.filter(key="old").update(at=clock.now() - news.KEPT_FOR - timedelta(minutes=1))
    assert (telling.forget_old(), telling.forget_old()) == (1, 0)
    assert (News.objects.count(), NewsSeen.objects.count()) == (1, 1)


def test_claims_are_told_to_the_class_teacher_and_decisions_to_the_claimant(school: School) -> None:
    claim = uuid7()
    for _again in range(2):
        facts.tell_of_claim(claim, school.child.id)
    assert new_of(school.head, school.a) == [1, 0]
    assert News.objects.get().url == f"/classes/{school.group.id}/accounts"
    for is_confirmed in (True, False):
        facts.tell_of_decision(claim, school.child.id, school.mother.id, is_confirmed=is_confirmed)
    assert new_of(school.mother) == [1], "a decision is told once"
