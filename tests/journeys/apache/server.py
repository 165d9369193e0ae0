"""Debian's Apache as somebody else's application: an ordinary process of the test in its own folder, without rights."""

from __future__ import annotations

import html
import os
import shutil
import signal
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.process.conftest import wait_for

from ..conftest import DemoCity
from ..visitor import Page, Visitor

PACKAGES = ("apache2-bin", "libapache2-mod-auth-openidc", "libapache2-mod-auth-cas", "libapache2-mod-auth-mellon")
PROGRAM, MODULES = Path("/usr/sbin/apache2"), Path("/usr/lib/apache2/modules")
USUAL = ("mpm_event", "authn_core", "authz_core", "authz_user", "include")
SUITES = ("auth_openidc", "auth_cas", "auth_mellon")
AREAS = ("oidc", "cas", "saml")
"""Folders of the site, each with a page that prints what Apache knows of the visitor."""
START = """
ServerRoot {folder}
DefaultRuntimeDir {folder}
PidFile {folder}/apache.pid
ServerName 127.0.0.1
Listen 127.0.0.1:{port}
{modules}
StartServers 1
ThreadsPerChild 8
MaxRequestWorkers 8
ErrorLog {folder}/error.log
LogLevel info
DocumentRoot {folder}/site
<Directory {folder}/site>
  Options Includes
  SetOutputFilter INCLUDES
  ForceType text/html
  Require all granted
</Directory>
"""
LIMIT = 20
"""Seconds in which the end of a session must have reached Apache."""


def install() -> None:
    """Debian's packages, fetched if they are missing and we may."""
    wanted = [MODULES / f"mod_{name}.so" for name in SUITES]
    if PROGRAM.is_file() and all(one.is_file() for one in wanted):
        return
    told = f"these suites need Debian's Apache: apt-get install {' '.join(PACKAGES)}"
    if os.geteuid() or not shutil.which("apt-get"):
        pytest.fail(told)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for step in (["update"], ["install", "--yes", "--no-install-recommends", *PACKAGES]):
        done = subprocess.run(["apt-get", *step], env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.fail(f"{told}\napt-get {step[0]} said: {done.stderr[-2000:]}")


@dataclass
class Apache:
    """One server; ``start`` again replaces its settings."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def page(self, area: str) -> str:
        return f"{self.url}/{area}/page.shtml"

    def keep(self, name: str, data: bytes | str) -> Path:
        """A file beside the settings that name it."""
        path = self.folder / name
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return path

    def start(self, *settings: str) -> None:
        """Answers when it returns."""
        self.stop()
        modules = "\n".join(map(load, USUAL))
        text = START.format(folder=self.folder, port=self.port, modules=modules) + "\n".join(settings)
        path = self.keep("apache.conf", text)
        nobody = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
        if nobody:
            subprocess.run(["chown", "-R", "nobody:nogroup", str(self.folder)], check=True)
        log = (self.folder / "output.log").open("ab")
        command = [str(PROGRAM), "-D", "FOREGROUND", "-f", str(path)]
        self.process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder, **nobody)  # type: ignore[call-overload]
        wait_for(self._answers, 30)

    def _answers(self) -> bool:
        assert self.process is not None and self.process.poll() is None, self.said()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(20)
        self.process = None

    def said(self) -> str:
        logs = [self.folder / name for name in ("output.log", "error.log")]
        return "\n".join(one.read_text(errors="replace")[-3000:] for one in logs if one.is_file())


def load(module: str) -> str:
    return f"LoadModule {module}_module {MODULES}/mod_{module}.so"


def make_site(folder: Path) -> None:
    (folder / "site").mkdir()
    (folder / "site" / "bye.html").write_text("再见")
    for area in AREAS:
        (folder / "site" / area).mkdir()
        (folder / "site" / area / "page.shtml").write_text("<pre>\n<!--#printenv -->\n</pre>\n")


def is_open(page: Page) -> bool:
    """Whether it is one of Apache's protected pages."""
    return page.status == 200 and "SERVER_SOFTWARE=Apache" in page.text


def known(page: Page) -> dict[str, str]:
    """What Apache knows of the visitor on a protected page: variables, request headers as ``HTTP_…``."""
    assert is_open(page), (page.status, page.url, page.words[:600])
    lines = (line.partition("=") for line in html.unescape(page.text).splitlines() if "=" in line)
    return {name: value for name, _sign, value in lines}


def enter(browser: Visitor, address: str, account: dict[str, str] | None = None) -> Page:
    """Open an address as a browser with script does: through the door as ``account``, and past forms that send
    themselves."""
    page = browser.get(address)
    if page.path == "/sign-in" and account is not None:
        page = browser.send(page, page.form(having="login"), login=account["login"], password=account["password"])
    waiting = [form for form in page.forms() if "SAMLResponse" in form.fields]
    return browser.send(page, waiting[0]) if waiting else page


def user_at(browser: Visitor, address: str, account: dict[str, str] | None = None) -> str:
    """The id by which Apache knows the visitor."""
    return known(enter(browser, address, account))["REMOTE_USER"]


def stopped_at(apache: Apache, browser: Visitor, address: str, account: dict[str, str]) -> str:
    """The address, with code or ticket, to which the platform sends somebody back; not opened yet."""
    browser.stop_at(apache.url + "/")
    ahead = enter(browser, address, account).url
    browser.stop_at("")
    return ahead


def sign_out(browser: Visitor, city_url: str) -> None:
    page = browser.get(f"{city_url}/me")
    assert browser.send(page, page.form("/sign-out")).status == 200


def wait_until_out(browser: Visitor, *addresses: str) -> None:
    """Within seconds each address sends the visitor to the platform's door."""
    for address in addresses:
        wait_for(lambda address=address: browser.get(address).path == "/sign-in", LIMIT)  # type: ignore[misc]


def in_and_out_by_our_door(city: DemoCity, address: str) -> tuple[dict[str, str], Visitor]:
    """What Apache knows of the teacher in two browsers, and the second one, which is still in after the first left by our
    door. A pupil is somebody else there."""
    teacher = city.accounts["teacher"]
    browser, elsewhere = Visitor(city.url), Visitor(city.url)
    found = known(enter(browser, address, teacher))
    assert found["REMOTE_USER"] == user_at(elsewhere, address, teacher)
    assert user_at(Visitor(city.url), address, city.accounts["student"]) != found["REMOTE_USER"]
    sign_out(browser, city.url)
    wait_until_out(browser, address)
    assert is_open(elsewhere.get(address)), "another session of the same person goes on"
    return found, elsewhere
