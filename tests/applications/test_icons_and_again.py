"""The picture of an application, a notice sent again, and the sandbox as on its first day."""

from __future__ import annotations

import base64
import struct
import zlib
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import given, strategies

from lingqu.foundation.applications import api as applications
from lingqu.foundation.applications.models import (
    Application,
    Consent,
    LogoutNotice,
    Participation,
    Release,
    RequestLog,
    Review,
    SandboxPerson,
    Subject,
)
from lingqu.foundation.applications.services import icons, sandbox
from lingqu.foundation.applications.testing import adopt, make_application, make_vendor
from lingqu.foundation.identity import api as identity
from lingqu.foundation.identity import testing
from lingqu.foundation.identity.models import SsoSession
from lingqu.foundation.identity.services import sso
from lingqu.kernel.errors import Forbidden
from lingqu.kernel.models import AuditEntry, FileReference

from .desk import clerk_of, teacher_of, text_of, vendor_client

WEBP = base64.b64decode("UklGRiQAAABXRUJQVlA4IBgAAAAwAQCdASoBAAEAAgA0JaQAA3AA/vuUAAA=")


def png(width: int, height: int) -> bytes:
    """A whole, grey picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"\x88" * width for _row in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def put(client: Client, app: applications.App, content: bytes, name: str = "a.png") -> Any:
    return client.post(f"/applications/{app.client_id}/icon", {"icon": SimpleUploadedFile(name, content)})


def test_the_shelf_shows_the_picture_and_it_carries_no_right_of_ours(county: Any, school: Any) -> None:
    app, clerk = make_application(organisation=county), clerk_of(county)
    assert put(clerk, app, png(64, 64)).status_code == 302
    reader = testing.signed_in(teacher_of(school))
    shelf = text_of(reader.get("/apps"))
    digest = Application.objects.get().icon_digest
    url = f"/apps/{app.client_id}/icon?v={digest[:12]}"
    assert f'src="{url}"' in shelf and f'src="{url}"' in text_of(clerk.get(f"/applications/{app.client_id}"))
    answer = reader.get(url)
    assert (answer.content, answer["Content-Type"]) == (png(64, 64), "image/png")
    assert (
        answer["X-Content-Type-Options"] == "nosniff"
        and answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    )
    assert Client().get(url)["Location"].startswith("/sign-in")
    assert put(clerk, app, png(128, 128)).status_code == 302
    assert FileReference.objects.filter(owner_kind=icons.OWNER).count() == 1
    assert clerk.post(f"/applications/{app.client_id}/icon", {"drop": "1"}).status_code == 302
    assert reader.get(url).status_code == 404 and not FileReference.objects.filter(owner_kind=icons.OWNER).exists()
    assert AuditEntry.objects.filter(action__startswith="applications.icon_").count() == 3


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (
            b'<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><script>alert(1)</script></svg>',
            "PNG、JPEG",
        ),
        (b"GIF89a" + b"\0" * 60, "PNG、JPEG"),
        (b"<html>" + png(64, 64), "PNG、JPEG"),
        (b"", "PNG、JPEG"),
        (png(64, 64)[:12], "已损坏"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 40, "已损坏"),
        (png(64, 65), "正方形"),
        (png(63, 63), "正方形"),
        (png(1025, 1025), "正方形"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * (icons.MOST_BYTES + 1), "不能超过"),
        (WEBP, "正方形"),
    ],
)
def test_what_is_no_icon_is_refused_with_the_reason(county: Any, content: bytes, told: str) -> None:
    app, clerk = make_application(organisation=county), clerk_of(county)
    page = text_of(put(clerk, app, content), 422)
    assert told in page and Application.objects.get().icon_digest == ""


def test_no_file_is_no_icon(county: Any) -> None:
    app = make_application(organisation=county)
    assert "请选择图标" in text_of(clerk_of(county).post(f"/applications/{app.client_id}/icon"), 422)


@given(
    strategies.binary(max_size=400),
    strategies.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF\0\0\0\0WEBPVP8 "]),
)
def test_any_bytes_are_judged_without_a_fault_of_ours(tail: bytes, head: bytes) -> None:
    assert isinstance(icons.fault_of(head + tail), str)


def test_a_vendor_changes_the_picture_until_it_is_judged(county: Any) -> None:
    client, account = vendor_client(county)
    vendor = make_vendor(account, county)
    draft = make_application(organisation=county, vendor=vendor, state="draft", is_sandbox=True, live_since=None)
    live = make_application("上架的", organisation=county, vendor=vendor)
    assert put(client, draft, png(64, 64)).status_code == 302
    assert put(client, live, png(64, 64)).status_code == 403
    stranger = testing.signed_in(teacher_of(testing.make_school("3301010002", "四中", parent=county)))
    assert stranger.get(f"/apps/{draft.client_id}/icon").status_code == 404


@pytest.fixture
def notice(county: Any, school: Any) -> LogoutNotice:
    app, account = make_application(organisation=county), teacher_of(school)
    session = sso.begin(account, amr=["pwd"])
    applications.join(session_id=session.id, app=app, protocol="oidc", data={"sub": "x"})
    return LogoutNotice.objects.create(
        participation=Participation.objects.get(), session_id=session.id, application_id=app.id, protocol="oidc",
        state="given_up", tries=5, error="连不上",
    )  # fmt: skip


def test_a_notice_that_was_given_up_is_sent_again(county: Any, notice: LogoutNotice) -> None:
    clerk, url = clerk_of(county), f"/applications/{notice.application.client_id}"
    assert "再发" in text_of(clerk.get(url))
    assert clerk.post(f"{url}/notices/{notice.id}/again").status_code == 302
    notice.refresh_from_db()
    assert (notice.state, notice.tries, notice.error) == ("waiting", 0, "")
    assert clerk.post(f"{url}/notices/{notice.id}/again").status_code == 404, "it waits already"
    assert AuditEntry.objects.filter(action="applications.notice_sent_again").count() == 1
    other = make_application("另一个", organisation=county)
    LogoutNotice.objects.update(state="given_up")
    assert clerk.post(f"/applications/{other.client_id}/notices/{notice.id}/again").status_code == 404


def test_a_sandbox_begins_anew(county: Any) -> None:
    client, account = vendor_client(county)
    vendor = make_vendor(account, county)
    actor = identity.actor_for(account)
    sandbox.prepare_sandbox(actor=actor)
    draft = make_application(organisation=county, vendor=vendor, state="draft", is_sandbox=True, live_since=None)
    live = make_application("上架的", organisation=county, vendor=vendor)
    real = testing.account_for(testing.make_person("真人"))
    one = SandboxPerson.objects.first()
    assert one is not None
    browser = testing.signed_in(one.account)
    SandboxPerson.objects.filter(id=one.id).update(claims={"profile": {"name": "改过"}})
    subject = applications.subject_of(app=draft, account_id=one.account_id)
    for app, who in ((draft, one.account), (live, real)):
        applications.subject_of(app=app, account_id=who.id)
        applications.record_release(app=app, account_id=who.id, protocol="oidc", fields=["name"])
        applications.log_request(app=app, protocol="oidc", endpoint="token", outcome="ok", milliseconds=1)
        Consent.objects.create(application_id=app.id, account=who, scopes=["phone"], given_by="self")
    assert client.post("/developer/sandbox/reset").status_code == 302
    for model in (Consent, Release, Subject, RequestLog):
        assert list(model.objects.values_list("application_id", flat=True)) == [live.id], model
    one.refresh_from_db()
    assert one.claims["profile"]["name"] != "改过" and browser.get("/me").status_code == 302
    assert not SsoSession.objects.filter(account=one.account, ended_at=None).exists()
    assert applications.subject_of(app=draft, account_id=one.account_id) != subject
    with pytest.raises(Forbidden):
        sandbox.reset_sandbox(actor=identity.actor_for(testing.duty_account("county_admin", county)))


def test_the_page_of_a_busy_application_costs_no_more(
    county: Any, school: Any, django_assert_max_num_queries: Any
) -> None:
    vendor = make_vendor(testing.duty_account("vendor", county), county)
    app = make_application(organisation=county, vendor=vendor, round=1, scopes=("profile", "roles", "phone"))
    adopt(app, school)
    for kind in ("function", "security", "privacy"):
        Review.objects.create(application_id=app.id, round=1, kind=kind, is_passed=True, remark="看过三遍", by="吴静")
    applications.make_secret(
        actor=identity.actor_for(testing.duty_account("county_admin", county)), application_id=app.id
    )
    clerk, url = clerk_of(county), f"/applications/{app.client_id}"
    clerk.get(url)
    with django_assert_max_num_queries(12):
        page = text_of(clerk.get(url))
    assert page.count("看过三遍") == 3 and all(word in page for word in ("功能审核", "手机号", "轮换密钥"))


def test_who_tries_a_draft_sees_its_picture(county: Any) -> None:
    client, account = vendor_client(county)
    draft = make_application(
        organisation=county, vendor=make_vendor(account, county), state="draft", is_sandbox=True, live_since=None
    )
    assert put(client, draft, png(64, 64)).status_code == 302
    sandbox.prepare_sandbox(actor=identity.actor_for(account))
    one = SandboxPerson.objects.select_related("account").first()
    assert one is not None
    assert testing.signed_in(one.account).get(f"/apps/{draft.client_id}/icon").status_code == 200
