"""Factories: a province-like XLSX, collections as their services make them, samples for tests that visit every address."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from typing import Any
from uuid import UUID

from lxml import etree
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Protection, Side
from openpyxl.worksheet.datavalidation import DataValidation

from lingqu.foundation.registry import api as registry
from lingqu.kernel import clock
from lingqu.kernel.actor import Actor

from .models import Answer, Collection
from .selectors import scoping
from .services import defining, filling, marking, publishing
from .types.marks import Mark, Rule
from .types.words import MarkKind, ValueType
from .workbook.package import S

SYSTEM = Actor.system("test")
THIN = Side(style="thin")
FRAME = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)
STAGES = ("小学", "初中", "特殊教育")


def province_file() -> bytes:
    """Two visible sheets and a hidden one: merged heads, formulas over rows and sheets, protection with open cells, a
    hidden row and column, widths, a list below which nothing stands."""
    book = Workbook()
    sheet: Any = book.active
    sheet.title = "基本情况"
    _put(sheet, "A1", "义务教育学校基本情况统计表", merge="A1:I1", bold=True, frame=False)
    _put(sheet, "A2", "填报单位（章）：")
    _put(sheet, "B2", None, merge="B2:E2", is_open=True)
    _put(sheet, "F2", "学校代码")
    _put(sheet, "G2", None, is_open=True)
    _put(sheet, "H2", "单位：人、个", merge="H2:I2")
    for ref, text, merge in (
        ("A3", "学段", "A3:A4"), ("B3", "班数", "B3:B4"), ("C3", "在校学生", "C3:E3"), ("F3", "其中", "F3:H3"),
        ("I3", "备注", "I3:I4"), ("C4", "男", ""), ("D4", "女", ""), ("E4", "计", ""), ("F4", "寄宿", ""),
        ("G4", "随迁", ""), ("H4", "危房面积", ""),
    ):  # fmt: skip
        _put(sheet, ref, text, merge=merge, bold=True)
    for row, stage in enumerate(STAGES, 5):
        _put(sheet, f"A{row}", stage, bold=True)
        for column in "BCDFGHI":
            _put(sheet, f"{column}{row}", None, is_open=True)
        _put(sheet, f"E{row}", f"=C{row}+D{row}")
    _put(sheet, "A8", "合计", bold=True)
    for column in "BCDEFGH":
        _put(sheet, f"{column}8", f"=SUM({column}5:{column}7)")
    _put(sheet, "A9", "内部编号", bold=True)
    sheet.row_dimensions[9].hidden = True
    _put(sheet, "A10", "填表日期")
    _put(sheet, "B10", None, is_open=True)
    sheet["B10"].number_format = "yyyy-mm-dd"
    for column, width in zip("ABCDEFGHI", (18, 9, 9, 9, 9, 9, 9, 12, 24), strict=True):
        sheet.column_dimensions[column].width = width
    sheet.column_dimensions["K"].hidden = True
    sheet.row_dimensions[1].height = 36
    sheet.add_data_validation(
        DataValidation(type="whole", operator="between", formula1="0", formula2="99999", sqref="B5:D7")
    )
    sheet.protection.enable()
    _names_sheet(book)
    hidden = book.create_sheet("字典")
    hidden["A1"], hidden.sheet_state = "城区", "hidden"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _names_sheet(book: Any) -> None:
    sheet = book.create_sheet("骨干教师")
    _put(sheet, "A1", "骨干教师名单", merge="A1:C1", bold=True)
    for column, text in zip("ABC", ("姓名", "学科", "教龄"), strict=True):
        _put(sheet, f"{column}2", text, bold=True)
    for row in (3, 4):
        for column in "ABC":
            _put(sheet, f"{column}{row}", None, is_open=True)
    _put(sheet, "E1", "=COUNTA(A3:A4)")
    _put(sheet, "E2", "=基本情况!E8")


def _put(
    sheet: Any, ref: str, value: Any, *, merge: str = "", bold: bool = False, is_open: bool = False, frame: bool = True
) -> None:  # fmt: skip
    cell = sheet[ref]
    cell.value, cell.font, cell.alignment = value, Font(bold=bold), Alignment(horizontal="center")
    cell.protection = Protection(locked=not is_open)
    if frame:
        cell.border = FRAME
    if merge:
        sheet.merge_cells(merge)


def make_draft(office: Any, title: str = "基本情况统计表", content: bytes = b"", **terms: Any) -> Collection:
    """A draft of an office with the guessed marks, a list, two rules; ``terms`` as in :class:`Terms`."""
    made = defining.create_collection(
        actor=SYSTEM, office_id=office.id, title=title, name="统计表.xlsx", content=content or province_file()
    )
    mark_up(made)
    set_terms(made, office, title, **terms)
    return Collection.objects.get(id=made)


def mark_up(collection_id: UUID) -> None:
    """What an officer changes of the guess: areas come from last time, boarders stay within the pupils, a list."""
    given: dict[str, Any] = {"actor": SYSTEM, "collection_id": collection_id}
    marking.mark_cells(
        **given, keys=["1!H5", "1!H6", "1!H7"], mark=Mark(kind=MarkKind.LAST, type=ValueType.NUMBER, low="0")
    )
    marking.mark_cells(
        **given,
        keys=["1!C5", "1!C6", "1!C7", "1!D5", "1!D6", "1!D7"],
        mark=Mark(kind=MarkKind.FILL, low="0", high="3000", required=True),
    )
    marking.mark_list(
        **given, sheet=2, area="A3:C4",
        columns=[Mark(kind=MarkKind.LIST, type=ValueType.TEXT, required=True), Mark(kind=MarkKind.LIST, type=ValueType.TEXT),
                 Mark(kind=MarkKind.LIST, type=ValueType.INTEGER, low="0", high="60")],
    )  # fmt: skip
    marking.add_rule(**given, rule=Rule(text="F8≤E8", told="寄宿不能多于在校生"))
    marking.add_rule(**given, rule=Rule(text="ABS(H8-LAST(H5)) <= 100 + LAST(H5)", told="危房面积变化大", level="warn"))


def set_terms(collection_id: UUID, office: Any, title: str = "基本情况统计表", **terms: Any) -> None:
    deadline = terms.pop("deadline", clock.now() + timedelta(days=3))
    scope = terms.pop("scope", scoping.Scope(places=(office.code,)))
    defining.set_terms(
        actor=SYSTEM, collection_id=collection_id,
        terms=defining.Terms(title=title, deadline=deadline, scope=scope, **terms),
    )  # fmt: skip


def make_collection(office: Any, title: str = "基本情况统计表", **terms: Any) -> Collection:
    """A table that is out."""
    made = make_draft(office, title, **terms)
    publishing.publish(actor=SYSTEM, collection_id=made.id)
    made.refresh_from_db()
    return made


VALUES = {
    "1!C5": "100", "1!D5": "90", "1!C6": "0", "1!D6": "0", "1!C7": "0", "1!D7": "0", "1!F5": "10", "1!H5": "12.5",
    "2!3:1": [["吴静", "语文", "12"], ["何清", "数学", "8"], ["陆沉", "英语", "3"]],
}  # fmt: skip


def report(answer: Answer, values: dict[str, Any] | None = None) -> Answer:
    """Filled, submitted and signed by the platform itself."""
    filling.save_values(actor=SYSTEM, answer_id=answer.id, values={**answer.sheet.values, **VALUES, **(values or {})})
    filling.submit(actor=SYSTEM, answer_id=answer.id)
    filling.sign(actor=SYSTEM, answer_id=answer.id)
    answer.refresh_from_db()
    return answer


def report_as_it_is(answer: Answer, entered: dict[str, Any], *, note: str = "") -> None:
    """Reported with what the school was given and these cells besides."""
    values = {**answer.sheet.values, **entered}
    filling.save_values(actor=SYSTEM, answer_id=answer.id, values=values, note=note)
    filling.submit(actor=SYSTEM, answer_id=answer.id)
    if answer.collection.needs_sign:
        filling.sign(actor=SYSTEM, answer_id=answer.id)


def phone_of(answer: Answer) -> str:
    """The phone that a board tells for a school's desk."""
    calls = registry.post_calls([answer.post_id]) if answer.post_id else {}
    return next((one.phone for found in calls.values() for one in found), str(answer.school.phone))


