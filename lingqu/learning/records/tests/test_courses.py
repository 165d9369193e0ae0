"""Courses of cmi5: brought in, launched, bounded while a session lasts, ended, waived; and who may do which."""

from __future__ import annotations

import base64
import copy
import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from lingqu.foundation.identity import testing as accounts
from lingqu.foundation.registry import api as registry
from lingqu.foundation.registry import testing as people
from lingqu.kernel.clock import now

from ..cmi5 import names
from ..models import Course, Registration, Session, Statement, UnitState
from ..services import sessions
from .test_cmi5_structure import block, package, structure, unit

pytestmark = pytest.mark.django_db
VERSION = {"X-Experience-API-Version": "1.0.3"}
MASTERY = 'masteryScore="0.8" moveOn="CompletedAndPassed"'


class Place:
    """A school with a course of two units in a block, its administrator and a pupil."""

    def __init__(self, tmp_path: Path) -> None:
        registry.prepare()
        self.county = people.make_organisation(kind="region")
        self.school = people.make_school(self.county)
        self.child = people.make_pupil(people.make_class(self.school), "周禾")
        self.admin = accounts.signed_in(accounts.duty_account("school_admin", self.school))
        self.pupil = accounts.signed_in(accounts.account_for(self.child))
        inner = block(unit(attributes=MASTERY, url="index.html?a=1") + unit("urn:au:2"))
        self.zip = package(tmp_path, {"cmi5.xml": structure(inner), "index.html": b"<p>unit</p>", "js/a.mjs": b"1"})

    def course(self) -> Course:
        file = SimpleUploadedFile("course.zip", self.zip.read_bytes())
        made = self.admin.post("/courses/add", {"package": file})
        assert made.status_code == 302, made.content.decode()
        return Course.objects.get()


class Unit:
    """An assignable unit as it reads its launch address and speaks."""

    def __init__(self, client: Client, course: Course, place: int = 0, mode: str = "Normal") -> None:
        answer = client.post(f"/courses/{course.id}/units/{place}/launch", {"mode": mode})
        assert answer.status_code == 303, answer.content.decode()
        self.address, self.client = answer["Location"], Client()
        self.query = {name: values[0] for name, values in parse_qs(urlsplit(self.address).query).items()}
        self.actor = json.loads(self.query["actor"])
        self.headers: dict[str, str] = {}

    def begin(self) -> Unit:
        told = self.fetch()
        self.headers = {**VERSION, "Authorization": f"Basic {told['auth-token']}"}
        self.data = self.ask("GET", "activities/state", stateId=names.LAUNCH_DATA, **self.about).json()
        assert (
            self.ask("GET", "agents/profile", agent=self.query["actor"], profileId=names.PREFERENCES).status_code == 404
        )
        assert self.send(names.INITIALIZED) == 204
        return self

    @property
    def about(self) -> dict[str, str]:
        return {
            "activityId": self.query["activityId"],
            "agent": self.query["actor"],
            "registration": self.query["registration"],
        }

    def fetch(self) -> Any:
        parts = urlsplit(self.query["fetch"])
        answer = self.client.post(f"{parts.path}?{parts.query}")
        assert (answer.status_code, answer["Access-Control-Allow-Origin"]) == (200, "*")
        return answer.json()

    def ask(self, method: str, resource: str, body: Any = None, **parameters: str) -> Any:
        data = json.dumps(body).encode() if body is not None else b""
        return self.client.generic(
            method, f"/xapi/{resource}", data, "application/json", query_params=parameters, headers=self.headers
        )

    def statement(self, verb: str, **result: Any) -> dict[str, Any]:
        context = copy.deepcopy(self.data["contextTemplate"])
        context["registration"] = self.query["registration"]
        judging = verb in (names.COMPLETED, names.PASSED, names.FAILED)
        context["contextActivities"]["category"] = [
            {"id": one} for one in (names.CMI5_CATEGORY, *([names.MOVE_ON_CATEGORY] if judging else []))
        ]
        if "score" in result:
            context["extensions"][names.MASTERY_SCORE] = self.data["masteryScore"]
        more = {
            names.COMPLETED: {"completion": True},
            names.PASSED: {"success": True},
            names.FAILED: {"success": False},
        }
        result |= more.get(verb, {}) | ({} if verb == names.INITIALIZED else {"duration": "PT1S"})
        from uuid import uuid4

        made = {
            "id": str(uuid4()), "actor": self.actor, "verb": {"id": verb}, "object": {"id": self.query["activityId"]},
            "context": context, "timestamp": "2026-11-29T08:00:00Z",
        }  # fmt: skip
        return made | ({"result": result} if result else {})

    def send(self, verb: str, **result: Any) -> int:
        sent = self.statement(verb, **result)
        return int(self.ask("PUT", "statements", sent, statementId=sent["id"]).status_code)


