"""The node's secret keys: one JSON file outside the data folder, readable by its owner only.

``seal`` seals values, ``index`` lies over index values, ``secret`` signs sessions and cookies: these rotate, the next one is
``seal.2``, ``index.2`` (``index.2.sm`` when its cipher is SM4), ``secret.2``. ``blind`` and ``row`` are the fixed insides of
digests and marks. Beside the keys the file notes when each was made and which have been retired.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lingqu.config.env import Env
from lingqu.kernel.keynames import fingerprint, names_of, number_of

FIXED = ("blind", "row")
ROTATING = ("seal", "index", "secret")
NOTES, FILES = "notes", "files"


def load_keys(path: Path, *, crypto: str = "default") -> dict[str, bytes]:
    """Read the keys, making the file on first use; two processes starting at once agree on one file."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = _write_beside(path, _new_file(crypto))
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return _keys_of(json.loads(path.read_text()))


def add_keys(path: Path, *, crypto: str) -> dict[str, str]:
    """Put the next key of each rotating use beside the present ones; returns the new names with their fingerprints."""
    stored = json.loads(path.read_text())
    if not names_of(stored, "index"):
        stored["index"] = ""  # a home older than the index layer
    made: dict[str, str] = {}
    for use in ROTATING:
        number = number_of(names_of(stored, use)[-1]) + 1
        name = _name(use, number, crypto)
        stored[name] = secrets.token_hex(32)
        made[name] = fingerprint(bytes.fromhex(stored[name]))
        stored.setdefault(NOTES, {}).setdefault("made", {})[name] = _now()
    _replace(path, stored)
    return made


def older_keys(keys: Mapping[str, bytes]) -> tuple[str, ...]:
    """Names of the keys that are not the newest of their use."""
    return tuple(name for use in ROTATING for name in names_of(keys, use)[:-1])


def retire_keys(path: Path) -> dict[str, str]:
    """Remove the older keys from the file; returns their names with their fingerprints."""
    stored = json.loads(path.read_text())
    gone = {name: fingerprint(bytes.fromhex(stored[name])) for name in older_keys(_keys_of(stored))}
    for name, mark in gone.items():
        del stored[name]
        stored.setdefault(NOTES, {}).setdefault("retired", []).append({"name": name, "mark": mark, "at": _now()})
    _replace(path, stored)
    return gone


def needed_keys(keys: Mapping[str, bytes]) -> dict[str, str]:
    """Names and fingerprints of the keys without which a copy of the database cannot be read."""
    return {name: fingerprint(key) for name, key in sorted(keys.items()) if name.split(".")[0] != "secret"}


def load_credentials(env: Env) -> tuple[str, str]:
    """Access key and secret of the bucket: from the environment, else from ``files`` of the key file
    (``{"files": {"key_id": "…", "secret": "…"}}``); empty for neither."""
    if env.files_key_id or not env.key_file.exists():
        return env.files_key_id, env.files_secret
    held = json.loads(env.key_file.read_text()).get(FILES, {})
    return str(held.get("key_id", "")), str(held.get("secret", ""))


def describe_keys(path: Path) -> list[dict[str, Any]]:
    """Every key by name, fingerprint and day it was made; never the key itself."""
    stored = json.loads(path.read_text())
    keys, made = _keys_of(stored), stored.get(NOTES, {}).get("made", {})
    older = older_keys(keys)
    return [
        {"name": name, "mark": fingerprint(key), "made_at": made.get(name, ""), "newest": name not in older}
        for name, key in sorted(keys.items())
    ]


def _new_file(crypto: str) -> dict[str, Any]:
    names = [_name(use, 1, crypto) for use in ROTATING] + list(FIXED)
    made = {name: secrets.token_hex(32) for name in names}
    return {**made, NOTES: {"made": dict.fromkeys(names, _now())}}


def _name(use: str, number: int, crypto: str) -> str:
    if use == "index" and crypto == "sm":
        return f"{use}.{number}.sm"
    return use if number == 1 else f"{use}.{number}"


def _keys_of(stored: Mapping[str, Any]) -> dict[str, bytes]:
    keys = {name: bytes.fromhex(key) for name, key in stored.items() if name not in (NOTES, FILES)}
    missing = [use for use in (*FIXED, "seal", "secret") if not names_of(keys, use)]
    if missing:
        raise ValueError(f"keys are missing in the key file: {', '.join(missing)}")
    return keys


def _write_beside(path: Path, stored: Mapping[str, Any]) -> Path:
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as handle:
        json.dump(stored, handle, indent=1)
        handle.flush()
        os.fsync(handle.fileno())
    return fresh


def _replace(path: Path, stored: Mapping[str, Any]) -> None:
    """The whole new file or the whole old one, whatever happens."""
    os.replace(_write_beside(path, stored), path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
