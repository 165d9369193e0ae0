"""The file store: bytes named by their SHA-256, kept as long as somebody refers to them.

``put`` writes to a temporary file, fsyncs and renames, so a name never stands for half a file; the same bytes are
stored once. Whoever keeps a file says so with ``attach``; a job collects what nobody has referred to for a day.
Readers get a seekable stream, or a local path inside ``local_copy`` (for readers that need one), whether the bytes lie in
the home or in a bucket (``stores``).
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Sum
from django.http import FileResponse, HttpResponse
from django.utils.translation import gettext as _

from .clock import now
from .errors import Unavailable
from .models import FileReference, StoredFile
from .scanning import require_clean
from .stores import Place, Store, Stored, forget_incoming, store_at, write_aside

CHUNK = 256 * 1024
ORPHAN_AGE = timedelta(hours=24)
_UNSAFE = re.compile(r"[\x00-\x1f\x7f/\\:*?\"<>|\u200e\u200f\u202a-\u202e\u2066-\u2069]")

Source = bytes | Path | BinaryIO | Iterable[bytes]


def store() -> Store:
    return store_at(place())


def place() -> Place:
    """Where this home keeps its files: in its own folder, or in the bucket of ``LINGQU_FILES``."""
    url = getattr(settings, "LINGQU_FILES", "")
    key_id, secret = getattr(settings, "LINGQU_FILES_CREDENTIALS", ("", ""))
    return Place(root=Path(settings.LINGQU_HOME) / "files", url=url, key_id=key_id, secret=secret)


def put(source: Source, *, max_bytes: int = 0, is_own: bool = False) -> Stored:
    """Store bytes and return their address. ``max_bytes`` 0 means no limit but the quota. ``is_own``: made by the platform
    itself, so that no scanner looks at them.

    Raises :class:`TooLarge`, :class:`Infected`, or :class:`Unavailable` when quota or disk are used up or the scanner is
    away. Unless attached, the file goes after a day.
    """
    target = store()
    aside, made = write_aside(_incoming(), _parts(source), max_bytes, size_text=text_of_size)
    try:
        _check_room(made.size)
        if not is_own:
            require_clean(aside)
        with transaction.atomic():
            _lock(made.digest)
            target.take_in(aside, made.digest)
            StoredFile.objects.bulk_create(
                [StoredFile(digest=made.digest, size=made.size, stored_at=now())],
                update_conflicts=True, unique_fields=["digest"], update_fields=["stored_at"],
            )  # fmt: skip
    finally:
        aside.unlink(missing_ok=True)
    return made


def attach(digest: str, *, owner_kind: str, owner_id: object, name: str = "") -> int:
    """Keep a file for an owner (``intake.import``, its id) and return the reference's id; repeating changes nothing."""
    reference, _created = FileReference.objects.get_or_create(
        file_id=digest, owner_kind=owner_kind, owner_id=str(owner_id), name=safe_name(name)
    )
    return reference.pk


def detach(*, owner_kind: str, owner_id: object, digest: str = "") -> int:
    """Give up one file of an owner, or all of them; returns how many references went."""
    held = FileReference.objects.filter(owner_kind=owner_kind, owner_id=str(owner_id))
    if digest:
        held = held.filter(file_id=digest)
    return held.delete()[0]


def open_file(digest: str) -> BinaryIO:
    """A readable stream; :class:`NotFound` when the store has no such bytes."""
    return store().open(digest)


def stream(digest: str, chunk: int = CHUNK) -> Iterator[bytes]:
    with open_file(digest) as source:
        while part := source.read(chunk):
            yield part


@contextmanager
def local_copy(digest: str) -> Iterator[Path]:
    """A path to read the bytes from while the block runs; never write to it."""
    with store().local_copy(digest) as path:
        yield path


def has(digest: str) -> bool:
    """Whether the store holds these bytes."""
    return store().has(digest)