@pytest.fixture
def place(tmp_path: Path, settings: Any) -> Place:
    settings.LINGQU_HOME, settings.LINGQU_CONTENT_URL = tmp_path, ""
    return Place(tmp_path)


def verbs() -> list[str]:
    bodies = Statement.objects.order_by("seq").values_list("body", flat=True)
    return [json.loads(body)["verb"]["id"].rpartition("/")[2] for body in bodies]


def test_a_course_is_learnt_to_its_end(place: Place) -> None:
    course = place.course()
    first = Unit(place.pupil, course)
    assert "?a=1&endpoint=" in first.address
    assert first.actor["account"]["name"] == place.child.number
    page = place.pupil.get(urlsplit(first.address).path)
    assert (b"".join(page.streaming_content), "sandbox allow-scripts" in page["Content-Security-Policy"]) == (
        b"<p>unit</p>",
        True,
    )
    assert "allow-same-origin" not in page["Content-Security-Policy"]
    first.begin()
    assert (first.data["masteryScore"], first.data["moveOn"]) == (0.8, "CompletedAndPassed")
    assert first.data["returnURL"].endswith(f"/courses/{course.id}")
    assert "auth-token" not in first.fetch()
    assert first.send(names.PASSED, score={"scaled": 0.9}) == 204
    assert first.send(names.COMPLETED) == 204
    assert first.send(names.TERMINATED) == 204
    assert first.send("urn:v:late") == 403
    assert Registration.objects.get().done_at is not None
    assert verbs() == [
        "launched", "initialized", "passed", "completed", "satisfied", "satisfied", "terminated",
    ]  # fmt: skip
    shown = place.pupil.get(f"/courses/{course.id}").content.decode()
    assert "90.0%" in shown and "通过" in shown
    assert "周禾" in place.admin.get(f"/courses/{course.id}").content.decode()
    assert place.pupil.get("/learning-record").content.decode().count("单元") >= 4


def test_a_second_launch_ends_the_first_and_keeps_the_registration(place: Place) -> None:
    course = place.course()
    first = Unit(place.pupil, course).begin()
    second = Unit(place.pupil, course).begin()
    assert first.query["registration"] == second.query["registration"]
    assert first.query["activityId"] == second.query["activityId"]
    assert first.send("urn:v:any") == 403
    assert verbs() == ["launched", "initialized", "abandoned", "launched", "initialized"]
    assert second.send(names.FAILED, score={"scaled": 0.1}) == 204
    assert second.send(names.PASSED) == 403
    third = Unit(place.pupil, course).begin()
    sent = third.statement(names.PASSED)
    for _again in range(2):
        assert third.ask("PUT", "statements", sent, statementId=sent["id"]).status_code == 204
    assert verbs().count("passed") == 1


