"""What happens where the packages cannot be had."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from . import server


def test_without_packages_and_rights_the_suites_fail_and_say_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(server, "PROGRAM", tmp_path / "apache2")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(pytest.fail.Exception, match="apt-get install apache2-bin libapache2-mod-auth-openidc"):
        server.install()
