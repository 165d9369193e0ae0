"""A vendor tries everything of LTI in the class of its sandbox, which nobody and nothing real ever meets."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pylti1p3.exception import LtiServiceException
from pylti1p3.grade import Grade

from lingqu.foundation.applications import api as applications
from lingqu.foundation.applications.models import Application, SandboxClass, SandboxPerson, Vendor
from lingqu.foundation.applications.testing import adopt, make_vendor
from lingqu.foundation.identity import api as identity
from lingqu.foundation.identity import testing
from lingqu.foundation.identity.middleware import forget_standings
from lingqu.foundation.lti.models import LineItem, ResourceLink, Score, Tool
from lingqu.foundation.lti.testing import make_tool, put_link
from lingqu.foundation.lti.types.words import CLAIM, INSTRUCTOR, ITEMS, LEARNER, MEMBERS, RESULTS, SCORES
from lingqu.foundation.registry import api as registry
from tests.permissions.world import build_world

from .conftest import School
from .making import asserted, bearer, chosen, launched, signed, token_answer
from .tool import VendorTool, browser_of, get, into, moment, send_form

pytestmark = pytest.mark.django_db
PUPILS = {"陈一诺", "江知夏", "宋安然"}


class Sandbox:
    """A firm with its sandbox people, prepared on its own page."""

    def __init__(self, name: str = "声谷科技（演示）") -> None:
        self.account = testing.duty_account("vendor", login=f"vendor{Vendor.objects.count()}")
        self.vendor = make_vendor(self.account, registry.ensure_root(), name)
        self.desk = testing.signed_in(self.account)
        assert self.desk.post("/developer/sandbox").status_code == 200
        self.room = SandboxClass.objects.get(vendor=self.vendor, code="8.3")
        self.board = f"/classes/{self.room.id}/lti"

    def tool(self, **columns: Any) -> tuple[applications.App, Tool]:
        """Of an application in the sandbox; the bureau allowed it nothing."""
        given = {"state": "draft", "is_sandbox": True, "live_since": None, "vendor": self.vendor, **columns}
        return make_tool({"services": ()}, adopted_by=[], **given)

    def link(self, tool: Tool, **columns: Any) -> ResourceLink:
        return put_link(tool, None, sandbox_class=self.room, **columns)

    def account_of(self, name: str) -> Any:
        found = {one.told.partition("（")[0]: one.account for one in self.vendor.sandbox.select_related("account")}
        return found[name]

    def browser(self, name: str) -> Client:
        return testing.signed_in(self.account_of(name))


@pytest.fixture
def sandbox(db: None) -> Sandbox:
    return Sandbox()


def registered(sandbox: Sandbox, url: str, tool: VendorTool) -> applications.App:
    """A draft with the tool's own addresses, by the vendor's pages; the bureau allowed it nothing."""
    vendor = identity.actor_for(sandbox.account, "vendor")
    app = applications.create_draft(
        actor=vendor, organisation_id=registry.ensure_root().id, details=applications.Details(name="数学练习")
    )
    for scope in ("profile", "roles", "classes"):
        applications.grant_scope(actor=vendor, application_id=app.id, scope=scope, basis="duty", purpose="按班布置练习")
    typed = {
        "login_url": f"{tool.url}/login", "redirect_uris": f"{tool.url}/launch", "target_url": f"{tool.url}/launch",
        "deep_linking_url": f"{tool.url}/launch", "jwks_url": f"{tool.url}/jwks", "keys": "", "custom": "",
    }  # fmt: skip
    assert sandbox.desk.post(f"/applications/{app.client_id}/lti", typed).status_code == 302
    tool.register({
        "issuer": url, "client_id": app.client_id, "deployment_ids": [str(Tool.objects.get().id)],
        "auth_login_url": f"{url}/lti/auth", "auth_token_url": f"{url}/lti/token", "key_set_url": f"{url}/lti/jwks",
    })  # fmt: skip
    return app


@pytest.mark.django_db(transaction=True)
def test_a_vendor_tries_it_from_choosing_to_the_score(place: tuple[str, VendorTool]) -> None:
    url, tool = place
    sandbox = Sandbox()
    app = registered(sandbox, url, tool)
    teacher = browser_of(sandbox.account_of("苏文"))
    assert f'href="{sandbox.board}"' in get(teacher, f"{url}/apps").text
    choosing = f"{sandbox.board}/choose/{app.client_id}"
    assert choosing in get(teacher, f"{url}{sandbox.board}").text
    back = send_form(teacher, into(teacher, f"{url}{choosing}"))
    assert tool.faults == [] and back.url == f"{url}{sandbox.board}?added=2" and "分数小测" in back.text
    assert f'href="/classes/{sandbox.room.id}"' not in back.text
    quiz = ResourceLink.objects.get(title="分数小测")
    assert (quiz.class_group_id, quiz.sandbox_class_id, quiz.by) == (None, sandbox.room.id, "苏文")

    pupil = browser_of(sandbox.account_of("陈一诺"))
    board = get(pupil, f"{url}{sandbox.board}").text
    assert f"/lti/links/{quiz.id}" in board and "移出" not in board and "去挑选" not in board
    assert into(pupil, f"{url}/lti/links/{quiz.id}").text == "<h1>陈一诺</h1>"
    launch = tool.launches[-1]
    told = launch.get_launch_data()
    assert told[f"{CLAIM}roles"][0] == LEARNER
    assert told[f"{CLAIM}context"]["title"] == "沙箱实验学校（演示） 八（3）班"
    assert [one["id"] for one in told["lingqu_classes"]] == [str(sandbox.room.id)] == [told[f"{CLAIM}context"]["id"]]

    members = {one["name"]: one for one in launch.get_nrps().get_members(str(quiz.id))}
    assert set(members) == PUPILS | {"苏文", "何清"}
    assert members["陈一诺"]["user_id"] == told["sub"] and members["苏文"]["roles"][0] == INSTRUCTOR
    grades = launch.get_ags()
    sent = Grade().set_score_given(15).set_score_maximum(20).set_user_id(told["sub"]).set_timestamp(moment())
    grades.put_grade(sent.set_activity_progress("Completed").set_grading_progress("FullyGraded"))
    assert [(one["userId"], one["resultScore"]) for one in grades.get_grades()] == [(told["sub"], 15)]
    held = Score.objects.get()
    assert (held.person_id, held.account_id) == (None, sandbox.account_of("陈一诺").id)
    wrong = Grade().set_score_given(1).set_score_maximum(20).set_user_id(members["苏文"]["user_id"])
    wrong.set_timestamp(moment()).set_activity_progress("Completed").set_grading_progress("FullyGraded")
    with pytest.raises(LtiServiceException) as refused:
        grades.put_grade(wrong)
    assert refused.value.response.status_code == 404
    assert "1 个成绩" in get(browser_of(sandbox.account_of("何清")), f"{url}{sandbox.board}").text

    Application.objects.filter(id=app.id).update(state="live", is_sandbox=False)
    Tool.objects.update(services=["members", "grades"])
    for ask in (launch.get_nrps().get_members, grades.get_lineitems):
        with pytest.raises(LtiServiceException) as refused:
            ask()
        assert refused.value.response.status_code == 404


# ---- who ------------------------


def test_whom_somebody_plays_says_what_they_may(sandbox: Sandbox) -> None:
    app, tool = sandbox.tool()
    choosing = f"{sandbox.board}/choose/{app.client_id}"
    may: dict[str, set[str]] = {
        "see": set(),
        "open": set(),
        "choose": set(),
        "add": set(),
        "time": set(),
        "remove": set(),
    }
    names = {one.told.partition("（")[0] for one in sandbox.vendor.sandbox.all()}
    for name in sorted(names):
        browser, link = sandbox.browser(name), sandbox.link(tool)
        done = {
            "see": browser.get(sandbox.board).status_code == 200,
            "open": browser.get(f"/lti/links/{link.id}").status_code == 302,
            "choose": browser.get(choosing).status_code == 302,
            "add": browser.post(sandbox.board, {"application": app.client_id}).status_code == 302,
            "time": browser.post(f"/lti/links/{link.id}/times", {"ends_at": ""}).status_code == 302,
            "remove": browser.post(f"/lti/links/{link.id}/remove").status_code == 302,
        }
        for what, is_done in done.items():
            may[what] |= {name} if is_done else set()
        assert browser.get(f"/classes/{sandbox.room.id}").status_code in (403, 404), name
    editors = {"苏文", "何清", "吴静"}
    assert may["choose"] == may["add"] == may["time"] == may["remove"] == editors
    assert may["see"] == may["open"] == editors | PUPILS
    assert names - may["see"] == {"周小禾", "周禾妈妈", "陈一诺爸爸"}


def test_every_role_at_a_sandbox_class(sandbox: Sandbox) -> None:
    world = build_world()
    app, tool = sandbox.tool()
    link = sandbox.link(tool)
    for role, account in sorted(world.accounts.items()):
        forget_standings()
        browser = testing.signed_in(account)
        for answer in (
            browser.get(sandbox.board), browser.get(f"/lti/links/{link.id}"),
            browser.get(f"{sandbox.board}/choose/{app.client_id}"),
            browser.post(sandbox.board, {"application": app.client_id}), browser.post(f"/lti/links/{link.id}/remove"),
            browser.post(f"/lti/links/{link.id}/times", {}), browser.get(f"/lti/enter/{app.client_id}"),
        ):  # fmt: skip
            assert answer.status_code in (403, 404), (role, answer.status_code)
        assert "沙箱班级" not in browser.get("/apps").content.decode(), role
    assert ResourceLink.objects.exclude(sandbox_class=None).get().removed_at is None


def test_two_firms_do_not_meet(sandbox: Sandbox) -> None:
    other = Sandbox("别家（演示）")
    app, tool = sandbox.tool()
    link = sandbox.link(tool)
    stranger = other.browser("苏文")
    for path in (sandbox.board, f"/lti/links/{link.id}", f"{sandbox.board}/choose/{app.client_id}"):
        assert stranger.get(path).status_code == 404, path
    assert stranger.get(f"{other.board}/choose/{app.client_id}").status_code == 403
    assert stranger.post(other.board, {"application": app.client_id}).status_code == 422
    theirs, foreign = other.tool(name="别家的")
    headers = bearer(theirs, MEMBERS, ITEMS)
    put_link(foreign, None, sandbox_class=sandbox.room)
    for name in ("members", "items"):
        assert Client().get(f"/lti/classes/{sandbox.room.id}/{name}", headers=headers).status_code == 404


def test_an_application_meets_classes_of_its_own_kind_only(sandbox: Sandbox, school: School) -> None:
    tried, trying = sandbox.tool()
    live, tool = make_tool(name="上架的", vendor=sandbox.vendor)
    links = {"tried": put_link(trying, school.group), "live": sandbox.link(tool)}
    asked = {tried: school.group.id, live: sandbox.room.id}
    for app, class_id in asked.items():
        headers = bearer(app, MEMBERS, ITEMS, RESULTS, SCORES)
        for name in ("members", "items"):
            assert Client().get(f"/lti/classes/{class_id}/{name}", headers=headers).status_code == 404, (app.name, name)
    item = LineItem.objects.create(tool=tool, sandbox_class=sandbox.room, label="小测", maximum=20)
    for path in ("", "/results"):
        assert Client().get(f"/lti/items/{item.id}{path}", headers=bearer(live, ITEMS, RESULTS)).status_code == 404
    teacher, played = testing.signed_in(school.teacher), sandbox.browser("苏文")
    assert teacher.get(f"/lti/links/{links['tried'].id}").status_code == 403
    assert teacher.get(f"/classes/{school.group.id}/lti/choose/{tried.client_id}").status_code == 403
    assert played.get(f"/lti/links/{links['live'].id}").status_code == 403
    assert played.get(f"{sandbox.board}/choose/{live.client_id}").status_code == 403
    for path in (f"/classes/{school.group.id}/lti", f"/lti/links/{links['tried'].id}"):
        assert played.get(path).status_code == 404
    assert live.client_id not in played.get(sandbox.board).content.decode()
    assert tried.client_id not in teacher.get(f"/classes/{school.group.id}/lti").content.decode()


def test_sandbox_people_reach_no_application_that_everybody_uses(sandbox: Sandbox) -> None:
    live, _tool = make_tool(name="全市在用")
    played = sandbox.browser("苏文")
    assert played.get(f"/lti/enter/{live.client_id}").status_code == 403
    assert "全市在用" not in played.get("/apps").content.decode()


def test_services_open_with_the_sandbox_and_close_with_it(sandbox: Sandbox) -> None:
    app, tool = sandbox.tool(scopes=("profile",))
    sandbox.link(tool)
    members = f"/lti/classes/{sandbox.room.id}/members"
    assert Client().get(members, headers=bearer(app, MEMBERS)).status_code == 200
    assert set(launched(sandbox.browser("陈一诺"), f"/lti/links/{ResourceLink.objects.exclude(sandbox_class=None).get().id}")) >= {
        "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
    }  # fmt: skip
    Application.objects.filter(id=app.id).update(state="live", is_sandbox=False)
    answer = token_answer(signed(asserted(app)), MEMBERS)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


def test_a_list_of_the_sandbox_says_what_the_scopes_and_consents_give(sandbox: Sandbox) -> None:
    app, tool = sandbox.tool(scopes=("person_number",), by_consent=("profile",))
    sandbox.link(tool)
    identity_of = sandbox.account_of("陈一诺")
    applications.give_consent(
        actor=identity.actor_for(identity_of), app=app, account_id=identity_of.id, scopes=["profile"]
    )
    answer = Client().get(f"/lti/classes/{sandbox.room.id}/members?limit=200", headers=bearer(app, MEMBERS))
    found = answer.json()["members"]
    assert [one["name"] for one in found if "name" in one] == ["陈一诺"]
    numbers = [one["lis_person_sourcedid"] for one in found]
    assert len(set(numbers)) == 5
    first = Client().get(f"/lti/classes/{sandbox.room.id}/members?limit=2&role=Learner", headers=bearer(app, MEMBERS))
    assert len(first.json()["members"]) == 2 and 'rel="next"' in first["Link"]


# ---- outside --------------------


def test_the_register_does_not_know_the_class(sandbox: Sandbox) -> None:
    tables = ("registry_classgroup", "registry_organisation", "registry_person", "registry_classmembership")
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT count(*) FROM {table} t WHERE t::text LIKE ANY(%s)", [["%沙箱%", "%宋安然%"]])
            assert cursor.fetchone()[0] == 0, table
    clerk = testing.signed_in(testing.duty_account("county_admin"))
    assert clerk.get(f"/classes/{sandbox.room.id}").status_code == clerk.get(f"/classes/{uuid4()}").status_code == 403
    assert clerk.get(f"/classes/{sandbox.room.id}/lti").status_code in (403, 404)
    for path in ("/search?q=沙箱实验", "/schools", "/people?q=宋安然"):
        assert "沙箱实验学校" not in clerk.get(path).content.decode(), path


def test_a_row_stands_in_one_class(sandbox: Sandbox, school: School) -> None:
    _app, tool = sandbox.tool()
    for make in (
        lambda: put_link(tool, school.group, sandbox_class=sandbox.room),
        lambda: LineItem.objects.create(tool=tool, label="x", maximum=1),
        lambda: LineItem.objects.create(
            tool=tool, label="x", maximum=1, class_group=school.group, sandbox_class=sandbox.room
        ),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            make()


def test_a_reset_empties_the_class_and_nothing_else(sandbox: Sandbox, school: School) -> None:
    other = Sandbox("别家（演示）")
    app, tool = sandbox.tool()
    live, used = make_tool(name="上架的", vendor=sandbox.vendor)
    _theirs, foreign = other.tool(name="别家的")
    link = sandbox.link(tool)
    item = LineItem.objects.create(tool=tool, sandbox_class=sandbox.room, link=link, label="小测", maximum=20)
    pupil = sandbox.account_of("陈一诺")
    Score.objects.create(
        item=item,
        account=pupil,
        subject="s",
        activity="Completed",
        grading="FullyGraded",
        scored_at="2026-11-01T00:00Z",
    )
    kept = {other.link(foreign).id, put_link(used, school.group).id}
    SandboxPerson.objects.filter(account=pupil).update(
        claims={"roles": {"lingqu_roles": [{"role": "guardian"}]}, "classes": {"lingqu_classes": []}}
    )
    assert sandbox.desk.post("/developer/sandbox/reset").status_code == 302
    standing = ResourceLink.objects.exclude(class_group=None, sandbox_class=None)
    assert set(standing.values_list("id", flat=True)) == kept
    assert not Score.objects.exists() and not LineItem.objects.exists()
    forget_standings()
    assert sandbox.browser("陈一诺").get(sandbox.board).status_code == 200
    assert SandboxClass.objects.filter(vendor=sandbox.vendor).count() == 2
    assert {app.state, live.state} == {"draft", "live"}


def test_a_sandbox_class_costs_no_more_than_another(sandbox: Sandbox) -> None:
    _app, tool = sandbox.tool()
    teacher = sandbox.browser("苏文")
    for number in range(34):
        sandbox.link(tool, title=f"资源{number}")
    teacher.get(sandbox.board)
    with CaptureQueriesContext(connection) as asked:
        page = teacher.get(sandbox.board).content.decode()
    assert len(asked) <= 12, [one["sql"][:100] for one in asked]
    assert "资源33" in page and 'rel="next"' in page


def test_an_answer_of_an_application_that_left_the_sandbox_is_not_taken(sandbox: Sandbox) -> None:
    app, tool = sandbox.tool()
    teacher = sandbox.browser("苏文")
    told = launched(teacher, f"{sandbox.board}/choose/{app.client_id}")
    data = told["https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"]["data"]
    Application.objects.filter(id=app.id).update(state="live", is_sandbox=False)
    adopt(app)
    answer = Client().post("/lti/deep-links", {"JWT": signed(chosen(app, tool, data))})
    assert answer.status_code == 403
    assert not ResourceLink.objects.exclude(sandbox_class=None).exists()
