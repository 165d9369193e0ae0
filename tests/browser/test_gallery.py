"""The kit in a real browser: no violation of axe or of the policy, at both widths, with and without script."""

from __future__ import annotations

from typing import Any

import pytest

from lingqu.ui.samples import PARTS

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ADDRESSES = ["/ui/gallery" if part == "kit" else f"/ui/gallery/{part}" for part in PARTS]


@pytest.mark.parametrize("width", [1440, 390])
def test_every_component_passes(gallery: None, screens: Any, width: int) -> None:
    screen = screens(width)
    for address in ADDRESSES:
        screen.visit(address)
        screen.check()
        screen.shoot(address.strip("/").replace("/", "-"))


def test_error_page_passes(desktop: Any, phone: Any) -> None:
    for screen in (desktop, phone):
        screen.visit("/there-is-nothing-here", status=404)
        screen.check()


def test_large_type_by_one_tap_without_script(gallery: None, screens: Any) -> None:
    screen = screens(390, script=False)
    page = screen.visit("/ui/gallery/shell")
    page.get_by_role("button", name="大字").click()
    assert page.url.endswith("/ui/gallery/shell")
    assert page.locator("html").get_attribute("data-type") == "large"
    screen.shoot("large-type")


def test_language_switch_without_script(gallery: None, screens: Any) -> None:
    page = screens(1440, script=False).visit("/ui/gallery/shell")
    page.get_by_role("button", name="Switch to English").click()
    assert page.locator("html").get_attribute("lang") == "en"


def test_phone_menu_opens_without_script(gallery: None, screens: Any) -> None:
    page = screens(390, script=False).visit("/ui/gallery/shell")
    assert not page.get_by_role("link", name="操作记录").first.is_visible()
    page.locator(".lq-drawer-nav > summary").click()
    assert page.get_by_role("navigation", name="主菜单（窄屏）").get_by_role("link", name="操作记录").is_visible()


def test_drawer_opens_over_the_page_and_closes_with_escape(gallery: None, desktop: Any) -> None:
    page = desktop.visit("/ui/gallery")
    page.get_by_role("link", name="抽屉").click()
    drawer = page.locator("dialog.lq-drawer")
    drawer.wait_for(state="visible")
    assert page.url.endswith("/ui/gallery")
    assert drawer.bounding_box()["width"] == 452
    desktop.check()
    desktop.shoot("drawer-open")
    page.keyboard.press("Escape")
    drawer.wait_for(state="hidden")


def test_bulk_bar_counts_ticked_rows(gallery: None, desktop: Any) -> None:
    page = desktop.visit("/ui/gallery/tables")
    bar = page.locator("[data-bulk]")
    assert bar.is_hidden()
    page.get_by_role("checkbox", name="选择 苏明").check()
    assert bar.inner_text().startswith("已选 1 行")
    page.get_by_role("checkbox", name="全选本页").check()
    assert bar.inner_text().startswith("已选 6 行")


def test_masked_field_asks_for_a_purpose_without_script(gallery: None, screens: Any) -> None:
    page = screens(1440, script=False).visit("/ui/gallery")
    page.locator("summary", has_text="查看").first.click()
    assert page.get_by_role("radio", name="核对重复").is_visible()


def test_keyboard_reaches_the_text_first(gallery: None, desktop: Any) -> None:
    page = desktop.visit("/ui/gallery/shell")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "跳到正文"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
