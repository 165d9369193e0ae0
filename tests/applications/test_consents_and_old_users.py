"""What an application knows of somebody, consents on paper, and the vendor's old users."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lingqu.foundation.applications import api as applications
from lingqu.foundation.applications.models import (
    Consent,
    LegacyAccount,
)
from lingqu.foundation.applications.testing import adopt, make_application
from lingqu.foundation.identity import testing
from lingqu.foundation.registry.models import Person
from lingqu.kernel import crypto

from .desk import clerk_of, teacher_of, text_of


def test_the_mother_sees_what_an_application_knows_of_her_child_and_takes_it_back(school: Any) -> None:
    child = testing.make_person("林小禾", organisation=school, birth_date=date(2018, 5, 1))
    testing.seat(child, testing.make_class(school))
    mother = testing.make_person("林母", organisation=school)
    testing.guard(mother, child)
    account, hers = testing.account_for(child), testing.signed_in(testing.account_for(mother))
    app = make_application(by_consent=["gender"])
    applications.record_release(app=app, account_id=account.id, protocol="oidc", fields=["name"])
    Consent.objects.create(
        application_id=app.id,
        account_id=account.id,
        person_id=child.id,
        scopes=["gender"],
        given_by="guardian",
        giver_name="林父",
    )
    page = text_of(hers.get(f"/apps/mine/{child.number}"))
    assert all(word in page for word in ("林小禾", app.name, "性别", "林父"))
    assert "还没有应用收到过" in text_of(hers.get("/apps/mine"))
    assert hers.post(f"/apps/consents/{Consent.objects.get().id}/end", {"number": child.number}).status_code == 302
    assert Consent.objects.get().ended_at is not None
    stranger = testing.signed_in(teacher_of(school))
    assert stranger.get(f"/apps/mine/{child.number}").status_code == 404


def test_a_stranger_does_not_end_somebodys_consent(school: Any) -> None:
    person = testing.make_person("林小禾", organisation=school)
    app = make_application(by_consent=["gender"])
    made = Consent.objects.create(application_id=app.id, person_id=person.id, scopes=["gender"], given_by="guardian")
    client = testing.signed_in(teacher_of(school))
    assert client.post(f"/apps/consents/{made.id}/end").status_code == 403
    assert Consent.objects.get().ended_at is None


PDF = b"%PDF-1.7\nsigned"


def test_paper_consents_of_a_class_come_with_one_scan(school: Any) -> None:
    group = testing.make_class(school)
    pupils = [testing.make_person(f"学生{n}", organisation=school, birth_date=date(2017, 1, 1)) for n in range(3)]
    for one in pupils:
        testing.seat(one, group)
    account = testing.account_for(pupils[0])
    head = testing.make_person("何清", organisation=school)
    testing.give_duty(head, "head_teacher", school, group)
    client = testing.signed_in(testing.account_for(head))
    app, url = make_application(by_consent=["gender"]), f"/classes/{group.id}/app-consents"
    assert "性别" in text_of(client.get(url))

    def given(people: list[Any], data: bytes = PDF) -> dict[str, Any]:
        return {"application": str(app.id), "person": [str(one.id) for one in people],
                "scan": SimpleUploadedFile("同意书.pdf", data, "application/pdf")}  # fmt: skip

    outsider = testing.make_person("外班", organisation=school)
    assert "PDF" in text_of(client.post(url, given(pupils[:2], b"MZ program")), 422)
    assert "勾选" in text_of(client.post(url, given([outsider])), 422)
    assert "勾选" in text_of(client.post(url, given([])), 422)
    assert Consent.objects.count() == 0
    for _each in range(2):
        assert client.post(url, given(pupils[:2])).status_code == 302
    assert Consent.objects.count() == 2
    assert not applications.missing_consent(app=app, account_id=account.id, scopes=["gender"])
    batch = Consent.objects.first().batch_id
    assert b"".join(client.get(f"/applications/papers/{batch}/scan").streaming_content) == PDF
    assert testing.signed_in(teacher_of(school)).get(f"/applications/papers/{batch}/scan").status_code in (403, 404)
    assert client.post(f"/applications/papers/{batch}/withdraw").status_code == 302
    assert applications.missing_consent(app=app, account_id=account.id, scopes=["gender"])


def test_old_users_are_matched_by_id_phone_and_number(county: Any, school: Any) -> None:
    one = testing.make_person("甲一", organisation=school, id_blind=crypto.blind("id", "330101199001011234"))
    two = testing.make_person("乙二", organisation=school, phone_blind=crypto.blind("phone", "13800000001"))
    three = testing.make_person("丙三", organisation=school)
    testing.employ(three, school, staff_number="T007")
    twins = [
        testing.make_person("丁四", organisation=school, phone_blind=crypto.blind("phone", "13800000002"))
        for _n in "ab"
    ]
    away = testing.make_school("3302010001", "别校")
    testing.make_person("戊五", organisation=away, phone_blind=crypto.blind("phone", "13800000003"))
    app, client = make_application(organisation=county, adopted_by=[school]), clerk_of(county)
    lines = [
        "旧账号,姓名,身份证号,手机号,工号,学校代码", "u1,甲一,330101199001011234,,,", "u2,乙二,,138 0000 0001,,",
        "u3,丙三,,,T007,3301010001", "u4,丁四,,13800000002,,", "u5,戊五,,13800000003,,", "u6,乙二错,,13800000001,,",
        "u7,没有,,,,", ",无名,,1,,", "u1,重复,,1,,",
    ]  # fmt: skip
    file = SimpleUploadedFile("users.csv", "\n".join(lines).encode("gb18030"), "text/csv")
    url = f"/applications/{app.client_id}/users"
    page = text_of(client.post(url, {"file": file}))
    assert "收下 6 行，3 行不能用" in page
    assert "第 9 行" in page
    found = {row.vendor_user: (row.state, row.person_id, row.way) for row in LegacyAccount.objects.all()}
    assert found == {
        "u1": ("matched", one.id, "id"), "u2": ("matched", two.id, "phone"), "u3": ("matched", three.id, "number"),
        "u4": ("ambiguous", None, ""), "u5": ("missing", None, ""), "u6": ("missing", None, ""),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(row_to_json(l)::text, '') FROM applications_legacyaccount l")
        stored = cursor.fetchone()[0]
    assert "330101199001011234" not in stored
    assert "13800000001" not in stored
    fourth = LegacyAccount.objects.get(vendor_user="u4")
    assert "没有这个人员编号" in text_of(client.post(f"{url}/{fourth.id}/settle", {"number": "999"}), 422)
    assert client.post(f"{url}/{fourth.id}/settle", {"number": twins[0].number}).status_code == 302
    assert LegacyAccount.objects.get(vendor_user="u4").person_id == twins[0].id
    adopt(app, away)
    assert client.post(f"{url}/again").status_code == 302
    assert LegacyAccount.objects.get(vendor_user="u5").state == "matched"
    text_of(client.get(f"{url}?state=matched"))


def test_the_mapping_outlives_a_merge(county: Any, school: Any) -> None:
    kept, double = (testing.make_person("甲一", organisation=school) for _each in "ab")
    account = testing.account_for(kept)
    app = make_application(organisation=county, scopes=["vendor_user"])
    LegacyAccount.objects.create(
        application_id=app.id, vendor_user="old-7", name="甲一", state="matched", person_id=double.id
    )
    Person.objects.filter(id=double.id).update(canonical_id=kept.id)
    told = applications.claims_of(app=app, account_id=account.id, scopes=["vendor_user"], subject="s")
    assert told == {"sub": "s", "lingqu_vendor_user": "old-7"}


@pytest.mark.parametrize(
    ("name", "data", "status"),
    [("a.xlsx", b"PK\x03\x04broken", 422), ("a.csv", b"", 422), ("a.csv", b"\xff\xfe\xff\xff", 422),
     ("a.csv", "姓名,手机号\n甲,1".encode(), 422), ("a.csv", b"x" * (5 * 1024 * 1024 + 1), 413)],
)  # fmt: skip
def test_files_that_cannot_be_used_are_refused(county: Any, name: str, data: bytes, status: int) -> None:
    app, client = make_application(organisation=county), clerk_of(county)
    answer = client.post(f"/applications/{app.client_id}/users", {"file": SimpleUploadedFile(name, data)})
    assert answer.status_code == status
    assert LegacyAccount.objects.count() == 0


def test_three_thousand_old_users_take_few_statements(county: Any, school: Any) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["旧账号", "姓名", "手机号"])
    for n in range(3000):
        sheet.append([f"u{n}", f"用户{n}", f"138{n:08d}"])
    kept = io.BytesIO()
    book.save(kept)
    testing.make_person("用户5", organisation=school, phone_blind=crypto.blind("phone", "13800000005"))
    app, client = make_application(organisation=county, adopted_by=[school]), clerk_of(county)
    with CaptureQueriesContext(connection) as asked:
        page = text_of(
            client.post(f"/applications/{app.client_id}/users", {"file": SimpleUploadedFile("u.xlsx", kept.getvalue())})
        )
    assert len(asked) < 40
    assert "收下 3000 行" in page
    assert LegacyAccount.objects.filter(state="matched").count() == 1
