"""CSV as people have it: UTF-8 with or without BOM, UTF-16, GB18030; comma, tab, semicolon, bar; title rows; odd quotes."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkstemp

import polars as pl

from .limits import MAX_COLUMNS, MAX_FILE_BYTES, MAX_LINE_BYTES, MAX_ROWS, refuse
from .sheets import BATCH_ROWS, HEAD_RECORDS, Sheet, numbered

BLOCK = 1 << 20
SMALL = 2 << 20
HEAD_BYTES = 1 << 20
DELIMITERS = ",\t;|"
_WEB_PAGE = re.compile(r"\s*<(?:!doctype|html|head|meta|table|\?xml)\b", re.IGNORECASE)
"""Web systems like to call a page .xls."""
SUSPICIOUS_LINES = 30
"""A cell with more line breaks than that is an unpaired quote that swallowed the following rows."""


def read_csv(name: str, path: Path, workspace: Path) -> Sheet:
    """The one table of a text file. ``workspace`` is a folder for a copy in UTF-8 where one is needed."""
    size = path.stat().st_size
    if size == 0:
        raise refuse("empty", name)
    if size > MAX_FILE_BYTES:
        raise refuse("too_large", name, size=MAX_FILE_BYTES)
    encoding, skip = _encoding(name, path)
    if encoding != "utf-8":
        path = _as_utf8(path, encoding, skip, workspace)
        _decodes(name, path, "utf-8")
    with path.open("rb") as handle:
        text = handle.read(HEAD_BYTES).decode("utf-8", "ignore").removeprefix("\ufeff")
    if not text.strip("\ufeff \t\r\n,;|"):
        raise refuse("empty", name)
    if _WEB_PAGE.match(text):
        raise refuse("web_page", name)
    delimiter = _delimiter(text)
    head, lines = _head(name, text, delimiter)
    if max(map(len, head), default=0) > MAX_COLUMNS:
        raise refuse("too_many_columns", name, count=max(map(len, head)), limit=MAX_COLUMNS)
    source = _Source(name, path, delimiter, lines, is_small=path.stat().st_size <= SMALL)
    return Sheet(file=name, sheet="", head=head, body=source.batches)


def _encoding(name: str, path: Path) -> tuple[str, int]:
    """Encoding and length of the byte order mark. One pass checks bytes, lines and encoding of the whole file."""
    with path.open("rb") as handle:
        start = handle.read(4)
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if start.startswith(mark):
            if encoding != "utf-8":
                return encoding, len(mark)
            break
    else:
        mark = b""
    for encoding in ("utf-8", "gb18030"):
        if _decodes(name, path, encoding):
            return encoding, len(mark)
    raise refuse("encoding", name)


def _decodes(name: str, path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    open_line = 0
    with path.open("rb") as handle:
        while block := handle.read(BLOCK):
            if b"\x00" in block:
                raise refuse("not_a_table", name)
            first = block.find(b"\n")
            open_line = open_line + len(block) if first < 0 else open_line + first
            if open_line > MAX_LINE_BYTES:
                raise refuse("line_too_long", name)
            if first >= 0:
                open_line = len(block) - block.rfind(b"\n")
            try:
                decoder.decode(block)
            except UnicodeDecodeError:
                return False
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _as_utf8(path: Path, encoding: str, skip: int, workspace: Path) -> Path:
    descriptor, made = mkstemp(dir=workspace, suffix=".csv")
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    with open(descriptor, "wb") as target, path.open("rb") as source:
        source.seek(skip)
        while block := source.read(BLOCK):
            target.write(decoder.decode(block).encode("utf-8"))
        target.write(decoder.decode(b"", final=True).encode("utf-8"))
    return Path(made)


def _delimiter(text: str) -> str:
    """The mark that splits most of the first lines into the most parts, evenly."""
    lines = [line for line in text.splitlines()[:20] if line.strip()]
    counts = {mark: sorted(line.count(mark) for line in lines) for mark in DELIMITERS}
    return max(DELIMITERS, key=lambda mark: (counts[mark][len(lines) // 2], counts[mark][-1]))


def _head(name: str, text: str, delimiter: str) -> tuple[list[list[str]], list[int]]:
    """First records, and for each the number of physical lines before it."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    head: list[list[str]] = []
    lines: list[int] = []
    before = 0
    try:
        for record in reader:
            if len(head) == HEAD_RECORDS:
                break
            _check_quotes(name, record, len(head) + 1)
            head.append(record)
            lines.append(before)
            before = reader.line_num
    except csv.Error as error:
        raise refuse("broken_quotes", name, row=len(head) + 1) from error
    return head, lines


def _check_quotes(name: str, record: list[str], row: int) -> None:
    if any(cell.count("\n") > SUSPICIOUS_LINES for cell in record):
        raise refuse("broken_quotes", name, row=row)


class _Source:
    """The body of one CSV. Polars reads it; what polars finds malformed, the patient reader of the library does."""

    def __init__(self, name: str, path: Path, delimiter: str, lines: list[int], *, is_small: bool) -> None:
        self.name, self.path, self.delimiter, self.lines, self.is_small = name, path, delimiter, lines, is_small

    def batches(self, first: int, width: int) -> Iterator[pl.DataFrame]:
        if self.is_small or first == 0:
            yield from self._patient(first, width)
            return
        done = 0
        try:
            for frame in self._fast(first, width):
                yield numbered(frame, first + done)
                done += frame.height
                if first + done > MAX_ROWS:
                    raise refuse("too_many_rows", self.name, limit=MAX_ROWS)
        except pl.exceptions.PolarsError:
            yield from self._patient(first + done, width)

    def _fast(self, first: int, width: int) -> Iterator[pl.DataFrame]:
        """The record before ``first`` (the headings) gives the width; it is read and dropped."""
        lazy = pl.scan_csv(
            self.path, has_header=False, infer_schema=False, separator=self.delimiter, skip_lines=self.lines[first - 1],
            truncate_ragged_lines=True,
        )  # fmt: skip
        names = lazy.collect_schema().names()
        wanted = lazy.select(
            *(
                pl.col(names[at]) if at < len(names) else pl.lit(None, pl.String).alias(f"missing{at}")
                for at in range(width)
            )
        ).slice(1)
        yield from wanted.collect_batches(chunk_size=BATCH_ROWS, maintain_order=True)

    def _patient(self, first: int, width: int) -> Iterator[pl.DataFrame]:
        with self.path.open(encoding="utf-8-sig", newline="") as handle:
            reader = csv.reader(handle, delimiter=self.delimiter)
            rows: list[list[str]] = []
            at = 0
            try:
                for record in reader:
                    at += 1
                    if at <= first:
                        continue
                    if at > MAX_ROWS:
                        raise refuse("too_many_rows", self.name, limit=MAX_ROWS)
                    _check_quotes(self.name, record, at)
                    rows.append((record + [""] * (width - len(record)))[:width])
                    if len(rows) == BATCH_ROWS // 4:
                        yield _framed(rows, width, at - len(rows))
                        rows = []
            except csv.Error as error:
                raise refuse("broken_quotes", self.name, row=at + 1) from error
        if rows:
            yield _framed(rows, width, at - len(rows))


def _framed(rows: list[list[str]], width: int, first: int) -> pl.DataFrame:
    schema = {f"c{index}": pl.String for index in range(width)}
    return numbered(pl.DataFrame(rows, schema=schema, orient="row"), first)
