"""人籍核对 in a real browser at both widths."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from lingqu.foundation.identity import testing
from lingqu.foundation.identity.middleware import forget_standings
from lingqu.foundation.reconciliation.models import Case
from lingqu.kernel.clock import today
from tests.reconciliation.worlds import World, load, row

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world() -> World:
    forget_standings()
    made = World()
    officer = testing.make_person("陶舟", organisation=made.second)
    testing.employ(officer, made.second)
    testing.give_duty(officer, "register_officer", made.second)
    for serial in range(2, 30, 2):
        made.child(serial, f"周禾{serial}", made.school if serial % 4 else made.second)
    for serial in range(30, 44, 2):
        made.child(serial, f"待补建{serial}", attendance="guest" if serial > 36 else "registered")
    load("2026-11-01", [row(serial, f"周禾{serial}") for serial in range(2, 20, 2)])
    load("2026-11-15", [
        *(row(serial, f"周禾{serial}", "3301000001" if serial % 4 else "3301000002") for serial in range(2, 24, 2)),
        row(2, "周禾2", "3301000003", 学籍号="G" + "3" * 17 + "1"), row(24, "周和24", "3301000002"), row(26, "周禾26", 学籍状态="休学"),
        row(60, "空挂生"), row(62, "毕业生", 学籍状态="毕业"), row(4, "周禾4", 身份证号="3.30102E+17"),
    ])  # fmt: skip
    return made


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_pages(request: pytest.FixtureRequest, live_server: Any, world: World, width: str) -> None:
    page = request.getfixturevalue(width)
    account = testing.duty_account("register_officer")
    page.sign_in(account.login, testing.PASSWORD)
    page.visit("/reconciliation")
    page.shoot("reconcile")
    page.check()
    case = Case.objects.get(name="周禾2")
    page.visit(f"/reconciliation?bucket=several&case={case.id}")
    page.shoot("reconcile-case")
    page.check()
    page.page.fill("#case [name=note]", "外县学校已申请删除")
    page.page.click("#case button:has-text('已办，待核销')")
    page.page.wait_for_selector("text=已报办结")
    page.check()
    case.refresh_from_db()
    assert (case.state, case.handling) == ("done", "delete")
    page.page.set_input_files(
        "#case [name=evidence]", {"name": "转学证明.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}
    )
    page.page.click("text=上传佐证")
    page.page.wait_for_selector("text=转学证明.pdf")
    page.shoot("reconcile-answered")
    page.check()
    page.visit("/reconciliation?bucket=identity&state=late")
    page.check()
    page.visit("/reconciliation?bucket=no_entry&cause=to_add")
    page.page.check("[data-check-all]")
    page.page.fill(".lq-bulk [name=note]", "已在国家系统补建")
    page.shoot("reconcile-bulk")
    page.check()
    page.page.click(".lq-bulk button:has-text('已办，待核销')")
    page.page.wait_for_selector("text=条已报办结")
    assert not Case.objects.filter(cause="to_add", state="todo").exists()
    Case.objects.filter(state="todo").update(due_on=today() - timedelta(days=9))
    page.visit("/reconciliation")
    page.page.click("button:has-text('一键催办')")
    page.page.wait_for_selector("text=正在催办")
    page.shoot("reconcile-late")
    page.check()
    late = Case.objects.filter(state="todo", bucket="several").first() or Case.objects.filter(state="todo").first()
    page.visit(f"/reconciliation?case={late.id}")
    page.page.click("#case form[action$='/assign'] button >> nth=-1")
    page.page.wait_for_selector("text=条已转交")
    page.shoot("reconcile-assigned")
    page.check()
    number = world.child(90, "改名生").number
    page.visit(f"/reconciliation/tickets/new/{number}")
    page.shoot("reconcile-ticket-new")
    page.check()
    page.page.fill("[name=value]", "周稼禾")
    page.page.fill("[name=reason]", "户口簿改名")
    page.page.click("button:has-text('登记')")
    page.page.wait_for_selector("text=周稼禾")
    page.shoot("reconcile-tickets")
    page.check()


def test_without_a_file_the_page_says_what_to_do(live_server: Any, desktop: Any) -> None:
    forget_standings()
    World()
    account = testing.duty_account("register_officer")
    desktop.sign_in(account.login, testing.PASSWORD)
    desktop.visit("/reconciliation")
    desktop.shoot("reconcile-empty")
    desktop.check()