def test_a_unit_reaches_nothing_beside_its_own(place: Place) -> None:
    course = place.course()
    unit_ = Unit(place.pupil, course)
    assert unit_.ask("GET", "statements").status_code == 400
    unit_.begin()
    other = json.dumps({"account": {"homePage": unit_.actor["account"]["homePage"], "name": "P9"}})
    assert unit_.ask("GET", "statements").status_code == 403
    assert unit_.ask("GET", "statements", registration=unit_.query["registration"]).status_code == 200
    assert unit_.ask("GET", "activities/state", **{**unit_.about, "agent": other}).status_code == 403
    assert unit_.ask("PUT", "activities/state", {}, stateId=names.LAUNCH_DATA, **unit_.about).status_code == 403
    assert unit_.ask("DELETE", "activities/state", **unit_.about).status_code == 403
    assert unit_.ask("PUT", "activities/state", {"page": 3}, stateId="place", **unit_.about).status_code == 204
    mine = {"agent": unit_.query["actor"], "profileId": names.PREFERENCES}
    assert unit_.ask("POST", "agents/profile", {"audioPreference": "on"}, **mine).status_code == 403
    good = {"audioPreference": "on", "languagePreference": "zh-CN,en"}
    assert unit_.ask("POST", "agents/profile", good, **mine).status_code == 204
    batch = [unit_.statement("urn:v:one"), unit_.statement(names.INITIALIZED)]
    before = verbs()
    assert unit_.ask("POST", "statements", batch).status_code == 403
    assert verbs() == before
    forged = base64.b64encode(b"cmi5-" + b"0" * 32 + b":x").decode()
    assert Client().get("/xapi/statements", headers={**VERSION, "Authorization": f"Basic {forged}"}).status_code == 401


def test_browsing_records_no_result(place: Place) -> None:
    looked = Unit(place.pupil, place.course(), mode="Browse").begin()
    assert looked.data["launchMode"] == "Browse"
    assert looked.send(names.COMPLETED) == 403
    assert looked.send(names.TERMINATED) == 204


def test_a_unit_is_waived_once_and_the_course_follows(place: Place) -> None:
    course = place.course()
    Unit(place.pupil, course)
    registration = Registration.objects.get()
    address = f"/courses/{course.id}/learners/{registration.id}/waive"
    for _again in range(2):
        place.admin.post(address, {"unit": "0", "reason": "Tested Out"})
    assert verbs() == ["launched", "waived", "satisfied", "satisfied"]
    assert UnitState.objects.get().waived_reason == "Tested Out"
    place.admin.post(address, {"unit": "77", "reason": "Tested Out"})
    assert place.pupil.post(address, {"unit": "0", "reason": "Tested Out"}).status_code == 403


def test_sessions_that_fell_silent_are_abandoned(place: Place) -> None:
    Unit(place.pupil, place.course()).begin()
    assert sessions.abandon_old() == 0
    Session.objects.update(launched_at=now() - timedelta(hours=14), last_at=now() - timedelta(hours=13))
    assert sessions.abandon_old() == 1
    assert verbs()[-1] == "abandoned"
    body = json.loads(Statement.objects.order_by("-seq").values_list("body", flat=True)[0])
    assert body["result"]["duration"].startswith("PT3600")


def test_a_bad_package_is_refused_with_its_line_and_nothing_is_kept(place: Place) -> None:
    file = SimpleUploadedFile("course.xml", structure(unit(url="index.html")))
    refused = place.admin.post("/courses/add", {"package": file})
    assert refused.status_code == 422
    assert "网址要写完整" in refused.content.decode()
    assert not Course.objects.exists()


