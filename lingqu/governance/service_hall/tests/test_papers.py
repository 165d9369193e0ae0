"""在读证明 and 学籍证明: at once, through the school, at the counter, verified, taken back."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.apps import apps

from lingqu.foundation.identity import testing as accounts
from lingqu.foundation.registry import api as registry
from lingqu.foundation.registry import testing as people
from lingqu.governance.service_hall import register
from lingqu.governance.service_hall.models import Paper, PaperRequest
from lingqu.governance.service_hall.selectors.papers import veiled
from lingqu.kernel.clock import today
from lingqu.kernel.crypto import seal_fields, unseal_fields
from lingqu.kernel.models import AuditEntry

pytestmark = pytest.mark.django_db
Todo: Any = apps.get_model("inbox", "Todo")
NUMBER = "G990000201301010011"


class Place:
    """A school with its register officer, a class, a child with a mother."""

    def __init__(self) -> None:
        registry.prepare()
        self.county = people.make_organisation(kind="region", name="青湾县")
        self.school = people.make_school(self.county, name="第三中学")
        self.officer = people.make_teacher(self.school, "郝岩")
        accounts.give_duty(self.officer, "register_officer", self.school)
        self.group = people.make_class(self.school)
        self.child = people.make_pupil(self.group, "周禾", sex="2")
        register.register_entries().filter(person=self.child).update(sealed=seal_fields({"register_number": NUMBER}))
        self.mother = people.make_guardian(self.child, "王若琳")

    def browser(self, person: Any) -> Any:
        return accounts.signed_in(accounts.account_for(person))


@pytest.fixture
def place(db: None) -> Place:
    return Place()


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", answer.content.decode()))


def test_a_mother_gets_the_paper_at_once_and_anybody_can_verify_it(place: Place, client: Any) -> None:
    phone = place.browser(place.mother)
    assert "周禾" in text_of(phone.get("/services/ask/study"))
    made = phone.post("/services/ask/study", {"child": place.child.number, "purpose": "办理社会保险"})
    paper = Paper.objects.get()
    assert made["Location"] == f"/services/papers/{paper.id}" and paper.issued_by == ""
    assert paper.facts["class"] == "八（1）班" and unseal_fields(paper.sealed) == {"register_number": NUMBER}
    assert phone.get(f"/services/papers/{paper.id}/pdf").content.startswith(b"%PDF")
    told = text_of(client.get(f"/verify/papers?number={paper.number}&code={paper.check_code.lower().replace('-', '')}"))
    assert "真实有效" in told and "周*" in told and "周禾" not in told and NUMBER not in told
    assert "不符" in text_of(client.get(f"/verify/papers?number={paper.number}&code=0000-0000"))
    assert "周禾" in text_of(phone.get("/services/mine"))


def test_asking_twice_on_a_day_gives_the_same_paper(place: Place) -> None:
    phone = place.browser(place.mother)
    ways = {phone.post("/services/ask/study", {"child": place.child.number})["Location"] for _turn in range(2)}
    assert len(ways) == 1 and Paper.objects.count() == 1


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda p: register.memberships().filter(person=p.child).update(valid_to=today()), "没有编入班级。"),
        (lambda p: register.register_entries().filter(person=p.child).update(state="02"), "学籍状态为“休学”。"),
        (lambda p: register.register_entries().filter(person=p.child).update(valid_to=today()), "本平台没有这名学生的学籍。"),
        (lambda p: register.enrolments().filter(person=p.child).update(attendance="absent"), "登记为有籍不在读。"),
        (lambda p: people.RegisterEntry.objects.create(
            person=p.child, school=p.county, path=p.county.path, source="x", as_of=today(), valid_from=today()), "学籍有 2 条，疑似重复。"),
    ],
)  # fmt: skip
def test_what_does_not_fit_goes_to_the_school_with_the_sentence_why(place: Place, spoil: Any, told: str) -> None:
    spoil(place)
    answer = place.browser(place.mother).post("/services/ask/study", {"child": place.child.number})
    asked = PaperRequest.objects.get()
    assert answer["Location"] == f"/services/requests/{asked.id}" and not Paper.objects.exists()
    assert told in asked.doubts and asked.due_on > today()
    assert Todo.objects.get().address == f"duty:register_officer@{place.school.label}"


def test_the_school_decides_once_and_the_family_reads_it(place: Place) -> None:
    register.memberships().filter(person=place.child).update(valid_to=today())
    phone, desk = place.browser(place.mother), place.browser(place.officer)
    phone.post("/services/ask/study", {"child": place.child.number})
    asked = PaperRequest.objects.get()
    assert "没有编入班级" in text_of(desk.get("/services/papers"))
    assert "核对无误" in text_of(desk.get(f"/services/requests/{asked.id}"))
    missing = desk.post(f"/services/requests/{asked.id}/decide", {"decision": "refuse"}, follow=True)
    assert "请写明不能出具的原因" in text_of(missing)
    desk.post(f"/services/requests/{asked.id}/decide", {"decision": "grant", "answer": "已补编班级"})
    paper = Paper.objects.get()
    assert paper.issued_by == "郝岩" and PaperRequest.objects.get().state == "granted"
    again = desk.post(f"/services/requests/{asked.id}/decide", {"decision": "refuse", "answer": "x"}, follow=True)
    assert "已经办过" in text_of(again) and PaperRequest.objects.get().state == "granted"
    assert Todo.objects.get().state == "done"
    assert "已补编班级" in text_of(phone.get(f"/services/requests/{asked.id}"))


def test_the_counter_gives_a_paper_the_clerk_answers_for_and_takes_it_back(place: Place, client: Any) -> None:
    register.register_entries().filter(person=place.child).update(valid_to=today())
    desk = place.browser(place.officer)
    assert "本平台没有这名学生的学籍" in text_of(desk.get(f"/services/papers/new/{place.child.number}"))
    refused = desk.post(f"/services/papers/new/{place.child.number}", {"kind": "register"})
    assert refused.status_code == 403
    desk.post(f"/services/papers/new/{place.child.number}", {"kind": "study", "purpose": "报名"})
    paper = Paper.objects.get()
    assert paper.issued_by == "郝岩"
    desk.post(f"/services/papers/{paper.id}/revoke", {"reason": ""})
    assert Paper.objects.get().revoked_at is None
    desk.post(f"/services/papers/{paper.id}/revoke", {"reason": "班级写错"})
    assert "已作废" in text_of(client.get(f"/verify/papers?number={paper.number}&code={paper.check_code}"))


def test_nobody_gets_papers_of_other_peoples_children(place: Place) -> None:
    other = people.make_pupil(place.group, "林溪")
    proxy = people.make_guardian(place.child, "阿姨", kind="proxy")
    before = AuditEntry.objects.count()
    assert place.browser(place.mother).post("/services/ask/study", {"child": other.number}).status_code == 403
    assert place.browser(proxy).post("/services/ask/study", {"child": place.child.number}).status_code == 403
    assert place.browser(place.mother).post("/services/ask/forged", {"child": place.child.number}).status_code == 404
    assert not Paper.objects.exists() and not PaperRequest.objects.exists()
    assert not AuditEntry.objects.filter(action__startswith="service_hall").exists() and before >= 0


def test_names_are_veiled_for_strangers() -> None:
    assert [veiled(name) for name in ("周禾", "欧阳娜娜", "王", "")] == ["周*", "欧**娜", "王", ""]
