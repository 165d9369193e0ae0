"""What is too much: every limit refuses the file in one clear sentence and a stable code."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from lingqu.kernel.errors import DomainError
from lingqu.kernel.files import text_of_size
from lingqu.kernel.language import retold

MAX_FILE_BYTES = 2 << 30
MAX_WORKBOOK_BYTES = 256 << 20
MAX_LINE_BYTES = 1 << 20
MAX_UNPACKED_BYTES = 4 << 30
MAX_SHEET_XML_BYTES = 1 << 30
MAX_ENTRIES = 5000
MAX_DEPTH = 2
"""Archives in archives that are opened: one a school with one file a class is common, more is not."""
MAX_RATIO = 100
RATIO_FROM = 16 << 20
MAX_COLUMNS = 300
MAX_CELLS = 50_000_000
"""Rows times columns that a sheet may span: a single cell in the last corner makes it span everything."""
MAX_ROWS = 3_000_000
MAX_FILES = 5000


class Unusable(DomainError):
    """The files cannot be used at all; nothing was imported. Commands end with exit code 2."""

    status = 422
    code = "unusable_file"
    exit_code = 2


def sentences() -> dict[str, str]:
    """What each refusal says, in the reader's language."""
    return {
        "empty": _("%(file)s 是空文件。"),
        "too_large": _("%(file)s 超过 %(size)s，请拆分后再上传。"),
        "not_a_table": _("%(file)s 不是名册能用的格式，请上传 xls、xlsx、csv 或 zip。"),
        "encoding": _("%(file)s 的文字编码无法识别，请在表格软件里另存为 CSV UTF-8。"),
        "line_too_long": _("%(file)s 里有超过 1 MB 的一行，不像是名册，已拒绝。"),
        "broken_quotes": _("%(file)s 第 %(row)s 行附近的引号没有成对，后面的内容连成了一格，请改正后再上传。"),
        "too_many_columns": _("%(file)s 有 %(count)s 列，超过 %(limit)s 列的上限。"),
        "too_many_rows": _("%(file)s 超过 %(limit)s 行，请拆分后再上传。"),
        "damaged": _("%(file)s 打不开，文件可能已损坏，请重新导出。"),
        "password": _("%(file)s 有密码，请去掉密码后再上传。"),
        "zip_bomb": _("%(file)s 解压后会异常地大，已拒绝。"),
        "zip_entries": _("%(file)s 里超过 %(limit)s 个文件，请分批上传。"),
        "zip_path": _("%(file)s 里有越出目录的文件名，已拒绝。"),
        "zip_nested": _("%(file)s 里的压缩包套了太多层，请解开后再上传。"),
        "zip_packed": _("%(file)s 里的 %(entry)s 不是 zip，打不开，请改用 zip 或解开后再上传。"),
        "zip_link": _("%(file)s 里有指向别处的链接，已拒绝。"),
        "too_many_cells": _(
            "%(file)s 的表格范围大到 %(rows)s 行 × %(columns)s 列，请删除数据之外的空白行和列后重新保存。"
        ),
        "web_page": _("%(file)s 其实是网页，不是表格文件，请用表格软件打开后另存为 xlsx 再上传。"),
        "zip_empty": _("%(file)s 里没有可以读取的名册。"),
        "duplicate_headings": _("%(file)s 的表头“%(heading)s”出现了 %(count)s 次，请删除或改名重复的列。"),
        "nothing_visible": _("%(file)s 里没有看得见的内容。"),
        "nothing_recognised": _("没有认出任何一张名册：请检查表头是否有姓名、学校、班级等列，或下载模板填写。"),
        "no_rows": _("文件里只有表头，没有数据行。"),
        "worker_died": _("处理这些文件时后台进程多次中断，导入已停止。请联系运维人员查看后台日志。"),
        "oneroster_version": _("不支持 OneRoster %(version)s，请导出 1.1 或 1.2。"),
        "oneroster_missing": _("文件组缺少 %(missing)s，请把整组文件一起上传。"),
        "oneroster_mode": _("%(file)s 里 %(property)s 的取值“%(value)s”不对，只能是 bulk、delta 或 absent。"),
        "oneroster_surplus": _("%(file)s 说没有 %(surplus)s，压缩包里却有，请重新导出。"),
        "oneroster_column": _("%(file)s 缺少 %(column)s 列，不符合 %(version)s。"),
    }


def refusal_again(message: str) -> str:
    """A stored refusal in the reader's language."""
    return retold(message, sentences)


def refuse(code: str, name: str, **facts: Any) -> Unusable:
    """The refusal for ``name`` (file as handed in). Raise what it returns."""
    if "size" in facts:
        facts["size"] = text_of_size(facts["size"])
    return Unusable(sentences()[code] % {"file": name, **facts}, code=code, details={})
