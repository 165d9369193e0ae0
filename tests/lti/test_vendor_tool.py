"""A vendor's tool on PyLTI1p3 goes through everything against the running platform."""

from __future__ import annotations

import re
import shlex
from datetime import timedelta
from pathlib import Path

import pytest
import requests
from pylti1p3.exception import LtiServiceException
from pylti1p3.grade import Grade
from pylti1p3.lineitem import LineItem as ToolItem

import lingqu.foundation.lti
from lingqu.config import cli
from lingqu.foundation.applications import api as applications
from lingqu.foundation.applications.models import Participation, Release, RequestLog
from lingqu.foundation.lti.models import Launch, LineItem, ResourceLink, Score, Tool
from lingqu.foundation.lti.types.words import CLAIM, INSTRUCTOR, LEARNER
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import now
from lingqu.kernel.fetched_keys import PAUSE
from lingqu.kernel.testing import deliver_events

from .conftest import School, make_school
from .tool import VendorTool, browser_of, get, into, moment, send_form

pytestmark = pytest.mark.django_db(transaction=True)
README = Path(lingqu.foundation.lti.__file__).with_name("README.md")


def registered(tool: VendorTool) -> applications.App:
    """By the command in the module's README, with the tool's own addresses."""
    text = README.read_text(encoding="utf-8")
    example = re.search(r"```sh\n(lingqu app create .*?)```", text, re.DOTALL)
    assert example is not None
    words = shlex.split(example[1].replace("\\\n", " ").replace("https://tool.example.cn", tool.url))
    options = cli.build_parser(whole=True).parse_args(words[1:])
    printed = options.run(options)
    tool.register({name: printed[name] for name in re.findall(r'"(\w+)": ', text)})
    found = applications.find_application(printed["client_id"])
    assert found is not None
    return found


def chosen(url: str, tool: VendorTool, school: School, app: applications.App) -> requests.Response:
    """The teacher chooses, and lands on the page of the class."""
    teacher = browser_of(school.teacher)
    page = into(teacher, f"{url}/classes/{school.group.id}/lti/choose/{app.client_id}")
    assert tool.faults == [] and page.status_code == 200, (tool.faults, page.text[:300])
    return send_form(teacher, page)


def test_from_the_shelf(place: tuple[str, VendorTool]) -> None:
    url, tool = place
    school, app = make_school(), registered(tool)
    page = into(browser_of(school.teacher), f"{url}/apps/{app.client_id}/open")
    assert (tool.faults, page.text) == ([], "<h1>苏文</h1>")
    told = tool.launches[0].get_launch_data()
    assert told["sub"] == applications.subject_of(app=app, account_id=school.teacher.id)
    assert told[f"{CLAIM}roles"] == ["http://purl.imsglobal.org/vocab/lis/v2/institution/person#Faculty"]
    assert f"{CLAIM}context" not in told and told[f"{CLAIM}target_link_uri"] == f"{tool.url}/launch"
    assert told[f"{CLAIM}launch_presentation"]["return_url"] == f"{url}/apps"
    assert Participation.objects.get().protocol == "lti"
    assert set(Release.objects.get().fields) >= {"name", "lingqu_roles"}
    assert set(RequestLog.objects.values_list("endpoint", "outcome")) == {("auth", "ok")}


