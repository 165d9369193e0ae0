"""Where cases begin, and 休学 that ends: pages of a mother on her phone, to-dos of the school."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile

from lingqu.foundation.identity import testing as accounts
from lingqu.foundation.registry import api as registry
from lingqu.foundation.registry import testing as people
from lingqu.governance.service_hall import processes, register
from lingqu.governance.service_hall.models import Transfer
from lingqu.governance.service_hall.services import expiring
from lingqu.kernel.clock import today

from .test_papers import text_of
from .test_transfers import Two

pytestmark = pytest.mark.django_db
Todo: Any = apps.get_model("inbox", "Todo")


def phone_of(two: Two) -> Any:
    processes.install_services()
    for school in (two.old, two.new):
        accounts.give_duty(people.make_teacher(school), "register_officer", school)
    return accounts.signed_in(accounts.account_for(people.make_guardian(two.child)))


@pytest.fixture
def two(db: None) -> Two:
    return Two()


def test_a_mother_chooses_a_school_with_a_place_and_follows_the_case(two: Two) -> None:
    phone = phone_of(two)
    full = people.make_school(two.county, name="满员中学")
    people.make_class(full, size=50)
    page = text_of(phone.get("/services/move"))
    assert "青湾实验中学有空余学位" in page and "满员中学学位已满" in page and "第三中学有" not in page
    words = {"child": two.child.number, "school": two.new.code, "reason": ""}
    assert "请填写转学原因" in text_of(phone.post("/services/move", words))
    refused = phone.post("/services/move", {**words, "school": full.code, "reason": "搬家"})
    assert "没有空余学位" in text_of(refused) and not Transfer.objects.exists()
    proof = SimpleUploadedFile("房产.pdf", b"%PDF-1.7", "application/pdf")
    made = phone.post("/services/move", {**words, "reason": "搬家", "proof": proof})
    case = Transfer.objects.get().case_id
    assert made["Location"] == f"/workflow/cases/{case}"
    shown = text_of(phone.get(made["Location"]))
    assert "转入学校接收" in shown and "搬家" in shown and "房产.pdf" in shown
    assert "已经有一件没有办完的转学" in text_of(phone.get("/services/move"))
    other = people.make_pupil(two.here, "林溪")
    assert phone.post("/services/move", {**words, "child": other.number, "reason": "x"}).status_code == 403


def test_other_services_begin_with_the_child_filled_in(two: Two) -> None:
    phone = phone_of(two)
    way = phone.get("/services/begin/suspension")
    assert way["Location"] == f"/workflow/start/suspension?at={two.old.code}&about={two.child.number}"
    page = text_of(phone.get(way["Location"]))
    assert "周禾" in page and "预计复学日期" in page
    assert phone.get("/services/begin/forged").status_code == 404
    left = phone.get("/services/begin/withdrawal")["Location"]
    assert "八年级不得退学" in text_of(phone.post(left, {"reason": "不读了"}))


def test_a_pause_that_ends_soon_stands_on_the_desk_once(two: Two) -> None:
    accounts.give_duty(people.make_teacher(two.old), "register_officer", two.old)
    register.enrolments().filter(person=two.child).update(attendance="absent", expected_on=today() + timedelta(days=10))
    assert expiring.remind_of_returns() == expiring.remind_of_returns() == 1
    assert "休学到" in Todo.objects.get(module="service_hall").title
    register.enrolments().filter(person=two.child).update(expected_on=today() + timedelta(days=60))
    assert expiring.remind_of_returns() == 0 and registry.current_school_year()
