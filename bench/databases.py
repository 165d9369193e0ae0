"""Databases of benches: gone afterwards, in the server of ``DATABASE_URL`` or in one of their own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psutil
import psycopg

ROOT = Path(__file__).resolve().parents[1]


@contextmanager
def database() -> Iterator[str]:
    """The address of an empty database that is dropped in the end."""
    given = os.environ.get("DATABASE_URL", "")
    if given:
        name = f"lingqu_bench_{os.getpid()}"
        with psycopg.connect(given, autocommit=True) as admin:
            admin.execute(
                f"CREATE DATABASE {name} TEMPLATE template0 ENCODING UTF8 LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'"
            )
        try:
            yield urlunsplit(urlsplit(given)._replace(path=f"/{name}"))
        finally:
            with psycopg.connect(given, autocommit=True) as admin:
                admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
        return
    from lingqu.config.postgres import Cluster, url_of

    home = Path(tempfile.mkdtemp(prefix="lingqu-bench-")).resolve()
    home.chmod(0o755)
    cluster = Cluster(home)
    try:
        cluster.start(seconds=120)
        yield url_of(home)
    finally:
        cluster.stop()
        for place in (cluster.root, cluster.home, cluster.sockets):
            shutil.rmtree(place, ignore_errors=True)


@contextmanager
def platform() -> Iterator[None]:
    """Django on an empty database with all tables; whoever enters fills it."""
    with database() as url:
        os.environ["DATABASE_URL"] = url
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lingqu.config.settings.test")
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "--verbosity", "0"], cwd=ROOT, env=os.environ, check=True
        )
        import django

        django.setup()
        yield


def server_seconds(url: str) -> float:
    """Processor seconds of the PostgreSQL server so far; 0 when it runs on another machine."""
    with psycopg.connect(url) as link:
        pid = link.execute("SELECT pg_backend_pid()").fetchone()[0]  # type: ignore[index]
        try:
            server = psutil.Process(pid).parent()
            parts = [server, *server.children()] if server else []
            total = sum(p.cpu_times().user + p.cpu_times().system for p in parts)
            held = server.cpu_times() if server else None
            return total + (held.children_user + held.children_system if held else 0.0)
        except psutil.Error:
            return 0.0
