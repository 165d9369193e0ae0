"""A city and a county that each run a platform: people of one enter the other, and leave both by leaving one."""

from __future__ import annotations

import json
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.process.conftest import Platform, wait_for

from .conftest import DemoCity, stop_platform
from .visitor import Visitor


@pytest.fixture(scope="module")
def county(city: DemoCity) -> Iterator[DemoCity]:
    """The city's people once more, on a platform of its own under another host name: cookies do not know ports."""
    folder = Path(tempfile.mkdtemp(prefix="lingqu-county-")).resolve()
    folder.chmod(0o711)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    here = f"http://127.0.0.1:{port}"
    settings = {"LINGQU_OUTGOING_ALLOW": "127.0.0.0/8,localhost", "LINGQU_PUBLIC_URL": here, "LINGQU_PORT": str(port)}
    platform = Platform(folder / "home", settings)
    try:
        city.command("backup", str(folder / "copy"), "--with-key")
        done = platform.command("restore", str(folder / "copy"), "--apply")
        assert done.returncode == 0, done.stderr
        platform.run(seconds=120)
        yield DemoCity(platform, city.accounts, city.counts, here)
    finally:
        stop_platform(platform)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize("direction", ["down", "up"])
def test_who_is_in_on_one_node_enters_the_other_and_leaves_both(
    city: DemoCity, county: DemoCity, direction: str
) -> None:
    above, below = (city, county) if direction == "down" else (county, city)
    _connect(above, below, direction)
    teacher = above.accounts["class_teacher"]
    browser = Visitor(below.url)
    door = browser.get(f"/from/{direction}?next=/me")
    assert door.url.startswith(f"{above.url}/sign-in"), door.url
    arrived = browser.send(door, door.form(having="login"), login=teacher["login"], password=teacher["password"])
    assert arrived.url == f"{below.url}/me", (arrived.url, arrived.words[:400])
    assert teacher["organisation"] in arrived.words
    mine = browser.get(f"{above.url}/apps/mine")
    assert f"{direction} 的平台" in mine.words
    assert f"{direction} 的入口" in browser.get(f"{below.url}/me/bindings").words

    left = browser.send(mine, mine.form("/sign-out"))
    assert left.status == 200
    wait_for(lambda: browser.get(f"{below.url}/me").path == "/sign-in", 60)


def _connect(above: DemoCity, below: DemoCity, code: str) -> None:
    """Above, the platform below is an application; below, the platform above is a source of people."""
    made = above.command(
        "app", "create", "--name", f"{code} 的平台", "--protocol", "oidc", "--scope", "profile", "person_number",
        "--callback", f"{below.url}/from/{code}/back", "--backchannel-logout", f"{below.url}/from/{code}/logout",
    )  # fmt: skip
    told: dict[str, Any] = made.get("result", made)
    administrator = below.visitor("system_admin")
    page = administrator.get("/upstream/new")
    options = {"issuer": above.url, "client_id": told["client_id"], "scope": "openid profile person_number"}
    saved = administrator.send(
        page, page.form(having="options"), code=code, name=f"{code} 的入口", kind="oidc", options=json.dumps(options),
        secret=told["client_secret"], link_by="person_number", is_open="on",
    )  # fmt: skip
    assert saved.path == "/upstream", saved.words[:600]
