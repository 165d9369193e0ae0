"""What tools ask by themselves: class lists, line items, scores, results. Exact shapes, pages, scopes, media types."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from lingqu.foundation.applications import api as applications
from lingqu.foundation.applications.models import Adoption, Application, Consent, Release, RequestLog, ScopeGrant
from lingqu.foundation.applications.testing import adopt
from lingqu.foundation.identity import testing
from lingqu.foundation.lti.models import LineItem, ResourceLink, Score, Tool
from lingqu.foundation.lti.register import of_class
from lingqu.foundation.lti.services import reading
from lingqu.foundation.lti.services.tools import read_custom
from lingqu.foundation.lti.testing import make_tool, put_link
from lingqu.foundation.lti.types.words import (
    ITEM_TYPE,
    ITEMS,
    ITEMS_READ,
    ITEMS_TYPE,
    LEARNER,
    MEMBERS,
    MEMBERS_TYPE,
    RESULTS,
    RESULTS_TYPE,
    SCORE_TYPE,
    SCORES,
)
from lingqu.kernel.clock import now
from lingqu.kernel.models import AuditEntry

from .conftest import School
from .making import bearer

pytestmark = pytest.mark.django_db


class Place:
    """A tool in use in a class, and requests of its server."""

    def __init__(self, school: School, **application: Any) -> None:
        self.school = school
        self.app, self.tool = make_tool(**application)
        self.link = put_link(self.tool, school.group)
        self.headers = bearer(self.app, MEMBERS, ITEMS, ITEMS_READ, RESULTS, SCORES)
        self.members = f"/lti/classes/{school.group.id}/members"
        self.items = f"/lti/classes/{school.group.id}/items"

    def get(self, path: str) -> Any:
        return Client().get(path.removeprefix("http://localhost:8000"), headers=self.headers)

    def send(self, path: str, body: Any, kind: str = ITEM_TYPE, method: str = "POST") -> Any:
        data = body if isinstance(body, str) else json.dumps(body)
        return Client().generic(
            method, path.removeprefix("http://localhost:8000"), data, content_type=kind, headers=self.headers
        )

    def item(self, **more: Any) -> str:
        made = self.send(self.items, {"label": "小测", "scoreMaximum": 20, **more})
        assert made.status_code == 201, made.content
        return str(made.json()["id"])

    def subject(self, account: Any) -> str:
        return applications.subject_of(app=self.app, account_id=account.id)

    def score(self, item: str, account: Any, points: Any = 15, ahead: int = 0, **more: Any) -> Any:
        at = now() + timedelta(seconds=ahead)
        body = {
            "userId": self.subject(account), "scoreGiven": points, "scoreMaximum": 20, "activityProgress": "Completed",
            "gradingProgress": "FullyGraded", "timestamp": at.isoformat(), **more,
        }  # fmt: skip
        return self.send(f"{item}/scores", {k: v for k, v in body.items() if v is not None}, SCORE_TYPE)


@pytest.fixture
def place(school: School) -> Place:
    return Place(school)


# ---- members --------------------


def test_a_class_list_says_what_the_scopes_give(school: School) -> None:
    place = Place(school, scopes=("profile", "person_number"))
    answer = place.get(place.members)
    assert (answer.status_code, answer["Content-Type"]) == (200, MEMBERS_TYPE)
    found = {one["name"]: one for one in answer.json()["members"]}
    assert answer.json()["context"]["label"] == "八（3）班"
    pupil = school.pupils[0]
    assert found["周禾"] == {
        "user_id": place.subject(pupil), "status": "Active", "roles": [LEARNER], "name": "周禾",
        "lis_person_sourcedid": pupil.login,
    }  # fmt: skip
    assert set(found) == {"苏文", "周禾", "江一帆"}
    place = Place(school, scopes=("roles",))
    named = {frozenset(one) for one in place.get(place.members).json()["members"]}
    assert named == {frozenset({"user_id", "status", "roles"})}


def test_every_name_that_leaves_is_a_release_once_a_day(place: Place) -> None:
    for _time in range(2):
        place.get(place.members)
    rows = Release.objects.filter(application_id=place.app.id)
    assert {row.account_id for row in rows} == {one.id for one in (*place.school.pupils, place.school.teacher)}
    assert {(tuple(row.fields), row.count) for row in rows} == {(("lingqu_classes", "lingqu_roles", "name"), 2)}
    assert AuditEntry.objects.filter(action="applications.released").count() == 3


def test_consent_is_asked_for_each(school: School) -> None:
    place = Place(school, scopes=("roles",), by_consent=("profile",))
    agreed, silent = school.pupils
    Consent.objects.create(
        application_id=place.app.id, person_id=agreed.person_id, scopes=["profile"], given_by="guardian"
    )
    names = {one["user_id"]: one.get("name") for one in place.get(place.members).json()["members"]}
    assert (names[place.subject(agreed)], names[place.subject(silent)]) == ("周禾", None)
    fields = Release.objects.get(account=silent).fields
    assert "name" not in fields


def test_pages_roles_and_links(place: Place) -> None:
    seen, url = [], f"{place.members}?limit=2"
    while url:
        answer = place.get(url)
        seen += answer.json()["members"]
        url = answer.get("Link", "").partition(">")[0].lower().lstrip("<")
    assert len({one["user_id"] for one in seen}) == len(seen) == 3
    for role in ("Learner", LEARNER, quote(LEARNER.lower(), safe="")):
        found = place.get(f"{place.members}?role={quote(role) if '#' in role else role}").json()["members"]
        assert {one["name"] for one in found} == {"周禾", "江一帆"}, role
    assert place.get(f"{place.members}?role=Mentor").json()["members"] == []
    assert len(place.get(f"{place.members}?rlid={place.link.id}").json()["members"]) == 3
    elsewhere = put_link(place.tool, place.school.other_group)
    for bad in (f"rlid={elsewhere.id}", "rlid=x"):
        assert place.get(f"{place.members}?{bad}").status_code == 404
    for bad in ("limit=0", "limit=-1", "limit=x", "after=x"):
        assert place.get(f"{place.members}?{bad}").status_code == 400


def test_only_who_could_enter_is_listed(place: Place) -> None:
    Application.objects.filter(id=place.app.id).update(audiences=["student"])
    assert {one["name"] for one in place.get(place.members).json()["members"]} == {"周禾", "江一帆"}
    testing.set_state(place.school.pupils[0], "locked")
    of_class("memberships").filter(person_id=place.school.stranger.person_id).update(valid_to=now().date())
    assert {one["name"] for one in place.get(place.members).json()["members"]} == {"江一帆"}
    Application.objects.filter(id=place.app.id).update(audiences=["guardian"])
    assert place.get(place.members).status_code == 404


def test_a_class_without_its_resource_or_school_is_closed(place: Place) -> None:
    other = f"/lti/classes/{place.school.other_group.id}"
    for path in (f"{other}/members", f"{other}/items"):
        assert place.get(path).status_code == 404
    item = place.item()
    Adoption.objects.filter(application_id=place.app.id).delete()
    for path in (place.members, place.items, item, f"{item}/results"):
        assert place.get(path).status_code == 404
    adopt(place.app, place.school.organisation)
    assert place.get(place.members).status_code == 200
    ResourceLink.objects.filter(id=place.link.id).update(removed_at=now())
    for path in (place.members, place.items, item, f"{item}/results"):
        assert place.get(path).status_code == 404


def test_a_list_costs_the_same_for_forty(place: Place) -> None:
    with CaptureQueriesContext(connection) as few:
        place.get(place.members)
    for number in range(40):
        person = testing.make_person(f"学生{number}", organisation=place.school.organisation)
        testing.seat(person, place.school.group)
        testing.account_for(person, "")
    with CaptureQueriesContext(connection) as many:
        assert len(place.get(place.members).json()["members"]) == 43
    assert len(many) <= len(few) + 1


# ---- line items --------------------


def test_line_items_are_made_read_changed_and_removed(place: Place) -> None:
    sent = {
        "label": "小测", "scoreMaximum": 20.5, "resourceLinkId": str(place.link.id), "resourceId": "7", "tag": "quiz",
        "startDateTime": "2026-11-28T08:00:00+08:00", "endDateTime": "2026-11-29T00:00:00Z",
    }  # fmt: skip
    made = place.send(place.items, sent)
    assert (made.status_code, made["Content-Type"]) == (201, ITEM_TYPE)
    url = made.json()["id"]
    assert made.json() == {
        **sent, "id": url, "startDateTime": "2026-11-28T08:00:00+08:00", "endDateTime": "2026-11-29T00:00:00+00:00",
    }  # fmt: skip
    read = place.get(url).json()
    assert (read["scoreMaximum"], read["resourceLinkId"], read["tag"]) == (20.5, str(place.link.id), "quiz")
    changed = place.send(url, {"label": "新名", "scoreMaximum": 10}, method="PUT")
    assert changed.json() == {"id": url, "label": "新名", "scoreMaximum": 10}
    assert place.send(url, "", method="DELETE").status_code == 204
    assert place.get(url).status_code == 404 and place.get(place.items).json() == []
    assert LineItem.objects.get().removed_at is not None
    told = AuditEntry.objects.filter(action__startswith="lti.item").order_by("id").values_list("action", flat=True)
    assert list(told) == ["lti.item_made", "lti.item_changed", "lti.item_removed"]


def test_line_items_are_filtered_and_paged(place: Place) -> None:
    bound = place.item(resourceLinkId=str(place.link.id), tag="a")
    rest = [place.item(tag="b", resourceId=str(number)) for number in range(4)]

    def ids(query: str) -> list[str]:
        return [one["id"] for one in place.get(f"{place.items}?{query}").json()]

    assert ids(f"resource_link_id={place.link.id}") == ids("tag=a") == [bound]
    assert ids("resource_id=2") == [rest[2]] and ids("resource_link_id=x") == [] and ids("tag=%00") == [bound, *rest]
    seen, url = [], f"{place.items}?limit=2&tag=b"
    while url:
        answer = place.get(url)
        assert answer["Content-Type"] == ITEMS_TYPE
        seen += [one["id"] for one in answer.json()]
        url = answer.get("Link", "").partition(">")[0].lower().lstrip("<")
    assert seen == rest


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400), ({"label": "", "scoreMaximum": 1}, 400), ({"label": "x"}, 400), ({"label": "x", "scoreMaximum": 0}, 400),
        ({"label": "x", "scoreMaximum": -1}, 400), ({"label": "x", "scoreMaximum": "20"}, 400),
        ({"label": "x", "scoreMaximum": True}, 400), ({"label": "x", "scoreMaximum": 1e12}, 400),
        ({"label": "x", "scoreMaximum": 1, "startDateTime": "morgen"}, 400),
        ({"label": "x", "scoreMaximum": 1, "startDateTime": "2026-11-28T08:00:00"}, 400),
        ({"label": "x", "scoreMaximum": 1, "resourceLinkId": "x"}, 404), ("[1]", 400), ("{", 400), ("", 415),
        ('{"label": "x", "scoreMaximum": NaN}', 400),
    ],
)  # fmt: skip
def test_line_items_that_are_refused(place: Place, body: Any, status: int) -> None:
    assert place.send(place.items, body).status_code == status
    assert not LineItem.objects.exists()


def test_media_types_methods_and_foreign_items(place: Place) -> None:
    good = {"label": "x", "scoreMaximum": 1}
    assert place.send(place.items, good, "text/plain").status_code == 415
    assert place.send(place.items, good, SCORE_TYPE).status_code == 415
    assert place.send(place.items, good, method="PATCH").status_code == 405
    item, other = place.item(), Place(place.school)
    foreign = put_link(other.tool, place.school.group)
    assert place.send(place.items, {**good, "resourceLinkId": str(foreign.id)}).status_code == 404
    for path in (item, f"{item}/results"):
        assert other.get(path).status_code == 404
    assert other.send(f"{item}/scores", {}, SCORE_TYPE).status_code == 404
    assert other.send(item, good, method="PUT").status_code == other.send(item, "", method="DELETE").status_code == 404
    assert other.get(other.items).json() == []


@pytest.mark.parametrize(
    ("scope", "may"),
    [
        (MEMBERS, {"members"}), (ITEMS, {"items", "make", "item", "change", "remove"}), (ITEMS_READ, {"items", "item"}),
        (RESULTS, {"results"}), (SCORES, {"scores"}),
    ],
)  # fmt: skip
def test_each_scope_opens_its_own(place: Place, scope: str, may: set[str]) -> None:
    item, body = place.item(), {"label": "x", "scoreMaximum": 1}
    place.headers = bearer(place.app, scope)
    answers = {
        "members": place.get(place.members), "items": place.get(place.items), "make": place.send(place.items, body),
        "item": place.get(item), "change": place.send(item, body, method="PUT"),
        "scores": place.score(item, place.school.pupils[0]), "results": place.get(f"{item}/results"),
        "remove": place.send(item, "", method="DELETE"),
    }  # fmt: skip
    assert {name for name, answer in answers.items() if answer.status_code != 403} == may
    assert all(answers[name].status_code < 300 for name in may)


def test_what_the_bureau_takes_away_ends_at_once(place: Place) -> None:
    assert place.get(place.members).status_code == 200
    Tool.objects.update(services=["grades"])
    assert place.get(place.members).status_code == 403
    assert place.get(place.items).status_code == 200


# ---- scores and results --------------------


def test_only_a_newer_score_counts(place: Place) -> None:
    item, pupil = place.item(), place.school.pupils[0]
    assert place.score(item, pupil, 15, ahead=-60).status_code == 204
    assert place.score(item, pupil, 3, ahead=-61).status_code == 409
    same = Score.objects.get().scored_at.isoformat()
    assert place.score(item, pupil, 3, timestamp=same).status_code == 409
    assert place.score(item, pupil, 18, ahead=-10).status_code == 204
    row = Score.objects.get()
    assert (row.given, row.account_id, row.person_id) == (18, pupil.id, pupil.person_id)
    assert AuditEntry.objects.filter(action="lti.score_kept", subject_id=str(pupil.person_id)).count() == 2


def test_results_are_on_the_scale_of_the_item(place: Place) -> None:
    item, (first, second) = place.item(scoreMaximum=100), place.school.pupils
    place.score(item, first, 15, comment="很好")
    place.score(item, second, 9, gradingProgress="PendingManual")
    answer = place.get(f"{item}/results")
    assert answer["Content-Type"] == RESULTS_TYPE
    found = {one["userId"]: one for one in answer.json()}
    assert found[place.subject(first)] == {
        "id": f"{item}/results?user_id={place.subject(first)}", "scoreOf": item, "userId": place.subject(first),
        "resultScore": 75, "resultMaximum": 100, "comment": "很好",
    }  # fmt: skip
    assert "resultScore" not in found[place.subject(second)]
    assert place.get(found[place.subject(first)]["id"]).json() == [found[place.subject(first)]]
    assert place.get(f"{item}/results?user_id=nobody").json() == []
    page = place.get(f"{item}/results?limit=1")
    assert len(page.json()) == 1 and 'rel="next"' in page["Link"]
    assert place.score(item, first, None, ahead=5, scoreMaximum=None).status_code == 204
    assert "resultScore" not in place.get(f"{item}/results?user_id={place.subject(first)}").json()[0]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"userId": "nobody"}, 404), ({"userId": None}, 404), ({"userId": "\0"}, 404), ({"timestamp": None}, 400),
        ({"timestamp": "2026-11-28T08:00:00"}, 400), ({"timestamp": "2126-11-28T08:00:00Z"}, 400),
        ({"activityProgress": "Done"}, 400), ({"gradingProgress": None}, 400), ({"scoreGiven": -1}, 400),
        ({"scoreGiven": "15"}, 400), ({"scoreMaximum": 0}, 400), ({"scoreMaximum": None}, 400),
    ],
)  # fmt: skip
def test_scores_that_are_refused(place: Place, changes: Any, status: int) -> None:
    item = place.item()
    assert place.score(item, place.school.pupils[0], **changes).status_code == status
    assert not Score.objects.exists()


def test_scores_are_for_pupils_of_the_class(place: Place) -> None:
    item = place.item()
    for account in (place.school.teacher, place.school.stranger):
        assert place.score(item, account).status_code == 404
    other = Place(place.school)
    assert place.score(item, place.school.pupils[0], userId=other.subject(place.school.pupils[0])).status_code == 404
    assert not Score.objects.exists()


def test_requests_are_in_the_log_without_secrets(place: Place) -> None:
    place.score(place.item(), place.school.teacher)
    rows = list(RequestLog.objects.order_by("id").values_list("endpoint", "outcome", "detail"))
    assert rows == [("token", "ok", ""), ("items", "ok", ""), ("scores", "not_found", "")]


# ---- reading what tools write --------------------


@given(st.one_of(st.none(), st.booleans(), st.text(), st.floats(), st.integers(), st.lists(st.integers())))
def test_points_and_moments_are_read_or_not(value: Any) -> None:
    found = reading.points(value)
    assert found is None or 0 <= found <= reading.MOST
    assert reading.moment(value) is None or isinstance(value, str)
    assert "\0" not in reading.text(value, 50) and len(reading.text(value, 50)) <= 50


@given(st.dictionaries(st.from_regex(r"\A[a-z_.]{1,10}\Z"), st.from_regex(r"\A[a-z=$.]{0,10}\Z"), max_size=10))
def test_custom_parameters_come_back(values: dict[str, str]) -> None:
    text = "\n".join(f"{name} = {value}" for name, value in values.items())
    assert read_custom(text) == (values, "")


def test_old_scope_grants_count(place: Place) -> None:
    """A scope that was taken from the application is not told any more, with the token it has."""
    ScopeGrant.objects.filter(application_id=place.app.id, scope="profile").update(ended_at=now())
    assert all("name" not in one for one in place.get(place.members).json()["members"])
