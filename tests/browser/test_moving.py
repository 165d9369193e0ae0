"""Practice §4 (4) (b): a child moves inside the city in a browser. 就读 begins, the 学籍 waits for the national system and stands
in 人籍核对 meanwhile; 退学 of a G07 pupil is refused with the rule."""

from __future__ import annotations

from typing import Any

import pytest

from lingqu.foundation.identity import testing as accounts
from lingqu.foundation.identity.middleware import forget_standings
from lingqu.foundation.registry.testing import make_class, make_guardian
from lingqu.foundation.workflow.models import Case, Task
from lingqu.governance.service_hall.models import BeyondTransfer, SeatPlan, Transfer
from lingqu.kernel.clock import today
from lingqu.kernel.testing import deliver_events
from tests.browser.conftest import Screen
from tests.browser.test_workflow import enter, send
from tests.reconciliation.worlds import load, row
from tests.services.test_transfer import SCAN, Town

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FORM = {"name": "联系表.pdf", "mimeType": "application/pdf", "buffer": SCAN}


def refused(screen: Screen, name: str) -> str:
    """Press a button whose page comes back with what is wrong; the browser notes its status, which is no problem."""
    send(screen, name)
    screen.problems = [one for one in screen.problems if "status of 422" not in one]
    return screen.page.inner_text("main")


def step(screen: Screen, town: Town, case: Case, who: str, press: str, *, name: str = "", **fields: str) -> None:
    """Somebody signs in, finds the open step on the own list, fills in what it asks and presses."""
    enter(screen, accounts.account_for(town.people[who]))
    task = Task.objects.get(case=case, state="open")
    assert "周禾" in screen.visit("/workflow/tasks").inner_text("main")
    screen.visit(f"/workflow/tasks/{task.id}")
    for label, value in fields.items():
        screen.page.locator("#decide").get_by_label(label).first.fill(value)
    if press == "scan":
        screen.page.get_by_label("盖章的扫描件").set_input_files(files=[FORM])  # type: ignore[list-item]
    if name:
        screen.check()
        screen.shoot(name)
    buttons = screen.page.locator("button[name=decision]")
    with screen.page.expect_navigation():
        (buttons.filter(has_text=press) if press != "scan" else buttons).first.click()
    assert not Task.objects.filter(id=task.id, state="open").exists(), screen.page.inner_text("main")


def test_the_register_waits_for_the_national_step(live_server: Any, desktop: Screen, phone: Screen) -> None:
    forget_standings()
    town = Town()
    small = town.child(7, "周苗", grade="G07")
    town.people["aunt"] = make_guardian(small, "李芸")
    make_class(town.school, name="七（1）班", grade="G07", serial=9)
    load("2026-11-05", [row(2, "周禾"), row(7, "周苗", 年级="七年级", 班级="七（1）班")])

    enter(phone, accounts.account_for(town.people["aunt"]))
    phone.visit("/services/guides/withdrawal")
    assert "七年级不得退学" in phone.page.inner_text("main")
    phone.check()
    phone.shoot("hall-withdrawal")
    phone.visit("/services/begin/withdrawal")
    phone.page.get_by_label("原因").fill("不想读了")
    assert "七年级不得退学：义务教育阶段学校不得让学生退学" in refused(phone, "提交申请")
    assert not Case.objects.exists()

    enter(phone, accounts.account_for(town.mother))
    phone.visit("/services/move")
    phone.page.get_by_label("第七中学").check()
    phone.page.locator("[name=reason]").fill("搬家")
    phone.check()
    phone.shoot("hall-move")
    send(phone, "提交")
    phone.check()
    phone.shoot("hall-case")
    case = Case.objects.get()
    step(desktop, town, case, "new", "同意", name="hall-accept")
    step(desktop, town, case, "old", "同意")
    step(desktop, town, case, "county", "同意")
    step(desktop, town, case, "new", "", 转入班级="八（1）班", 到校日期=today().isoformat(), name="hall-seat")
    assert (town.register_at(), town.sits_at()) == (["第三中学"], [("第七中学", "guest")])
    paper = desktop.page.request.get(f"{desktop.base}/workflow/cases/{case.id}/paper.pdf")
    assert paper.status == 200 and paper.body().startswith(b"%PDF")
    step(desktop, town, case, "new", "scan")
    step(desktop, town, case, "new", "", 国家系统流水号="ZX20261129001")
    load("2026-11-15", [row(2, "周禾"), row(7, "周苗", 年级="七年级", 班级="七（1）班")])
    deliver_events()
    enter(desktop, accounts.account_for(town.people["county"]))
    desktop.visit("/reconciliation?bucket=in_transit")
    assert "周禾" in desktop.page.inner_text("main") and "转学手续在途" in desktop.page.inner_text("main")
    assert (Transfer.objects.get().state, town.register_at()) == ("awaiting", ["第三中学"])
    enter(phone, accounts.account_for(town.mother))
    phone.visit(f"/workflow/cases/{case.id}")
    assert "待国家系统办结" in phone.page.inner_text("main")
    phone.check()
    phone.shoot("hall-awaiting")

    load(
        today().isoformat(),
        [row(2, "周禾", "3301000002", 班级="八（1）班"), row(7, "周苗", 年级="七年级", 班级="七（1）班")],
    )
    deliver_events()
    assert (town.register_at(), town.sits_at()) == (["第七中学"], [("第七中学", "registered")])
    case.refresh_from_db()
    assert (case.state, Transfer.objects.get().ending) == ("done", "国家名册已更新")


