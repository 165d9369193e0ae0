"""Pages in a browser: a school's own form from the first click to the confirmed paper; rights of everybody else."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lingqu.foundation.identity import testing as accounts
from lingqu.foundation.registry import testing as people
from lingqu.foundation.workflow.models import Case, CasePaper, DefinitionVersion, Task
from lingqu.foundation.workflow.tests.towns import Town

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> Town:
    made = Town()
    made.admin = people.make_teacher(made.school, "梁博")
    made.principal = people.make_teacher(made.school, "秦朗")
    accounts.give_duty(made.admin, "school_admin", made.school)
    accounts.give_duty(made.principal, "principal", made.school)
    return made


def browser(person: Any) -> Any:
    return accounts.signed_in(accounts.account_for(person))


def text_of(answer: Any) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", answer.content.decode()))


def design(admin: Any) -> str:
    """A form of three fields and two steps, as clicked together; the way to its page."""
    at = admin.post("/workflow/processes/new", {"name": "用车申请"})["Location"]
    fields = {
        "textfield": {"label": "去哪里", "is_required": "on", "show_sign": "=="},
        "number": {"label": "几个人", "least": "1", "most": "45", "decimals": "0", "show_sign": "=="},
        "select": {"label": "用途", "choices": "教研\n比赛\n其他", "show_sign": "=="},
    }
    for kind, given in fields.items():
        assert admin.post(f"{at}/fields/{kind}", given).status_code == 302, kind
    given = {"label": "说明", "show_key": "f3", "show_sign": "==", "show_value": "其他", "is_required": "on"}
    assert admin.post(f"{at}/fields/textarea", given).status_code == 302
    given = {"label": "申请人", "prefill": "starter.name", "show_sign": "=="}
    assert admin.post(f"{at}/fields/textfield", given).status_code == 302
    step = {"name": "校长审批", "who": ["duty:principal:school"], "together": "one", "days": "2", "decides": "on", "may_return": "on",
            "only_sign": "=="}  # fmt: skip
    assert admin.post(f"{at}/steps/new", step).status_code == 302
    more = {**step, "name": "派车", "who": ["post:school_office:school"], "decides": "", "only_key": "f2", "only_sign": ">=",
            "only_value": "3", "needs_scan": "on"}  # fmt: skip
    assert admin.post(f"{at}/steps/new", {**more, "only_value": "很多"}).status_code == 422
    assert admin.post(f"{at}/steps/new", more).status_code == 302
    return at


def test_a_school_makes_its_own_form_and_a_case_runs_through_it(town: Town) -> None:
    admin = browser(town.admin)
    at = design(admin)
    page = text_of(admin.get(at))
    assert "检查通过，可以发布" in page and "几个人大于等于 3才经过" in page
    assert "去哪里" in text_of(admin.get(f"{at}/preview"))
    assert admin.get(f"{at}/file.bpmn").content.startswith(b"<?xml")
    assert "已发布" in text_of(admin.post(f"{at}/publish", follow=True))
    teacher = browser(town.deputy)
    assert "用车申请" in text_of(teacher.get("/workflow/start"))
    key = DefinitionVersion.objects.get().key
    apply = f"/workflow/start/{key}?at={town.school.code}&about="
    page = text_of(teacher.get(apply))
    assert "1 项免填" in page and "顾言" in page and "说明" not in page
    refused = teacher.post(apply, {"f1": "", "f2": "99", "f3": "c3"})
    assert refused.status_code == 422
    assert "不能大于 45" in text_of(refused) and "说明" in text_of(refused)
    refreshed = teacher.post(apply + "&refresh=1", {"f3": "c3"}, HTTP_HX_REQUEST="true")
    assert "说明" in text_of(refreshed) and "请填写" not in text_of(refreshed)
    made = teacher.post(apply, {"f1": "县体育馆", "f2": "12", "f3": "c2", "f5": "冒充的人"})
    case = Case.objects.select_related("data").get()
    assert made["Location"] == f"/workflow/cases/{case.id}"
    assert case.data.fields == {"f1": "县体育馆", "f2": 12, "f3": "c2", "f5": "顾言"}
    page = text_of(teacher.get(made["Location"]))
    assert "县体育馆" in page and "比赛" in page and "1. 校长审批" in page and "2. 派车" in page and "1 项免填" in page
    _decide_and_print(town, case)


def _decide_and_print(town: Town, case: Case) -> None:
    principal = browser(town.principal)
    task = Task.objects.get(state="open")
    assert "用车申请" in text_of(principal.get("/workflow/tasks"))
    page = text_of(principal.get(f"/workflow/tasks/{task.id}"))
    assert "县体育馆" in page and "同意" in page
    refused = principal.post(f"/workflow/tasks/{task.id}", {"decision": "refuse", "comment": ""})
    assert refused.status_code == 422 and "理由" in text_of(refused)
    assert principal.post(f"/workflow/tasks/{task.id}", {"decision": "agree", "comment": "注意安全"}).status_code == 302
    office = browser(town.clerk)
    last = Task.objects.get(state="open")
    assert "扫描件" in text_of(office.post(f"/workflow/tasks/{last.id}", {"decision": "done"}))
    scan = SimpleUploadedFile("盖章.pdf", b"%PDF-1.7")
    assert office.post(f"/workflow/tasks/{last.id}", {"decision": "done", "scan": scan}).status_code == 302
    case.refresh_from_db()
    assert case.state == "done"
    teacher = browser(town.deputy)
    paper = teacher.get(f"/workflow/cases/{case.id}/paper.pdf")
    assert paper.content.startswith(b"%PDF") and len(paper.content) > 10_000
    code = CasePaper.objects.get().code
    ways = f"/verify/cases?at={town.school.code}&number={case.number}&code="
    found = text_of(accounts.Client().get(ways + code.lower()))
    assert "真实" in found and "顾*" in found and "县体育馆" not in found and "顾言" not in found
    wrong = accounts.Client().get(ways + "AAAAAAAAAA")
    assert wrong.status_code == 404 and "顾*" not in text_of(wrong)


def test_files_of_others_are_kept_drawn_and_judged(town: Town) -> None:
    admin = browser(town.admin)
    plain = (
        b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t"><process id="p" isExecutable="true">'
        b'<startEvent id="s"/><userTask id="u" name="Review"/><endEvent id="e"/>'
        b'<sequenceFlow id="a" sourceRef="s" targetRef="u"/><sequenceFlow id="b" sourceRef="u" targetRef="e"/></process></definitions>'
    )
    made = admin.post("/workflow/processes/import", {"file": SimpleUploadedFile("a.bpmn", plain)})["Location"]
    page = text_of(admin.get(made))
    assert "人工任务“Review”（u）没有写由谁办" in page and "其他工具画的" in page
    assert "Review" in text_of(admin.get(f"{made}/diagram"))
    file = admin.get(f"{made}/file.bpmn").content
    assert b"BPMNShape" in file and b"Review" in file
    assert "要改" in text_of(admin.post(f"{made}/publish", follow=True))
    assert DefinitionVersion.objects.get().state == "draft"
    bad = admin.post("/workflow/processes/import", {"file": SimpleUploadedFile("a.bpmn", b"PK\x03\x04")}, follow=True)
    assert "XML" in text_of(bad) and DefinitionVersion.objects.count() == 1
    assert admin.post(f"{made}/discard").status_code == 302
    assert not DefinitionVersion.objects.exists()


def test_an_upper_process_is_copied_and_extended(town: Town) -> None:
    officer = browser(town.officer)
    accounts.give_duty(town.officer, "county_officer", town.county)
    officer = browser(town.officer)
    at = design(officer)
    assert officer.post(f"{at}/publish").status_code == 302
    base = DefinitionVersion.objects.get(state="published")
    admin = browser(town.admin)
    assert "用车申请" in text_of(admin.get("/workflow/processes"))
    mine = admin.post(f"/workflow/processes/{base.id}/take", {"origin": "extension", "at": town.school.code})[
        "Location"
    ]
    assert "来自上级" in text_of(admin.get(mine))
    step = {
        "name": "总务处",
        "who": ["duty:services_director:school"],
        "together": "one",
        "decides": "on",
        "after": "step1",
    }
    assert admin.post(f"{mine}/steps/new", step).status_code == 302
    assert "检查通过" in text_of(admin.get(mine))
    assert admin.post(f"{mine}/publish").status_code == 302
    own = DefinitionVersion.objects.get(state="published", organisation=town.school)
    assert (own.key, own.origin, own.derived_from_id) == (base.key, "extension", base.id)
    names = [node["name"] for node in own.graph["nodes"] if node["kind"] == "user"]
    assert names == ["校长审批", "总务处", "派车"]
    following = admin.post(f"{mine}/take", {"origin": "next", "at": town.school.code})["Location"]
    assert following != mine
    assert admin.get(following).status_code == 200


def test_others_see_and_change_nothing(town: Town) -> None:
    admin = browser(town.admin)
    at = design(admin)
    stranger = browser(town.deputy)
    accounts.give_duty(town.stranger, "school_admin", town.stranger.organisation)
    other = browser(town.stranger)
    for path in ("", "/preview", "/diagram", "/file.bpmn", "/whole", "/paper", "/steps/step1", "/fields/f1"):
        assert stranger.get(at + path).status_code == 403, path
        assert other.get(at + path).status_code in (403, 404), path
    for path in ("/publish", "/withdraw", "/discard", "/arrange", "/file", "/take"):
        assert other.post(at + path, {"origin": "copy", "step": "step1"}).status_code in (403, 404), path
    assert admin.post(f"{at}/publish").status_code == 302
    key = DefinitionVersion.objects.get().key
    apply = f"/workflow/start/{key}?at={town.school.code}&about="
    assert other.get(apply).status_code == 403
    assert other.get(f"/workflow/start/{key}?at={town.stranger.organisation.code}&about=").status_code == 404
    assert stranger.post(apply, {"f1": "馆", "f2": "3", "f3": "c1"}).status_code == 302
    case, task = Case.objects.get(), Task.objects.get()
    for way in (f"/workflow/cases/{case.id}", f"/workflow/cases/{case.id}/paper.pdf", f"/workflow/tasks/{task.id}"):
        assert other.get(way).status_code == 403, way
    for way in (f"/workflow/tasks/{task.id}", f"/workflow/tasks/{task.id}/claim", f"/workflow/cases/{case.id}/comment"):
        assert other.post(way, {"decision": "agree", "text": "x"}).status_code == 403, way
    assert stranger.get(f"/workflow/tasks/{task.id}").status_code == 302
    assert other.post(f"/workflow/cases/{case.id}/steer", {"act": "suspend", "reason": "x"}).status_code == 403
    assert Task.objects.get().state == "open"


def test_lists_cost_the_same_for_one_case_and_for_many(town: Town) -> None:
    admin = browser(town.admin)
    assert admin.post(design(admin) + "/publish").status_code == 302
    key = DefinitionVersion.objects.get().key
    teacher, principal = browser(town.deputy), browser(town.principal)
    apply = f"/workflow/start/{key}?at={town.school.code}&about="
    assert teacher.post(apply, {"f1": "馆", "f2": "3", "f3": "c1"}).status_code == 302
    ways = ((principal, "/workflow/tasks"), (teacher, "/workflow/cases/mine"), (admin, "/workflow/cases"))
    counts = []
    for wanted in (1, 6):
        while Case.objects.count() < wanted:
            assert teacher.post(apply, {"f1": "馆", "f2": "3", "f3": "c1"}).status_code == 302
        counts.append([_statements(client, way) for client, way in ways])
    assert counts[0] == counts[1]
    assert max(counts[1]) <= 12, counts


def _statements(client: Any, way: str) -> int:
    """Of the second visit: the first one tells messages and forgets them."""
    client.get(way)
    with CaptureQueriesContext(connection) as caught:
        assert client.get(way).status_code == 200
    return len(caught)
