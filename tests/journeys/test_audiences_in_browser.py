"""Every audience of the demo in a real browser: home page and own page at both widths, and no entry that leads nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Screen, chromium, open_screen

from .test_sign_in import AUDIENCES

pytestmark = pytest.mark.browser
__all__ = ["chromium"]
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture
def screen(city: Any, chromium: Browser) -> Iterator[Screen]:
    context = chromium.new_context(viewport=WIDE, locale="zh-CN")
    yield open_screen(context, city.url)
    context.close()


def entries_shown(screen: Screen) -> list[str]:
    """Addresses of every link of the bar, the rail and the page itself that stay on the platform."""
    found = screen.page.eval_on_selector_all("a[href^='/']", "links => links.map(link => link.getAttribute('href'))")
    return sorted({address.partition("#")[0] for address in found} - {"", "/"})


@pytest.mark.parametrize("audience", AUDIENCES)
def test_an_audience_finds_its_way(city: Any, screen: Screen, audience: str) -> None:
    account = city.accounts[audience]
    screen.sign_in(account["login"], account["password"])
    look_around(screen, audience)


def look_around(screen: Screen, audience: str) -> None:
    """Home at both widths, one's own page on the phone; then every entry that was shown is opened."""
    shown: set[str] = set()
    for path, sizes in (("/", (WIDE, NARROW)), ("/me", (NARROW,))):
        screen.visit(path)
        shown |= set(entries_shown(screen))
        for size in sizes:
            screen.page.set_viewport_size(size)
            screen.shoot(f"{audience}-{path.strip('/') or 'home'}")
            screen.check()
    answers = {address: screen.page.request.get(screen.base + address).status for address in sorted(shown)[:40]}
    assert {address: status for address, status in answers.items() if status != 200} == {}