def _canonical(root: Any) -> str:
    return str(etree.tostring(root, method="c14n").decode())


def _without_values(data: bytes, cells: set[str]) -> str:
    """A sheet without what may differ: values and their kinds in these cells and in cells with formulas."""
    root = etree.fromstring(data)
    for node in root.iter(f"{S}c"):
        formula = node.find(f"{S}f")
        if node.get("r") in cells or formula is not None:
            node.attrib.pop("t", None)
            for one in list(node):
                if one is not formula:
                    node.remove(one)
    return _canonical(root)


def _workbook(data: bytes) -> str:
    root = etree.fromstring(data)
    for node in root.iter(f"{S}calcPr"):
        node.attrib.pop("fullCalcOnLoad", None)
    return _canonical(root)


def require_same_layout(before: bytes, after: bytes, cells: dict[str, set[str]]) -> None:
    """``cells``: by part, those that were entered. Every other part is the same byte for byte, in the same order."""
    with zipfile.ZipFile(io.BytesIO(before)) as old, zipfile.ZipFile(io.BytesIO(after)) as new:
        assert old.namelist() == new.namelist()
        for name in old.namelist():
            was, found = old.read(name), new.read(name)
            if name == "xl/workbook.xml":
                assert _workbook(was) == _workbook(found)
            elif name.startswith("xl/worksheets/sheet"):
                assert _without_values(was, cells.get(name, set())) == _without_values(found, cells.get(name, set())), (
                    name
                )
            else:
                assert was == found, name


def node_samples(world: Any) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """A draft and a table that is out in each county, reported once by its school."""
    own, other = (_at(node) for node in (world.own, world.other))

    def pair(place: int, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
        return {name: own[place]}, {name: other[place]}

    found = {
        f"collection:{name}": pair(0, "collection_id")
        for name in ("define", "mark", "rules", "replace", "terms", "trial", "publish", "discard")
    }
    found |= {
        f"collection:{name}": pair(1, "collection_id")
        for name in ("again", "original", "board", "act", "remind", "missing", "merged", "export", "flat")
    }
    found |= {
        f"collection:{name}": pair(2, "answer_id") for name in ("fill", "answer_act", "upload", "check", "answer_file")
    }
    versions = tuple({"answer_id": one[2], "version": 1} for one in (own, other))
    found["collection:version"] = (versions[0], versions[1])
    return found


def _at(node: Any) -> tuple[Any, Any, Any]:
    draft = make_draft(node.county)
    out = make_collection(node.county)
    answer = report(Answer.objects.get(collection=out, school=node.school))
    return draft.id, out.id, answer.id
