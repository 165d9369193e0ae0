"""Who must have a second factor reads how long is left, and then gets nothing but the way to set one up."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from lingqu.foundation.identity import testing
from lingqu.foundation.identity.middleware import actor_for, forget_standings
from lingqu.foundation.identity.models import Account, FactorRule, RoleAssignment
from lingqu.foundation.identity.selectors.factors import NEVER, factor_due, factor_need, has_factor
from lingqu.foundation.identity.services import requiring
from lingqu.kernel import home
from lingqu.kernel.clock import now
from lingqu.kernel.errors import Forbidden, Invalid
from lingqu.kernel.models import AuditEntry

from .test_factors import turn_on

pytestmark = pytest.mark.django_db
DUTIES = ("auditor", "operator", "security_admin", "system_admin")


def _long_ago(account: Account) -> None:
    """First used and granted its role before any grace."""
    before = now() - timedelta(days=40)
    Account.objects.filter(id=account.id).update(activated_at=before)
    RoleAssignment.objects.filter(account=account).update(valid_from=before)
    forget_standings()


@pytest.mark.parametrize("role", [*DUTIES, "county_admin", "bureau_leader", "vendor"])
def test_the_separated_duties_are_asked_unless_somebody_says_otherwise(role: str) -> None:
    account = testing.duty_account(role)
    due = factor_due(account, [role])
    assert (due is not None) == (role in DUTIES)
    if due is not None:
        assert timedelta(days=13) < due - now() <= timedelta(days=14)


def test_within_the_grace_every_page_says_how_long_is_left() -> None:
    account = testing.duty_account("security_admin")
    page = testing.browser(account).get("/roles")
    assert page.status_code == 200
    assert "还有14天" in page.content.decode()
    assert "还有14天" not in testing.browser(testing.duty_account("county_admin")).get("/me").content.decode()


def test_after_the_grace_nothing_else_answers_until_it_is_set_up() -> None:
    account = testing.duty_account("security_admin")
    _long_ago(account)
    browser = testing.browser(account)
    for path in ("/", "/roles", "/me", "/me/data", "/roles/grant", "/verify/sheets"):
        answer = browser.get(path)
        assert (answer.status_code, answer.headers.get("Location")) == (302, "/me/second-factor"), path
    part = browser.get("/roles", headers={"HX-Request": "true"})
    assert (part.status_code, part["HX-Redirect"]) == (204, "/me/second-factor")
    told = browser.post("/roles/grant", {"login": "x"}, headers={"Accept": "application/json"})
    assert (told.status_code, told.json()["code"]) == (401, "factor_first")
    assert "宽限期已过" in browser.get("/me/second-factor").content.decode()
    turn_on(account, browser)
    assert browser.get("/roles").status_code == 200
    assert testing.Client().get("/sign-in").status_code == 200


def test_signing_out_and_another_password_stay_possible() -> None:
    account = testing.duty_account("auditor")
    _long_ago(account)
    browser = testing.browser(account)
    assert browser.get("/sign-in/again").status_code == 200
    assert browser.post("/sign-out")["Location"] == "/sign-in"


def test_whoever_has_one_is_left_alone_and_asked_again_when_it_goes() -> None:
    account = testing.duty_account("operator")
    browser, _secret, _codes = turn_on(account)
    _long_ago(account)
    assert browser.get("/me").status_code == 200
    browser.post("/me/second-factor", {"remove": "1"})
    assert browser.get("/me")["Location"] == "/me/second-factor"


def test_a_demo_home_asks_nobody_until_it_is_told_to() -> None:
    home.set_up(kind=home.DEMO, node_code="001", version="0")
    assert factor_need().roles == ()
    requiring.set_rule(actor=testing.SYSTEM, wanted=["auditor"], grace_days=3)
    assert factor_need().roles == ("auditor",)


def test_the_rule_is_set_on_its_page_and_audited() -> None:
    account = testing.duty_account("security_admin")
    leader = testing.duty_account("bureau_leader")
    _long_ago(leader)
    watching = testing.browser(leader)
    assert watching.get("/me").status_code == 200
    browser = testing.browser(account)
    page = browser.get("/security/second-factor").content.decode()
    assert re.findall(r'value="(\w+)" checked', page) == ["system_admin", "security_admin", "auditor", "operator"]
    answer = browser.post("/security/second-factor", {"role": ["bureau_leader"], "grace_days": "0"})
    assert answer.status_code == 302
    assert watching.get("/me")["Location"] == "/me/second-factor"
    entry = AuditEntry.objects.get(action="identity.factor_rule.set")
    assert (entry.data["roles"], entry.data["before"], entry.data["grace_days"]) == (
        ["bureau_leader"], sorted(DUTIES), 0,
    )  # fmt: skip


def test_a_stricter_rule_gives_time_and_a_milder_one_takes_none() -> None:
    leader = testing.duty_account("bureau_leader")
    _long_ago(leader)
    requiring.set_rule(actor=testing.SYSTEM, wanted=["bureau_leader", "auditor"], grace_days=5)
    began = FactorRule.objects.get().since
    assert factor_due(leader, ["bureau_leader"]) == began + timedelta(days=5)
    requiring.set_rule(actor=testing.SYSTEM, wanted=["bureau_leader"], grace_days=5)
    assert FactorRule.objects.get().since == began


@pytest.mark.parametrize(
    "posted", [{"grace_days": "91"}, {"grace_days": "-1"}, {"grace_days": "x"}, {"grace_days": "5", "role": ["nobody"]}]
)
def test_what_cannot_be_is_refused_and_nothing_written(posted: dict[str, Any]) -> None:
    browser = testing.browser(testing.duty_account("security_admin"))
    assert browser.post("/security/second-factor", posted).status_code == 422
    assert not FactorRule.objects.exists()


@pytest.mark.parametrize("role", sorted(NEVER))
def test_children_and_families_are_never_asked(role: str) -> None:
    with pytest.raises(Invalid):
        requiring.set_rule(actor=testing.SYSTEM, wanted=[role], grace_days=5)


def test_only_the_security_administrator_of_the_whole_node_sets_it() -> None:
    county = testing.make_school("330101", "县", kind="region")
    below = testing.duty_account("security_admin", county)
    for account in (below, testing.duty_account("system_admin"), testing.duty_account("auditor")):
        with pytest.raises(Forbidden):
            requiring.set_rule(actor=actor_for(account), wanted=[], grace_days=0)
        assert testing.browser(account).get("/security/second-factor").status_code == 403
    assert not has_factor(below)
