"""Course packages of cmi5 (section 14): ZIP, ZIP64 or the bare structure. Judged by the index before a byte is unpacked."""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

from django.utils.translation import gettext as _

from .structure import MOST_BYTES, Cmi5Refused, Course, Unit, read_course

STRUCTURE = "cmi5.xml"
MOST_ENTRIES = 5_000
MOST_UNPACKED = 2 << 30
MOST_FILE = 1 << 30
MOST_RATIO = 200
RATIO_FROM = 16 << 20
CHUNK = 1 << 20
_ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A course and the files that lie beside it; ``files`` maps clean names to names in the archive."""

    course: Course
    structure: bytes
    path: Path | None = None
    files: dict[str, str] = field(default_factory=dict)

    @contextmanager
    def open_file(self, name: str) -> Iterator[BinaryIO]:
        """A stream that never gives more than the index promised."""
        if self.path is None:
            raise KeyError(name)
        with zipfile.ZipFile(self.path) as archive, archive.open(self.files[name]) as opened:
            yield opened  # type: ignore[misc]


def read_package(path: Path) -> Package:
    """Raises :class:`Cmi5Refused` with the rule that is broken."""
    with path.open("rb") as opened:
        start = opened.read(4)
        is_zip = start in _ZIP_STARTS
        data = b"" if is_zip else start + opened.read(MOST_BYTES)
    if is_zip:
        return _read_archive(path)
    if not data.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00").startswith((b"<", b"\x00<")):
        raise Cmi5Refused(_("课程要是 ZIP 压缩包，或者一个 XML 文件。"), code="cmi5_kind")
    course = read_course(data)
    for unit in course.units():
        if not unit.is_outside:
            raise Cmi5Refused(
                _("没有压缩包时，网址要写完整：%(url)s") % {"url": unit.url}, code="cmi5_relative_url"
            )  # fmt: skip
    return Package(course=course, structure=data)


def content_name(unit: Unit) -> str:
    """The name of the unit's page in its package."""
    return unquote(urlsplit(unit.url).path)


def _read_archive(path: Path) -> Package:
    try:
        with zipfile.ZipFile(path) as archive:
            files = _check(archive)
            if STRUCTURE not in files:
                raise Cmi5Refused(_("压缩包的根目录里没有 cmi5.xml。"), code="cmi5_no_structure")
            with archive.open(files[STRUCTURE]) as opened:
                data = opened.read(MOST_BYTES + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError) as error:
        raise Cmi5Refused(_("压缩包已损坏，打不开。"), code="cmi5_damaged") from error
    course = read_course(data)
    for unit in course.units():
        name = content_name(unit)
        if not unit.is_outside and (urlsplit(unit.url).netloc or name not in files):
            raise Cmi5Refused(
                _("压缩包里没有这个文件：%(url)s") % {"url": unit.url}, code="cmi5_missing_file"
            )  # fmt: skip
    return Package(course=course, structure=data, path=path, files=files)


def _check(archive: zipfile.ZipFile) -> dict[str, str]:
    """Names of the files; bombs, crowds, links, passwords and ways out of the folder are refused."""
    entries = archive.infolist()
    if len(entries) > MOST_ENTRIES:
        raise Cmi5Refused(_("压缩包里最多 %(most)d 个文件。") % {"most": MOST_ENTRIES}, code="cmi5_crowd")
    total = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries) or 1
    if (
        total > MOST_UNPACKED
        or any(entry.file_size > MOST_FILE for entry in entries)
        or (total > RATIO_FROM and total / packed > MOST_RATIO)
    ):
        raise Cmi5Refused(_("压缩包展开后太大。"), code="cmi5_bomb")
    found: dict[str, str] = {}
    for entry in entries:
        name = entry.filename.replace("\\", "/")
        parts = PurePosixPath(name).parts
        if name.startswith("/") or ".." in parts or "\x00" in name or (parts and ":" in parts[0]):
            raise Cmi5Refused(_("压缩包里的文件名走出了文件夹：%(name)s") % {"name": name[:100]}, code="cmi5_path")
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise Cmi5Refused(_("压缩包里不能有链接：%(name)s") % {"name": name[:100]}, code="cmi5_link")
        if entry.flag_bits & 1:
            raise Cmi5Refused(_("压缩包不能设密码。"), code="cmi5_password")
        if not entry.is_dir() and "__MACOSX" not in parts and parts:
            clean = "/".join(parts)
            if clean in found:
                raise Cmi5Refused(_("压缩包里有两个同名文件：%(name)s") % {"name": clean[:100]}, code="cmi5_twice")
            found[clean] = entry.filename
    return found
