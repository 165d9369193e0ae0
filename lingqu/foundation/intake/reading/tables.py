"""Bytes to tables: CSV in three encodings, old and new Excel, ZIP archives; every limit refuses in a clear sentence.

A table is a polars frame of text columns plus ``row_number`` (1-based line or row of the file). Cells are cleaned of what
spreadsheets leave behind: outer blanks and tabs, leading apostrophes, ``\\N``, ``—``, ``无``, full-width digits.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import fastexcel
import polars as pl
from django.utils.translation import gettext as _

from lingqu.kernel.errors import DomainError

MAX_FILE_BYTES = 2 * 1024**3
MAX_LINE_BYTES = 1024 * 1024
MAX_UNPACKED_BYTES = 2 * 1024**3
MAX_ENTRIES = 5000
MAX_RATIO = 200
MAX_COLUMNS = 300
HEADER_SEARCH = 12
BLANKS = ("", "\\N", "—", "－", "无", "/", "NULL", "null")
_WIDE = str.maketrans("０１２３４５６７８９（）ＸｘＧ", "0123456789()XxG")


class Unusable(DomainError):
    """The file cannot be used at all; nothing was imported."""

    status = 422
    code = "unusable_file"
    exit_code = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One sheet. ``header_row`` is the 1-based row of the headings."""

    file: str
    sheet: str
    frame: pl.DataFrame
    header_row: int
    note: str = ""


def read_tables(name: str, path: Path) -> list[Table]:
    """Every visible table of a file or archive. Raises :class:`Unusable`."""
    size = path.stat().st_size
    if size > MAX_FILE_BYTES:
        raise Unusable(_("%(file)s 超过 2 GB，请拆分后再上传。") % {"file": name})
    if size == 0:
        raise Unusable(_("%(file)s 是空文件。") % {"file": name})
    with path.open("rb") as handle:
        head = handle.read(8)
    if head[:4] == b"PK\x03\x04":
        if _is_workbook(path, name):
            return _excel(name, path.read_bytes())
        return _archive(name, path)
    if head == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return _excel(name, path.read_bytes())
    return [_csv(name, path.read_bytes())]


def _is_workbook(path: Path, name: str) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            _check_archive(archive, name)
            return "[Content_Types].xml" in archive.namelist()
    except zipfile.BadZipFile as error:
        raise Unusable(_("%(file)s 已损坏，打不开。") % {"file": name}) from error


def _check_archive(archive: zipfile.ZipFile, name: str) -> None:
    entries = archive.infolist()
    total = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries) or 1
    if len(entries) > MAX_ENTRIES:
        raise Unusable(_("%(file)s 里的文件超过 %(n)d 个。") % {"file": name, "n": MAX_ENTRIES})
    if total > MAX_UNPACKED_BYTES or (total > 50 * 1024**2 and total / packed > MAX_RATIO):
        raise Unusable(_("%(file)s 解压后过大，疑似压缩炸弹，已拒绝。") % {"file": name})
    for entry in entries:
        inner = PurePosixPath(entry.filename.replace("\\", "/"))
        if inner.is_absolute() or ".." in inner.parts:
            raise Unusable(_("%(file)s 里有越出目录的文件名，已拒绝。") % {"file": name})
        if entry.flag_bits & 1:
            raise Unusable(_("%(file)s 有密码，请去掉密码后再上传。") % {"file": name})


def _archive(name: str, path: Path) -> list[Table]:
    tables: list[Table] = []
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            inner = PurePosixPath(entry.filename)
            if entry.is_dir() or inner.name.startswith((".", "~$")) or "__MACOSX" in inner.parts:
                continue
            label = f"{name}/{_entry_name(entry)}"
            with archive.open(entry) as handle:
                data = handle.read(MAX_UNPACKED_BYTES)
            if data[:4] == b"PK\x03\x04" and inner.suffix.lower() not in {".xlsx", ".et", ".xlsm"}:
                raise Unusable(_("%(file)s 是压缩包里的压缩包，请先解开。") % {"file": label})
            is_excel = data[:4] in {b"PK\x03\x04", b"\xd0\xcf\x11\xe0"}
            if not data:
                continue
            tables += _excel(label, data) if is_excel else [_csv(label, data)]
    if not tables:
        raise Unusable(_("%(file)s 里没有可以读取的表。") % {"file": name})
    return tables


def _entry_name(entry: zipfile.ZipInfo) -> str:
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


def decode(name: str, data: bytes) -> str:
    """UTF-8 with or without BOM, UTF-16 with BOM, else GB18030."""
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return data.decode("utf-16")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unusable(_("%(file)s 的文字编码无法识别，请另存为 UTF-8。") % {"file": name})


