"""Alerts, their rules and the sign-in figures look right at a desk and on a phone."""

from __future__ import annotations

from typing import Any

import pytest

from lingqu.foundation.identity import testing
from lingqu.foundation.identity.jobs import count_sign_ins
from lingqu.foundation.identity.models import Account, Alert
from lingqu.foundation.identity.services import alerts
from lingqu.foundation.identity.types.words import AlertKind
from lingqu.foundation.registry import api as registry
from lingqu.kernel.clock import today
from lingqu.kernel.ids import uuid7

from .conftest import Screen

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def security(live_server: Any) -> Account:
    account = testing.duty_account("security_admin")
    top = str(registry.ensure_root().path)
    Alert.objects.create(rule="spraying", subject=uuid7(), path=top, day=today(), count=57)
    for role, kind in (("auditor", AlertKind.NEW_BROWSER), ("expert", AlertKind.RECOVERY_CODE)):
        alerts.note(kind, testing.duty_account(role).id)
    alerts.add_recipient(actor=testing.SYSTEM, address="duty@example.org")
    alerts.name_network(actor=testing.SYSTEM, name="实验小学", address="203.0.113.7")
    return account


@pytest.mark.parametrize("width", [1440, 390])
def test_alerts_are_read_and_closed(security: Account, screens: Any, width: int) -> None:
    screen: Screen = screens(width)
    screen.sign_in(security.login, testing.PASSWORD)
    page = screen.visit("/alerts")
    screen.check()
    screen.shoot("alerts")
    first = page.locator(".lq-item", has_text="用了备用码")
    first.get_by_text("处理完了").first.click()
    screen.shoot("alerts-closing")
    screen.check()
    page.locator("[name=note]:visible").fill("本人换了手机")
    page.locator(".lq-reveal-sheet:visible button:has-text('处理完了')").click()
    page.wait_for_selector("text=已处理。")
    assert Alert.objects.get(rule="recovery_code").note == "本人换了手机"
    screen.visit("/alerts?closed=1")
    screen.check()
    screen.visit("/alerts/rules")
    screen.check()
    screen.shoot("alert-rules")


@pytest.mark.parametrize("width", [1440, 390])
def test_figures_lead_down(screens: Any, width: int) -> None:
    county = testing.make_school("330101", "云汀区（演示）", kind="region")
    for number in range(1, 4):
        school = testing.make_school(f"330100000{number}", f"云汀市第{number}小学（演示）", parent=county)
        group = testing.make_class(school)
        for at in range(4):
            pupil = testing.make_person(f"学生{at}", organisation=school)
            testing.seat(pupil, group)
            testing.account_for(pupil, testing.PASSWORD if at else "")
    count_sign_ins()
    leader = testing.duty_account("bureau_leader")
    screen: Screen = screens(width)
    screen.sign_in(leader.login, testing.PASSWORD)
    page = screen.visit("/account-figures")
    screen.check()
    page.click(".lq-table a:has-text('云汀区')")
    page.wait_for_selector("h1:has-text('云汀区')")
    screen.check()
    screen.shoot("figures")
    page.click(".lq-table a:has-text('第2小学')")
    page.wait_for_selector("h1:has-text('第2小学')")
    screen.check()
    screen.shoot("figures-school")
