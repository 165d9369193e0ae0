"""Reading and writing workbooks: what is drawn, what stays, what is refused."""

from __future__ import annotations

import io
import zipfile
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from lingqu.kernel.errors import Invalid

from ..computing import Computed, Table
from ..exchanging import filled_file, read_filled
from ..suggesting import suggest
from ..testing import province_file
from ..types.marks import Block, Mark, Marks, cleaned
from ..workbook.formulas import Cells, FormulaError, evaluate, parse, parse_rule, plain, shifted
from ..workbook.grid import Layout, read_layout
from ..workbook.package import MAIN, open_package


def table(content: bytes | None = None) -> Table:
    layout = read_layout(content or province_file())
    marks = suggest(layout)
    marks.cells = {key: one for key, one in marks.cells.items() if not key.startswith("2!")}
    columns = tuple(Mark(kind="list", type=kind, summed=False) for kind in ("text", "text", "integer"))
    marks.blocks = (Block(sheet=2, first=3, last=4, left=1, columns=columns, most=500),)
    return Table(layout=layout, marks=marks)


def test_the_layout_survives_its_own_json() -> None:
    layout = read_layout(province_file())
    assert Layout.from_data(layout.as_data()).as_data() == layout.as_data()
    first, _names, hidden = layout.sheets
    assert (first.protected, hidden.state, first.hidden_rows) == (True, "hidden", [9])
    assert first.cells["E5"].formula == "C5+D5" and "C3:E3" in first.merges and not first.cells["C5"].locked


def test_marks_are_guessed_from_words_and_protection() -> None:
    cells = suggest(read_layout(province_file())).cells
    assert cells["1!B2"].figure == "school_name" and cells["1!G2"].figure == "school_code"
    assert cells["1!C6"].figure == "boys:junior" and cells["1!B5"].figure == "classes:primary"
    assert cells["1!I5"].type == "text" and cells["1!B10"].type == "date" and cells["1!H5"].kind == "fill"
    assert cells["1!B7"].kind == "fill" and "1!E5" not in cells and not any(key.startswith("3!") for key in cells)


def _look(content: bytes) -> dict[str, Any]:
    """Everything of a workbook but the values of entered cells, as another program reads it."""
    found: dict[str, Any] = {}
    for sheet in load_workbook(io.BytesIO(content)):
        found[sheet.title] = (
            sheet.sheet_state, sorted(map(str, sheet.merged_cells.ranges)), sheet.protection.sheet,
            {name: (one.width, one.hidden) for name, one in sheet.column_dimensions.items()},
            {number: (one.height, one.hidden) for number, one in sheet.row_dimensions.items()},
            [str(one.sqref) for one in sheet.data_validations.dataValidation],
            {
                cell.coordinate: (cell.font.b, cell.border.left.style, cell.alignment.horizontal, cell.number_format,
                                  cell.protection.locked, cell.value if cell.data_type == "f" else "")
                for row in sheet.iter_rows(max_row=12) for cell in row
            },
        )  # fmt: skip
    return found


def test_a_filled_copy_has_the_layout_of_the_original_and_its_values_come_back() -> None:
    made = table()
    values = {
        "1!C5": "12",
        "1!D5": "3.5",
        "1!I5": "=1+1 <b>",
        "1!B10": "2026-11-29",
        "2!3:1": [["甲", "语文", "9"], ["乙", "", ""]],
    }
    content = filled_file(made, province_file(), values)
    assert _look(content) == _look(province_file())
    read = load_workbook(io.BytesIO(content), data_only=True)
    assert read["基本情况"]["E5"].value == 15.5 and read["基本情况"]["I5"].value == "=1+1 <b>"
    assert read["基本情况"]["B10"].value.isoformat() == "2026-11-29T00:00:00" and read["骨干教师"]["E1"].value == 2
    back, told = read_filled(made, content, values)
    assert not told and {key: back[key] for key in values} == values


def test_a_list_grows_below_what_was_drawn() -> None:
    made = table()
    rows = [[f"第{n}位", "体育", str(n)] for n in range(1, 41)]
    content = filled_file(made, province_file(), {"2!3:1": rows})
    sheet = load_workbook(io.BytesIO(content))["骨干教师"]
    assert (
        sheet["A42"].value == "第40位"
        and sheet["C42"].border.left.style == "thin"
        and not sheet["C42"].protection.locked
    )
    assert read_filled(made, content, {})[0]["2!3:1"] == rows


