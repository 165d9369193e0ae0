"""Taking along everything held about oneself, or about a child: ordered, gathered by a job, fetched within a day."""

from __future__ import annotations

import json
from datetime import timedelta
from io import BytesIO
from typing import Any

import fastexcel
import pytest
from django.test import Client

from lingqu.foundation.identity import testing
from lingqu.foundation.identity.middleware import forget_standings
from lingqu.foundation.identity.models import Account, DataFile, SsoSession
from lingqu.kernel import files
from lingqu.kernel.clock import now
from lingqu.kernel.jobs import JOBS
from lingqu.kernel.models import AuditEntry

pytestmark = pytest.mark.django_db


def ordered(browser: Client, kind: str = "json", number: str = "") -> DataFile:
    """Ordered and made."""
    assert browser.post("/me/data/order", {"as": kind, "number": number}).status_code == 302
    row = DataFile.objects.latest("asked_at")
    JOBS["identity.make_data_file"](file_id=str(row.id))
    row.refresh_from_db()
    return row


def fetched(browser: Client, row: DataFile) -> bytes:
    answer = browser.get(f"/me/data/{row.id}")
    assert answer.status_code == 200, answer.content.decode()[:500]
    assert "no-store" in answer["Cache-Control"] and "attachment" in answer["Content-Disposition"]
    return answer.content


def age(**columns: Any) -> None:
    DataFile.objects.update(**columns)


def test_the_password_is_asked_for_at_every_step(teacher: Account) -> None:
    browser = testing.browser(teacher)
    row = ordered(browser)
    SsoSession.objects.update(auth_time=now() - timedelta(minutes=11))
    asked = browser.get("/me/data")
    assert asked["Location"] == "/sign-in/again?next=%2Fme%2Fdata"
    assert browser.post("/me/data/order", {"as": "json"})["Location"].startswith("/sign-in/again")
    assert browser.get(f"/me/data/{row.id}")["Location"].startswith("/sign-in/again")
    assert browser.post(asked["Location"], {"password": testing.PASSWORD})["Location"] == "/me/data"
    assert browser.get("/me/data").status_code == 200 and DataFile.objects.count() == 1


def test_a_pin_is_not_enough(teacher: Account) -> None:
    browser = testing.signed_in(teacher)
    SsoSession.objects.update(amr=["pin"])
    assert browser.get("/me/data")["Location"].startswith("/sign-in/again")


def test_the_file_holds_everything_and_no_secret(teacher: Account) -> None:
    browser = testing.browser(teacher)
    row = ordered(browser)
    assert (row.state, row.done, row.done == row.total) == ("ready", row.total, True) and row.total >= 3
    values = json.loads(fetched(browser, row))
    assert values["account"]["login"] == teacher.login and values["register"]["name"] == "李老师"
    assert [one["outcome"] for one in values["attempts"]] == ["ok"]
    assert "identity.own_data.ordered" in [one["action"] for one in values["trail"]]
    assert testing.PASSWORD not in json.dumps(values) and "argon2" not in json.dumps(values)
    book = fastexcel.read_excel(fetched(browser, ordered(browser, "xlsx")))
    assert {"account", "roles", "sign_ins", "register", "trail", "seen_by"} <= set(book.sheet_names)
    assert AuditEntry.objects.filter(action="identity.own_data.taken").count() == 2


def test_what_lies_in_the_store_is_sealed(teacher: Account) -> None:
    row = ordered(testing.browser(teacher))
    with files.open_file(row.digest) as source:
        assert teacher.login.encode() not in source.read()


