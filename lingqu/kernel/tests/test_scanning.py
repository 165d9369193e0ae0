"""Every file is looked at before it is kept; what is found, and a scanner that is away, is told."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest

from lingqu.kernel import files, scanning
from lingqu.kernel.errors import Unavailable
from lingqu.kernel.models import StoredFile
from lingqu.kernel.tests.clamd_server import EICAR, Scanner, closed_port, running_scanner

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _home(settings: Any, tmp_path: Path) -> None:
    settings.LINGQU_HOME = tmp_path
    settings.LINGQU_SCANNER_FAILS = "closed"


def left_over(home: Path) -> list[Path]:
    return [one for one in (home / "files").rglob("*") if one.is_file()]


@pytest.mark.parametrize("way", ["tcp", "unix"])
def test_clean_files_are_kept_and_infected_ones_are_not(way: str, settings: Any, tmp_path: Path) -> None:
    with (
        tempfile.TemporaryDirectory() as short,
        running_scanner(Path(short) / "s" if way == "unix" else None) as address,
    ):
        settings.LINGQU_SCANNER = address
        kept = files.put(b"%PDF-1.7" + b"x" * 300_000)
        assert files.has(kept.digest)
        before = left_over(tmp_path)
        with pytest.raises(scanning.Infected, match="Eicar-Signature"):
            files.put(b"PK" + EICAR)
        assert left_over(tmp_path) == before and StoredFile.objects.count() == 1
        assert files.put(EICAR, is_own=True).size == len(EICAR)


def test_without_an_answer_it_is_as_the_operator_chose(settings: Any, tmp_path: Path) -> None:
    settings.LINGQU_SCANNER = closed_port()
    with pytest.raises(Unavailable) as refused:
        files.put(b"anything")
    assert refused.value.code == "not_scanned"
    assert left_over(tmp_path) == []
    settings.LINGQU_SCANNER_FAILS = "open"
    assert files.has(files.put(b"anything").digest)


@pytest.mark.parametrize("answer", [b"stream: Can't allocate memory ERROR\0", b"\0", b"HTTP/1.1 400\0"])
def test_an_answer_that_says_neither_is_no_answer(answer: bytes, settings: Any) -> None:
    with running_scanner(answer=answer) as settings.LINGQU_SCANNER, pytest.raises(Unavailable):
        files.put(b"anything")


def test_a_file_that_the_scanner_finds_too_big_is_not_clean(settings: Any) -> None:
    with running_scanner() as settings.LINGQU_SCANNER, pytest.raises(Unavailable):
        files.put(b"x" * (Scanner.limit * 3))