def as_download(digest: str, name: str, media_type: str = "application/octet-stream") -> FileResponse:
    """The answer that saves a file under ``name``; never shown inside our origin. The view checks who may have it."""
    response = FileResponse(open_file(digest), content_type=media_type)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(safe_name(name) or digest)}"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def hand_over(content: bytes, name: str, media_type: str) -> HttpResponse:
    """The answer with bytes that lie nowhere else: never kept by a cache, never shown inside our origin."""
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(safe_name(name))}"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return response


def used_bytes() -> int:
    return StoredFile.objects.aggregate(total=Sum("size"))["total"] or 0


def safe_name(name: str) -> str:
    """A display name without path parts, control or direction marks, at most 200 characters, the ending kept."""
    clean = _UNSAFE.sub("_", name.replace("\\", "/").rsplit("/", 1)[-1]).strip(" .")
    if len(clean) > 200:
        stem, dot, ending = clean.rpartition(".")
        clean = f"{stem[: 199 - len(ending)]}.{ending}" if dot and len(ending) <= 10 else clean[:200]
    return clean


def text_of_size(size: int) -> str:
    """``200 MB``."""
    for unit, step in (("GB", 1 << 30), ("MB", 1 << 20), ("KB", 1 << 10)):
        if size >= step:
            return f"{size / step:.3g} {unit}"
    return f"{size} B"


def collect_orphans(older_than: timedelta = ORPHAN_AGE) -> int:
    """Remove bytes that nobody refers to and nobody has put for ``older_than``; returns how many."""
    target, limit, removed = store(), now() - older_than, 0
    unkept = StoredFile.objects.filter(stored_at__lt=limit, references=None).values_list("digest", flat=True)
    for digest in list(unkept[:10_000]):
        with transaction.atomic():
            _lock(digest)
            gone, _kinds = StoredFile.objects.filter(digest=digest, stored_at__lt=limit, references=None).delete()
            if gone:
                target.remove(digest)
                removed += 1
    for digest in target.list_older_than(older_than.total_seconds()):
        with transaction.atomic():
            _lock(digest)
            is_known = StoredFile.objects.filter(digest=digest).exists()
            if not is_known and target.is_older(digest, older_than.total_seconds()):
                target.remove(digest)
                removed += 1
    forget_incoming(_incoming(), older_than.total_seconds())
    return removed


def _parts(source: Source) -> Iterator[bytes]:
    if isinstance(source, bytes):
        yield source
    elif isinstance(source, Path):
        with source.open("rb") as opened:
            while part := opened.read(CHUNK):
                yield part
    elif hasattr(source, "chunks"):  # an uploaded file of Django
        yield from source.chunks(CHUNK)
    elif hasattr(source, "read"):
        while part := source.read(CHUNK):
            yield part
    else:
        yield from source


def reserve_of(total: int) -> int:
    """Bytes that must stay free on a disk of ``total`` bytes: as set, else 3 % of it, but 128 MiB to 1 GiB.

    Below that the platform is not ready and takes no files, while PostgreSQL still has room for its log.
    """
    chosen: int = getattr(settings, "LINGQU_DISK_RESERVE", 0)
    return chosen or max(128 << 20, min(total * 3 // 100, 1 << 30))


def _check_room(size: int) -> None:
    """Refuse while something is left, so that PostgreSQL on the same disk never meets a full one."""
    quota = getattr(settings, "LINGQU_FILES_QUOTA", 0)
    if quota and used_bytes() + size > quota:
        raise Unavailable(_("文件空间已用完，请联系运维人员。"), code="quota_used_up")
    usage = shutil.disk_usage(place().root)
    if usage.free < reserve_of(usage.total):
        raise Unavailable(_("磁盘空间不足，请联系运维人员。"), code="disk_full")


def _lock(digest: str) -> None:
    """Storing and collecting the same bytes wait for each other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 7))", [digest])


def _incoming() -> Path:
    return place().root / "incoming"
