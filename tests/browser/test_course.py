"""A pupil learns a unit in a real browser: the page is a stranger's, speaks by @xapi/cmi5, and comes back with a result."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from lingqu.foundation.identity import testing
from lingqu.foundation.registry import api as registry
from lingqu.foundation.registry import testing as people
from lingqu.learning.records.models import Course, Registration, Session

from .conftest import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LIBRARY = ROOT / "node_modules" / "@xapi" / "cmi5" / "dist" / "Cmi5.umd.js"
TEXT = '<{0}><langstring lang="zh-CN">{1}</langstring></{0}>'
STRUCTURE = f"""<courseStructure xmlns="https://w3id.org/xapi/profiles/cmi5/v1/CourseStructure.xsd">
<course id="https://a.example/course">{TEXT.format("title", "分数入门")}{TEXT.format("description", "分数")}</course>
<au id="https://a.example/au/1" moveOn="CompletedAndPassed" masteryScore="0.6">{TEXT.format("title", "第一课")}
{TEXT.format("description", "课")}<url>index.html</url></au></courseStructure>"""
UNIT = """
const told = (text) => { document.querySelector("p").textContent = text; };
(async () => {
  let reached = "nothing";
  try { reached = document.cookie || opener || "nothing"; } catch { reached = "nothing"; }
  const unit = new Cmi5();
  await unit.initialize();
  await unit.interactionTrueFalse("t1", "q1", true, true);
  await unit.pass(0.9);
  await unit.complete();
  await unit.terminate();
  told(`reached ${reached}`);
  document.querySelector("a").href = unit.launchData.returnURL;
})().catch((error) => told(String(error)));
"""


def package(folder: Path) -> bytes:
    target = folder / "course.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("cmi5.xml", STRUCTURE)
        archive.writestr(
            "index.html",
            '<!doctype html><title>u</title><p>waiting</p><a href="">back</a><script src="lib/cmi5.js"></script><script src="unit.js"></script>',
        )
        archive.writestr("lib/cmi5.js", LIBRARY.read_bytes())
        archive.writestr("unit.js", UNIT)
    return target.read_bytes()


def test_a_pupil_learns_a_unit_and_comes_back(screens: Any, live_server: Any, settings: Any, tmp_path: Path) -> None:
    settings.LINGQU_PUBLIC_URL, settings.LINGQU_HOME = live_server.url, tmp_path
    settings.LINGQU_CONTENT_URL = live_server.url.replace("//localhost", "//content.localhost")
    registry.prepare()
    school = people.make_school(people.make_organisation(kind="region"))
    child = people.make_pupil(people.make_class(school), "周禾")
    admin = testing.signed_in(testing.duty_account("school_admin", school))
    admin.post("/courses/add", {"package": SimpleUploadedFile("course.zip", package(tmp_path))})
    course = Course.objects.get()
    account = testing.account_for(child)
    screen = screens(390)
    screen.sign_in(account.login, testing.PASSWORD)
    screen.visit(f"/courses/{course.id}")
    screen.shoot("course")
    screen.check()
    screen.page.click("text=开始")
    screen.page.set_default_timeout(40_000)
    screen.page.wait_for_function("document.querySelector('p')?.textContent !== 'waiting'")
    assert screen.page.text_content("p") == "reached nothing"
    screen.page.click("text=back")
    screen.page.wait_for_url(lambda address: address.endswith(f"/courses/{course.id}"))
    assert "90.0%" in screen.page.content()
    screen.problems = [
        one for one in screen.problems if "status of 404" not in one
    ]  # preferences that nobody has set yet
    screen.visit("/learning-record")
    screen.shoot("learning-record")
    screen.check()
    assert Registration.objects.get().done_at is not None
    assert Session.objects.get().ended_by == "terminated"
