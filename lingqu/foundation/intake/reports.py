"""Reports of an import: JSON lines for programs, XLSX for people. Nothing exported can act as a formula."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation import gettext as _
from rustpy_xlsxwriter import write_worksheet

from .models import Finding, Import

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def harmless(value: str) -> str:
    """Text that a spreadsheet shows and never runs."""
    return f"'{value}" if value.startswith(FORMULA_STARTS) else value


def _rows(owner: Import) -> Iterator[Finding]:
    return Finding.objects.filter(owner=owner).order_by("file", "row", "id").iterator()


def write_json_lines(owner: Import, path: Path) -> Path:
    with path.open("w", encoding="utf-8") as handle:
        for f in _rows(owner):
            line = {
                "file": f.file,
                "row": f.row,
                "field": f.field,
                "rule": f.rule,
                "severity": f.severity,
                "message": f.message,
            }
            handle.write(json.dumps(line, ensure_ascii=False) + "\n")
    return path


def write_xlsx(owner: Import, path: Path) -> Path:
    """One row per finding, in the words of the person who must fix it."""
    severities = {"block": _("阻断"), "review": _("待核"), "hint": _("提示")}
    rows = [
        {
            _("文件"): harmless(f.file), _("工作表"): harmless(f.sheet), _("行号"): f.row, _("字段"): f.column,
            _("文件中的值"): harmless(f.value), _("级别"): severities[f.severity], _("问题"): f.message,
            _("由谁处理"): harmless(f.responsible),
        }
        for f in _rows(owner)
    ]  # fmt: skip
    write_worksheet(rows or [{_("问题"): _("没有问题")}], str(path), sheet_name=_("问题"))
    return path
