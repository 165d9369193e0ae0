"""Doctor against a real PostgreSQL that is not the platform's own: the packaged programs, run as somebody else would."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from lingqu.config.external import examine_database
from lingqu.config.postgres import Cluster, superuser_url

CARELESS = {
    "max_connections": "24",
    "fsync": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "shared_buffers": "32MB",
    "timezone": "'Asia/Shanghai'",
}
GOOD = "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'"


@pytest.fixture(scope="module")
def server() -> Iterator[Cluster]:
    home = Path(tempfile.mkdtemp(prefix="lingqu-external-")).resolve()
    home.chmod(0o755)
    cluster = Cluster(home, settings=CARELESS)
    cluster.start(seconds=60)
    yield cluster
    cluster.stop()
    for folder in (cluster.root, cluster.sockets, home):
        shutil.rmtree(folder, ignore_errors=True)


def url_as(server: Cluster, role: str, database: str) -> str:
    return f"postgresql://{role}@/{database}?host={quote(str(server.sockets), safe='')}"


def make(server: Cluster, *statements: str) -> None:
    with psycopg.connect(superuser_url(server.home), autocommit=True) as session:
        for statement in statements:
            session.execute(statement)


def levels(url: str) -> dict[str, str]:
    return {finding.name.partition(".")[2]: finding.level for finding in examine_database(url)}


def told(url: str, name: str) -> str:
    return next(finding.message for finding in examine_database(url) if finding.name == f"database.{name}")


def test_a_careless_server_is_told_what_to_change(server: Cluster) -> None:
    make(server, "CREATE ROLE owner LOGIN CREATEDB", "GRANT pg_monitor TO owner",
         f"CREATE DATABASE good OWNER owner TEMPLATE template0 ENCODING 'UTF8' {GOOD}")  # fmt: skip
    url = url_as(server, "owner", "good")
    found = levels(url)
    assert {name for name, level in found.items() if level == "fault"} == {"fsync", "full_page_writes", "connections"}
    assert found["archiving"] == "hint"
    assert {found[name] for name in ("version", "locale", "extensions", "rights", "timezone", "tools")} == {"ok"}
    assert "minimal" in told(url, "archiving")
    assert "Asia/Shanghai" in told(url, "timezone")


def test_a_foreign_locale_is_a_fault_with_the_statement_that_helps(server: Cluster) -> None:
    make(server, "CREATE DATABASE libc TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER libc LC_COLLATE 'C' LC_CTYPE 'C'",
         "CREATE DATABASE ascii TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE_PROVIDER libc LC_COLLATE 'C' LC_CTYPE 'C'")  # fmt: skip
    for name in ("libc", "ascii"):
        url = url_as(server, "postgres", name)
        assert levels(url)["locale"] == "fault"
        assert "BUILTIN_LOCALE 'C.UTF-8'" in told(url, "locale")


def test_a_role_without_rights_learns_which_it_needs(server: Cluster) -> None:
    make(server, "CREATE ROLE poor LOGIN CONNECTION LIMIT 5",
         f"CREATE DATABASE others TEMPLATE template0 ENCODING 'UTF8' {GOOD}")  # fmt: skip
    url = url_as(server, "poor", "others")
    found = levels(url)
    assert (found["rights"], found["extensions"], found["connections"]) == ("fault", "fault", "fault")
    assert (found["restore"], found["monitor"]) == ("hint", "hint")
    assert "CREATE EXTENSION ltree" in told(url, "extensions")
    assert "ALTER DATABASE others OWNER TO poor" in told(url, "rights")
    make(server, "ALTER DATABASE others OWNER TO poor", "ALTER ROLE poor CREATEDB", "GRANT pg_monitor TO poor")
    found = levels(url)
    assert (found["rights"], found["extensions"]) == ("ok", "ok")
    assert not {"restore", "monitor"} & set(found)


@pytest.mark.parametrize(
    ("setting", "value", "name", "level"),
    [
        ("statement_timeout", "'5s'", "statement_timeout", "hint"),
        ("transaction_timeout", "'1min'", "transaction_timeout", "fault"),
        ("idle_session_timeout", "'1min'", "idle_session_timeout", "fault"),
        ("default_transaction_read_only", "on", "read_only", "fault"),
        ("default_transaction_isolation", "'serializable'", "isolation", "fault"),
        ("synchronous_commit", "off", "synchronous_commit", "fault"),
    ],
)
def test_settings_of_the_role_that_reach_into_our_sessions(
    server: Cluster, setting: str, value: str, name: str, level: str
) -> None:
    make(server, "DROP DATABASE IF EXISTS set_up", "DROP ROLE IF EXISTS set_up", "CREATE ROLE set_up LOGIN",
         f"CREATE DATABASE set_up OWNER set_up TEMPLATE template0 ENCODING 'UTF8' {GOOD}",
         f"ALTER ROLE set_up SET {setting} = {value}")  # fmt: skip
    url = url_as(server, "set_up", "set_up")
    assert levels(url)[name] == level
    assert setting in told(url, name)


def test_a_server_that_does_not_answer_is_one_fault(server: Cluster) -> None:
    found = examine_database("postgresql://nobody:secret@127.0.0.1:1/none?connect_timeout=2")
    assert [(one.name, one.level) for one in found] == [("database.connection", "fault")]
    assert "secret" not in found[0].message
    assert levels(url_as(server, "stranger", "postgres")) == {"connection": "fault"}