@pytest.mark.parametrize(
    ("change", "where", "told"),
    [
        (lambda book: book["基本情况"].insert_rows(5), "基本情况 ", "行列被移动"),
        (lambda book: book["基本情况"].unmerge_cells("C3:E3"), "基本情况 C3:E3", "合并单元格"),
        (lambda book: book["基本情况"].__setitem__("E5", 99), "基本情况 E5", "公式被改动"),
        (lambda book: book["基本情况"].__setitem__("A5", "小 学 部"), "基本情况 A5", "这里应是"),
        (lambda book: book.remove(book["字典"]), "工作簿", "工作表应为"),
        (lambda book: book["基本情况"].__setitem__("B2", "别的学校"), "基本情况 B2", "平台预填"),
        (lambda book: book["基本情况"].__setitem__("H5", "=1+1"), "基本情况 H5", "没有结果"),
    ],
)
def test_an_altered_copy_is_refused_with_its_place(change: Any, where: str, told: str) -> None:
    made = table()
    book = load_workbook(io.BytesIO(filled_file(made, province_file(), {"1!B2": "第三中学"})))
    change(book)
    out = io.BytesIO()
    book.save(out)
    problems = read_filled(made, out.getvalue(), {"1!B2": "第三中学"})[1]
    assert any(one.where.startswith(where) and told in one.text for one in problems), problems


def _zip(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


def _with(part: str, data: bytes) -> bytes:
    package = open_package(province_file())
    return _zip({**package.parts, part: data})


def _sheet(cells: str, merge: str = "A1:B1") -> bytes:
    made = f"""<worksheet xmlns="{MAIN}"><sheetData><row r="1">{cells}</row></sheetData>
      <mergeCells><mergeCell ref="{merge}"/></mergeCells></worksheet>"""
    return _with("xl/worksheets/sheet1.xml", made.encode())


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not_xlsx"), (b"PK\x03\x04 nothing", "not_xlsx"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 64, "old_or_locked"),
        (_zip({"a.txt": b"x"}), "not_xlsx"), (_zip({"xl/workbook.xml": b"\0" * (40 << 20)}), "zip_bomb"),
        (_with("xl/vbaProject.bin", b"x"), "macros"), (_with("../../etc/x", b"x"), "zip_path"),
        (_with("xl/workbook.xml", b"<workbook"), "damaged"),
        (_with("xl/worksheets/sheet1.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><worksheet/>'), "damaged"),
        (_sheet('<c r="5C"/>'), "damaged"), (_sheet('<c r="A1" s="x"/>'), "damaged"), (_sheet("", "A1:XFD1048576"), "damaged"),
        (_with("xl/worksheets/sheet1.xml", f'<worksheet xmlns="{MAIN}"/>'.encode()), "chartsheet"),
        (province_file()[:-900], "not_xlsx"), (b"x" * ((10 << 20) + 1), "too_large"),
    ],
)  # fmt: skip
def test_hostile_files_are_refused(content: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        read_layout(content)
    assert refusal.value.code == code


def test_odd_numbers_stay_words_and_long_chains_compute() -> None:
    cells = '<c r="A1"><v>NaN</v></c><c r="B1"><v>1e999999</v></c><c r="C1"><v>1E3</v></c>'
    drawn = read_layout(_sheet(cells, "D1:E1")).sheets[0].cells
    assert (drawn["A1"].is_number, drawn["B1"].is_number, drawn["C1"].text) == (False, False, "1000")
    book = Workbook()
    sheet: Any = book.active
    for row in range(1, 300):
        sheet[f"A{row}"] = f"=A{row + 1}+1"
    sheet["A300"], sheet["B1"] = 5, "=" + "+".join(["A300"] * 150)
    out = io.BytesIO()
    book.save(out)
    shown = Computed(Table(layout=read_layout(out.getvalue()), marks=Marks()), {}).shown()
    assert shown[1, 1, 1] == ("304", True) and shown[1, 1, 2] == ("750", True)


def test_a_sheet_too_wide_is_refused() -> None:
    book = Workbook()
    book.active["ZZ3"] = "x"  # type: ignore[index]
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(Invalid, match="超过"):
        read_layout(out.getvalue())


def value_of(text: str, cells: dict[str, Any]) -> str:
    from ..workbook.refs import ref_of

    held = Cells(find=lambda sheet, row, column: cells.get(ref_of(row, column)), sheets={"表": 1})
    return plain(evaluate(parse(text), held, 1))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1+2*3^2", "19"), ("-A1+10%", "-1.9"), ("SUM(A1:A3,5)", "10"), ("IF(A1>1,\"多\",\"少\")", "多"), ("表!A1*'表'!$A$2", "6"),
        ("ROUND(2.345,2)", "2.35"), ("AVERAGE(A1:A4)", "2.5"), ("COUNTA(A1:A4)", "3"), ("A4&\"x\"&A1", "字x2"), ("0.1+0.2=0.3", "TRUE"),
        ("IFERROR(1/0,7)", "7"), ("MAX(A1:A3)-MIN(A1:A3)", "1"), ("A9=0", "TRUE"), ("A9=\"\"", "TRUE"), ("NOT(A1=A2)", "TRUE"),
    ],
)  # fmt: skip
def test_formulas_compute_as_spreadsheets_do(text: str, value: str) -> None:
    assert value_of(text, {"A1": Decimal(2), "A2": Decimal(3), "A4": "字"}) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1+",
        "__import__('os')",
        "A1.real",
        "(" * 200,
        "EXEC(A1)",
        "A1;B1",
        "9^9^9^9",
        "SUM(A1:XFD1048576)",
        "#REF!+1",
    ],
)
def test_what_is_no_formula_is_refused(text: str) -> None:
    with pytest.raises(FormulaError):
        value_of(text, {})


