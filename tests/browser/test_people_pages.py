"""Pages of real names, SMS and guardians, and the slider, at both widths with axe."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from lingqu.foundation.identity import testing
from lingqu.foundation.identity.middleware import forget_standings
from lingqu.foundation.identity.models import Account, SliderChallenge, SmsUse
from lingqu.foundation.identity.services import codes, real_names, revoking, texting
from lingqu.foundation.identity.types.words import CodePurpose, RealNameSource
from lingqu.foundation.registry import api as registry
from lingqu.kernel.models import Message
from tests.permissions.world import World, build_world

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
PHONE = "13800001234"


@pytest.fixture
def world() -> World:
    forget_standings()
    testing.forget_limits()
    return build_world()


def test_the_slider_by_keyboard_and_the_sum(world: World, screens: Any) -> None:
    for width, by_sum in ((1440, False), (390, True)):
        testing.forget_limits()
        [code] = codes.issue(
            actor=testing.SYSTEM, wanted=[codes.Wanted(purpose=CodePurpose.GUARDIAN, child_id=world.own.pupil.id)]
        )
        screen = screens(width)
        page = screen.page
        screen.visit("/activate")
        page.fill("[name=code]", code)
        page.click("main button >> nth=0")
        page.wait_for_url("**/activate/guardian")
        page.fill("[name=phone]", PHONE)
        page.click("button:has-text('下一步')")
        page.wait_for_selector("[name=place]")
        row = SliderChallenge.objects.latest("expires_at")
        if by_sum:
            page.click("summary")
            page.fill("[name=total]", str(row.total))
            screen.check()
            screen.shoot("slider-sum")
            page.click("details button")
        else:
            page.focus("[name=place]")
            for _press in range(row.place):
                page.keyboard.press("ArrowRight")
            screen.check()
            screen.shoot("slider")
            page.click("button:has-text('对准了')")
        page.wait_for_selector("[name=digits]")
    assert Message.objects.count() == 2


@pytest.mark.parametrize("width", [1440, 390])
def test_pages_of_people(world: World, screens: Any, width: int) -> None:
    pupil, school = testing.account_for(world.own.pupil), world.own.school
    real_names.note(actor=testing.SYSTEM, account_id=pupil.id, source=RealNameSource.REGISTER, detail="国家学籍")
    SmsUse.objects.create(organisation=school, month=date(2026, 11, 1), sent=12)
    texting.save_template(
        actor=testing.SYSTEM, kind="identity.phone_code", code="SMS_12345", sign_name="云汀教育", state="approved"
    )
    link = world.own.parent.wards.get().id
    revoking.propose(
        actor=testing.SYSTEM, child_id=world.own.pupil.id, guardianship_id=link, reason="（2026）民初12号判决"
    )
    top = testing.duty_account("system_admin", registry.ensure_root())
    visits: list[tuple[Account, str, str]] = [
        (world.accounts["class_teacher"], f"/people/{pupil.login}/account", "account"),
        (world.accounts["class_teacher"], f"/classes/{world.own.group.id}/accounts", "class-accounts"),
        (world.accounts["school_admin"], f"/schools/{school.code}/real-names", "real-names"),
        (world.accounts["school_admin"], f"/people/{pupil.login}/guardians", "guardians"),
        (world.accounts["school_admin"], f"/sms/{school.code}", "sms-own"),
        (world.accounts["county_admin"], f"/sms/{world.own.county.code}", "sms-county"),
        (top, "/sms/templates", "sms-templates"),
    ]
    for account, path, name in visits:
        forget_standings()
        screen = screens(width)
        screen.sign_in(account.login, testing.PASSWORD)
        screen.visit(path)
        screen.check()
        screen.shoot(name)
