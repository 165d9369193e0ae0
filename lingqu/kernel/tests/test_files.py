from __future__ import annotations

import io
import os
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from django.db import transaction

from lingqu.kernel import files
from lingqu.kernel.errors import NotFound, TooLarge, Unavailable
from lingqu.kernel.models import StoredFile
from lingqu.kernel.stores import Place, store_at
from lingqu.kernel.tests.bucket_server import KEY_ID, SECRET, Server, running_server


@pytest.fixture(scope="module")
def bucket_server() -> Iterator[Server]:
    with running_server() as server:
        yield server


@pytest.fixture(autouse=True, params=["folder", "bucket"])
def home(request, settings, tmp_path: Path, db) -> Path:
    """Everything holds for both stores; each test has a fresh folder or a prefix of its own."""
    settings.LINGQU_HOME = tmp_path
    if request.param == "bucket":
        settings.LINGQU_FILES = request.getfixturevalue("bucket_server").url(f"files/{tmp_path.name}-{os.getpid()}")
        settings.LINGQU_FILES_CREDENTIALS = (KEY_ID, SECRET)
    return tmp_path


def held() -> list[str]:
    """What the store really holds, and what was left on its way."""
    incoming = files.place().root / "incoming"
    left = [path.name for path in incoming.iterdir()] if incoming.exists() else []
    return sorted(digest for digest, _size in files.store().list_all()) + left


def test_same_bytes_are_stored_once_under_their_digest(home: Path):
    stored = [files.put(b"abc"), files.put(io.BytesIO(b"abc")), files.put(iter([b"a", b"bc"]))]
    assert {made.digest for made in stored} == {sha256(b"abc").hexdigest()}
    assert [made.size for made in stored] == [3, 3, 3]
    assert StoredFile.objects.count() == 1
    assert b"".join(files.stream(stored[0].digest)) == b"abc"
    assert held() == [stored[0].digest]


def test_a_path_is_stored_and_read_back_as_a_path(home: Path):
    source = home / "in.csv"
    source.write_bytes(b"x" * 600_000)
    made = files.put(source)
    with files.local_copy(made.digest) as path:
        assert path.read_bytes() == b"x" * 600_000
    assert held() == [made.digest]


def test_a_large_file_is_read_in_parts_and_from_anywhere():
    made = files.put(bytes(range(256)) * 80_000)  # 20 MB: more than one part on its way up
    with files.open_file(made.digest) as source:
        source.seek(-3, os.SEEK_END)
        assert source.read() == b"\xfd\xfe\xff"
        source.seek(256 * 70_000 + 7)
        assert source.read(2) == b"\x07\x08"
        assert source.tell() == 256 * 70_000 + 9
    assert sha256(b"".join(files.stream(made.digest))).hexdigest() == made.digest
    response = files.as_download(made.digest, "a.bin")
    assert int(response["Content-Length"]) == made.size
    assert files.has(made.digest)
    assert not files.has("0" * 64)


@pytest.mark.parametrize(
    "digest", ["", "..", "../../etc/passwd", "a" * 63, "A" * 64, "a" * 64 + "/..", "a" * 64 + "\n", "/" + "a" * 63]
)
def test_only_a_digest_names_a_file(digest: str):
    with pytest.raises(NotFound):
        files.open_file(digest)


def test_unknown_digest_is_not_found():
    with pytest.raises(NotFound):
        files.open_file("0" * 64)


def test_too_large_leaves_nothing_behind(home: Path):
    with pytest.raises(TooLarge) as refusal:
        files.put(iter([b"x" * 10] * 5), max_bytes=49)
    assert refusal.value.details == {"max_bytes": 49}
    assert StoredFile.objects.count() == 0
    assert held() == []


