"""Files, folders and ZIP archives → the files in them. Archives are checked by their index before a byte is unpacked."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ..types import ReadFile
from .limits import (
    MAX_DEPTH,
    MAX_ENTRIES,
    MAX_FILE_BYTES,
    MAX_FILES,
    MAX_RATIO,
    MAX_UNPACKED_BYTES,
    RATIO_FROM,
    refuse,
)

ZIP = b"PK\x03\x04"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
OTHER_PACKERS = (b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh", b"\xfd7zX")
CHUNK = 1 << 20


def unpack(files: Sequence[ReadFile], workspace: Path) -> list[ReadFile]:
    """Every single file, archives and folders opened. ``workspace``: a folder of our own for what is unpacked."""
    found = list(_walk(files, _Unpacking(workspace)))
    if len(found) > MAX_FILES:
        raise refuse("zip_entries", files[0].name, limit=MAX_FILES)
    return found


@dataclass(slots=True)
class _Unpacking:
    """What has been unpacked so far, over all archives of one delivery."""

    workspace: Path
    count: int = 0
    written: int = 0

    def target(self) -> Path:
        self.count += 1
        return self.workspace / f"{self.count}.part"


def _walk(files: Sequence[ReadFile], unpacking: _Unpacking) -> Iterator[ReadFile]:
    for file in files:
        if file.path.is_dir():
            inner = [
                ReadFile(path.relative_to(file.path).as_posix(), path)
                for path in sorted(file.path.rglob("*"))
                if path.is_file() and not path.is_symlink() and not _is_noise(path.name)
            ]
            yield from _walk(inner, unpacking)
            continue
        kind = kind_of(file.path)
        if kind == "archive":
            yield from _unpacked(file, unpacking, depth=1)
        elif kind == "packed":
            raise refuse("not_a_table", file.name)
        else:
            yield file


def kind_of(path: Path) -> str:
    """``workbook``, ``archive``, ``text``, or ``packed`` (a packer we do not open). By content, not by name."""
    with path.open("rb") as handle:
        start = handle.read(8)
    if start.startswith(OLE):
        return "workbook"
    if start.startswith(OTHER_PACKERS):
        return "packed"
    if start.startswith((ZIP, b"PK\x05\x06")):
        return "workbook" if _is_workbook(path) else "archive"
    return "text"


def _is_workbook(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return "[Content_Types].xml" in archive.namelist()
    except (zipfile.BadZipFile, OSError):
        return False


def check_archive(name: str, path: Path) -> None:
    """Refuse bombs, traversal, secrets and crowds by what the index says. Also for workbooks, which are archives."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError) as error:
        raise refuse("damaged", name) from error
    if len(entries) > MAX_ENTRIES:
        raise refuse("zip_entries", name, limit=MAX_ENTRIES)
    total = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries) or 1
    if total > MAX_UNPACKED_BYTES or (total > RATIO_FROM and total / packed > MAX_RATIO):
        raise refuse("zip_bomb", name)
    for entry in entries:
        inner = PurePosixPath(entry.filename.replace("\\", "/"))
        if inner.is_absolute() or ".." in inner.parts or ":" in inner.parts[0] if inner.parts else False:
            raise refuse("zip_path", name)
        if entry.flag_bits & 1:
            raise refuse("password", name)


def _unpacked(file: ReadFile, unpacking: _Unpacking, *, depth: int) -> Iterator[ReadFile]:
    """The files of an archive and of the archives in it (one file a school, with one file a class inside)."""
    check_archive(file.name, file.path)
    if depth > MAX_DEPTH:
        raise refuse("zip_nested", file.name)
    before = unpacking.count
    with zipfile.ZipFile(file.path) as archive:
        for entry in archive.infolist():
            name = entry_name(entry)
            parts = PurePosixPath(name.replace("\\", "/")).parts
            if entry.is_dir() or not parts or _is_noise(parts[-1]) or "__MACOSX" in parts:
                continue
            if stat.S_ISLNK(entry.external_attr >> 16):
                raise refuse("zip_link", file.name)
            target = unpacking.target()
            if unpacking.count > MAX_ENTRIES:
                raise refuse("zip_entries", file.name, limit=MAX_ENTRIES)
            unpacking.written += _extract(file.name, archive, entry, target, MAX_UNPACKED_BYTES - unpacking.written)
            if target.stat().st_size == 0:
                continue
            kind = kind_of(target)
            if kind == "archive":
                yield from _unpacked(
                    ReadFile(f"{file.name}/{name}" if depth > 1 else name, target), unpacking, depth=depth + 1
                )
            elif kind == "packed":
                raise refuse("zip_packed", file.name, entry=name)
            else:
                yield ReadFile(name if depth == 1 else f"{file.name}/{name}", target)
    if unpacking.count == before:
        raise refuse("zip_empty", file.name)


def _extract(name: str, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, room: int) -> int:
    """Bytes written; never more than the index promised or the limit allows."""
    size = 0
    try:
        with archive.open(entry) as source, target.open("wb") as made:
            while block := source.read(CHUNK):
                size += len(block)
                if size > min(room, MAX_FILE_BYTES):
                    raise refuse("zip_bomb", name)
                made.write(block)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
        raise refuse("damaged", name) from error
    return size


def entry_name(entry: zipfile.ZipInfo) -> str:
    """Chinese Windows writes names in GB18030 without saying so."""
    if entry.flag_bits & 0x800:
        return entry.filename
    raw = entry.filename.encode("cp437", "replace")
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return entry.filename


def _is_noise(name: str) -> bool:
    return name.startswith((".", "~$")) or name.lower() in {"thumbs.db", "desktop.ini", "readme.txt", "readme.md"}
