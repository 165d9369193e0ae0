"""Where stored bytes lie: a folder, or a bucket of an S3 server. Both keep objects named by their SHA-256.

Bytes are first written to a complete local file and hashed (*aside*), whatever the store: a content address is known only
at the end, and so a bucket never sees half a file. Only the standard configuration is needed here, no Django settings, so
that copies and ``lingqu doctor`` use the same stores.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO, Protocol, cast
from urllib.parse import parse_qsl, urlsplit

import obstore
from django.utils.translation import gettext as _
from obstore.exceptions import BaseError as BucketError

from .errors import NotFound, TooLarge, Unavailable

DIGEST = re.compile(r"[0-9a-f]{64}")
READ_AHEAD = 1 << 20
PART_BYTES = 16 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """The content address and the size in bytes."""

    digest: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where files go. ``url`` empty: the folder ``root``; else ``s3://bucket/prefix?endpoint=…&region=…&virtual_host=1``.

    ``root`` also takes what is on its way. ``secret`` is never shown.
    """

    root: Path
    url: str = ""
    key_id: str = ""
    secret: str = ""

    def __repr__(self) -> str:
        return f"Place({self.url or self.root})"


class Store(Protocol):
    """What ``files`` needs. A digest is 64 hex characters or is refused, so no name leaves the place."""

    def take_in(self, aside: Path, digest: str) -> None: ...
    def open(self, digest: str) -> BinaryIO: ...
    def has(self, digest: str) -> bool: ...
    def remove(self, digest: str) -> None: ...
    def list_all(self) -> Iterator[tuple[str, int]]: ...
    def list_older_than(self, seconds: float) -> Iterator[str]: ...
    def is_older(self, digest: str, seconds: float) -> bool: ...
    def local_copy(self, digest: str) -> Any: ...
    def probe(self) -> None: ...


def _check(digest: str) -> str:
    if not DIGEST.fullmatch(digest):
        raise NotFound(_("没有这个文件。"))
    return digest


