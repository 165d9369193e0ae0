"""Changing the keys of a platform that runs: restart, reseal, retire, and copies from before."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest

from lingqu.config.postgres import url_of

from .conftest import Platform, wait_for

pytestmark = pytest.mark.process
MAKE = """
import django; django.setup()
from lingqu.foundation.registry.testing import make_person
make_person(name="周禾", id_number="330102201304090015", phone="13900000001")
"""
FIND = """
import django; django.setup()
from lingqu.kernel import crypto
from lingqu.foundation.registry.models import Person
found = Person.objects.get(id_blind=crypto.blind("id", "330102201304090015"))
print(crypto.unseal_fields(found.sealed)["phone"], bytes(found.sealed)[1])
"""


def python(platform: Platform, text: str) -> str:
    environment = {**platform.environment, "DJANGO_SETTINGS_MODULE": "lingqu.config.settings.dev"}
    done = subprocess.run([sys.executable, "-c", text], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def told(platform: Platform, *arguments: str) -> dict[str, Any]:
    done = platform.command(*arguments, "--json")
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


def test_keys_change_under_a_running_platform(platform: Platform, folder: Path) -> None:
    platform.run()
    python(platform, MAKE)
    assert python(platform, FIND) == "13900000001 1"
    platform.command("backup", str(folder / "before"))
    before = json.loads((folder / "before" / "manifest.json").read_text())["keys"]
    shutil.copy(platform.home.with_name("home.keys"), folder / "old.keys")

    done = told(platform, "keys", "rotate")
    assert (done["ok"], sorted(done["new"])) == (True, ["index.2", "seal.2", "secret.2"])
    wait_for(platform.is_ready, 30)
    assert python(platform, FIND).startswith("13900000001 ")
    assert platform.command("keys", "rotate").returncode == 1  # not before the last one is over
    with psycopg.connect(url_of(platform.home), autocommit=True) as connection:
        connection.execute("DELETE FROM django_session")
    wait_for(
        lambda: told(platform, "keys", "retire") == {"ok": True, "older": ["seal", "index", "secret"], "left": []}, 60
    )
    assert told(platform, "status")["keys"]["resealed_places"] == told(platform, "status")["keys"]["places"]
    assert set(told(platform, "keys", "retire", "--apply")["retired"]) == {"seal", "index", "secret"}
    assert python(platform, FIND) == "13900000001 2"

    platform.command("stop")
    refused = platform.command("restore", str(folder / "before"), "--apply")
    assert refused.returncode == 1
    assert f"seal ({before['seal']})" in refused.stderr
    shutil.copy(folder / "old.keys", platform.home.with_name("home.keys"))
    assert platform.command("restore", str(folder / "before"), "--apply").returncode == 0
    platform.run()
    assert python(platform, FIND) == "13900000001 1"


@pytest.mark.deep
def test_keys_change_while_it_is_stopped(platform: Platform) -> None:
    platform.run()
    python(platform, MAKE)
    platform.command("stop")
    assert told(platform, "keys", "rotate")["ok"] is True
    platform.run()
    wait_for(lambda: python(platform, FIND) == "13900000001 2", 60)
