"""An English reader meets no Chinese but data: names of people, organisations and classes."""

from __future__ import annotations

import re
from typing import Any

import pytest

from lingqu.foundation.identity import testing
from lingqu.foundation.identity.middleware import forget_standings
from lingqu.foundation.identity.models import Account
from lingqu.foundation.registry.models import ClassGroup, Organisation, Person
from tests.permissions.world import World, build_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CHINESE = re.compile("[\u3400-\u9fff]+")
SHOWN = """() => {
  const texts = [document.title];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) if (!walker.currentNode.parentElement.closest("script, style, button[name=language]")) texts.push(walker.currentNode.data);
  for (const name of ["aria-label", "placeholder", "title", "alt", "data-bulk-text"])
    for (const one of document.querySelectorAll(`[${name}]`)) texts.push(one.getAttribute(name));
  return texts;
}"""
UNMARKED = """() => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const holder = walker.currentNode.parentElement;
    if (/[\u3400-\u9fff]/.test(walker.currentNode.data) && !holder.closest("[lang^=zh], script, option, textarea"))
      found.push(walker.currentNode.data);
  }
  return found;
}"""


@pytest.fixture
def world() -> World:
    forget_standings()
    return build_world()


def data() -> list[str]:
    """Every name the database holds, the longest first."""
    names = set(Person.objects.values_list("name", flat=True)) | set(Account.objects.values_list("name", flat=True))
    for pair in Organisation.objects.values_list("name", "short_name"):
        names |= set(pair)
    for pair in ClassGroup.objects.values_list("name", "written_name"):
        names |= set(pair)
    return sorted((name for name in names if name), key=len, reverse=True)


def leftovers(texts: list[str]) -> list[str]:
    """Chinese that no data explains."""
    known = re.compile("|".join(re.escape(name) for name in data()))
    initials = {name[0] for name in data()} | {name[-1] for name in data()}
    found = [run for text in texts for run in CHINESE.findall(known.sub(" ", text or ""))]
    return [run for run in found if run not in initials]


@pytest.mark.parametrize(
    ("role", "paths"),
    [
        ("student", ("/", "/me", "/people/{number}")),
        ("class_teacher", ("/", "/classes/{class_id}", "/classes/{class_id}/accounts")),
        ("operator", ("/", "/imports", "/imports/new", "/organisations/{code}")),
    ],
)
@pytest.mark.parametrize("width", [1440, 390])
def test_no_chinese_but_data(screens: Any, world: World, role: str, paths: tuple[str, ...], width: int) -> None:
    screen = screens(width, locale="en-US")
    screen.sign_in(world.accounts[role].login, testing.PASSWORD)
    here = world.own
    for path in paths:
        page = screen.visit(path.format(number=here.pupil.number, class_id=here.group.id, code=here.school.code))
        assert page.evaluate("document.documentElement.lang") == "en"
        assert leftovers(page.evaluate(SHOWN)) == [], path
        assert page.evaluate(UNMARKED) == [], path
        screen.shoot(f"english-{role}-{paths.index(path)}")
        screen.check()


def test_the_language_of_an_account_follows_it_to_another_browser(screens: Any, world: World) -> None:
    teacher = world.accounts["class_teacher"]
    first = screens(1440)
    first.sign_in(teacher.login, testing.PASSWORD)
    first.page.click("button[name=language]")
    first.page.wait_for_selector("html[lang=en]")
    elsewhere = screens(1440)
    elsewhere.visit("/sign-in")
    assert elsewhere.page.evaluate("document.documentElement.lang") == "zh-CN"
    elsewhere.sign_in(teacher.login, testing.PASSWORD)
    assert elsewhere.page.evaluate("document.documentElement.lang") == "en"
