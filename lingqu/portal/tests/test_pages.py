"""Front door, home pages and the operator's page on an empty node, by role."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from lingqu.foundation.identity import api as identity
from lingqu.foundation.identity.testing import browser, duty_account
from lingqu.kernel import rights
from lingqu.kernel.actor import Actor, Right
from lingqu.kernel.errors import Forbidden, Invalid, NotFound
from lingqu.portal import health, homes, operations, views

pytestmark = pytest.mark.django_db


def test_front_door_is_open_and_leads_to_both_ways_in(client: Client) -> None:
    answer = client.get("/")
    text = answer.content.decode()
    assert answer.status_code == 200
    assert 'href="/sign-in"' in text
    assert 'href="/activate"' in text


@pytest.mark.parametrize("name", ["portal:search", "portal:health"])
def test_inner_pages_ask_visitors_to_sign_in(client: Client, name: str) -> None:
    answer = client.get(reverse(name))
    assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/sign-in")


def _asks(rf: RequestFactory, actor: Actor, path: str = "/", method: str = "get"):
    request = getattr(rf, method)(path)
    request.actor = actor
    request.standing = None
    return request


def account(role: str, *codes: str) -> Actor:
    return Actor(kind="account", name="何清", role=role, path="n", rights=tuple(Right(code, "n") for code in codes))


@pytest.mark.parametrize("role", sorted(identity.ROLES))
def test_health_is_for_those_who_run_the_platform(rf: RequestFactory, role: str) -> None:
    actor = account(role, *identity.ROLES[role].rights)
    may = role in {"operator", "system_admin"}
    if may:
        assert operations.health(_asks(rf, actor, "/operations/health")).status_code == 200
    else:
        with pytest.raises(Forbidden):
            operations.health(_asks(rf, actor, "/operations/health"))


def test_health_page_asks_little() -> None:
    visitor = browser(duty_account("system_admin"))
    visitor.get("/operations/health")
    with CaptureQueriesContext(connection) as asked:
        assert visitor.get("/operations/health").status_code == 200
    assert len(asked) <= 12, [query["sql"][:120] for query in asked]


def test_only_a_dead_letter_can_be_delivered_again(rf: RequestFactory) -> None:
    actor = account("operator", rights.HEALTH_VIEW)
    with pytest.raises(NotFound):
        operations.retry_letter(_asks(rf, actor, "/operations/letters/1/retry", "post"), 1)


@pytest.mark.parametrize("role", ["teacher", "class_teacher", "student", "guardian", "auditor", "vendor", ""])
def test_home_of_somebody_the_register_does_not_know_yet(rf: RequestFactory, role: str) -> None:
    answer = views.home(_asks(rf, account(role)))
    assert answer.status_code == 200
    assert "何清" in answer.content.decode()


def test_unknown_child_is_refused_alike() -> None:
    assert homes.guardian_home(account("guardian"), "001000000000").values["child"] is None


def test_searched_text_stands_sealed_in_the_address(rf: RequestFactory) -> None:
    request = rf.post("/search", {"q": "周禾"})
    request.actor = account("school_admin")
    address = views.search(request)["Location"]
    assert "周" not in address and "%E5%91%A8" not in address
    assert views.opened(address.partition("s=")[2]) == "周禾"


@pytest.mark.parametrize("value", ["x", "!!!", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"])
def test_foreign_search_address_is_refused(value: str) -> None:
    with pytest.raises(Invalid):
        views.opened(value)


@pytest.mark.parametrize(("seconds", "state"), [(0.0, "good"), (2.5, "good"), (2.6, "near"), (5.1, "over")])
def test_state_of_a_lag(seconds: float, state: str) -> None:
    assert health.Lag(name="x", seconds=seconds, limit=5.0, waiting=0).state == state


def test_no_worker_is_something_to_do() -> None:
    assert health.worker_card({"worker_seconds": None}).state == "over"
    assert health.worker_card({"worker_seconds": 3.0}).state == "good"


@pytest.mark.parametrize(
    ("hour", "words"),
    [(3, "夜深了"), (8, "早上好"), (10, "上午好"), (13, "中午好"), (15, "下午好"), (20, "晚上好")],
)
def test_greeting_of_the_hour(monkeypatch: pytest.MonkeyPatch, hour: int, words: str) -> None:
    from datetime import datetime

    monkeypatch.setattr(homes.clock, "now", lambda: datetime(2026, 11, 20, hour, tzinfo=homes.clock.ZONE))
    assert homes.greeting() == words


def test_operators_home_leads_to_the_imports() -> None:
    from django.template.loader import get_template

    values = {
        "title": "数据操作员", "greeting": "早上好", "imports": (), "blocked": 0, "to_review": 0, "unwell": [], "cards": 6,
        "totals": homes.registry.count_subtree("n"),
    }  # fmt: skip
    request = RequestFactory().get("/")
    request.actor = account("operator", "intake.import.view")
    text = get_template("portal/operator.html").render(values, request)
    assert 'href="/imports/new"' in text
    assert 'href="/imports"' in text