def test_quota_refuses_and_leaves_nothing_behind(settings, home: Path):
    settings.LINGQU_FILES_QUOTA = 10
    files.put(b"123456")
    with pytest.raises(Unavailable) as refusal:
        files.put(b"abcdef")
    assert refusal.value.code == "quota_used_up"
    assert files.used_bytes() == 6
    assert len(held()) == 1


def test_full_disk_refuses_before_the_database_suffers(settings):
    settings.LINGQU_DISK_RESERVE = 1 << 60
    with pytest.raises(Unavailable) as refusal:
        files.put(b"abc")
    assert refusal.value.code == "disk_full"


def test_orphans_go_after_their_day_and_kept_files_stay(home: Path):
    kept, orphan, fresh = files.put(b"kept"), files.put(b"orphan"), files.put(b"fresh")
    files.attach(kept.digest, owner_kind="test", owner_id=1, name="a.csv")
    StoredFile.objects.exclude(digest=fresh.digest).update(stored_at="2020-01-01T00:00Z")
    assert files.collect_orphans() == 1
    assert b"".join(files.stream(kept.digest)) == b"kept"
    assert b"".join(files.stream(fresh.digest)) == b"fresh"
    with pytest.raises(NotFound):
        files.open_file(orphan.digest)


def test_a_rolled_back_put_is_collected_from_the_store():
    with pytest.raises(RuntimeError), transaction.atomic():
        made = files.put(b"lost")
        raise RuntimeError
    assert files.has(made.digest)
    assert files.collect_orphans() == 0
    assert files.collect_orphans(timedelta(seconds=-60)) == 1
    assert not files.has(made.digest)


def test_a_put_that_nobody_finished_is_cleared_away():
    files.put(b"abc")
    left = files.place().root / "incoming" / "half"
    left.write_bytes(b"x")
    os.utime(left, (1, 1))
    files.collect_orphans()
    assert not left.exists()


def test_the_store_proves_that_it_works():
    files.store().probe()
    assert held() == []


def test_a_bucket_that_refuses_is_unavailable_and_says_nothing_of_it(settings, home: Path):
    if settings.LINGQU_FILES:
        settings.LINGQU_FILES_CREDENTIALS = (KEY_ID, "wrong")
    else:
        settings.LINGQU_HOME = home / "a-file"
        (home / "a-file").write_bytes(b"")
    with pytest.raises(Unavailable) as refusal:
        files.store().probe()
    assert "wrong" not in str(refusal.value)
    assert "wrong" not in repr(files.place())


@pytest.mark.parametrize("url", ["http://x/y", "s3://", "s3://b?endpont=http://x", "lingqu"])
def test_a_wrong_address_is_refused(url: str, home: Path):
    with pytest.raises(ValueError, match="LINGQU_FILES"):
        store_at(Place(root=home, url=url))


def test_detaching_gives_up_one_or_all(home: Path):
    one, two = files.put(b"1"), files.put(b"2")
    for made in (one, two, two):
        files.attach(made.digest, owner_kind="test", owner_id=7)
    assert files.detach(owner_kind="test", owner_id=7, digest=one.digest) == 1
    assert files.detach(owner_kind="test", owner_id=7) == 1
    assert files.collect_orphans(timedelta(seconds=-5)) == 2


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\学校\\名册.xlsx", "名册.xlsx"),
        ("a\x00b\nc.csv", "a_b_c.csv"),
        ("abc\u202egpj.exe", "abc_gpj.exe"),
        ("..", ""),
        ("名" * 300 + ".xlsx", "名" * 195 + ".xlsx"),
    ],
)
def test_display_names_are_harmless(given: str, shown: str):
    assert files.safe_name(given) == shown
    assert len(files.safe_name(given)) <= 200


def test_download_is_saved_never_shown():
    made = files.put(b"<script>")
    response = files.as_download(made.digest, "报告.html", "text/html")
    assert response["Content-Disposition"] == "attachment; filename*=UTF-8''%E6%8A%A5%E5%91%8A.html"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert b"".join(response.streaming_content) == b"<script>"
