"""Applications on a class screen: only those that may stand before a class, and nothing of the teacher with them."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from django.test import Client

from lingqu.foundation.applications.testing import make_application
from lingqu.foundation.cas.testing import make_service
from lingqu.foundation.identity import testing
from lingqu.foundation.identity.models import Account
from lingqu.foundation.oidc.services import keys
from lingqu.foundation.oidc.testing import client
from tests.oidc.walking import answer_of, ask

SERVICE = "https://board.example.cn/"


@pytest.fixture
def group(school: Any) -> Any:
    return testing.make_class(school, "八（3）班")


@pytest.fixture
def teacher(group: Any) -> Account:
    return testing.teacher_of(group, "苏老师")


@pytest.fixture
def screen(teacher: Account, group: Any) -> Client:
    return testing.class_screen(teacher, group)


def test_a_tile_leads_into_the_application(screen: Client) -> None:
    board = make_service(SERVICE, name="电子白板", on_screen=True, entry_url=SERVICE)
    shown = make_application("成绩管理", entry_url="https://marks.example.cn/")
    lesson = screen.get("/screen").content.decode()
    assert f"/apps/{board.client_id}/open" in lesson and "电子白板" in lesson
    assert shown.client_id not in lesson
    assert urlsplit(screen.get(f"/apps/{board.client_id}/open")["Location"]).hostname == "board.example.cn"
    into = screen.get(f"/cas/login?service={quote(SERVICE)}")
    assert into["Location"].startswith(f"{SERVICE}?ticket=ST-")
    screen.post("/screen/finish")
    assert "ticket=" not in screen.get(f"/cas/login?service={quote(SERVICE)}")["Location"]


def test_what_is_not_for_the_screen_stays_closed_without_a_name_on_the_page(screen: Client, teacher: Account) -> None:
    marks = make_service(SERVICE, name="成绩管理", entry_url=SERVICE)
    for address in (f"/apps/{marks.client_id}/open", f"/cas/login?service={quote(SERVICE)}"):
        refused = screen.get(address)
        page = refused.content.decode()
        assert refused.status_code == 403 and "不在班级大屏上打开" in page
        assert "苏老师" not in page and "/me" not in page and 'href="/screen"' in page
    assert screen.get("/apps")["Location"] == "/screen"
    assert testing.browser(teacher).get(f"/apps/{marks.client_id}/open").status_code == 302


def test_openid_connect_gives_a_code_but_asks_for_no_consent(screen: Client) -> None:
    keys.forget()
    board = client(app=make_application("电子白板", on_screen=True))
    assert answer_of(ask(screen, board))["code"]
    asked = ask(screen, board, prompt="consent")
    assert asked.status_code == 403 and "在自己的手机或电脑上打开一次" in asked.content.decode()
    closed = client(app=make_application("成绩管理"))
    assert ask(screen, closed).status_code == 403
