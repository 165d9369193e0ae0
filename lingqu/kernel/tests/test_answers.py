from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import DataError, InterfaceError, OperationalError
from django.http import FileResponse, Http404, HttpResponse
from django.test import Client
from django.urls import path

from lingqu.kernel import answers, files
from lingqu.kernel.errors import Conflict, Forbidden, Invalid, NotFound, TooLarge, TooMany, Unavailable
from lingqu.kernel.middleware import CONTENT_SECURITY_POLICY

RAISED: dict[str, Exception] = {
    "forbidden": Forbidden(),
    "not-found": NotFound(),
    "conflict": Conflict("班级已被删除。"),
    "invalid": Invalid("请填写姓名。", details={"name": "必填"}),
    "too-many": TooMany(details={"retry_after": 17}),
    "too-large": TooLarge(),
    "unavailable": Unavailable(),
    "http-404": Http404("secret/path"),
    "denied": PermissionDenied(),
    "too-big": RequestDataTooBig(),
    "bug": ZeroDivisionError("13800000000"),
    "database-away": OperationalError("connection to server at 10.0.0.7 failed"),
    "connection-lost": InterfaceError("connection already closed"),
    "nul": DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes"),
    "our-number": DataError("integer out of range"),
}


def broken(request, what: str) -> HttpResponse:
    raise RAISED[what]


def fine(request) -> HttpResponse:
    return HttpResponse("ok")


def download(request) -> FileResponse:
    return files.as_download(files.put(b"x").digest, "x.html", "text/html")


class BreakingMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if what := request.GET.get("middleware"):
            raise RAISED[what]
        return self.get_response(request)


urlpatterns = [
    path("fine", fine), path("download", download), path("raise/<what>", broken), path("api/v1/raise/<what>", broken),
]  # fmt: skip
handler400 = "lingqu.kernel.answers.bad_request"
handler403 = "lingqu.kernel.answers.forbidden"
handler404 = "lingqu.kernel.answers.not_found"
handler500 = "lingqu.kernel.answers.server_error"


@pytest.fixture
def client(settings) -> Client:
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = [
        "lingqu.kernel.middleware.RequestTrail",
        "django.middleware.security.SecurityMiddleware",
        "lingqu.kernel.middleware.SecurityHeaders",
        "lingqu.kernel.tests.test_answers.BreakingMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
        "lingqu.kernel.middleware.DomainErrors",
    ]
    return Client(raise_request_exception=False, enforce_csrf_checks=True)


CASES = [
    ("forbidden", 403, "forbidden"), ("not-found", 404, "not_found"), ("conflict", 409, "conflict"),
    ("invalid", 422, "invalid"), ("too-many", 429, "too_many"), ("too-large", 413, "too_large"),
    ("unavailable", 503, "unavailable"), ("http-404", 404, "not_found"), ("denied", 403, "forbidden"),
    ("too-big", 413, "too_large"), ("bug", 500, "failed"), ("database-away", 503, "unavailable"),
    ("connection-lost", 503, "unavailable"), ("nul", 400, "bad_request"), ("our-number", 500, "failed"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "status", "code"), CASES)
def test_programs_get_one_shape(client, what, status, code):
    response = client.get(f"/api/v1/raise/{what}")
    body = json.loads(response.content)
    assert (response.status_code, body["code"]) == (status, code)
    assert set(body) == {"code", "message", "details", "request_id"}
    assert body["request_id"] == response["X-Request-Id"]
    assert body["message"] == (getattr(RAISED[what], "message", "") or answers.default_sentence(status))


@pytest.mark.parametrize(("what", "status", "code"), CASES)
def test_people_get_a_page_with_the_sentence_and_the_number(client, what, status, code):
    response = client.get(f"/raise/{what}")
    page = response.content.decode()
    assert response.status_code == status
    assert response["Content-Type"].startswith("text/html")
    assert response["X-Request-Id"] in page
    assert (getattr(RAISED[what], "message", "") or answers.default_sentence(status)) in page
    assert "13800000000" not in page and "10.0.0.7" not in page and "Traceback" not in page


