"""The pages: as the vendor, the bureau's clerk, the reviewer, the teacher at the shelf, the mother."""

from __future__ import annotations

import html
import io
import json
from datetime import date, timedelta
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from lingqu.foundation.applications import api as applications
from lingqu.foundation.applications.models import (
    Adoption,
    Application,
    RequestLog,
    ScopeGrant,
    Secret,
    Vendor,
)
from lingqu.foundation.applications.services.sandbox import parts
from lingqu.foundation.applications.testing import fill_filing, make_application, make_vendor
from lingqu.foundation.identity import testing
from lingqu.kernel import audit
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import now, today

from .desk import clerk_of, teacher_of, text_of, vendor_client


def test_the_teacher_opens_what_the_school_uses(school: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    app = make_application("口语小教练", adopted_by=[school], audiences=["teacher"], home_url="https://app.example.cn/")
    make_application("别校的", adopted_by=[testing.make_school("3302010001", "别校")])
    make_application("学生的", adopted_by=[school], audiences=["student"])
    client = testing.signed_in(teacher_of(school))
    client.get("/apps")
    with CaptureQueriesContext(connection) as asked:
        page = text_of(client.get("/apps"))
    assert len(asked) <= 12
    assert "口语小教练" in page
    assert "别校的" not in page
    assert "学生的" not in page
    assert "姓名" in page
    assert client.get(f"/apps/{app.client_id}/open")["Location"] == "https://app.example.cn/"
    monkeypatch.setitem(applications.ENTRIES, "oidc", lambda app, request: f"https://sso.example.cn/{app.client_id}")
    assert client.get(f"/apps/{app.client_id}/open")["Location"] == f"https://sso.example.cn/{app.client_id}"
    assert "没有符合条件" in text_of(client.get("/apps?q=不存在"))


def test_what_the_school_does_not_use_is_not_opened(school: Any) -> None:
    app = make_application("别校的", adopted_by=[], home_url="https://app.example.cn/")
    client = testing.signed_in(teacher_of(school))
    assert client.get(f"/apps/{app.client_id}/open").status_code == 403
    assert client.get("/apps/lqnothing/open").status_code == 404


def test_the_clerk_lists_and_reads_applications(county: Any) -> None:
    made = [make_application(f"应用{n}", organisation=county) for n in range(3)]
    elsewhere = make_application("外县的", organisation=testing.make_school("330102", "外县", kind="region"))
    client = clerk_of(county)
    client.get("/applications")
    with CaptureQueriesContext(connection) as asked:
        page = text_of(client.get("/applications"))
    assert len(asked) <= 12
    assert all(one.name in page for one in made)
    assert elsewhere.name not in page
    with CaptureQueriesContext(connection) as asked:
        page = text_of(client.get(f"/applications/{made[0].client_id}"))
    assert len(asked) <= 12
    assert made[0].client_id in page
    assert client.get(f"/applications/{elsewhere.client_id}").status_code == 404
    assert "应用1" in text_of(client.get("/applications?q=应用1"))
    for state in ("waiting", "live", "ending", "stopped", "draft"):
        text_of(client.get(f"/applications?state={state}"))


def test_the_clerk_registers_changes_and_files(county: Any) -> None:
    client = clerk_of(county)
    given = {
        "name": "校车通", "summary": "线路和到站", "category": "family", "home_url": "https://bus.example.cn/",
        "audiences": ["guardian", "teacher"], "session_minutes": "60", "subject_type": "pairwise",
        "organisation": str(county.id),
    }  # fmt: skip
    assert "名称要写" in text_of(client.post("/applications/new", {**given, "name": ""}), 422)
    answer = client.post("/applications/new", given)
    row = Application.objects.get()
    assert answer["Location"] == f"/applications/{row.client_id}"
    assert (row.state, row.audiences, row.session_minutes) == ("live", ["guardian", "teacher"], 60)
    url = f"/applications/{row.client_id}"
    text_of(client.get(f"{url}/edit"))
    assert client.post(f"{url}/edit", {**given, "name": "校车通二"}).status_code == 302
    refused = client.post(f"{url}/edit", {**given, "subject_type": "public"})
    assert "不能再改" in text_of(refused, 422)
    text_of(client.get(f"{url}/filing"))
    assert "18 位" in text_of(client.post(f"{url}/filing", {"credit_code": "123"}), 422)
    assert "日期写成" in text_of(client.post(f"{url}/filing", {"record_until": "2026-02-31"}), 422)
    filing = {"provider_record": "教APP备1号", "protection_level": "2", "record_until": "2027-01-01",
              "emergency_name": "章予", "emergency_phone": "12012345678"}  # fmt: skip
    assert client.post(f"{url}/filing", filing).status_code == 302
    row.refresh_from_db()
    assert (row.name, row.filing.protection_level, row.filing.record_until) == ("校车通二", 2, date(2027, 1, 1))
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(f)::text FROM applications_applicationfiling f")
        assert "12012345678" not in cursor.fetchone()[0]


def test_scopes_need_basis_and_purpose(county: Any) -> None:
    app, client = make_application(organisation=county, scopes=[]), clerk_of(county)
    url = f"/applications/{app.client_id}/scopes"
    assert "用途" in text_of(client.post(url, {"scope": "phone", "basis": "consent", "purpose": ""}), 422)
    assert text_of(client.post(url, {"scope": "root", "basis": "duty", "purpose": "要看看"}), 422)
    assert client.post(url, {"scope": "phone", "basis": "consent", "purpose": "缺勤时联系"}).status_code == 302
    assert applications.get_application(app.id).consent_scopes == ("phone",)
    assert "已经有了" in text_of(client.post(url, {"scope": "phone", "basis": "duty", "purpose": "再来一次"}), 422)
    assert client.post(f"{url}/phone/end").status_code == 302
    assert ScopeGrant.objects.get().ended_at is not None
    assert applications.get_application(app.id).scopes == ("openid",)


def opens(app: applications.App, secret: str) -> bool:
    found = applications.find_application(app.client_id)
    return found is not None and applications.check_secret(app=found, secret=secret)


def test_a_secret_is_shown_once_and_old_ones_overlap(county: Any) -> None:
    app, client = make_application(organisation=county), clerk_of(county)
    url = f"/applications/{app.client_id}"
    page = text_of(client.post(f"{url}/secrets", {"overlap": "7"}))
    first = Secret.objects.get()
    shown = page.split("<code>")[1].split("</code>")[0]
    assert opens(app, shown)
    assert shown not in text_of(client.get(url))
    client.post(f"{url}/secrets", {"overlap": "7"})
    first.refresh_from_db()
    assert timedelta(days=6) < first.expires_at - now() < timedelta(days=8)
    client.post(f"{url}/secrets/{first.id}/revoke")
    assert not opens(app, shown)


def test_a_school_decides_to_use_an_application_and_stops(county: Any, school: Any) -> None:
    app = make_application(organisation=county, adopted_by=[])
    person = testing.make_person("吴静", organisation=school)
    testing.employ(person, school)
    testing.give_duty(person, "school_admin", school)
    client, teacher = testing.signed_in(testing.account_for(person)), testing.signed_in(teacher_of(school))
    url = f"/applications/{app.client_id}/adopt"
    assert "第三中学" in text_of(client.get(url))
    given = {"organisation": school.code, "audiences": ["teacher"], "valid_from": today().isoformat(),
             "meeting_date": "2026-11-01", "approval_number": "三中〔2026〕5 号"}  # fmt: skip
    assert "结束日期" in text_of(client.post(url, {**given, "valid_until": "2020-01-01"}), 422)
    assert client.post(url, given).status_code == 302
    assert "已经选用" in text_of(client.post(url, given), 422)
    assert app.name in text_of(teacher.get("/apps"))
    assert client.post(url, {**given, "organisation": "", "code": "330101"}).status_code == 403
    assert client.post(f"/applications/adoptions/{Adoption.objects.get().id}/end").status_code == 302
    assert app.name not in text_of(teacher.get("/apps"))


def test_a_vendor_comes_live_from_nothing(county: Any) -> None:
    client, _account = vendor_client(county)
    assert "登记单位" in text_of(client.get("/developer"))
    assert client.get("/applications/new")["Location"] == "/developer"
    firm = {
        "name": "声谷科技（演示）",
        "credit_code": "91350100M000100Y43",
        "contact_name": "章予",
        "phone": "12012345678",
    }
    assert "18 位" in text_of(client.post("/developer/firm", {**firm, "credit_code": "91350100M000100Y44"}), 422)
    assert client.post("/developer/firm", firm).status_code == 302
    assert Vendor.objects.get().name == "声谷科技（演示）"
    made = client.post(
        "/applications/new", {"name": "口语小教练", "organisation": str(county.id), "category": "teaching"}
    )
    row = Application.objects.get()
    url = f"/applications/{row.client_id}"
    assert (made["Location"], row.state, row.is_sandbox) == (url, "draft", True)
    assert "还差" in text_of(client.get(url))
    assert "补齐" in text_of(client.post(f"{url}/submit"), 422)
    fill_filing(applications.get_application(row.id))
    client.post(f"{url}/scopes", {"scope": "profile", "basis": "duty", "purpose": "显示学生姓名"})
    assert client.post(f"{url}/submit").status_code == 302
    assert client.post(f"{url}/edit", {"name": "改名"}).status_code == 403
    reviewers = [("county_admin", "function"), ("security_admin", "security"), ("register_officer", "privacy")]
    for role, kind in reviewers:
        reviewer = testing.signed_in(testing.duty_account(role, county))
        assert "等您审核" in text_of(reviewer.get("/applications"))
        given = {"kind": kind, "verdict": "pass", "remark": "符合要求"}
        assert "审核意见" in text_of(reviewer.post(f"{url}/review", {**given, "remark": ""}), 422)
        assert reviewer.post(f"{url}/review", given).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.is_sandbox) == ("live", False)


