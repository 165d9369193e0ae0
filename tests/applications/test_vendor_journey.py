"""A vendor with 3,000 old users comes live from the documents alone, and is suspended afterwards."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import openpyxl
import pytest
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from lingqu.foundation.applications.models import LegacyAccount, SandboxPerson
from lingqu.foundation.identity import testing
from lingqu.foundation.identity.models import Account
from lingqu.foundation.oidc.services import keys
from lingqu.kernel import crypto
from lingqu.kernel.clock import today
from tests.oidc.walking import post

from .desk import clerk_of, teacher_of, text_of, vendor_client

pytestmark = pytest.mark.deep
OLD, UNKNOWN, AT_SCHOOL = 3_000, 40, 3
"""Old users; those of them whom nobody here is; teachers who come in afterwards."""
BACK, VERIFIER = "https://rp.example/back", "v" * 64
FIRM = {
    "name": "声谷科技（演示）", "credit_code": "91350100M000100Y43", "contact_name": "章予", "phone": "12012345678",
}  # fmt: skip
DETAILS = {
    "name": "口语小教练", "summary": "练口语", "category": "teaching", "home_url": "https://rp.example/",
    "session_minutes": "60",
}  # fmt: skip
FILING = {
    "provider_record": "教APP备3301234号", "icp_record": "浙ICP备2026000001号", "protection_level": "2",
    "protection_tested_on": today().isoformat(), "credit_code": "91350100M000100Y43", "data_place": "杭州，不出境",
    "sdks": "无", "fees": "免费", "data_return": "停用后 30 天内返还并删除", "emergency_name": "章予",
    "emergency_phone": "12012345678",
}  # fmt: skip


@dataclass
class Vendor:
    """``desk`` is the vendor's browser; ``client_id`` and ``secret`` are what its pages showed."""

    desk: Client
    client_id: str
    secret: str = ""

    @property
    def url(self) -> str:
        return f"/applications/{self.client_id}"

    def endpoints(self) -> dict[str, str]:
        """By the guide with the own values: its first address is the discovery document."""
        page = html.unescape(text_of(self.desk.get(f"/developer/guides/oidc?app={self.client_id}")))
        assert self.client_id in page
        found = re.search(r"https?://[^<\s]+/\.well-known/openid-configuration", page)
        assert found is not None
        told: dict[str, str] = Client().get(urlsplit(found[0]).path).json()
        return {name: urlsplit(value).path for name, value in told.items() if str(value).startswith("http")}

    def enter(self, browser: Client) -> dict[str, Any] | None:
        """What the application learns of somebody, None where the platform lets nobody in."""
        at = self.endpoints()
        asked = {
            "client_id": self.client_id, "redirect_uri": BACK, "response_type": "code", "state": "s",
            "scope": "openid profile vendor_user", "code_challenge": create_s256_code_challenge(VERIFIER),
            "code_challenge_method": "S256",
        }  # fmt: skip
        answer = browser.get(f"{at['authorization_endpoint']}?{urlencode(asked)}")
        given = dict(parse_qsl(urlsplit(answer.headers.get("Location", "")).query))
        if "code" not in given:
            return None
        form = {
            "grant_type": "authorization_code", "code": given["code"], "redirect_uri": BACK, "code_verifier": VERIFIER,
            "client_id": self.client_id, "client_secret": self.secret,
        }  # fmt: skip
        tokens = post(at["token_endpoint"], form).json()
        told = self.userinfo(tokens["access_token"]).json()
        return {**told, "token": tokens["access_token"]}

    def userinfo(self, access: str) -> Any:
        return Client().get(self.endpoints()["userinfo_endpoint"], headers={"Authorization": f"Bearer {access}"})


def register(county: Any) -> Vendor:
    """Firm, application, filing, scopes, addresses and secret, all by the vendor's own pages."""
    desk, _account = vendor_client(county)
    assert desk.post("/developer/firm", FIRM).status_code == 302
    made = desk.post("/applications/new", {**DETAILS, "organisation": str(county.id)})
    vendor = Vendor(desk, made["Location"].rpartition("/")[2])
    forms: Sequence[tuple[str, dict[str, Any]]] = (
        ("filing", FILING),
        ("scopes", {"scope": "profile", "basis": "duty", "purpose": "显示姓名"}),
        ("scopes", {"scope": "vendor_user", "basis": "duty", "purpose": "接上旧账号"}),
        ("oidc", {"redirect_uris": BACK, "auth_method": "secret", "grants": ["authorization_code"], "id_token_alg": "ES256"}),
    )  # fmt: skip
    for place, form in forms:
        answer = desk.post(f"{vendor.url}/{place}", form)
        assert answer.status_code == 302, answer.content.decode()[:2000]
    shown = re.search(r"<code[^>]*>([A-Za-z0-9_-]{43,})</code>", text_of(desk.post(f"{vendor.url}/secrets"), 200))
    assert shown is not None
    vendor.secret = shown[1]
    return vendor


