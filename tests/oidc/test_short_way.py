"""Endpoints of programs take the short way: the same headers and refusals as everywhere, no cookie looked at."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from lingqu.foundation.applications.models import Release, RequestLog
from lingqu.foundation.identity import testing as identity
from lingqu.foundation.oidc import testing
from lingqu.foundation.oidc.services import authentication
from lingqu.kernel import clock
from lingqu.kernel.middleware import CONTENT_SECURITY_POLICY
from lingqu.kernel.models import AuditEntry

from .walking import code_for, post, redeem, token, userinfo

pytestmark = pytest.mark.django_db


def test_headers_stay_and_no_cookie_is_looked_at() -> None:
    browser = identity.signed_in(testing.teacher())
    with CaptureQueriesContext(connection) as queries:
        answer = browser.get("/.well-known/openid-configuration")
    assert answer.status_code == 200 and len(queries) == 0
    assert answer["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Length"] == str(len(answer.content))
    assert answer["X-Request-Id"] and not answer.cookies


def test_a_host_of_others_is_refused(settings: object) -> None:
    settings.ALLOWED_HOSTS = ["platform.example.cn"]  # type: ignore[attr-defined]
    assert Client().get("/oidc/jwks", headers={"host": "evil.example"}).status_code == 400
    assert Client().get("/oidc/jwks", headers={"host": "platform.example.cn"}).status_code == 200


def test_a_refusal_of_ours_keeps_its_shape(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(authentication, "FAILURES", 1)
    made = testing.client(grants=("authorization_code", "refresh_token", "client_credentials"))
    wrong = {"grant_type": "client_credentials", "client_id": made.client_id, "client_secret": "x"}
    assert post("/oidc/token", wrong).status_code == 401
    answer = post("/oidc/token", wrong, headers={"Accept": "application/json", "Accept-Language": "en"})
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many")
    assert "Retry-After" in answer and "操作太频繁" in answer.json()["message"]


def test_statements_of_each_kind() -> None:
    made = testing.client(grants=("authorization_code", "refresh_token", "client_credentials"))
    body = redeem(made, code_for(identity.signed_in(testing.teacher()), made)).json()
    assert userinfo(body["access_token"]).status_code == 200
    log = 1  # written at once in tests
    for most, call in (
        (1 + log, lambda: token(made, grant_type="client_credentials")),
        (3 + log, lambda: token(made, grant_type="refresh_token", refresh_token=body["refresh_token"])),
        (2 + log + 1, lambda: userinfo(body["access_token"])),
    ):
        with CaptureQueriesContext(connection) as queries:
            assert call().status_code == 200
        assert len(queries) == most
    assert set(RequestLog.objects.values_list("outcome", flat=True)) == {"ok"}


def test_a_release_is_on_the_trail_once_a_day_and_counted_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    made = testing.client()
    browser = identity.signed_in(testing.teacher())
    access = redeem(made, code_for(browser, made)).json()["access_token"]
    for _time in range(3):
        assert userinfo(access).status_code == 200
    release = Release.objects.get()
    assert (release.count, release.fields) == (3, ["name", "updated_at"])
    assert AuditEntry.objects.filter(action="applications.released").count() == 1
    Release.objects.update(day=clock.today() - timedelta(days=1))
    assert userinfo(access).status_code == 200
    assert AuditEntry.objects.filter(action="applications.released").count() == 2