def write_aside(incoming: Path, parts: Iterable[bytes], max_bytes: int, *, size_text: Any = str) -> tuple[Path, Stored]:
    """A complete, synced file that has no name yet."""
    incoming.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=incoming)
    digest, size = sha256(), 0
    try:
        with os.fdopen(descriptor, "wb") as target:
            for part in parts:
                size += len(part)
                if max_bytes and size > max_bytes:
                    raise TooLarge(
                        _("文件超过%(size)s，请拆分后再上传。") % {"size": size_text(max_bytes)},
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


def forget_incoming(incoming: Path, seconds: float) -> None:
    """Remove temporary files that nobody finished for so long."""
    limit = time.time() - seconds
    for path in incoming.glob("*"):
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < limit:
                path.unlink()


class LocalStore:
    """Objects as ``<root>/ab/cd/<digest>``."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, digest: str) -> Path:
        return self.root / _check(digest)[:2] / digest[2:4] / digest

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

    def open(self, digest: str) -> BinaryIO:
        try:
            return self.path(digest).open("rb")
        except FileNotFoundError as error:
            raise NotFound(_("没有这个文件。")) from error

    def has(self, digest: str) -> bool:
        return self.path(digest).is_file()

    def remove(self, digest: str) -> None:
        self.path(digest).unlink(missing_ok=True)

    def list_all(self) -> Iterator[tuple[str, int]]:
        for path in self.root.glob("*/*/*"):
            if DIGEST.fullmatch(path.name):
                with suppress(FileNotFoundError):
                    yield path.name, path.stat().st_size

    def list_older_than(self, seconds: float) -> Iterator[str]:
        """Digests of objects last wanted before that."""
        for digest, _size in self.list_all():
            if self.is_older(digest, seconds):
                yield digest

    def is_older(self, digest: str, seconds: float) -> bool:
        try:
            return self.path(digest).stat().st_mtime < time.time() - seconds
        except FileNotFoundError:
            return False

    @contextmanager
    def local_copy(self, digest: str) -> Iterator[Path]:
        if not self.has(digest):
            raise NotFound(_("没有这个文件。"))
        yield self.path(digest)

    def probe(self) -> None:
        """Write and remove a byte; :class:`Unavailable` when that fails."""
        probe = self.root / "incoming" / f"probe-{time.monotonic_ns()}"
        try:
            probe.parent.mkdir(parents=True, exist_ok=True)
            probe.write_bytes(b"1")
            probe.unlink()
        except OSError as error:
            raise Unavailable(type(error).__name__, code="storage") from error


class BucketStore:
    """Objects as ``<prefix>/ab/<digest>`` in a bucket that exists."""

    def __init__(self, place: Place) -> None:
        parts = urlsplit(place.url)
        options = dict(parse_qsl(parts.query))
        endpoint = options.get("endpoint", "")
        if parts.scheme != "s3" or not parts.hostname or set(options) - {"endpoint", "region", "virtual_host"}:
            raise ValueError("LINGQU_FILES: s3://bucket/prefix?endpoint=https://…&region=…")
        self.incoming = place.root / "incoming"
        self.bucket = obstore.store.S3Store(
            parts.hostname, prefix=parts.path.strip("/") or None, region=options.get("region", "us-east-1"),
            access_key_id=place.key_id or None, secret_access_key=place.secret or None,
            skip_signature=not place.key_id, virtual_hosted_style_request=options.get("virtual_host") == "1",
            client_options={"allow_http": endpoint.startswith("http://"), "timeout": timedelta(minutes=10),
                            "connect_timeout": timedelta(seconds=5)},
            retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=30)},
            **cast(dict[str, Any], {"endpoint": endpoint} if endpoint else {}),
        )  # fmt: skip

    @staticmethod
    def _name(digest: str) -> str:
        return f"{_check(digest)[:2]}/{digest}"

    def take_in(self, aside: Path, digest: str) -> None:
        """Large files go in parts; an object appears whole or not at all."""
        with _bucket_errors():
            if not self.has(digest):
                obstore.put(self.bucket, self._name(digest), aside, use_multipart=None, chunk_size=PART_BYTES)
        aside.unlink(missing_ok=True)

    def open(self, digest: str) -> BinaryIO:
        with _bucket_errors():
            size = int(obstore.head(self.bucket, self._name(digest))["size"])
        return cast(BinaryIO, io.BufferedReader(_BucketFile(self.bucket, self._name(digest), size), READ_AHEAD))

    def has(self, digest: str) -> bool:
        try:
            with _bucket_errors():
                obstore.head(self.bucket, self._name(digest))
        except NotFound:
            return False
        return True

    def remove(self, digest: str) -> None:
        with suppress(NotFound), _bucket_errors():
            obstore.delete(self.bucket, self._name(digest))

    def _objects(self) -> Iterator[Any]:
        with _bucket_errors():
            for page in obstore.list(self.bucket):
                yield from (one for one in page if DIGEST.fullmatch(one["path"].rpartition("/")[2]))

    def list_all(self) -> Iterator[tuple[str, int]]:
        for one in self._objects():
            yield one["path"].rpartition("/")[2], int(one["size"])

    def list_older_than(self, seconds: float) -> Iterator[str]:
        """By the server's clock at writing: asking again for bytes that are there does not make them younger."""
        limit = time.time() - seconds
        for one in self._objects():
            if one["last_modified"].timestamp() < limit:
                yield one["path"].rpartition("/")[2]

    def is_older(self, digest: str, seconds: float) -> bool:
        try:
            with _bucket_errors():
                found = obstore.head(self.bucket, self._name(digest))
        except NotFound:
            return False
        return bool(found["last_modified"].timestamp() < time.time() - seconds)

    @contextmanager
    def local_copy(self, digest: str) -> Iterator[Path]:
        """A temporary file, gone afterwards."""
        self.incoming.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=self.incoming)
        try:
            with os.fdopen(descriptor, "wb") as target, self.open(digest) as source:
                shutil.copyfileobj(source, target, READ_AHEAD)
            yield Path(name)
        finally:
            Path(name).unlink(missing_ok=True)

    def probe(self) -> None:
        """Write, read and remove an object; :class:`Unavailable` when that fails."""
        name = f"probe-{os.getpid()}-{time.monotonic_ns()}"
        with _bucket_errors():
            obstore.put(self.bucket, name, b"1")
            if bytes(obstore.get(self.bucket, name).bytes()) != b"1":
                raise Unavailable(_("存储桶读回的内容与写入的不同。"), code="storage")
            obstore.delete(self.bucket, name)


class _BucketFile(io.RawIOBase):
    """An object as a readable, seekable file: each read asks for a range, so a lost connection costs one read."""

    def __init__(self, bucket: Any, name: str, size: int) -> None:
        self._bucket, self._name, self._size, self._at = bucket, name, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise OSError("negative seek position")
        self._at = base + offset
        return self._at

    def readinto(self, target: Any) -> int:
        view = memoryview(target).cast("B")
        data = self._next(len(view))
        view[: len(data)] = data
        return len(data)

    def readall(self) -> bytes:
        parts = []
        while data := self._next(PART_BYTES):
            parts.append(bytes(data))
        return b"".join(parts)

    def _next(self, most: int) -> memoryview:
        wanted = min(most, self._size - self._at)
        if wanted <= 0:
            return memoryview(b"")
        with _bucket_errors():
            data = memoryview(obstore.get_range(self._bucket, self._name, start=self._at, length=wanted))
        self._at += len(data)
        return data


@contextmanager
def _bucket_errors() -> Iterator[None]:
    """The server's answers in our words; details of the server go to the log of whoever asks, never to a page."""
    try:
        yield
    except FileNotFoundError as error:
        raise NotFound(_("没有这个文件。")) from error
    except (BucketError, OSError) as error:
        raise Unavailable(_("文件存储没有应答，请稍后再试，或联系运维人员。"), code="storage") from error


@lru_cache(maxsize=8)
def store_at(place: Place) -> Store:
    """One client for each place and process. Raises ``ValueError`` for an address that cannot be."""
    return BucketStore(place) if place.url else LocalStore(place.root)