def test_a_teacher_chooses_and_a_pupil_works(place: tuple[str, VendorTool]) -> None:
    url, tool = place
    school, app = make_school(), registered(tool)
    back = chosen(url, tool, school, app)
    assert back.url == f"{url}/classes/{school.group.id}/lti?added=2" and "分数小测" in back.text
    quiz = ResourceLink.objects.get(title="分数小测")
    assert (quiz.class_group_id, quiz.url, quiz.by) == (school.group.id, "https://tool.example.cn/quiz", "苏文")
    item = LineItem.objects.get()
    assert (item.link_id, item.maximum, item.tag, item.resource_id) == (quiz.id, 20, "quiz", "7")
    assert get(browser_of(school.stranger), f"{url}/classes/{school.group.id}/lti").status_code == 404

    pupil = browser_of(school.pupils[0])
    board = get(pupil, f"{url}/classes/{school.group.id}/lti").text
    assert f"/lti/links/{quiz.id}" in board and "移出" not in board and "去挑选" not in board
    assert into(pupil, f"{url}/lti/links/{quiz.id}").text == "<h1>周禾</h1>"
    launch = tool.launches[-1]
    told = launch.get_launch_data()
    assert told[f"{CLAIM}roles"][0] == LEARNER and told[f"{CLAIM}resource_link"]["id"] == str(quiz.id)
    assert told[f"{CLAIM}context"]["title"] == "云汀市第三中学（演示） 八（3）班"
    assert told[f"{CLAIM}custom"] == {"quiz": "7", "class": "云汀市第三中学（演示） 八（3）班"}
    assert told[f"{CLAIM}target_link_uri"] == "https://tool.example.cn/quiz"

    members = {one["name"]: one for one in launch.get_nrps().get_members(str(quiz.id))}
    assert set(members) == {"苏文", "周禾", "江一帆"}
    assert members["周禾"]["user_id"] == told["sub"] and members["周禾"]["roles"][0] == LEARNER
    assert members["苏文"]["roles"][0] == INSTRUCTOR
    assert Release.objects.filter(account__in=school.pupils, fields__contains=["name"]).count() >= 2

    grades = launch.get_ags()
    sent = Grade().set_score_given(15).set_score_maximum(20).set_user_id(told["sub"]).set_timestamp(moment())
    sent.set_activity_progress("Completed").set_grading_progress("FullyGraded").set_comment("会通分了")
    grades.put_grade(sent)
    assert (Score.objects.get().given, Score.objects.get().person_id) == (15, school.pupils[0].person_id)
    assert [(one["userId"], one["resultScore"], one["resultMaximum"]) for one in grades.get_grades()] == [
        (told["sub"], 15, 20)
    ]
    with pytest.raises(LtiServiceException) as refused:
        grades.put_grade(sent)
    assert refused.value.response.status_code == 409
    made = grades.find_or_create_lineitem(ToolItem().set_label("期末").set_score_maximum(100).set_tag("final"))
    assert {one["label"] for one in grades.get_lineitems()} == {"分数小测", "期末"}
    assert grades.find_lineitem_by_tag("final").get_id() == made.get_id()
    assert "1 个成绩" in get(browser_of(school.teacher), f"{url}/classes/{school.group.id}/lti").text


def test_suspended_is_out_at_once(place: tuple[str, VendorTool]) -> None:
    url, tool = place
    school, app = make_school(), registered(tool)
    chosen(url, tool, school, app)
    quiz, pupil = ResourceLink.objects.get(title="分数小测"), browser_of(school.pupils[0])
    into(pupil, f"{url}/lti/links/{quiz.id}")
    asking = tool.launches[-1].get_nrps()
    assert len(asking.get_members()) == 3
    operator = Actor.system("test")
    applications.suspend(actor=operator, application_id=app.id, reason="泄露")
    for ask in (asking.get_members, lambda: tool.launches[-1].get_ags().get_lineitems()):
        with pytest.raises(LtiServiceException) as refused:
            ask()
        assert refused.value.response.status_code == 401
    assert get(pupil, f"{url}/lti/links/{quiz.id}").status_code == 403
    deliver_events()
    assert not Launch.objects.exists()
    applications.resume(actor=operator, application_id=app.id)
    with pytest.raises(LtiServiceException):
        asking.get_members()
    assert len(tool.launches[-1].get_nrps().get_members()) == 3
    assert into(pupil, f"{url}/lti/links/{quiz.id}").text == "<h1>周禾</h1>"


def test_a_tool_that_changes_its_key_is_believed_by_the_new_one(place: tuple[str, VendorTool]) -> None:
    url, tool = place
    school, app = make_school(), registered(tool)
    chosen(url, tool, school, app)
    old = tool.key
    tool.key = type(old).generate_key(2048, private=True)
    tool.register({"issuer": tool.issuer, **tool.config.get_iss_config(tool.issuer, tool.client_id)})
    Tool.objects.update(fetched_at=now() - PAUSE - timedelta(seconds=1))
    assert chosen(url, tool, school, app).url.endswith("?added=2")
    tool.key = old
    tool.config.set_private_key(tool.issuer, old.as_pem(private=True).decode(), tool.client_id)
    assert chosen(url, tool, school, app).status_code == 400
