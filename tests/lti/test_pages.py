"""Settings of a tool, resources of a class: every role at every action, what is refused, what stands afterwards."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from joserfc.jwk import RSAKey

from lingqu.foundation.applications import api as applications
from lingqu.foundation.applications.testing import adopt, make_vendor
from lingqu.foundation.identity import testing
from lingqu.foundation.identity.middleware import forget_standings
from lingqu.foundation.identity.roles import ROLES
from lingqu.foundation.lti.models import ResourceLink, Tool
from lingqu.foundation.lti.testing import KEY, TOOL, make_tool, put_link
from lingqu.foundation.lti.types.words import CLAIM
from lingqu.foundation.registry import api as registry
from lingqu.kernel.actor import Actor
from lingqu.kernel.models import AuditEntry
from tests.permissions.world import World, build_world

from .conftest import School
from .making import begun, launched

pytestmark = pytest.mark.django_db
PEM = KEY.as_pem(private=False).decode()
GOOD = {
    "login_url": f"{TOOL}/login", "redirect_uris": f"{TOOL}/launch\n{TOOL}/deep", "target_url": f"{TOOL}/open",
    "deep_linking_url": f"{TOOL}/choose", "jwks_url": f"{TOOL}/jwks", "keys": "", "custom": "school=$Context.title\na=b=c",
    "services": ["members"],
}  # fmt: skip


def test_every_role_times_reading_and_writing_settings() -> None:
    world = build_world()
    app, foreign = (applications_of(world)[at] for at in (0, 1))
    may = set()
    for role in sorted(ROLES):
        browser = testing.signed_in(world.accounts[role])
        Tool.objects.all().delete()
        own, other = (f"/applications/{one.client_id}/lti" for one in (app, foreign))
        read, written = browser.get(own), browser.post(own, GOOD)
        assert (read.status_code == 200) == (written.status_code == 302) == Tool.objects.exists(), role
        may |= {role} if written.status_code == 302 else set()
        assert {browser.get(other).status_code, browser.post(other, GOOD).status_code} <= {403, 404}, role
    assert may == {role for role in ROLES if "applications.manage" in ROLES[role].rights}


def applications_of(world: World) -> tuple[applications.App, applications.App]:
    own, other = (make_tool(organisation=node.county)[0] for node in (world.own, world.other))
    return own, other


def test_every_role_times_resources_of_a_class() -> None:
    world = build_world()
    own, other = (make_tool(organisation=node.county) for node in (world.own, world.other))
    for (app, _tool), node in ((own, world.own), (other, world.other)):
        adopt(app, node.school)
    plain, _tool = make_tool({"deep_linking_url": ""}, organisation=world.own.county)
    adopt(plain, world.own.school)
    foreign = put_link(other[1], world.other.group)
    found: dict[str, set[str]] = {"see": set(), "open": set(), "choose": set(), "add": set(), "remove": set()}
    for role in sorted(ROLES):
        forget_standings()
        browser, link = testing.signed_in(world.accounts[role]), put_link(own[1], world.own.group)
        board = f"/classes/{world.own.group.id}/lti"
        answers = {
            "see": browser.get(board).status_code == 200,
            "open": browser.get(f"/lti/links/{link.id}").status_code == 302,
            "choose": browser.get(f"{board}/choose/{own[0].client_id}").status_code == 302,
            "add": browser.post(board, {"application": plain.client_id}).status_code == 302,
            "remove": browser.post(f"/lti/links/{link.id}/remove").status_code == 302,
        }
        for name, is_done in answers.items():
            found[name] |= {role} if is_done else set()
        assert (ResourceLink.objects.get(id=link.id).removed_at is not None) == answers["remove"], role
        there = f"/classes/{world.other.group.id}/lti"
        for answer in (
            browser.get(there), browser.get(f"/lti/links/{foreign.id}"), browser.get(f"{there}/choose/{other[0].client_id}"),
            browser.post(there, {"application": other[0].client_id}), browser.post(f"/lti/links/{foreign.id}/remove"),
        ):  # fmt: skip
            assert answer.status_code in (403, 404), (role, answer.status_code)
    editors = {"teacher", "class_teacher", "school_admin"}
    assert found["choose"] == found["add"] == found["remove"] == editors
    assert found["see"] == found["open"] == editors | {"student"}
    assert ResourceLink.objects.filter(tool=other[1], class_group__isnull=False, removed_at=None).count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("login_url", ""), ("login_url", "http://tool.example.cn/login"), ("login_url", "javascript:alert(1)"),
        ("redirect_uris", ""), ("redirect_uris", "https://*.example.cn/a"), ("redirect_uris", "https://a.cn/#x"),
        ("redirect_uris", "\n".join(f"https://a.cn/{at}" for at in range(21))), ("target_url", ""),
        ("target_url", "/relative"), ("deep_linking_url", "ftp://a.cn/"), ("jwks_url", ""),
        ("jwks_url", "http://a.example.cn/jwks"), ("jwks_url", "https://a@b.cn/jwks"), ("jwks_url", "file:///etc/passwd"),
        ("keys", "nonsense"), ("keys", KEY.as_pem(private=True).decode()), ("keys", '{"keys": []}'),
        ("keys", '{"keys": [{"kty": "oct", "k": "AAAA"}]}'), ("custom", "no sign"), ("custom", "a b=c"),
        ("custom", "a=" + "x" * 501), ("custom", "\n".join(f"a{at}=1" for at in range(31))), ("services", ["magic"]),
    ],
)  # fmt: skip
def test_what_cannot_stand_is_told_at_its_field(field: str, value: Any) -> None:
    app, _tool = make_tool()
    before = Tool.objects.values().get()
    answer = testing.signed_in(testing.duty_account("county_admin")).post(
        f"/applications/{app.client_id}/lti", {**GOOD, field: value}
    )
    assert answer.status_code == 422 and "有几项需要修改" in answer.content.decode()
    assert Tool.objects.values().get() == before


def test_what_was_set_stands_and_is_shown() -> None:
    app, _tool = make_tool()
    browser = testing.signed_in(testing.duty_account("county_admin"))
    url = f"/applications/{app.client_id}/lti"
    assert browser.post(url, {**GOOD, "keys": PEM}).status_code == 302
    tool = Tool.objects.get()
    assert tool.redirect_uris == [f"{TOOL}/launch", f"{TOOL}/deep"] and tool.services == ["members"]
    assert tool.custom == {"school": "$Context.title", "a": "b=c"}
    assert RSAKey.import_key(tool.jwks["keys"][0]).as_pem(private=False).decode() == PEM
    page = browser.get(url).content.decode()
    for value in (str(tool.id), app.client_id, "http://localhost:8000/lti/auth", "/lti/token", "/lti/jwks", "a=b=c"):
        assert value in page
    whole = browser.get(f"/applications/{app.client_id}").content.decode()
    assert "收不到退出通知" in whole and str(tool.id) in whole
    assert browser.get("/developer/guides/lti").status_code in (200, 403)
    entry = AuditEntry.objects.filter(action="lti.tool_saved").latest("id")
    assert "redirect_uris" in entry.data["fields"]


def test_a_vendor_changes_addresses_and_allows_itself_nothing() -> None:
    account = testing.duty_account("vendor")
    vendor = make_vendor(account, registry.ensure_root())
    app, tool = make_tool({"services": ("grades",)}, vendor=vendor)
    browser, url = testing.signed_in(account), f"/applications/{app.client_id}/lti"
    assert browser.post(url, {**GOOD, "services": ["grades"]}).status_code == 302
    assert browser.post(url, {**GOOD, "services": ["grades", "members"]}).status_code == 403
    assert Tool.objects.get(id=tool.id).services == ["grades"]
    assert browser.post(url, {**GOOD, "services": []}).status_code == 302
    assert browser.post(url, {**GOOD, "services": ["grades"]}).status_code == 403


def test_a_sandbox_person_enters_as_whom_it_plays() -> None:
    account = testing.duty_account("vendor")
    vendor = make_vendor(account, registry.ensure_root())
    app, _tool = make_tool(vendor=vendor, state="draft", is_sandbox=True, live_since=None)
    testing.signed_in(account).post("/developer/sandbox")
    played = {one.told.partition("（")[0]: one.account for one in vendor.sandbox.select_related("account")}
    for name, role in (("周小禾", "Student"), ("苏文", "Faculty"), ("周禾妈妈", "Observer"), ("吴静", "Administrator")):
        claims = launched(testing.signed_in(played[name]), f"/lti/enter/{app.client_id}")
        assert (claims["name"], [one.rpartition("#")[2] for one in claims[f"{CLAIM}roles"]]) == (name, [role])
    assert testing.signed_in(account).get(f"/lti/enter/{app.client_id}").status_code == 403


def test_other_keys_forget_the_fetched_ones() -> None:
    app, tool = make_tool()
    Tool.objects.update(fetched={"keys": []})
    testing.signed_in(testing.duty_account("county_admin")).post(f"/applications/{app.client_id}/lti", GOOD)
    assert Tool.objects.get(id=tool.id).fetched is None


# ---- a class --------------------


def test_pupils_see_what_they_can_open(school: School) -> None:
    app, tool = make_tool()
    stopped, theirs = make_tool(name="旧的")
    put_link(tool, school.group, "分数小测")
    put_link(theirs, school.group, "停用的")
    applications.suspend(actor=Actor.system("test"), application_id=stopped.id, reason="泄露")
    board = f"/classes/{school.group.id}/lti"
    seen = testing.signed_in(school.pupils[0]).get(board).content.decode()
    assert "分数小测" in seen and "停用的" not in seen
    seen = testing.signed_in(school.teacher).get(board).content.decode()
    assert "停用的" in seen and "已停用" in seen and f"/lti/choose/{app.client_id}" in seen
    assert testing.signed_in(school.stranger).get(board).status_code == 404
    assert f'href="{board}"' in testing.signed_in(school.pupils[0]).get(f"/classes/{school.group.id}").content.decode()


def test_a_tool_without_choice_is_added_by_hand(school: School) -> None:
    app, _tool = make_tool({"deep_linking_url": ""}, name="词典")
    teacher, board = testing.signed_in(school.teacher), f"/classes/{school.group.id}/lti"
    assert teacher.post(board, {"application": "lqnone"}).status_code == 422
    assert teacher.get(f"{board}/choose/{app.client_id}").status_code == 409
    assert teacher.post(board, {"application": app.client_id, "title": " 查生词 "}).status_code == 302
    link = ResourceLink.objects.exclude(class_group=None).get()
    assert (link.title, link.by) == ("查生词", "苏文")
    told = begun(testing.signed_in(school.pupils[0]), f"/lti/links/{link.id}")
    assert told["target_link_uri"] == f"{TOOL}/open"
    entry = AuditEntry.objects.filter(action="lti.links_added").get()
    assert (entry.subject_id, entry.data["links"]) == (str(school.group.id), [str(link.id)])


def test_the_page_of_a_class_costs_the_same_for_thirty(school: School) -> None:
    _app, tool = make_tool()
    teacher, board = testing.signed_in(school.teacher), f"/classes/{school.group.id}/lti"
    put_link(tool, school.group)
    teacher.get(board)
    for number in range(34):
        put_link(tool, school.group, f"资源{number}")
    with CaptureQueriesContext(connection) as asked:
        page = teacher.get(board).content.decode()
    assert len(asked) <= 12, [one["sql"][:100] for one in asked]
    assert "资源33" in page and "资源3<" not in page and 'rel="next"' in page


def test_the_door_lets_its_form_end_at_the_tool(school: School) -> None:
    app, tool = make_tool()
    link = put_link(tool, school.group)
    for path in (
        f"/lti/enter/{app.client_id}",
        f"/lti/links/{link.id}",
        f"/classes/{school.group.id}/lti/choose/{app.client_id}",
    ):
        door = Client().get(Client().get(path)["Location"])
        assert f"form-action 'self' {TOOL};" in door["Content-Security-Policy"], path
    assert applications.ENTRIES["lti"](app, None) == f"/lti/enter/{app.client_id}"