def test_one_at_a_time_and_a_stuck_one_makes_room(teacher: Account) -> None:
    browser = testing.browser(teacher)
    for _again in range(2):
        browser.post("/me/data/order", {"as": "json"})
    page = browser.get("/me/data").content.decode()
    assert (
        DataFile.objects.count() == 1
        and "正在排队" in page
        and 'hx-trigger="every 2s"' in page
        and "上一份还在生成" in page
    )
    assert browser.get(f"/me/data/{DataFile.objects.get().id}").status_code == 409
    age(asked_at=now() - timedelta(hours=2))
    browser.post("/me/data/order", {"as": "json"})
    assert sorted(DataFile.objects.values_list("state", flat=True)) == ["failed", "making"]


def test_after_a_day_it_is_gone(teacher: Account) -> None:
    browser = testing.browser(teacher)
    row = ordered(browser)
    assert "已过期" not in browser.get("/me/data").content.decode()
    age(ready_at=now() - timedelta(hours=25))
    assert browser.get(f"/me/data/{row.id}").status_code == 409
    assert "已过期" in browser.get("/me/data").content.decode()


def test_nobody_fetches_the_file_of_somebody_else(teacher: Account) -> None:
    row = ordered(testing.browser(teacher))
    assert testing.browser(testing.duty_account("security_admin")).get(f"/me/data/{row.id}").status_code == 404


def test_a_guardian_takes_the_childs_data_while_being_one() -> None:
    school = testing.make_school()
    child, mother = testing.make_person("周禾", organisation=school), testing.make_person("周母", organisation=school)
    testing.seat(child, testing.make_class(school))
    testing.guard(mother, child)
    pupil = testing.account_for(child)
    hers = testing.browser(testing.account_for(mother))
    assert "周禾" in hers.get("/me/data").content.decode()
    row = ordered(hers, number=child.number)
    values = json.loads(fetched(hers, row))
    assert (values["register"]["name"], values["account"]["login"]) == ("周禾", pupil.login)
    late = ordered_only(hers, child.number)
    mother.wards.update(valid_to=now().date() - timedelta(days=1))
    forget_standings()
    JOBS["identity.make_data_file"](file_id=str(late.id))
    late.refresh_from_db()
    assert late.state == "failed" and hers.get(f"/me/data/{row.id}").status_code == 403
    assert AuditEntry.objects.filter(action="identity.own_data.taken", subject_id=child.id).count() == 1


def ordered_only(browser: Client, number: str) -> DataFile:
    browser.post("/me/data/order", {"as": "json", "number": number})
    return DataFile.objects.latest("asked_at")


@pytest.mark.parametrize("kind", ["proxy", "stranger", "teacher"])
def test_nobody_else_takes_a_childs_data(kind: str) -> None:
    school = testing.make_school()
    child, other = testing.make_person("周禾", organisation=school), testing.make_person("别人", organisation=school)
    group = testing.make_class(school)
    testing.seat(child, group)
    if kind == "proxy":
        testing.guard(other, child, kind="proxy")
    elif kind == "teacher":
        testing.employ(other, school)
        testing.teach(other, group)
    browser = testing.browser(testing.account_for(other))
    assert browser.post("/me/data/order", {"as": "json", "number": child.number}).status_code == 404
    assert not DataFile.objects.exists()


def test_a_stopped_account_gets_nothing(teacher: Account) -> None:
    browser = testing.browser(teacher)
    browser.post("/me/data/order", {"as": "json"})
    testing.set_state(teacher, "locked")
    row = DataFile.objects.get()
    JOBS["identity.make_data_file"](file_id=str(row.id))
    row.refresh_from_db()
    assert row.digest == ""


def test_bytes_of_a_workbook_are_harmless(teacher: Account) -> None:
    """A name that looks like a formula stays text."""
    teacher.person.name = "=1+1"
    teacher.person.save(update_fields=["name"])
    browser = testing.browser(teacher)
    book = fastexcel.read_excel(BytesIO(fetched(browser, ordered(browser, "xlsx"))).getvalue())
    cells = [str(cell) for row in book.load_sheet("register", header_row=None).to_polars().rows() for cell in row]
    assert "=1+1" not in cells and any(cell.endswith("=1+1") for cell in cells)
