"""Sign-in figures as a workbook: one row a place and kind of people, and a sheet that says what each number counts."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from lingqu.kernel.spreadsheets import harmless

from ..selectors.figures import COLUMNS
from ..types.words import Part


def write_figures(rows: Iterable[tuple[Any, ...]]) -> bytes:
    """``rows`` as ``selectors.figures.list_each`` gives them."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False}) as book:
        bold = book.add_format({"bold": True})
        sheet = book.add_worksheet(_("账号使用情况"))
        head = [_("上级"), _("单位"), _("代码"), _("身份"), *(str(name) for _code, name, _text in COLUMNS)]
        sheet.write_row(0, 0, head, bold)
        sheet.set_column(0, 1, 24)
        sheet.freeze_panes(1, 0)
        for at, (above, name, code, part, *cells) in enumerate(rows, start=1):
            sheet.write_row(
                at, 0, [harmless(above), harmless(name), harmless(code), str(Part(part).label), *map(int, cells)]
            )
        words = book.add_worksheet(_("口径"))
        words.set_column(0, 0, 14)
        words.set_column(1, 1, 80)
        for at, (_code, name, text) in enumerate(COLUMNS):
            words.write_row(at, 0, [str(name), str(text)])
    return target.getvalue()
