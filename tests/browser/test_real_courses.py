"""Packages that others published, brought in and learnt in a real browser: their scripts speak to us as they were written."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from lingqu.foundation.identity import testing
from lingqu.foundation.registry import api as registry
from lingqu.foundation.registry import testing as people
from lingqu.learning.records.models import Course, Registration, Session, Statement

from .conftest import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PACKAGES = ROOT.parent / "shared" / "data" / "cmi5" / "packages"


def launch(screen: Any, admin: Any, name: str) -> Course:
    file = SimpleUploadedFile(name, (PACKAGES / name).read_bytes())
    answer = admin.post("/courses/add", {"package": file})
    assert answer.status_code == 302, answer.content.decode()
    course = Course.objects.latest("added_at")
    screen.visit(f"/courses/{course.id}")
    screen.page.click("text=开始")
    return course


def test_courses_of_others_are_learnt_to_their_end(
    screens: Any, live_server: Any, settings: Any, tmp_path: Any
) -> None:
    if not PACKAGES.exists():
        pytest.skip("the packages of ../shared/data are not here")
    settings.LINGQU_PUBLIC_URL, settings.LINGQU_HOME = live_server.url, tmp_path
    settings.LINGQU_CONTENT_URL = live_server.url.replace("//localhost", "//content.localhost")
    registry.prepare()
    school = people.make_school(people.make_organisation(kind="region"))
    account = testing.account_for(people.make_pupil(people.make_class(school), "周禾"))
    admin = testing.signed_in(testing.duty_account("school_admin", school))
    screen = screens(1440)
    screen.sign_in(account.login, testing.PASSWORD)
    page, answers = screen.page, []
    page.set_default_timeout(60_000)
    page.on("response", lambda answer: answers.append((answer.url.partition("?")[0], answer.status)))

    course = launch(screen, admin, "single_au_basic_responsive.zip")
    wait_for_verbs(page, ["initialized"])
    page.wait_for_function("document.querySelector('#content')?.children.length > 0")  # it has gone to its first page
    page.evaluate("for (let at = 0; at < course.pageList.length; at += 1) course.gotoPage(at)")
    page.evaluate("course.autopass(); course.submitAnswers()")  # its last page is the quiz
    wait_for_verbs(page, ["initialized", "passed", "completed"])
    assert [pair for pair in answers if "/xapi/statements" in pair[0] and pair[1] >= 400] == []
    page.evaluate("course.exit()")  # what its film still has to say comes after the end, and is refused
    page.wait_for_url(lambda address: address.endswith(f"/courses/{course.id}"))
    assert Registration.objects.get(course=course).done_at is not None
    assert Session.objects.get().ended_by == "terminated"
    assert Statement.objects.count() > 10
    assert [status for url, status in answers if url.endswith(".mp4")].count(206) >= 1

    launch(screen, admin, "cmi5.zip")
    for button, verbs in (
        ("Initialize", ["initialized"]),
        ("Pass", ["passed"]),
        ("Complete", ["completed"]),
        ("Terminate", ["terminated"]),
    ):
        page.click(f"button:text-is('{button}')")
        wait_for_verbs(page, verbs)


def wait_for_verbs(page: Any, verbs: list[str]) -> None:
    """The latest session has got these statements of cmi5, at least."""
    for _again in range(240):
        session = Session.objects.order_by("-launched_at").first()
        if session is not None and set(verbs) <= {one.rpartition("/")[2] for one in session.verbs}:
            return
        page.wait_for_timeout(250)
    raise AssertionError(f"{session and session.verbs} instead of {verbs}")