def test_a_refusal_says_why_and_the_vendor_tries_again(county: Any) -> None:
    client, account = vendor_client(county)
    vendor = make_vendor(account, county)
    app = make_application(organisation=county, state="draft", is_sandbox=True, vendor=vendor, live_since=None)
    fill_filing(app)
    url = f"/applications/{app.client_id}"
    client.post(f"{url}/submit")
    officer = testing.signed_in(testing.duty_account("county_admin", county))
    assert officer.post(f"{url}/review", {"kind": "function", "verdict": "pass", "remark": "可以"}).status_code == 302
    again = officer.post(f"{url}/review", {"kind": "privacy", "verdict": "pass", "remark": "也可以"})
    assert "三个人" in text_of(again, 422)
    assert officer.post(f"{url}/review", {"kind": "security", "verdict": "pass", "remark": "不归我"}).status_code == 403
    guard = testing.signed_in(testing.duty_account("security_admin", county))
    guard.post(f"{url}/review", {"kind": "security", "verdict": "refuse", "remark": "等保报告过期"})
    assert "等保报告过期" in text_of(client.get(url))
    assert client.post(f"{url}/submit").status_code == 302
    row = Application.objects.get()
    assert (row.state, row.round, row.reviews.filter(round=2).count()) == ("submitted", 2, 0)


