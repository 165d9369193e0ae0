"""Pytest plugin: a throwaway PostgreSQL for the test run when ``DATABASE_URL`` is not set.

Loaded by ``-p lingqu.config.throwaway`` because Django's settings are read before any ``conftest.py``. Workers of a
parallel run inherit the address from the first process and start nothing.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

from lingqu.config.env import env, set_variable
from lingqu.config.postgres import Cluster, url_of
from lingqu.config.processes import read_pid, write_pid

PREFIX = "lingqu-pytest-"
FORGETFUL = {"fsync": "off", "full_page_writes": "off", "max_connections": "60", "shared_buffers": "256MB"}


def start_throwaway() -> str:
    """Start a cluster in a fresh folder of the temporary folder; it ends with this process. Returns its address."""
    _sweep()
    home = Path(tempfile.mkdtemp(prefix=PREFIX)).resolve()
    home.chmod(0o755)
    write_pid(home / "owner.pid", os.getpid())
    cluster = Cluster(home, pg_bin=env().pg_bin, settings=FORGETFUL)
    atexit.register(_discard, cluster)
    cluster.start(seconds=120)
    return url_of(home)


def _discard(cluster: Cluster) -> None:
    cluster.stop()
    shutil.rmtree(cluster.root, ignore_errors=True)
    shutil.rmtree(cluster.home, ignore_errors=True)
    shutil.rmtree(cluster.sockets, ignore_errors=True)


def _sweep() -> None:
    """Remove folders of test runs that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(PREFIX + "*"):
        if (folder / "owner.pid").exists() and read_pid(folder / "owner.pid") is None:
            shutil.rmtree(folder, ignore_errors=True)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(args: list[str]) -> Generator[None, object, object]:
    if not env().database_url and not {"--help", "-h", "--version", "-V"} & set(args):
        set_variable("DATABASE_URL", start_throwaway())
    return (yield)
