"""The file store: bytes named by their SHA-256, kept as long as somebody refers to them.

``put`` writes to a temporary file, fsyncs and renames, so a name never stands for half a file; the same bytes are
stored once. Whoever keeps a file says so with ``attach``; a job collects what nobody has referred to for a day.
Readers get a stream, or a local path inside ``local_copy`` (for readers that need one): both would do for an object
store too.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Sum
from django.http import FileResponse, HttpResponse
from django.utils.translation import gettext as _

from .clock import now
from .errors import NotFound, TooLarge, Unavailable
from .models import FileReference, StoredFile

CHUNK = 256 * 1024
ORPHAN_AGE = timedelta(hours=24)
DIGEST = re.compile(r"[0-9a-f]{64}")
_UNSAFE = re.compile(r"[\x00-\x1f\x7f/\\:*?\"<>|\u200e\u200f\u202a-\u202e\u2066-\u2069]")

Source = bytes | Path | BinaryIO | Iterable[bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What ``put`` made: the content address and the size in bytes."""

    digest: str
    size: int


class LocalStore:
    """Objects as ``<root>/ab/cd/<digest>``. A digest is 64 hex characters or is refused, so no name leaves the root."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.incoming = root / "incoming"

    def path(self, digest: str) -> Path:
        if not DIGEST.fullmatch(digest):
            raise NotFound(_("没有这个文件。"))
        return self.root / digest[:2] / digest[2:4] / digest

    def write_aside(self, parts: Iterable[bytes], max_bytes: int) -> tuple[Path, Stored]:
        """A complete, synced file that has no name yet."""
        self.incoming.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=self.incoming)
        digest, size = sha256(), 0
        try:
            with os.fdopen(descriptor, "wb") as target:
                for part in parts:
                    size += len(part)
                    if max_bytes and size > max_bytes:
                        raise TooLarge(
                            _("文件超过%(size)s，请拆分后再上传。") % {"size": text_of_size(max_bytes)},
                            details={"max_bytes": max_bytes},
                        )
                    digest.update(part)
                    target.write(part)
                target.flush()
                os.fsync(target.fileno())
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        return Path(name), Stored(digest=digest.hexdigest(), size=size)

    def take_in(self, aside: Path, digest: str) -> None:
        """Give the file its name; if the bytes are here already, only note that they were wanted again."""
        target = self.path(digest)
        if target.exists():
            os.utime(target)
            aside.unlink()
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(aside, target)
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def remove(self, digest: str) -> None:
        self.path(digest).unlink(missing_ok=True)

    def list_older_than(self, seconds: float) -> Iterator[str]:
        """Digests of objects last wanted before that; forgotten temporary files of that age are removed on the way."""
        limit = time.time() - seconds
        for path in self.root.glob("*/*/*"):
            if DIGEST.fullmatch(path.name) and path.stat().st_mtime < limit:
                yield path.name
        for path in self.incoming.glob("*"):
            if path.stat().st_mtime < limit:
                path.unlink(missing_ok=True)


def store() -> LocalStore:
    return LocalStore(Path(settings.LINGQU_HOME) / "files")


def put(source: Source, *, max_bytes: int = 0) -> Stored:
    """Store bytes and return their address. ``max_bytes`` 0 means no limit but the quota.

    Raises :class:`TooLarge`, or :class:`Unavailable` when quota or disk are used up. Unless attached, the file goes
    after a day.
    """
    target = store()
    aside, made = target.write_aside(_parts(source), max_bytes)
    try:
        _check_room(made.size)
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
    try:
        return store().path(digest).open("rb")
    except FileNotFoundError as error:
        raise NotFound(_("没有这个文件。")) from error


def stream(digest: str, chunk: int = CHUNK) -> Iterator[bytes]:
    with open_file(digest) as source:
        while part := source.read(chunk):
            yield part


@contextmanager
def local_copy(digest: str) -> Iterator[Path]:
    """A path to read the bytes from while the block runs; never write to it."""
    path = store().path(digest)
    if not path.is_file():
        raise NotFound(_("没有这个文件。"))
    yield path


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
            if not StoredFile.objects.filter(digest=digest).exists() and _is_older(target.path(digest), older_than):
                target.remove(digest)
                removed += 1
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
    usage = shutil.disk_usage(store().root)
    if usage.free < reserve_of(usage.total):
        raise Unavailable(_("磁盘空间不足，请联系运维人员。"), code="disk_full")


def _lock(digest: str) -> None:
    """Storing and collecting the same bytes wait for each other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 7))", [digest])


def _is_older(path: Path, age: timedelta) -> bool:
    try:
        return path.stat().st_mtime < time.time() - age.total_seconds()
    except FileNotFoundError:
        return False