def _csv(name: str, data: bytes) -> Table:
    if b"\x00" in data[:4096] and data[:2] not in {b"\xff\xfe", b"\xfe\xff"}:
        raise Unusable(_("%(file)s 不是表格文件。") % {"file": name})
    if len(data) > MAX_LINE_BYTES and max(map(len, io.BytesIO(data[: 8 * MAX_LINE_BYTES]))) > MAX_LINE_BYTES:
        raise Unusable(_("%(file)s 有超过 1 MB 的一行，不像是名册。") % {"file": name})
    text = decode(name, data)
    first = text[:4096].split("\n", 1)[0]
    separator = max(",\t;", key=first.count)
    try:
        raw = pl.read_csv(
            text.encode(), has_header=False, infer_schema=False, separator=separator, truncate_ragged_lines=True,
            missing_utf8_is_empty_string=True,
        )  # fmt: skip
    except pl.exceptions.PolarsError as error:
        raise Unusable(_("%(file)s 不能按表格读取：%(why)s") % {"file": name, "why": str(error)[:120]}) from error
    return shaped(name, "", raw)


def _excel(name: str, data: bytes) -> list[Table]:
    try:
        book = fastexcel.read_excel(data)
        sheets = [(sheet, book.load_sheet(sheet, header_row=None, dtypes="string")) for sheet in book.sheet_names]
    except Exception as error:  # noqa: BLE001  the reader's own errors differ by format
        raise Unusable(_("%(file)s 打不开：%(why)s") % {"file": name, "why": str(error)[:120]}) from error
    tables = []
    for sheet, loaded in sheets:
        if getattr(loaded, "visible", "visible") != "visible" or loaded.total_height == 0:
            continue
        frame = loaded.to_polars().cast(pl.String).fill_null("")
        if frame.height:
            tables.append(shaped(name, sheet, frame))
    if not tables:
        raise Unusable(_("%(file)s 里没有看得见的内容。") % {"file": name})
    return tables


def clean(column: str) -> pl.Expr:
    """One cell column without the leftovers of spreadsheets."""
    value = pl.col(column).cast(pl.String).fill_null("").str.strip_chars(" \t\r\n\u3000\ufeff").str.strip_prefix("'")
    value = value.str.replace_many(list("０１２３４５６７８９（）"), list("0123456789()"))
    return pl.when(value.is_in(BLANKS)).then(pl.lit("")).otherwise(value).alias(column)


def shaped(file: str, sheet: str, raw: pl.DataFrame) -> Table:
    """Find the headings below title rows (merged two-line headings are joined), clean every cell, number the rows."""
    if raw.width > MAX_COLUMNS:
        raise Unusable(_("%(file)s 有 %(n)d 列，超过上限。") % {"file": file, "n": raw.width})
    raw = raw.with_columns(clean(name) for name in raw.columns)
    top = raw.head(HEADER_SEARCH).rows()
    filled = [sum(1 for cell in row if cell) for row in top]
    widest = max(filled, default=0)
    at = next((i for i, n in enumerate(filled) if n >= max(2, int(widest * 0.6)) or widest < 2), 0)
    headings = [str(cell).translate(_WIDE) for cell in top[at]] if top else []
    depth = 1
    if at + 1 < len(top) and _is_second_heading(top[at], top[at + 1]):
        headings, depth = _joined(top[at], top[at + 1]), 2
    names = _unique(file, headings)
    frame = raw.slice(at + depth).rename(dict(zip(raw.columns, names, strict=True)))
    frame = frame.with_columns(pl.int_range(at + depth + 1, at + depth + 1 + frame.height, dtype=pl.Int32).alias("row_number"))
    cells = [pl.col(name) != "" for name in names]
    frame = frame.filter(pl.any_horizontal(cells)) if cells else frame
    return Table(file=file, sheet=sheet, frame=frame, header_row=at + 1)


def _is_second_heading(first: tuple[str, ...], second: tuple[str, ...]) -> bool:
    """A merged cell spans columns: the first line has holes exactly where the second names parts, and no digits follow."""
    holes = [i for i, cell in enumerate(first) if not cell]
    return bool(holes) and any(second[i] for i in holes) and not any(c.isdigit() for cell in second for c in cell)


def _joined(first: tuple[str, ...], second: tuple[str, ...]) -> list[str]:
    made, above = [], ""
    for upper, lower in zip(first, second, strict=True):
        above = upper or (above if lower else "")
        made.append(f"{above}{lower}" if lower and above and upper != lower and lower not in {"姓名"} else lower or upper)
    return made


def _unique(file: str, headings: list[str]) -> list[str]:
    named = [h for h in headings if h]
    repeated = sorted({h for h in named if named.count(h) > 1})
    if repeated:
        raise Unusable(_("%(file)s 有重复的列名：%(names)s。") % {"file": file, "names": "、".join(repeated)})
    return [heading or f"列{index}" for index, heading in enumerate(headings, 1)]
