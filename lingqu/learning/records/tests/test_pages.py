"""Pages: credentials of an application, its refusals, the viewer for support, and everybody's own record."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from contextlib import nullcontext
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from lingqu.foundation.applications import testing as applications
from lingqu.foundation.identity import testing as accounts
from lingqu.foundation.registry import api as registry
from lingqu.foundation.registry import testing as people
from lingqu.kernel.errors import Forbidden
from lingqu.kernel.testing import actor_with

from .. import guide
from ..models import Actor, Credential, Tenant
from ..services.credentials import create_credential
from ..services.volumes import count_volumes
from ..testing import Lrs, make_credential, make_statement
from ..types.masking import masked
from ..types.values import NewCredential

pytestmark = pytest.mark.django_db


class Place:
    """A county with a school whose pupil and mother use an application of the county."""

    def __init__(self) -> None:
        registry.prepare()
        self.county = people.make_organisation(kind="region")
        self.school = people.make_school(self.county)
        self.child = people.make_pupil(people.make_class(self.school), "周禾")
        self.mother = people.make_guardian(self.child, "王若琳", phone="13800001111")
        self.app = applications.make_application("口语小教练", organisation=self.county, adopted_by=[self.school])

    @property
    def address(self) -> str:
        return f"/applications/{self.app.client_id}/records"

    def credential(self) -> NewCredential:
        return make_credential("x", application_id=self.app.id, organisation_id=self.school.id)


@pytest.fixture
def place(db: None) -> Place:
    return Place()


def duty(role: str, organisation: Any) -> Client:
    return accounts.signed_in(accounts.duty_account(role, organisation))


def text_of(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.content.decode()[:1000]
    return re.sub(r"<[^>]+>", "", answer.content.decode())


def made_of(page: str) -> NewCredential:
    """The credential that a page shows."""
    found = dict(re.findall(r"(endpoint|key|secret) +(\S+)", page))
    return NewCredential(name="", **found)


def test_a_credential_is_shown_once_exchanged_and_revoked(place: Place) -> None:
    clerk = duty("county_admin", place.county)
    assert "还没有凭证" in text_of(clerk.get(place.address))
    posted = {"name": "正式环境", "place": place.school.code, "scopes": ["statements/write", "statements/read"]}
    first = made_of(text_of(clerk.post(f"{place.address}/credentials", posted)))
    row = Credential.objects.get()
    assert (row.tenant.organisation_id, row.name) == (place.school.id, "正式环境")
    page = text_of(clerk.get(place.address))
    assert first.secret not in page and first.key in page
    second = made_of(text_of(clerk.post(f"{place.address}/credentials/{first.key}/rotate")))
    for made in (first, second):
        assert Lrs(made).ask("POST", "statements", make_statement()).status_code == 200
    clerk.post(f"{place.address}/credentials/{first.key}/revoke")
    assert Lrs(first).ask("GET", "statements").status_code == 401
    assert len(Lrs(second).ask("GET", "statements").json()["statements"]) == 2
    count_volumes()
    clerk.get(place.address)
    with CaptureQueriesContext(connection) as asked:
        assert "收到的语句" in text_of(clerk.get(place.address))
    assert len(asked) <= 12


def test_a_vendor_keeps_the_credentials_of_its_own_applications_only(place: Place) -> None:
    account = accounts.duty_account("vendor", place.county, login="zhangyu")
    firm = applications.make_vendor(account, place.county)
    own = applications.make_application(
        "自己的", organisation=place.county, vendor_id=firm.id, adopted_by=[place.school]
    )
    vendor = accounts.signed_in(account)
    page = text_of(vendor.post(f"/applications/{own.client_id}/records/credentials", {"place": place.school.code}))
    key = made_of(page).key
    elsewhere = people.make_school(place.county)
    text_of(vendor.post(f"/applications/{own.client_id}/records/credentials", {"place": elsewhere.code}))
    assert not Tenant.objects.filter(organisation=elsewhere).exists()
    assert vendor.get(place.address).status_code in (403, 404)
    foreign = place.credential()
    assert vendor.post(f"/applications/{own.client_id}/records/credentials/{foreign.key}/revoke").status_code == 403
    assert Credential.objects.filter(revoked_at=None).count() == 2
    vendor.post(f"/applications/{own.client_id}/records/credentials/{key}/revoke")
    assert Credential.objects.filter(revoked_at=None).count() == 1


def test_a_suspended_application_writes_nothing(place: Place) -> None:
    lrs = Lrs(place.credential())
    applications.Application.objects.filter(id=place.app.id).update(state="suspended")
    assert lrs.ask("POST", "statements", make_statement()).status_code == 401


def test_refusals_are_listed_with_their_place(place: Place) -> None:
    broken = {**make_statement(), "verb": {"id": "no iri"}}
    Lrs(place.credential()).ask("POST", "statements", [make_statement(), broken])
    clerk = duty("county_admin", place.county)
    page = text_of(clerk.get(f"{place.address}/errors"))
    assert "$[1].verb.id" in page and "周禾" not in page
    assert "没有出错记录" in text_of(clerk.get(f"{place.address}/errors?code=other"))


def test_support_sees_statements_of_its_places_masked(place: Place) -> None:
    lrs = Lrs(place.credential())
    answer = lrs.ask("POST", "statements", make_statement("u12345", result={"response": "我的答案"}))
    number = answer.json()[0]
    tenant = Tenant.objects.get(application_id=place.app.id)
    admin = duty("school_admin", place.school)
    assert "口语小教练" in text_of(admin.get("/records/statements"))
    page = text_of(admin.get(f"/records/statements?tenant={tenant.id}"))
    assert number in page and "周＊＊" in page
    one = text_of(admin.get(f"/records/statements/{tenant.id}/{number}"))
    assert "＊＊(4)" in one
    assert not [word for word in ("周禾", "u12345", "我的答案") if word in page + one]
    other = duty("school_admin", people.make_school(place.county))
    assert "没有可以查看" in text_of(other.get("/records/statements"))
    assert other.get(f"/records/statements?tenant={tenant.id}").status_code == 403
    assert other.get(f"/records/statements/{tenant.id}/{number}").status_code == 403


def test_masks_keep_the_form() -> None:
    agent = {"mbox": "mailto:a.b@x.example", "name": "张三"}
    made = masked(
        {
            "actor": agent,
            "context": {"team": {"objectType": "Group", "member": [agent]}, "extensions": {"urn:x": [1, "ab"]}},
        }
    )
    hidden = {"mbox": "mailto:＊＊@x.example", "name": "张＊＊"}
    assert made["actor"] == hidden
    assert made["context"]["team"]["member"] == [hidden]
    assert made["context"]["extensions"] == {"urn:x": [1, "＊＊(2)"]}


def test_everybody_sees_filters_and_takes_along_the_own_record(place: Place) -> None:
    lrs = Lrs(place.credential())
    result = {"score": {"scaled": 0.85}, "success": True}
    lrs.ask("POST", "statements", [make_statement(result=result), make_statement(verb="attempted")])
    Lrs(place.credential()).ask("POST", "statements", make_statement("somebody else"))
    Actor.objects.filter(faces__isnull=False).update(person=None)
    first = Actor.objects.order_by("id").first()
    assert first is not None
    Actor.objects.filter(id=first.id).update(person=place.child)
    pupil = accounts.signed_in(accounts.account_for(place.child))
    pupil.get("/learning-record")
    with CaptureQueriesContext(connection) as asked:
        page = text_of(pupil.get("/learning-record"))
    assert len(asked) <= 12
    assert page.count("分数的意义") == 2 and "85.0%" in page and "口语小教练" in page
    chosen = "?verb=http://adlnet.gov/expapi/verbs/attempted"
    assert text_of(pupil.get(f"/learning-record{chosen}")).count("分数的意义") == 1
    assert text_of(pupil.get("/learning-record?from=2021-01-01&to=2021-01-02")).count("分数的意义") == 0
    taken = json.loads(pupil.get(f"/learning-record/export{chosen}").content)["statements"]
    assert [one["actor"]["name"] for one in taken] == ["周禾"]
    mother = accounts.signed_in(accounts.account_for(place.mother))
    assert "没有学习记录" in text_of(mother.get("/learning-record"))
    assert "周禾 的学习记录" in text_of(mother.get(f"/learning-record/{place.child.number}"))
    stranger = accounts.signed_in(accounts.account_for(people.make_pupil(people.make_class(place.school), "他人")))
    assert stranger.get(f"/learning-record/{place.child.number}").status_code == 404
    assert stranger.get(f"/learning-record/{place.child.number}/export").status_code == 404
    assert pupil.get("/learning-record?tenant=999999999999999999999&before=x&from=9999-99-99").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_the_examples_of_the_guide_work_as_they_stand(live_server: Any, settings: Any) -> None:
    settings.LINGQU_PUBLIC_URL = live_server.url
    made = make_credential()
    answers = []
    for one in guide.guide(None).examples:
        command = one.text.replace("$KEY", made.key).replace("$SECRET", made.secret)
        done = subprocess.run(
            [*shlex.split(command), "-s", "-w", "\n%{http_code}"],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        answers.append(done.stdout.rpartition("\n")[2])
    assert answers == ["200", "200", "204", "200"]


def test_only_who_may_keep_credentials_makes_them(place: Place) -> None:
    for code, path, done in (
        ("records.credential.keep", "1", True), ("records.credential.keep", "1.2", False),
        ("applications.manage", str(place.county.path), True), ("applications.manage", "1.999", False),
        ("records.statement.view", "1", False),
    ):  # fmt: skip
        before = Credential.objects.count()
        with nullcontext() if done else pytest.raises(Forbidden):
            create_credential(actor=actor_with(code, path=path), name="x", application_id=place.app.id)
        assert (Credential.objects.count() > before) is done, (code, path)