def test_nobody_judges_the_own_firm(county: Any) -> None:
    account = testing.duty_account("vendor", county)
    vendor = make_vendor(account, county)
    app = make_application(organisation=county, state="submitted", vendor=vendor, is_sandbox=True, live_since=None)
    client = testing.signed_in(account)
    answer = client.post(
        f"/applications/{app.client_id}/review", {"kind": "function", "verdict": "pass", "remark": "好"}
    )
    assert answer.status_code == 403


def test_sandbox_people_enter_the_draft_and_nothing_else(county: Any) -> None:
    client, account = vendor_client(county)
    vendor = make_vendor(account, county)
    draft = make_application("草稿", state="draft", is_sandbox=True, vendor=vendor, home_url="https://a.example.cn/")
    live = make_application("正式", adopted_by=[])
    page = text_of(client.post("/developer/sandbox"))
    password = page.split("<code>")[1].split("</code>")[0]
    login = vendor.sandbox.select_related("account").order_by("id")[0].account.login
    assert login in page
    assert password not in text_of(client.get("/developer"))
    visitor = Client()
    assert visitor.post("/sign-in", {"login": login, "password": password}).status_code == 302
    shelf = text_of(visitor.get("/apps"))
    assert ("草稿" in shelf, "正式" in shelf) == (True, False)
    assert visitor.get(f"/apps/{draft.client_id}/open").status_code == 302
    assert visitor.get(f"/apps/{live.client_id}/open").status_code == 403
    told = applications.claims_of(
        app=draft,
        account_id=vendor.sandbox.order_by("id")[0].account_id,
        scopes=["profile", "roles", "phone"],
        subject="s",
    )
    assert (told["name"], told["lingqu_roles"][0]["role"]) == ("周小禾", "student")
    assert "phone_number" not in told


def test_the_guides_examples_are_what_the_claims_are(county: Any) -> None:
    """Each example on the page is valid JSON with exactly the documented names, and what a sandbox person is told."""
    client, account = vendor_client(county)
    vendor = make_vendor(account, county)
    draft = make_application(
        state="draft", is_sandbox=True, vendor=vendor, scopes=[code for code in applications.SCOPES if code != "openid"]
    )
    before = text_of(client.get("/developer/guides/data"))
    client.post("/developer/sandbox")
    page = text_of(client.get("/developer/guides/data"))
    assert str(vendor.sandbox_classes.get(code="8.3").id) in page and page.count("<code>") == before.count("<code>")
    people = {one.told: one.account_id for one in vendor.sandbox.all()}
    texts = [part.split("</code>")[0] for part in page.split("<code>")[1:]]
    assert len(texts) == len(parts()) == len(people)
    for part, shown in zip(parts(), texts, strict=True):
        example = json.loads(html.unescape(shown))
        told = applications.claims_of(
            app=draft, account_id=people[part.told], scopes=list(applications.SCOPES), subject="…"
        )
        assert example == told
        documented = {name for scope in applications.SCOPES.values() for name in scope.claims}
        assert set(example) <= documented


