"""A school's own form in a real browser: an administrator clicks it together, a teacher applies, the principal decides on a
phone, anybody confirms the paper. Every reference file draws."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lingqu.foundation.identity import testing
from lingqu.foundation.identity.middleware import forget_standings
from lingqu.foundation.registry import api as registry
from lingqu.foundation.workflow.models import Case, CasePaper, Task
from lingqu.foundation.workflow.services import designing
from lingqu.kernel.actor import Actor
from tests.browser.conftest import Screen
from tests.permissions.world import World, build_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "bpmn"


@pytest.fixture
def world() -> World:
    forget_standings()
    registry.prepare()
    return build_world()


def enter(screen: Screen, account: Any) -> None:
    screen.page.context.clear_cookies()
    screen.sign_in(account.login, testing.PASSWORD)


def send(screen: Screen, name: str) -> None:
    """Press a button and wait for the page that follows."""
    with screen.page.expect_navigation():
        screen.page.get_by_role("button", name=name, exact=True).click()


def test_from_the_designer_to_the_confirmed_paper(
    live_server: Any, world: World, desktop: Screen, phone: Screen
) -> None:
    enter(desktop, world.accounts["school_admin"])
    key = _designed(desktop)
    enter(desktop, world.accounts["teacher"])
    desktop.visit("/workflow/start")
    desktop.check()
    desktop.page.get_by_role("link", name="用车申请").click()
    desktop.page.get_by_label("去哪里").fill("县体育馆")
    desktop.check()
    desktop.shoot("workflow-apply")
    send(desktop, "提交申请")
    desktop.check()
    desktop.shoot("workflow-case")
    case, task = Case.objects.get(version__key=key), Task.objects.get(case__version__key=key)
    _decided_on_a_phone(phone, world, task)
    desktop.page.request.get(f"{desktop.base}/workflow/cases/{case.id}/paper.pdf")
    code = CasePaper.objects.get().code
    phone.page.context.clear_cookies()
    phone.visit(f"/verify/cases?at={world.own.school.code}&number={case.number}&code={code}")
    assert "真实" in phone.page.inner_text("main")
    phone.check()
    phone.shoot("workflow-verify")


def _designed(screen: Screen) -> str:
    screen.visit("/workflow/processes")
    screen.check()
    screen.page.get_by_label("名称").fill("用车申请")
    send(screen, "开始设计")
    at = screen.page.url.removeprefix(screen.base)
    screen.visit(f"{at}/fields/textfield")
    screen.page.get_by_label("名称").fill("去哪里")
    screen.check()
    send(screen, "保存")
    screen.visit(f"{at}/steps/new")
    screen.page.get_by_label("环节名称").fill("校长审批")
    screen.page.get_by_label("校长", exact=True).check()
    screen.page.get_by_label("可以同意或不同意").check()
    screen.check()
    screen.shoot("workflow-step")
    send(screen, "保存")
    assert "检查通过" in screen.page.inner_text("main")
    screen.check()
    screen.shoot("workflow-design")
    send(screen, "发布")
    screen.visit(f"{at}/diagram")
    screen.page.wait_for_selector("lq-bpmn-viewer[data-state=drawn]")
    assert screen.page.is_visible("a.bjs-powered-by")
    screen.check()
    screen.shoot("workflow-diagram")
    return "yong_che_shen_qing"


def _decided_on_a_phone(screen: Screen, world: World, task: Any) -> None:
    enter(screen, world.accounts["principal"])
    screen.visit("/workflow/tasks")
    assert "用车申请" in screen.page.inner_text("main")
    screen.check()
    screen.shoot("workflow-tasks")
    screen.visit(f"/workflow/tasks/{task.id}")
    screen.check()
    screen.shoot("workflow-decide")
    screen.page.get_by_label("意见").fill("同意，注意安全")
    send(screen, "同意")
    task.refresh_from_db()
    assert task.decision == "agree"


@pytest.mark.skipif(not FOLDER.is_dir(), reason="../shared/data/bpmn is not here")
def test_every_reference_file_draws(live_server: Any, world: World, desktop: Screen) -> None:
    enter(desktop, world.accounts["school_admin"])
    actor, shapes = Actor.system("test"), {}
    for path in sorted(FOLDER.glob("*.bpmn")):
        made = designing.import_file(actor=actor, organisation=world.own.school, content=path.read_bytes())
        desktop.visit(f"/workflow/processes/{made}/diagram")
        desktop.page.wait_for_selector("lq-bpmn-viewer[data-state]")
        assert desktop.page.get_attribute("lq-bpmn-viewer", "data-state") == "drawn", path.stem
        shapes[path.stem] = desktop.page.locator("lq-bpmn-viewer .djs-shape").count()
    assert len(shapes) == 21
    assert min(shapes.values()) >= 5, shapes
