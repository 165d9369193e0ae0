"""Where a home's PostgreSQL listens: a short folder (socket names end at 107 characters) derived from its path."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from urllib.parse import quote

DATABASE = "lingqu"
OWNER = "lingqu"
SUPERUSER = "postgres"


def _owner(home: Path) -> int:
    return home.stat().st_uid if home.exists() else os.geteuid()


def socket_folder(home: Path) -> Path:
    """The same for everybody who asks about this home, whoever they are: it follows the home's owner."""
    digest = hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:12]
    owner = _owner(home)
    return Path("/run/lingqu") / digest if owner == 0 else Path(f"/tmp/lingqu-{owner}") / digest  # noqa: S108 - owner checked


def _url(home: Path, user: str, database: str) -> str:
    return f"postgresql://{user}@/{database}?host={quote(str(socket_folder(home)), safe='')}"


def url_of(home: Path) -> str:
    """Address of the platform's database of this home, as its owner (not a superuser)."""
    return _url(home, OWNER, DATABASE)


def superuser_url(home: Path, database: str = "postgres") -> str:
    return _url(home, SUPERUSER, database)
