"""With ``DATABASE_URL`` the platform starts no PostgreSQL of its own, and is choosy about the one it is given."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import conninfo, sql

from .conftest import Platform

pytestmark = pytest.mark.process
BUILTIN = "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'"


@pytest.fixture
def made_databases() -> Iterator[list[str]]:
    """Names of databases to drop again."""
    names: list[str] = []
    yield names
    with psycopg.connect(server_url(), autocommit=True) as server:
        for name in names:
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def server_url() -> str:
    return conninfo.make_conninfo(os.environ["DATABASE_URL"], dbname="postgres")


def make_database(names: list[str], locale: str) -> str:
    name = f"lingqu_process_{os.getpid()}_{len(names)}"
    names.append(name)
    with psycopg.connect(server_url(), autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        server.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' {locale}")
    parts = os.environ["DATABASE_URL"].partition("?")
    return parts[0].rpartition("/")[0] + "/" + name + parts[1] + parts[2]


def test_external_database_starts_nothing_embedded(platform: Platform, made_databases: list[str]) -> None:
    platform.settings["DATABASE_URL"] = make_database(made_databases, BUILTIN)
    platform.run()
    assert not (platform.home / "pg").exists()
    status = json.loads(platform.command("status", "--json").stdout)
    assert (status["database"], status["ready"]) == ("external", True)
    assert "postgres" not in {entry["name"] for entry in status["processes"]}
    backup = platform.command("backup", str(platform.home.parent / "copy"), "--json")
    assert json.loads(backup.stdout)["ok"] is True
    assert platform.command("stop").returncode == 0
    assert platform.processes() == []


def test_database_with_a_foreign_collation_is_refused(platform: Platform, made_databases: list[str]) -> None:
    platform.settings["DATABASE_URL"] = make_database(
        made_databases, "LOCALE_PROVIDER libc LC_COLLATE 'C' LC_CTYPE 'C'"
    )
    refused = platform.command("run")
    assert refused.returncode == 1
    assert "builtin C.UTF-8" in refused.stderr
    assert platform.processes() == []
    findings = json.loads(platform.command("doctor", "--json").stdout)["findings"]
    assert ("database.locale", "fault") in {(one["name"], one["level"]) for one in findings}
    platform.settings["LINGQU_WAL_ARCHIVE"] = str(platform.home.parent / "archive")
    refused = platform.command("run")  # an archive that would never be kept
    assert (refused.returncode, "LINGQU_WAL_ARCHIVE" in refused.stderr) == (1, True)
