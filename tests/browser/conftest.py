"""A real browser for tests: pages at two widths that note every console error, policy violation and failed request.

    def test_list(live_server, desktop, phone): ...
        desktop.visit("/people"); desktop.check()        # axe, policy, errors, no sideways scrolling

``desktop`` is 1440 px wide, ``phone`` 390 px. ``shoot`` keeps a picture below ``LINGQU_SHOTS`` if that is set.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright's loop runs in the test's own thread

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice", "experimental"]
"""Every rule of axe but the AAA ones, whose contrast of 7:1 the palette does not aim at."""
NOTE_VIOLATIONS = """
window.policyViolations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.policyViolations.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile ?? ""}`));
"""
RUN_AXE = """async (tags) => {
  const found = await axe.run(document, {runOnly: {type: "tag", values: tags}});
  const told = (list) => list.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.html.slice(0, 160)}`));
  return {violations: told(found.violations), incomplete: told(found.incomplete)};
}"""


@dataclass
class Screen:
    """A page and what went wrong on it so far."""

    page: Page
    base: str
    problems: list[str] = field(default_factory=list)
    incomplete: list[str] = field(default_factory=list)
    """What axe could not judge (text on gradients); listed, not failed: token pairs are tested as numbers."""

    def visit(self, path: str, status: int = 200) -> Page:
        """Open a path; the answer must have this status."""
        response = self.page.goto(self.base + path)
        assert response is not None
        assert response.status == status, f"{path} answered {response.status}"
        if status >= 400:
            self.problems = [problem for problem in self.problems if f"status of {status}" not in problem]
        return self.page

    def axe(self) -> list[str]:
        """Violations on the page as it stands now."""
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate(RUN_AXE, TAGS)
        self.incomplete += found["incomplete"]
        return list(found["violations"])

    def check(self) -> None:
        """Nothing that a visitor with a screen reader, a strict policy or a narrow screen would stumble over."""
        sideways = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        violations = self.page.evaluate("window.policyViolations")
        assert {"axe": self.axe(), "policy": violations, "errors": self.problems, "sideways": max(0, sideways)} == {
            "axe": [], "policy": [], "errors": [], "sideways": 0,
        }, self.page.url  # fmt: skip

    def shoot(self, name: str) -> None:
        folder = os.environ.get("LINGQU_SHOTS")
        if folder:
            width = self.page.viewport_size["width"] if self.page.viewport_size else 0
            self.page.screenshot(path=str(Path(folder) / f"{name}-{width}.png"), full_page=True)

    def sign_in(self, login: str, password: str) -> None:
        self.visit("/sign-in")
        self.page.fill("[name=login]", login)
        self.page.fill("[name=password]", password)
        self.page.press("[name=password]", "Enter")
        self.page.wait_for_url(lambda address: "/sign-in" not in address)


RUNNING: list[Browser] = []


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    program = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if program is None:
        pytest.fail("the browser tests need chromium (apt-get install chromium)")
    if not AXE.is_file():
        pytest.fail("the browser tests need the front-end packages (make setup-dev)")
    if RUNNING:  # the journeys use this fixture too; one process drives one browser
        yield RUNNING[0]
        return
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        RUNNING.append(browser)
        yield browser
        RUNNING.clear()
        browser.close()


@pytest.fixture
def gallery() -> Iterator[None]:
    """The sample pages, which a running platform does not have."""
    with override_settings(UI_GALLERY=True):
        yield


def open_screen(context: BrowserContext, base: str) -> Screen:
    """A page of the context that notes what goes wrong on it."""
    context.add_init_script(NOTE_VIOLATIONS)
    screen = Screen(context.new_page(), base)
    screen.page.set_default_timeout(15_000)
    screen.page.on("console", lambda told: screen.problems.append(told.text) if told.type == "error" else None)
    screen.page.on("pageerror", lambda error: screen.problems.append(str(error)))
    return screen


@pytest.fixture
def screens(live_server: Any, chromium: Browser) -> Iterator[Any]:
    """Makes screens of any width, with or without script, for any reader: ``screens(1440)``, ``screens(390, script=False)``,
    ``screens(1440, locale="en-US")``."""
    contexts: list[BrowserContext] = []

    def make(width: int, *, script: bool = True, locale: str = "zh-CN") -> Screen:
        is_phone = width < 600
        context = chromium.new_context(
            viewport={"width": width, "height": 844 if is_phone else 900},
            device_scale_factor=2 if is_phone else 1,
            has_touch=is_phone,
            java_script_enabled=script,
            locale=locale,
        )
        contexts.append(context)
        return open_screen(context, str(live_server.url))

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def desktop(screens: Any) -> Screen:
    made: Screen = screens(1440)
    return made


@pytest.fixture
def phone(screens: Any) -> Screen:
    made: Screen = screens(390)
    return made