@pytest.mark.parametrize(("what", "status", "code"), CASES[:7] + CASES[-3:])
def test_errors_of_middleware_are_answered_alike(client, what, status, code):
    response = client.get("/fine", {"middleware": what}, headers={"Accept": "application/json"})
    assert (response.status_code, json.loads(response.content)["code"]) == (status, code)


def test_json_is_given_to_whoever_asks_for_it(client):
    response = client.get("/raise/invalid", headers={"Accept": "application/json"})
    assert json.loads(response.content)["details"] == {"name": "必填"}


@pytest.mark.parametrize(("what", "seconds"), [("too-many", "17"), ("database-away", "5")])
def test_refusals_that_pass_say_when(client, what, seconds):
    assert client.get(f"/raise/{what}")["Retry-After"] == seconds


def test_an_unknown_address_is_the_same_404(client):
    response = client.get("/no/such/张三")
    assert response.status_code == 404
    assert "没有找到这个页面" in response.content.decode()
    assert "张三" not in response.content.decode()


def test_a_form_without_its_token_is_told_so(client, settings):
    settings.CSRF_FAILURE_VIEW = "lingqu.kernel.answers.csrf_failure"
    response = client.post("/fine", headers={"Accept": "application/json"})
    assert (response.status_code, json.loads(response.content)["code"]) == (403, "csrf")


def test_an_unknown_host_is_a_bad_request_and_is_not_echoed(client, settings):
    settings.ALLOWED_HOSTS = ["localhost"]
    response = client.get("/fine", headers={"Host": "evil.example"})
    assert response.status_code == 400
    assert b"evil" not in response.content


@pytest.mark.parametrize("address", ["/fine", "/raise/forbidden", "/raise/bug", "/no/such", "/api/v1/raise/bug"])
def test_every_answer_carries_the_strict_headers(client, address):
    response = client.get(address)
    assert response["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert response["Permissions-Policy"] == "camera=(), geolocation=(), microphone=()"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["X-Frame-Options"] == "DENY"
    assert len(response["X-Request-Id"]) == 36


def test_the_policy_allows_nothing_inline_and_nothing_foreign():
    sources = {part.split()[0]: part.split()[1:] for part in CONTENT_SECURITY_POLICY.split("; ")}
    assert sources["default-src"] == ["'none'"]
    assert sources["script-src"] == sources["style-src"] == sources["connect-src"] == ["'self'"]
    assert sources["frame-ancestors"] == sources["base-uri"] == ["'none'"]
    assert "unsafe" not in CONTENT_SECURITY_POLICY and "http" not in CONTENT_SECURITY_POLICY


def test_a_download_keeps_its_own_stricter_policy(client, settings, tmp_path, db):
    settings.LINGQU_HOME = tmp_path
    assert client.get("/download")["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_each_request_has_its_own_id(client):
    assert client.get("/fine")["X-Request-Id"] != client.get("/fine")["X-Request-Id"]


@pytest.mark.parametrize(
    ("state", "is_away"),
    [("57P01", True), ("57P03", True), ("08006", True), ("53300", True), ("57014", False), ("40P01", False)],
)
def test_timeouts_and_deadlocks_are_not_an_absent_database(state, is_away):
    error = OperationalError("x")
    cause = Exception()
    cause.sqlstate = state
    error.__cause__ = cause
    assert answers.is_database_away(error) is is_away


def test_a_broken_error_page_still_answers(monkeypatch, rf):
    def fail(*_arguments):
        raise RuntimeError

    monkeypatch.setattr(answers, "render_to_string", fail)
    request = rf.get("/")
    request.request_id = "<7>"
    response = answers.error_response(request, Conflict("<script>"))
    assert response.status_code == 409
    assert b"&lt;script&gt;" in response.content and b"<script>" not in response.content


def test_a_request_that_never_got_an_id_is_answered(rf):
    request = rf.get("/", headers={"Accept": "application/json"})
    assert json.loads(answers.error_response(request, NotFound()).content)["request_id"] == ""
    assert answers.domain_error_of(None) is None
    assert SimpleNamespace(error=answers.domain_error_of(ValueError())).error is None
