"""An Apache for each test, in an empty folder."""

from __future__ import annotations

import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ..conftest import DemoCity
from ..visitor import Visitor
from .server import Apache, install, make_site

KEEPER_PASSWORD = "Yingyong-guanli-2026"


@pytest.fixture(scope="session")
def packages() -> None:
    install()


@pytest.fixture
def apache(packages: None) -> Iterator[Apache]:
    folder = Path(tempfile.mkdtemp(prefix="lingqu-apache-")).resolve()
    make_site(folder)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        made = Apache(folder, probe.getsockname()[1])
    yield made
    made.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def keeper(city: DemoCity) -> Visitor:
    """Who looks after the applications of the whole region: opened by the operator, in use by the code on paper."""
    opened = city.command("account", "open", "--role", "county_admin", "--name", "应用管理", "--organisation", "000100")
    visitor = Visitor(city.url)
    page = visitor.get("/activate")
    page = visitor.send(page, page.form(having="code"), code=opened["code"])
    page = visitor.send(page, page.form(having="repeat"), password=KEEPER_PASSWORD, repeat=KEEPER_PASSWORD)
    assert page.status == 200 and visitor.get("/applications").status == 200, page.words[:400]
    return visitor
