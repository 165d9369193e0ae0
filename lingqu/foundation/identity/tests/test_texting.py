"""Templates, budgets and the region's stop."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from lingqu.foundation.identity import api as identity
from lingqu.foundation.identity import testing
from lingqu.foundation.identity.models import SmsTemplate, SmsUse
from lingqu.foundation.identity.selectors import texting as reading
from lingqu.foundation.identity.services import texting
from lingqu.foundation.registry import api as registry
from lingqu.kernel import delivery
from lingqu.kernel.errors import Forbidden, Invalid
from lingqu.kernel.models import Message

pytestmark = pytest.mark.django_db
SYSTEM = testing.SYSTEM


def send(school: Any, n: int = 0, kind: str = "identity.phone_code") -> Message:
    message_id = delivery.send(
        channel="sms", to=f"1380000{n:04d}", subject="", body="x", kind=kind, charge_to=school.id if school else None,
        params={"code": "123456"},
    )  # fmt: skip
    return Message.objects.get(id=message_id)


@pytest.fixture
def county() -> Any:
    return testing.make_school("330101", "县", kind="region")


@pytest.fixture
def school(county: Any) -> Any:
    return testing.make_school("3301010001", "三中", parent=county)


def test_a_school_sends_up_to_the_nearest_number(county: Any, school: Any, settings: Any) -> None:
    settings.LINGQU_SMS_BUDGET = 5
    assert reading.budget_of(school.id).monthly == 5
    texting.set_budget(actor=SYSTEM, organisation=county, monthly=2, stopped=False)
    send(school, 1), send(school, 2)
    with pytest.raises(texting.BudgetUsedUp, match="2"):
        send(school, 3)
    assert Message.objects.count() == 2
    assert SmsUse.objects.get().sent == 2
    texting.set_budget(actor=SYSTEM, organisation=school, monthly=3, stopped=False)
    send(school, 4)
    assert reading.used_this_month(school) == 3
    send(None, 5)
    other = testing.make_school("3301010002", "四中", parent=county)
    texting.set_budget(actor=SYSTEM, organisation=other, monthly=0, stopped=False)
    with pytest.raises(texting.BudgetUsedUp):
        send(other, 6)


def test_the_region_stops_everything_below(county: Any, school: Any) -> None:
    texting.set_budget(actor=SYSTEM, organisation=registry.ensure_root(), monthly=None, stopped=True)
    for n, place in enumerate((school, None)):
        with pytest.raises(texting.TextingStopped):
            send(place, n)
    assert delivery.send(channel="email", to="a@b.example", subject="x", body="x", kind="x")
    texting.set_budget(actor=SYSTEM, organisation=registry.ensure_root(), monthly=None, stopped=False)
    texting.set_budget(actor=SYSTEM, organisation=county, monthly=None, stopped=True)
    testing.forget_limits()
    with pytest.raises(texting.TextingStopped, match="县"):
        send(school, 1)
    send(None, 2)


def test_a_service_gets_approved_templates_only(school: Any, settings: Any) -> None:
    settings.LINGQU_DELIVERY = {"sms": "aliyun"}
    with pytest.raises(texting.NoTemplate):
        send(school, 8)
    values = {"kind": "identity.phone_code", "code": "SMS_1", "sign_name": "云汀教育"}
    texting.save_template(actor=SYSTEM, **values, state="waiting")
    with pytest.raises(texting.NoTemplate):
        send(school)
    assert not SmsUse.objects.exists(), "what is refused costs nothing"
    testing.forget_limits()
    texting.save_template(actor=SYSTEM, **values, state="approved")
    assert send(school).state == "queued"
    with pytest.raises(texting.NoTemplate):
        send(school, 1, kind="statistics.reminder")
    for wrong in ({"kind": "nothing"}, {"code": " "}, {"sign_name": "x" * 65}, {"state": "maybe"}):
        with pytest.raises(Invalid):
            texting.save_template(**{"actor": SYSTEM, "state": "approved", **values, **wrong})


def test_each_role_and_each_action(county: Any, school: Any) -> None:
    """System administrator at the top: templates. County: budgets below. School: sees its own use."""
    root = registry.ensure_root()
    actors = {
        "system_admin": testing.duty_account("system_admin", root), "below": testing.duty_account("system_admin", county),
        "county_admin": testing.duty_account("county_admin", county),
        "school_admin": testing.duty_account("school_admin", school), "auditor": testing.duty_account("auditor", root),
    }  # fmt: skip
    saves, sets, sees = set(), set(), set()
    for name, account in actors.items():
        actor = identity.actor_for(account)
        for done, act in (
            (saves, lambda a=actor: texting.save_template(
                actor=a, kind="identity.phone_code", code="SMS_1", sign_name="云汀", state="waiting")),
            (sets, lambda a=actor: texting.set_budget(actor=a, organisation=school, monthly=9, stopped=False)),
            (sees, lambda a=actor: reading.list_use(actor=a, organisation=school)),
        ):  # fmt: skip
            try:
                act()
            except Forbidden:
                continue
            done.add(name)
    assert (saves, sets, sees) == ({"system_admin"}, {"county_admin"}, {"county_admin", "school_admin"})


def test_pages(county: Any, school: Any) -> None:
    admin = testing.signed_in(testing.duty_account("system_admin", registry.ensure_root()))
    assert "验证手机" in admin.get("/sms/templates").content.decode()
    sent = {"kind": "identity.phone_code", "code": "SMS_7", "sign_name": "云汀", "state": "approved"}
    assert admin.post("/sms/templates", sent).status_code == 302
    assert SmsTemplate.objects.get().code == "SMS_7"
    assert admin.post("/sms/templates", sent | {"code": ""}).status_code == 422
    Message.objects.create(
        channel="sms", kind="identity.phone_code", state="failed", error="isv.AMOUNT_NOT_ENOUGH",
        expires_at="2026-12-31T00:00Z",
    )  # fmt: skip
    assert "余额不足" in admin.get("/sms/templates").content.decode()
    clerk = testing.signed_in(testing.duty_account("county_admin", county))
    page = f"/sms/{school.code}"
    assert clerk.post(page, {"monthly": "12"}).status_code == 302
    assert clerk.post(page, {"monthly": "-1"}).status_code == 422
    assert clerk.post(page, {"monthly": "9999999"}).status_code == 422
    send(school)
    assert "三中" in clerk.get(f"/sms/{county.code}").content.decode()
    own = testing.signed_in(testing.duty_account("school_admin", school))
    assert "12" in own.get(page).content.decode()
    assert own.post(page, {"monthly": "99"}).status_code == 403
    assert own.get("/sms/templates").status_code == 403
    assert Client().get(page).status_code == 302
