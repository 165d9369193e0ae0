"""The process environment, read once and typed. Nothing else in the project touches ``os.environ``."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Env:
    """What an operator may set from outside; `.env.example` lists every variable."""

    home: Path
    """Data folder of this installation (``LINGQU_HOME``, default ``./var``)."""
    port: int
    """Public port of the front door (``LINGQU_PORT``)."""
    database_url: str
    """External PostgreSQL; empty means the embedded one (``DATABASE_URL``)."""
    pg_bin: Path | None
    """Folder of PostgreSQL programs to use instead of the packaged ones (``LINGQU_PG_BIN``)."""
    content_origin: str
    """Origin that serves uploaded packages without cookies (``CONTENT_ORIGIN``)."""
    key_file: Path
    """File with the node's secret keys, outside the data folder (``LINGQU_KEY_FILE``)."""
    public_url: str
    """How browsers reach the platform (``LINGQU_PUBLIC_URL``)."""
    debug: bool
    """Developer mode: template reloading (``LINGQU_DEBUG=1``)."""
    test_db: str
    """Name suffix of the test database, so that several checkouts test beside each other (``LINGQU_TEST_DB``)."""
    node_code: str
    """Three-digit code of this node, first part of every person number (``LINGQU_NODE``)."""


@cache
def env() -> Env:
    """The environment of this process."""
    get = os.environ.get
    home = Path(get("LINGQU_HOME") or "var").resolve()
    port = int(get("LINGQU_PORT") or 8000)
    return Env(
        home=home,
        port=port,
        database_url=get("DATABASE_URL", ""),
        pg_bin=Path(p) if (p := get("LINGQU_PG_BIN")) else None,
        content_origin=get("CONTENT_ORIGIN") or f"http://127.0.0.1:{port}",
        key_file=Path(get("LINGQU_KEY_FILE") or home.with_name(home.name + ".keys")).resolve(),
        public_url=(get("LINGQU_PUBLIC_URL") or f"http://localhost:{port}").rstrip("/"),
        debug=get("LINGQU_DEBUG") == "1",
        test_db=get("LINGQU_TEST_DB", "main"),
        node_code=get("LINGQU_NODE") or "001",
    )