@given(st.text(alphabet="A1B2:(),+-*/=<>^%&\"'! SUMIF.9字", max_size=60))
def test_any_text_ends_in_a_value_or_a_refusal(text: str) -> None:
    try:
        value_of(text, {"A1": Decimal(2), "B2": "x"})
    except FormulaError:
        pass


@given(st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=9))
def test_sums_are_exact(numbers: list[int]) -> None:
    cells = {f"A{row}": Decimal(one) / 100 for row, one in enumerate(numbers, 1)}
    assert value_of("SUM(A1:A9)", cells) == plain(Decimal(sum(numbers)) / 100)


def test_rules_take_chinese_signs_and_must_compare() -> None:
    assert parse_rule("C5＋D5＝E5") == parse_rule("C5+D5=E5") and parse_rule("（G5）≤E5") == parse_rule("G5<=E5")
    with pytest.raises(FormulaError):
        parse_rule("C5+D5")


def test_shared_formulas_move_and_dollars_stay() -> None:
    assert shifted("SUM(B5:$B$7)+'a A1'!C$2&\"D4\"", 2, 1) == "SUM(C7:$B$7)+'a A1'!D$2&\"D4\""


def test_circles_and_unknown_functions_give_nothing() -> None:
    book = Workbook()
    sheet: Any = book.active
    sheet["A1"], sheet["B1"], sheet["C1"], sheet["D1"] = "=B1", "=A1", "=VLOOKUP(A1,B1,1)", "=1/0"
    out = io.BytesIO()
    book.save(out)
    made = Table(layout=read_layout(out.getvalue()), marks=Marks())
    assert set(Computed(made, {}).shown().values()) == {None}


@pytest.mark.parametrize(
    ("mark", "text", "value", "is_wrong"),
    [
        (Mark(kind="fill"), "１，２00", "1200", False), (Mark(kind="fill"), "1.50", "1.5", True), (Mark(kind="fill", low="0"), "-1", "-1", True),
        (Mark(kind="fill", type="number"), "1.50", "1.5", False), (Mark(kind="fill"), "NaN", "NaN", True), (Mark(kind="fill"), "1e400", "1e400", True),
        (Mark(kind="fill", type="date"), "2026年2月9日", "2026-02-09", False), (Mark(kind="fill", type="date"), "2026-02-30", "2026-02-30", True),
        (Mark(kind="fill", type="choice", choices=("有", "无")), "可能", "可能", True), (Mark(kind="fill", type="text"), " 好 ", "好", False),
    ],
)  # fmt: skip
def test_entered_values_are_kept_in_one_form(mark: Mark, text: str, value: str, is_wrong: bool) -> None:
    assert cleaned(mark, text)[0] == value and bool(cleaned(mark, text)[1]) is is_wrong
