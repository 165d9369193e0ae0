"""Pictures of the documents, taken from a running demo home: ``python tools/pictures.py [URL] [NAME …]``.

    LINGQU_HOME=/tmp/pictures LINGQU_PORT=8090 make run PEOPLE=2000       # in another terminal
    LINGQU_HOME=/tmp/pictures LINGQU_PORT=8090 .venv/bin/python tools/pictures.py

Writes ``docs/pictures/NAME.png`` (Chinese) and ``NAME.en.png``, each at most 200 KB: a picture that is too large is taken
again at a smaller scale. Only an invented city is shown, so the script refuses a home that is not a demo home.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "pictures"
LINGQU = ROOT / ".venv" / "bin" / "lingqu"
MOST_BYTES = 200 * 1024
SCALES = (1.0, 0.75, 0.5)
LANGUAGES = {"": "zh-CN", ".en": "en-US"}
BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


@dataclass(frozen=True, slots=True)
class Picture:
    """``audience`` signs in (nobody: empty); ``path`` is visited, then each of ``follow`` clicked."""

    name: str
    audience: str
    path: str
    follow: tuple[str, ...] = ()
    width: int = 1440
    height: int = 900


PICTURES = (
    Picture("front", "", "/"),
    Picture("sign-in", "", "/sign-in", height=760),
    Picture("import-new", "operator", "/imports/new"),
    Picture("import", "operator", "/imports", ("main table a",)),
    Picture("health", "operator", "/operations/health"),
    Picture("roles", "security_admin", "/roles", height=760),
    Picture("school", "principal", "/"),
    Picture("class-accounts", "class_teacher", "/slips"),
    Picture("slips", "class_teacher", "/slips", ("a[href$='/slips']:not([href='/slips'])",)),
    Picture("teacher", "class_teacher", "/", height=760),
    Picture("parent-phone", "guardian", "/", width=390, height=844),
    Picture("pupil-phone", "student", "/", width=390, height=844),
)


def asked(*words: str) -> object:
    """The answer of a command as JSON."""
    done = subprocess.run([LINGQU, *words, "--json"], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(done.stderr.strip() or f"lingqu {' '.join(words)} failed")
    return json.loads(done.stdout)


def sign_ins() -> dict[str, tuple[str, str]]:
    """Audience → (login, password) of the demo home; refuses a real one."""
    accounts = asked("demo", "accounts")
    rows = accounts if isinstance(accounts, list) else accounts["accounts"]  # type: ignore[index]
    return {row["audience"]: (row["login"], row["password"]) for row in rows}


def take(browser: Browser, base: str, known: dict[str, tuple[str, str]], one: Picture, ending: str) -> Path:
    """Writes the picture at the largest scale that keeps it small enough."""
    target = FOLDER / f"{one.name}{ending}.png"
    for scale in SCALES:
        context = browser.new_context(
            viewport={"width": one.width, "height": one.height}, locale=LANGUAGES[ending], timezone_id="Asia/Shanghai",
            has_touch=one.width < 600, device_scale_factor=scale,
        )  # fmt: skip
        page = context.new_page()
        open_page(page, base, known, one)
        page.screenshot(path=str(target))
        context.close()
        if target.stat().st_size <= MOST_BYTES:
            break
    return target


def open_page(page: Page, base: str, known: dict[str, tuple[str, str]], one: Picture) -> None:
    """Signs in where somebody must be and goes to what is shown."""
    if one.audience:
        login, password = known[one.audience]
        page.goto(f"{base}/sign-in")
        page.fill("[name=login]", login)
        page.fill("[name=password]", password)
        page.press("[name=password]", "Enter")
        page.wait_for_url(lambda address: "/sign-in" not in address)
    page.goto(base + one.path)
    for step in one.follow:
        page.locator(step).first.click()
        page.wait_for_load_state("networkidle")


def main() -> int:
    words = sys.argv[1:]
    base = words.pop(0) if words and words[0].startswith("http") else ""
    status = asked("status")
    base = base or str(status["url"])  # type: ignore[index]
    program = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if program is None:
        sys.exit("pictures need chromium (apt-get install chromium)")
    known = sign_ins()
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        for one in PICTURES:
            if words and one.name not in words:
                continue
            for ending in LANGUAGES:
                target = take(browser, base, known, one, ending)
                print(f"{target.relative_to(ROOT)}  {target.stat().st_size // 1024} KB", flush=True)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
