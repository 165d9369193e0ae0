"""Settings for tests: real PostgreSQL, fixed keys, a temporary home."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from pathlib import Path

from .base import *  # noqa: F403

SECRET_KEY = "test-only-secret-key"  # noqa: S105
ALLOWED_HOSTS = ["*"]
LINGQU_HOME = Path(tempfile.mkdtemp(prefix="lingqu-test-"))
atexit.register(shutil.rmtree, LINGQU_HOME, ignore_errors=True)
LINGQU_KEYS = {
    "seal": b"\x01" * 32, "blind": b"\x02" * 32, "row": b"\x03" * 32, "secret": b"\x04" * 32, "index": b"\x05" * 32,
}  # fmt: skip
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LINGQU_FILES = ""
LINGQU_SCANNER = ""
LINGQU_SEALS = ""
LINGQU_DELIVERY = {}
LINGQU_OUTGOING_ALLOW = ()
LINGQU_BATCH_SECONDS = 0
LINGQU_LIVE = False