def test_who_learns_and_who_manages(place: Place) -> None:
    course = place.course()
    elsewhere = people.make_pupil(people.make_class(people.make_school(place.county)), "他校")
    mother = people.make_guardian(place.child, "王若琳", phone="13800001111")
    for person, seen in ((place.child, 200), (elsewhere, 404), (mother, 404)):
        client = accounts.signed_in(accounts.account_for(person))
        assert client.get(f"/courses/{course.id}").status_code == seen
        launched = client.post(f"/courses/{course.id}/units/0/launch").status_code
        assert launched == (303 if seen == 200 else 404)
        assert client.get("/courses/add").status_code == 403
        assert client.post(f"/courses/{course.id}/close").status_code == 403
    other = accounts.signed_in(accounts.duty_account("school_admin", people.make_school(place.county)))
    assert other.post(f"/courses/{course.id}/close").status_code == 403
    assert place.admin.post(f"/courses/{course.id}/close").status_code == 302
    pupil = accounts.signed_in(accounts.account_for(place.child))
    assert pupil.get(f"/courses/{course.id}").status_code == 404
    assert pupil.get("/cmi5/content/x.y/index.html").status_code == 404


def test_files_of_a_package_have_an_origin_of_their_own(place: Place, settings: Any) -> None:
    settings.LINGQU_CONTENT_URL = "https://content.lingqu.example"
    launched = Unit(place.pupil, place.course())
    parts = urlsplit(launched.address)
    assert parts.netloc == "content.lingqu.example"
    there = Client(headers={"Host": parts.netloc})
    assert "allow-same-origin" in there.get(parts.path)["Content-Security-Policy"]
    assert "allow-same-origin" not in Client().get(parts.path)["Content-Security-Policy"]
    for address in ("/", "/sign-in", "/xapi/about", "/cmi5/fetch", f"/courses/{Course.objects.get().id}"):
        assert there.get(address).status_code == 404


def test_films_are_wound_and_files_are_asked_for_once(place: Place, tmp_path: Path) -> None:
    inner = unit(url="index.html")
    film = bytes(range(256)) * 2000
    more = {"index.html": b"<p>unit</p>", "film.mp4": film, "leer.txt": b"", "中文 1.html": "中".encode()}
    place.zip = package(tmp_path, {"cmi5.xml": structure(inner), **more})
    address = urlsplit(Unit(place.pupil, place.course()).address).path.removesuffix("index.html")
    client = Client()

    def get(name: str, **headers: str) -> Any:
        return client.get(address + name, headers={one.replace("_", "-"): text for one, text in headers.items()})

    whole = get("film.mp4")
    assert (whole.status_code, whole["Accept-Ranges"], whole["Content-Type"]) == (200, "bytes", "video/mp4")
    assert whole.getvalue() == film
    part = get("film.mp4", Range="bytes=300000-300099")
    assert (part.status_code, part["Content-Range"], part["Content-Length"]) == (
        206,
        f"bytes 300000-300099/{len(film)}",
        "100",
    )
    assert part.getvalue() == film[300000:300100] and part["Content-Security-Policy"].startswith("sandbox")
    assert get("film.mp4", Range="bytes=-7").getvalue() == film[-7:]
    assert get("film.mp4", Range="bytes=0-1", If_Range=whole["ETag"]).status_code == 206
    assert get("film.mp4", Range="bytes=0-1", If_Range='"another"').status_code == 200
    behind = get("film.mp4", Range=f"bytes={len(film)}-")
    assert (behind.status_code, behind["Content-Range"], behind.content) == (416, f"bytes */{len(film)}", b"")
    assert get("film.mp4", Range="bytes=0-1,5-6").getvalue() == film
    same = get("film.mp4", If_None_Match=whole["ETag"], Range="bytes=0-1")
    assert (same.status_code, same.content, same["ETag"]) == (304, b"", whole["ETag"])
    head = client.head(address + "film.mp4")
    assert (head.status_code, head["Content-Length"], head.content) == (200, str(len(film)), b"")
    assert get("leer.txt").getvalue() == b"" and get("中文 1.html")["Content-Type"] == "text/html"
    for name in (
        "../index.html",
        "..%2findex.html",
        "%2e%2e/index.html",
        "/etc/passwd",
        "film.mp4/",
        "FILM.MP4",
    ):
        assert get(name).status_code == 404, name
    assert get("a\x00b").status_code in (400, 404)
    assert client.post(address + "film.mp4").status_code == 405
