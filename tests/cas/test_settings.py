"""Places of an application: its page, who may change it, what is refused; and how it is created and entered."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

import pytest
from django.test import Client

from lingqu.foundation.applications import api as applications
from lingqu.foundation.applications.testing import make_application
from lingqu.foundation.cas import selectors, services
from lingqu.foundation.cas.models import Service
from lingqu.foundation.cas.testing import SYSTEM, make_service
from lingqu.foundation.identity import testing
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Conflict, Forbidden, Invalid
from lingqu.kernel.models import AuditEntry
from lingqu.kernel.testing import actor_with

MANAGE = applications.rights.MANAGE


def places(app: applications.App) -> list[str]:
    return [place.shown for place in selectors.list_places(app.id)]


def test_the_list_is_replaced_and_traced(db: None) -> None:
    app = make_service("https://a.example.cn/x", "https://b.example.cn/")
    found = services.read_places("https://b.example.cn\n\n http://10.0.0.1:8080/y \n")
    services.set_places(actor=actor_with(MANAGE), application_id=app.id, places=found)
    assert places(app) == ["https://b.example.cn/", "http://10.0.0.1:8080/y"]
    entry = AuditEntry.objects.filter(action="cas.services.set").latest("id")
    assert entry.data["services"] == ["https://b.example.cn/", "http://10.0.0.1:8080/y"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "至少"), ("https://a.cn/\nnonsense", "第 2 行"), ("https://a.cn/?x=1", "第 1 行"), ("ftp://a.cn/", "第 1 行"),
        ("\n".join(f"https://a{at}.cn/" for at in range(21)), "最多"),
    ],
)  # fmt: skip
def test_what_is_refused_names_the_line(text: str, told: str) -> None:
    with pytest.raises(Invalid) as refusal:
        services.read_places(text)
    assert told in refusal.value.details["services"]


def test_two_applications_do_not_share_a_place(db: None) -> None:
    make_service("https://a.example.cn/x")
    second = make_service("https://b.example.cn/")
    with pytest.raises(Conflict):
        services.set_places(
            actor=SYSTEM,
            application_id=second.id,
            places=services.read_places("https://c.example.cn\nhttps://a.example.cn/x"),
        )
    assert places(second) == ["https://b.example.cn/"]


def test_the_closest_place_wins(db: None) -> None:
    outer, inner = make_service("https://a.example.cn/"), make_service("https://a.example.cn/inner")
    assert selectors.find_client_id("https://a.example.cn/inner/x") == inner.client_id
    assert selectors.find_client_id("https://a.example.cn/innermost") == outer.client_id


@pytest.mark.parametrize("actor", [Actor.anonymous(), actor_with("other.right"), actor_with(MANAGE, path="1.77")])
def test_only_who_keeps_the_application_sets_its_places(db: None, actor: Actor) -> None:
    app = make_service("https://a.example.cn/")
    with pytest.raises(Forbidden):
        services.set_places(actor=actor, application_id=app.id, places=services.read_places("https://evil.example.cn/"))
    assert places(app) == ["https://a.example.cn/"]


@pytest.mark.parametrize("role", ["county_admin", "operator", "system_admin", "security_admin", "auditor", "vendor"])
def test_every_granted_role_at_the_page(db: None, role: str) -> None:
    app, may = make_service("https://a.example.cn/"), role == "county_admin"
    client = testing.browser(testing.duty_account(role), raise_request_exception=False)
    answer = client.post(f"/applications/{app.client_id}/cas", {"services": "https://new.example.cn/"})
    assert answer.status_code == (302 if may else 403)
    assert places(app) == (["https://new.example.cn/"] if may else ["https://a.example.cn/"])


def keeper() -> Client:
    """A browser of somebody who keeps applications."""
    return testing.browser(testing.duty_account("county_admin"))


def test_the_page_shows_and_saves(db: None) -> None:
    app, client = make_service("https://a.example.cn/x"), keeper()
    page = client.get(f"/applications/{app.client_id}/cas").content.decode()
    assert "https://a.example.cn/x" in page and "/cas/p3/serviceValidate" in page
    wrong = client.post(f"/applications/{app.client_id}/cas", {"services": "https://a.example.cn/\nnope"})
    assert wrong.status_code == 422 and "第 2 行" in wrong.content.decode() and "nope" in wrong.content.decode()
    assert client.post(f"/applications/{app.client_id}/cas", {"services": "https://b.example.cn/"}).status_code == 302
    assert places(app) == ["https://b.example.cn/"]
    assert client.get("/applications/lqnone/cas").status_code == 404


def test_the_command_makes_a_client_that_answers(db: None, settings: Any) -> None:
    app = make_application()
    made = applications.CREATORS["cas"](app, Namespace(callback=["https://a.example.cn/x"]))
    assert made["login_url"] == f"{settings.PUBLIC.geturl()}/cas/login"
    assert Service.objects.get().path == "/x"
    assert applications.ENTRIES["cas"](app, None) == "/cas/login?service=https%3A%2F%2Fa.example.cn%2Fx"
    assert applications.ENTRIES["cas"](make_application(), None) is None


def test_the_guide_shows_the_applications_own_address(db: None) -> None:
    guide = applications.GUIDES["cas"](make_service("https://a.example.cn/x"))
    assert "service=https%3A%2F%2Fa.example.cn%2Fx" in guide.examples[0].text
    assert applications.GUIDES["cas"](None).examples