def try_in_the_sandbox(vendor: Vendor) -> None:
    page = text_of(vendor.desk.post("/developer/sandbox"))
    password = page.split("<code>")[1].split("</code>")[0]
    account = SandboxPerson.objects.select_related("account").earliest("id").account
    visitor = Client()
    assert visitor.post("/sign-in", {"login": account.login, "password": password}).status_code == 302
    told = vendor.enter(visitor)
    assert told is not None and told["name"]


def come_live(vendor: Vendor, county: Any, school: Any) -> None:
    assert vendor.desk.post(f"{vendor.url}/submit").status_code == 302
    for role, kind in (("county_admin", "function"), ("security_admin", "security"), ("register_officer", "privacy")):
        reviewer = testing.signed_in(testing.duty_account(role, county))
        given = {"kind": kind, "verdict": "pass", "remark": "符合要求"}
        assert reviewer.post(f"{vendor.url}/review", given).status_code == 302
    person = testing.make_person("吴静", organisation=school)
    testing.give_duty(person, "school_admin", school)
    given = {"organisation": school.code, "audiences": ["teacher"], "valid_from": today().isoformat()}
    desk = testing.signed_in(testing.account_for(person))
    answer = desk.post(f"{vendor.url}/adopt", {**given, "meeting_date": today().isoformat(), "approval_number": "5 号"})
    assert answer.status_code == 302, answer.content.decode()[:2000]


def old_users(school: Any) -> tuple[bytes, list[Account]]:
    """The vendor's file, and accounts of teachers who are in it."""
    teachers = [teacher_of(school, f"用户{at}") for at in range(AT_SCHOOL)]
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(["旧账号", "姓名", "手机号"])
    for at in range(OLD):
        sheet.append([f"old-{at}", f"用户{at}", f"138{at:08d}"])
        if at < AT_SCHOOL:
            type(teachers[at].person).objects.filter(id=teachers[at].person_id).update(
                phone_blind=crypto.blind("phone", f"138{at:08d}")
            )
        elif at < OLD - UNKNOWN:
            testing.make_person(f"用户{at}", organisation=school, phone_blind=crypto.blind("phone", f"138{at:08d}"))
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue(), teachers


def test_from_the_documents_to_live_and_suspended(county: Any, school: Any) -> None:
    keys.forget()
    vendor = register(county)
    try_in_the_sandbox(vendor)
    come_live(vendor, county, school)
    data, teachers = old_users(school)
    uploaded = {"file": SimpleUploadedFile("old.xlsx", data)}
    assert f"收下 {OLD} 行" in text_of(vendor.desk.post(f"{vendor.url}/users", uploaded))
    states = list(LegacyAccount.objects.values_list("state", flat=True))
    assert (states.count("matched"), states.count("missing")) == (OLD - UNKNOWN, UNKNOWN)

    browsers = [testing.browser(one) for one in teachers]
    told = [vendor.enter(one) or {} for one in browsers]
    assert [one["lingqu_vendor_user"] for one in told] == [f"old-{at}" for at in range(AT_SCHOOL)]
    other = testing.make_school("3302010001", "别校")
    assert vendor.enter(testing.browser(teacher_of(other, "外校老师"))) is None

    clerk = clerk_of(county)
    assert clerk.post(f"{vendor.url}/state", {"to": "suspended", "reason": "数据外传"}).status_code == 302
    assert {vendor.userinfo(one["token"]).status_code for one in told} == {401}
    assert [vendor.enter(one) for one in browsers] == [None] * AT_SCHOOL
    sheet = openpyxl.load_workbook(io.BytesIO(clerk.get(f"{vendor.url}/releases.xlsx").content)).active
    rows = list(sheet.iter_rows(values_only=True))[1:]
    assert sorted((row[0], row[1], row[4]) for row in rows) == sorted(
        (one.person.number, one.person.name, "lingqu_vendor_user, name, updated_at") for one in teachers
    )