def test_a_protocols_guide_carries_the_own_values(county: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def guide(app: applications.App | None) -> applications.Guide:
        client_id = app.client_id if app else "YOUR_CLIENT_ID"
        return applications.Guide(
            protocol="oidc", title="OIDC 接入", summary="标准登录", addresses=(("issuer", "https://x.example.cn"),),
            examples=(applications.Example(title="登录", text=f"client_id={client_id}"),),
        )  # fmt: skip

    monkeypatch.setitem(applications.GUIDES, "oidc", guide)
    client, account = vendor_client(county)
    mine = make_application(vendor=make_vendor(account, county))
    other = make_application("别家的")
    assert f"client_id={mine.client_id}" in text_of(client.get(f"/developer/guides/oidc?app={mine.client_id}"))
    assert "YOUR_CLIENT_ID" in text_of(client.get(f"/developer/guides/oidc?app={other.client_id}"))
    assert client.get("/developer/guides/nothing").status_code == 404


def test_a_vendor_sees_and_changes_its_own_applications_only(county: Any) -> None:
    client, account = vendor_client(county)
    make_vendor(account, county)
    other = make_application("别家的", organisation=county)
    url = f"/applications/{other.client_id}"
    assert client.get(url).status_code == 404
    for path, data in (("secrets", {}), ("submit", {}), ("scopes", {"scope": "phone"}), ("users", {})):
        assert client.post(f"{url}/{path}", data).status_code in (403, 404)


def test_the_request_log_shows_errors_and_is_the_developers(county: Any, school: Any) -> None:
    app = make_application(organisation=county)
    for outcome in ("ok", "invalid_grant"):
        applications.log_request(app=app, protocol="oidc", endpoint="/oauth/token", outcome=outcome, milliseconds=40)
    client = clerk_of(county)
    page = text_of(client.get(f"/applications/{app.client_id}/requests?outcome=errors"))
    assert ("invalid_grant" in page, "成功" in page) == (True, False)
    assert "毫秒" in text_of(client.get(f"/applications/{app.client_id}"))
    assert RequestLog.objects.count() == 2
    person = testing.make_person("吴静", organisation=school)
    testing.give_duty(person, "school_admin", school)
    outsider = testing.signed_in(testing.account_for(person))
    assert outsider.get(f"/applications/{app.client_id}/requests").status_code == 403


def test_who_received_what_is_exact_also_after_the_suspension(county: Any, school: Any) -> None:
    app = make_application(organisation=county)
    pupil = testing.make_person("林小禾", organisation=school)
    testing.seat(pupil, testing.make_class(school))
    account, far = testing.account_for(pupil), teacher_of(testing.make_school("3302010001", "别校"), "别人")
    applications.record_release(app=app, account_id=account.id, protocol="oidc", fields=["name"])
    applications.record_release(app=app, account_id=account.id, protocol="cas", fields=["name", "lingqu_classes"])
    applications.record_release(app=app, account_id=far.id, protocol="oidc", fields=["name"])
    client, url = clerk_of(county), f"/applications/{app.client_id}"
    assert "原因" in text_of(client.post(f"{url}/state", {"to": "suspended", "reason": ""}), 422)
    assert client.post(f"{url}/state", {"to": "suspended", "reason": "数据外传"}).status_code == 302
    page = text_of(client.get(f"{url}/releases"))
    assert ("林小禾" in page, "别人" in page, "姓名、班级" in page) == (True, False, True)
    sheet = openpyxl.load_workbook(io.BytesIO(client.get(f"{url}/releases.xlsx").content)).active
    rows = list(sheet.iter_rows(values_only=True))
    assert len(rows) == 2
    assert (rows[1][0], rows[1][1], rows[1][4], rows[1][7]) == (pupil.number, "林小禾", "lingqu_classes, name", "2")
    actions = [one.action for one in audit.list_entries(Actor.system("t"), audit.Filter(action="applications.*")).items]
    assert {"applications.releases_read", "applications.releases_exported", "applications.suspended"} <= set(actions)
    assert client.post(f"{url}/state", {"to": "live"}).status_code == 302
    assert client.post(f"{url}/state", {"to": "retired"}).status_code == 302
    assert Application.objects.get().state == "retired"
