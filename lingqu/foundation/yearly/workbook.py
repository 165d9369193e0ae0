"""The list of changes as a workbook. Every cell is text that a spreadsheet shows and never runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import xlsxwriter
from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
WIDTHS = (28, 16, 16, 14, 12, 16, 12, 16)


def harmless(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def move_names() -> dict[str, str]:
    return {
        "up": _("升级"), "stage": _("校内升段"), "central": _("转中心校"), "graduate": _("毕业待升学"), "new": _("新生入学"),
        "stay": _("不动"), "done": _("已在新学年班级"), "unknown": _("待定"),
    }  # fmt: skip


def write_moves(path: Path, chunks: Iterable[Sequence[registry.PupilMove]]) -> int:
    """One line a pupil; returns how many."""
    book = xlsxwriter.Workbook(
        str(path),
        {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    sheet, bold, names = book.add_worksheet(_("变动名单")), book.add_format({"bold": True}), move_names()
    head = [_("学校"), _("原班级"), _("人员编号"), _("姓名"), _("原年级"), _("变动"), _("新年级"), _("新班级")]
    for column, (title, width) in enumerate(zip(head, WIDTHS, strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, title, bold)
    sheet.freeze_panes(1, 0)
    row = 0
    for chunk in chunks:
        for one in chunk:
            row += 1
            cells = (
                one.school, one.class_before, one.number, one.name, registry.grade_label(one.grade_before),
                names.get(one.move, one.move), registry.grade_label(one.grade_after), one.class_after,
            )  # fmt: skip
            for column, text in enumerate(cells):
                sheet.write_string(row, column, harmless(text or ""))
    book.close()
    return row