def test_what_school_and_county_keep_beside_the_national_system(
    live_server: Any, desktop: Screen, phone: Screen
) -> None:
    """跨省转学 entered and followed, a plan of places read and shown, a family's 关键数据变更: both widths, nothing half-written."""
    forget_standings()
    town = Town()
    enter(desktop, accounts.account_for(town.people["old"]))
    page = desktop.visit("/transfers/beyond/new")
    desktop.check()
    page.get_by_label("转往外省").check()
    page.get_by_label("学生的平台编号").fill(town.pupil.number)
    page.locator("[name=other_province]").select_option("河南省")
    page.get_by_label("外省学校").fill("郑州市第九中学")
    send(desktop, "登记")
    assert "周禾 · 转往外省" in page.inner_text("main")
    page.get_by_label("国家系统流水号").fill("KZ20261129008")
    page.get_by_label("转入学校审核").fill(today().isoformat())
    send(desktop, "保存")
    assert BeyondTransfer.objects.get().serial == "KZ20261129008"
    desktop.check()
    desktop.shoot("beyond-one")
    enter(phone, accounts.account_for(town.people["county"]))
    assert "等转入地主管部门核办" in phone.visit("/transfers/beyond").inner_text("main")
    phone.check()
    phone.shoot("beyond")
    rows = f"{town.second.code}\t八年级\t3\t45\n{town.far.code}\t八年级\t2\t"
    phone.visit("/seats/import")
    phone.page.get_by_label("或者粘贴").fill(rows)
    assert "没有标识码为" in refused(phone, "核对")
    phone.check()
    phone.page.get_by_label("或者粘贴").fill(rows.splitlines()[0])
    send(phone, "核对")
    phone.check()
    phone.shoot("seats-preview")
    send(phone, "应用这些改动")
    assert SeatPlan.objects.get().classes == 3
    phone.check()
    phone.shoot("seats")

    enter(phone, accounts.account_for(town.mother))
    phone.visit("/services/guides/beyond")
    assert "KZ20261129008" in phone.page.inner_text("main")
    phone.check()
    phone.shoot("beyond-guide")
    phone.visit("/services/key-data")
    phone.check()
    phone.page.get_by_label("哪一项不对").select_option("id_number")
    phone.page.get_by_label("应该是").fill("330102201304090021")
    phone.page.get_by_label("理由").fill("登记时写错一位")
    phone.page.get_by_label("户口簿变更页").set_input_files(files=[FORM])  # type: ignore[list-item]
    phone.shoot("key-data")
    send(phone, "提交")
    assert "330****021" in phone.page.inner_text("main") and "330102201304090021" not in phone.page.content()
    phone.shoot("key-data-case")
