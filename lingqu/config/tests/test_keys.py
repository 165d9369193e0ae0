from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from lingqu.config import keys
from lingqu.kernel.keynames import fingerprint


def test_a_new_file_has_every_key_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "home.keys"
    made = keys.load_keys(path)
    assert set(made) == {"seal", "index", "secret", "blind", "row"}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert keys.load_keys(path) == made
    assert set(keys.load_keys(tmp_path / "sm.keys", crypto="sm")) == {"seal", "index.1.sm", "secret", "blind", "row"}


def test_rotation_keeps_the_old_keys_and_retiring_takes_only_them(tmp_path: Path) -> None:
    path = tmp_path / "home.keys"
    old = keys.load_keys(path)
    made = keys.add_keys(path, crypto="sm")
    both = keys.load_keys(path)
    assert set(made) == {"seal.2", "index.2.sm", "secret.2"}
    assert {name: both[name] for name in old} == old
    assert keys.older_keys(both) == ("seal", "index", "secret")
    told = keys.describe_keys(path)
    assert {one["name"]: one["newest"] for one in told}["seal.2"] is True
    assert not any(key.hex() in json.dumps(told) for key in both.values())
    gone = keys.retire_keys(path)
    assert gone == {name: fingerprint(old[name]) for name in ("seal", "index", "secret")}
    assert set(keys.load_keys(path)) == {"seal.2", "index.2.sm", "secret.2", "blind", "row"}
    assert set(keys.add_keys(path, crypto="default")) == {"seal.3", "index.3", "secret.3"}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_home_older_than_the_index_layer_begins_without_one(tmp_path: Path) -> None:
    path = tmp_path / "home.keys"
    path.write_text(json.dumps(dict.fromkeys(("seal", "blind", "row", "secret"), "11" * 32)))
    keys.add_keys(path, crypto="default")
    assert keys.load_keys(path)["index"] == b""
    assert len(keys.load_keys(path)["index.2"]) == 32


def test_a_copy_needs_every_key_but_the_signing_ones(tmp_path: Path) -> None:
    keys.load_keys(tmp_path / "home.keys")
    keys.add_keys(tmp_path / "home.keys", crypto="default")
    assert set(keys.needed_keys(keys.load_keys(tmp_path / "home.keys"))) == {
        "seal", "seal.2", "index", "index.2", "blind", "row",
    }  # fmt: skip


def test_a_damaged_key_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "home.keys").write_text(json.dumps({"seal": "11" * 32, "row": "11" * 32}))
    with pytest.raises(ValueError, match="blind, secret"):
        keys.load_keys(tmp_path / "home.keys")
