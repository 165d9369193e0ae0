"""Reports of an import: JSON lines for programs; XLSX for people, whose rows can be corrected and uploaded again."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl
from django.utils.translation import gettext as _

from lingqu.kernel import files
from lingqu.kernel.errors import NotFound
from lingqu.kernel.language import labelled

from .forms import TITLES
from .mapping import columns_of
from .mapping.headings import match
from .models import Finding, Import, ImportFile
from .reading import Unusable, rows_of_file
from .reading.limits import refusal_again
from .rules import told_again
from .types import BLOCK, HINT, REVIEW, ReadFile
from .workbooks import LIST, SUMMARY, Book, widths

MOST_ROWS = 20_000
"""Rows of one sheet that are repeated for correction."""
ERROR_HEADING = "错误"
Place = tuple[str, str]


def severity_names() -> dict[str, str]:
    return {BLOCK: _("阻断"), REVIEW: _("待核"), HINT: _("提示")}


FIELDS = ("file", "row", "field", "rule", "severity", "message", "sheet", "column", "value", "responsible")


def _rows(owner: Import, who: str = "") -> Iterator[tuple[Any, ...]]:
    """Findings as :data:`FIELDS`."""
    found = Finding.objects.filter(owner=owner, **({"responsible": who} if who else {}))
    return found.order_by("file", "sheet", "row", "id").values_list(*FIELDS).iterator(chunk_size=5000)


def write_json_lines(owner: Import, path: Path) -> Path:
    """One object per finding: file, row, field, rule, severity, message and what else is known."""
    with path.open("w", encoding="utf-8") as handle:
        for values in _rows(owner):
            handle.write(json.dumps(dict(zip(FIELDS, values, strict=True)), ensure_ascii=False) + "\n")
    return path


def write_xlsx(owner: Import, path: Path, *, who: str = "") -> Path:
    """A summary, the list of findings, and every row that needs work with its error in the last column. With ``who``
    only what that organisation must fix: its own report, which names nobody of another one."""
    book = Book(str(path))
    summary = book.sheet(SUMMARY)
    wanted, counted = _write_list(book, owner, who)
    _write_summary(book, summary, owner, who, counted)
    _write_corrections(book, owner, wanted)
    book.close()
    return path


def _write_summary(book: Book, sheet: Any, owner: Import, who: str, counted: Counter[str]) -> None:
    counts, names = owner.counts, severity_names()
    facts: list[tuple[str, object]] = [
        (_("导入编号"), owner.number), (_("单位"), who or owner.organisation.name), (_("状态"), owner.get_state_display()),
    ]  # fmt: skip
    if not who:
        facts += [
            (_("数据行"), counts.get("rows", 0)), (_("没有导入的行"), counts.get("rejected", 0)),
            (_("疑似重复"), counts.get("suspects", 0)),
        ]  # fmt: skip
        counted = Counter(counts.get("severities", {}))
    facts += [(_("%(severity)s问题") % {"severity": names[s]}, counted[s]) for s in names]
    if owner.refusal:
        facts.append((_("无法使用的原因"), refusal_again(owner.refusal)))
    for row, (label, value) in enumerate(facts):
        book.write_row(sheet, row, (label, value))
    hint = _("改正后面各表里的行，“错误”列不用删，存盘后整份重新上传即可。")
    sheet.write_string(len(facts) + 1, 0, hint, book.formats["note"])
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, 1, 48)


def _write_list(book: Book, owner: Import, who: str) -> tuple[dict[Place, dict[int, list[str]]], Counter[str]]:
    """The list; returns the errors by place and row, and how many of each severity."""
    sheet = book.sheet(LIST)
    names = severity_names()
    head = [_("文件"), _("工作表"), _("行号"), _("列"), _("文件中的值"), _("级别"), _("问题"), _("由谁处理")]
    for column, text in enumerate(head):
        sheet.write_string(0, column, text, book.formats["head"])
    sheet.freeze_panes(1, 0)
    wanted: dict[Place, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    counted: Counter[str] = Counter()
    told = lru_cache(maxsize=5000)(told_again)
    rows = enumerate(_rows(owner, who), 1)
    for number, (file, row, _field, rule, severity, message, place, column, value, responsible) in rows:
        counted[severity] += 1
        name, text = names.get(severity, severity), told(rule, message)
        book.write_row(sheet, number, (file, place, row or "", column, value, name, text, responsible))
        if row and severity != HINT:
            wanted[(file, place)][row].append(f"[{name}] {labelled(column, text)}")
    if not counted:
        sheet.write_string(1, 0, _("没有问题"))
    widths(sheet, [["x" * 16, "x" * 10, "x" * 6, "x" * 12, "x" * 20, "x" * 6, "x" * 56, "x" * 24]], most=60)
    return wanted, counted


def _write_corrections(book: Book, owner: Import, wanted: dict[Place, dict[int, list[str]]]) -> None:
    sheets = {(s["file"], s["sheet"]): s for s in owner.counts.get("sheets", [])}
    places = {place: list(rows)[:MOST_ROWS] for place, rows in wanted.items() if place in sheets}
    if not places:
        return
    header_rows = {place: int(sheets[place]["header_row"]) for place in places}
    try:
        with files_of(owner) as read:
            found = rows_of_file(read, places, header_rows)
    except (Unusable, NotFound, FileNotFoundError):
        return  # the files of an old import are gone; the list above still says everything
    for place, rows in found.items():
        _write_sheet(book, sheets[place], rows, wanted[place])


def _write_sheet(book: Book, told: dict[str, Any], rows: pl.DataFrame, errors: dict[int, list[str]]) -> None:
    headings = list(_headings(told))
    sheet = book.sheet(f"{TITLES.get(told['kind'], '')} {told['sheet'] or Path(told['file']).stem}".strip())
    sheet.freeze_panes(1, 0)
    book.write_row(sheet, 0, [*headings, ERROR_HEADING], "head")
    cells = [f"c{index}" for index in range(len(headings)) if f"c{index}" in rows.columns]
    for number, (row_number, *values) in enumerate(rows.select("row_number", *cells).iter_rows(), 1):
        book.write_row(sheet, number, values)
        text = "\n".join(errors.get(row_number, []))
        sheet.write_string(number, len(headings), text[:2000], book.formats["bad"])
    sheet.set_column(0, max(0, len(headings) - 1), 16, book.formats["text"])
    sheet.set_column(len(headings), len(headings), 60)


def _headings(told: dict[str, Any]) -> Iterator[str]:
    """Headings under which the sheet is understood again: as written where they say enough, else the template's."""
    kind = told["kind"]
    for index, (text, column) in enumerate(zip(told["headings"], told["columns"], strict=True)):
        if column and match(kind, text)[0] != column and column in columns_of(kind):
            yield columns_of(kind)[column].heading
        else:
            yield text or f"列{index + 1}"


@contextmanager
def files_of(owner: Import) -> Iterator[Sequence[ReadFile]]:
    """The files of an import, from the file store or (of a command) from where they lay."""
    with ExitStack() as stack:
        found = []
        for file in ImportFile.objects.filter(owner=owner).order_by("id"):
            if file.stored:
                found.append(ReadFile(file.name, stack.enter_context(files.local_copy(file.stored))))
            else:
                found.append(ReadFile(Path(file.name).name, Path(file.name)))
        yield found
