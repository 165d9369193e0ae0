"""The node's secret keys: one JSON file outside the data folder, readable by its owner only."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

KEY_NAMES = ("seal", "blind", "row", "secret")


def load_keys(path: Path) -> dict[str, bytes]:
    """Read the keys, making the file on first use; two processes starting at once agree on one file."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as handle:
            json.dump({name: secrets.token_hex(32) for name in KEY_NAMES}, handle)
            handle.flush()
            os.fsync(handle.fileno())
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    stored = json.loads(path.read_text())
    return {name: bytes.fromhex(stored[name]) for name in KEY_NAMES}
