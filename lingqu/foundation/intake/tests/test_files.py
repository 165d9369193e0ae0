"""Files as people have them, and files that mean harm."""

from __future__ import annotations

import io
import os
import random
import stat
import struct
import zipfile
import zlib
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
import xlwt
from xlwt.CompoundDoc import XlsDoc

from lingqu.foundation.intake.reading import limits, read_delivery
from lingqu.foundation.intake.types import Lookup, ReadFile

from .conftest import PUPILS, Read, csv_of, pupil

ROWS = [PUPILS, pupil("张晓明"), pupil("李晓红", 性别="女")]
TEXT = csv_of(ROWS)


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(), b"\xef\xbb\xbf" + TEXT.encode(), TEXT.encode("gb18030"), b"\xff\xfe" + TEXT.encode("utf-16-le"),
        TEXT.replace(",", "\t").encode(), TEXT.replace(",", ";").encode("gb18030"), TEXT.replace("\n", "\r\n").encode(),
        ("云溪县第一中学学生名册\n\n" + TEXT).encode("gb18030"), TEXT.replace("\n", ",,\n").encode(),
    ],
    ids=["utf8", "bom", "gb18030", "utf16", "tab", "semicolon", "crlf", "title", "trailing"],
)  # fmt: skip
def test_encodings_and_delimiters(read: Read, data: bytes) -> None:
    made = read({"学生.csv": data})
    assert made.refusal == ""
    assert made.frames["students"]["name"].to_list() == ["张晓明", "李晓红"]


def test_leftovers_of_spreadsheets(read: Read) -> None:
    text = TEXT.replace("张晓明", "'张晓明\t").replace("李晓红", "　李晓红 ").replace("七(3)班", '"=""七(3)班"""')
    made = read({"学生.csv": text + ",,,,,,,,\n合计,2人,,,,,,,\n填表人：王,,,,,,,,\n"})
    assert made.frames["students"]["name"].to_list() == ["张晓明", "李晓红"]
    assert made.frames["classes"]["written_name"].to_list() == ["七(3)班"]
    assert made.rows == {"students": 2}


@pytest.mark.parametrize("nothing", ["\\N", "无", "—", "NULL", "/", "－"])
def test_words_for_nothing(read: Read, nothing: str) -> None:
    made = read({"学生.csv": [PUPILS, pupil(联系电话=nothing, 身份证件号=nothing)]})
    assert made.rules == {"id_missing": 1}


def test_wide_digits(read: Read) -> None:
    made = read({"学生.csv": [PUPILS, pupil(联系电话="１３８００１３８０００", 班级="七（３）班")]})
    assert made.frames["students"].select("phone", "grade").row(0) == ("13800138000", "G07")


def test_row_numbers_are_those_of_the_file(read: Read) -> None:
    text = csv_of(ROWS[:2]) + "\n\n" + csv_of([pupil("", 性别="女")])
    made = read({"学生.csv": "标题\n" + text})
    assert made.findings.filter(made.findings["severity"] == "block")["row"].to_list() == [6]


def test_a_large_file_reads_like_a_small_one(read: Read) -> None:
    rows = [
        pupil("生" + chr(0x4E00 + n % 5000), 学号=str(n), 出生日期="2013-03-05" if n % 7 else "2013-02-30")
        for n in range(60_000)
    ]
    made = read({"大.csv": "某县名册\n" + csv_of([PUPILS, *rows])})
    assert made.rows == {"students": 60_000}
    assert made.rules["date_invalid"] == 8572
    bad = made.findings.filter(made.findings["rule"] == "date_invalid")["row"].to_list()
    assert bad[:3] == [3, 10, 17]


def test_one_file_a_class_in_a_zip(read: Read) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name in ("七(1)班", "七(2)班"):
            book = openpyxl.Workbook()
            book.active.append(["云溪县第一中学学生花名册"])
            book.active.append(["姓名", "性别"])
            book.active.append([f"{name[:1]}晓{name[2]}", "男"])
            data = io.BytesIO()
            book.save(data)
            info = zipfile.ZipInfo(f"{name}.xlsx")
            archive.writestr(info, data.getvalue())
        archive.writestr("__MACOSX/._x", b"junk")
    made = read({"名册.zip": target.getvalue()})
    assert made.frames["students"]["class_ref"].to_list() == [
        "3301000001|2026-2027|G07-1",
        "3301000001|2026-2027|G07-2",
    ]
    assert made.rules == {"school_from_name": 2, "class_from_name": 2, "id_missing": 2}


def zip_of(entries: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", compression) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return target.getvalue()


def link_in_a_zip() -> bytes:
    link = zipfile.ZipInfo("学生.csv")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    return target.getvalue()


def stream_of_xls() -> bytes:
    book = xlwt.Workbook()
    book.add_sheet("学生").write(0, 0, "姓名")
    return book.get_biff_data()


def locked_xls() -> bytes:
    """A workbook whose stream announces a password right after its first record."""
    stream = stream_of_xls()
    first = 4 + int.from_bytes(stream[2:4], "little")
    target = io.BytesIO()
    XlsDoc().save(target, stream[:first] + b"\x2f\x00\x06\x00\x00\x00\x01\x02\x03\x04" + stream[first:])
    return target.getvalue()


def locked_xlsx() -> bytes:
    """The compound file into which a spreadsheet program seals an .xlsx: its stream has another name."""
    target = io.BytesIO()
    XlsDoc().save(target, stream_of_xls())
    data, name = bytearray(target.getvalue()), "EncryptedPackage".encode("utf-16-le")
    at = data.find("Workbook".encode("utf-16-le"))
    data[at : at + len(name)] = name
    data[at + 64 : at + 66] = (len(name) + 2).to_bytes(2, "little")
    return bytes(data)


def cornered_xlsx() -> bytes:
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1048576"] = "姓名", "x"
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


HOSTILE = {
    "bomb": ({"弹.zip": zip_of({"a.csv": b"0" * (64 << 20)})}, "zip_bomb"),
    "traversal": ({"越.zip": zip_of({"../../etc/a.csv": TEXT.encode()})}, "zip_path"),
    "absolute": ({"绝.zip": zip_of({"/etc/a.csv": TEXT.encode()})}, "zip_path"),
    "windows": ({"绝.zip": zip_of({"..\\..\\a.csv": TEXT.encode()})}, "zip_path"),
    "nested": ({"套.zip": zip_of({"b.zip": zip_of({"c.zip": zip_of({"a.csv": TEXT.encode()})})})}, "zip_nested"),
    "rar inside": ({"套.zip": zip_of({"a.rar": b"Rar!\x1a\x07\x00" + b"\0" * 50})}, "zip_packed"),
    "bomb inside": ({"套.zip": zip_of({"b.zip": zip_of({"a.csv": b"0" * (64 << 20)})})}, "zip_bomb"),
    "link": ({"链.zip": link_in_a_zip()}, "zip_link"),
    "page": ({"页.xls": "<html><table><tr><td>姓名</td></tr></table></html>".encode()}, "web_page"),
    "locked xlsx": ({"锁.xlsx": locked_xlsx()}, "password"),
    "locked xls": ({"锁.xls": locked_xls()}, "password"),
    "one cell in the last corner": ({"角.xlsx": cornered_xlsx()}, "too_many_cells"),
    "crowd": ({"多.zip": zip_of({f"{n}.csv": b"" for n in range(5001)})}, "zip_entries"),
    "hollow": ({"空.zip": zip_of({"readme.txt": b"x"})}, "zip_empty"),
    "rar": ({"包.rar": b"Rar!\x1a\x07\x00" + b"\0" * 50}, "not_a_table"),
    "binary": ({"图.csv": b"\x89PNG\r\n\x1a\n\x00\x00\x00" * 9}, "not_a_table"),
    "empty": ({"空.csv": b""}, "empty"),
    "blanks": ({"空.csv": b"\n\n ,, \n"}, "empty"),
    "headings": ({"头.csv": (",".join(PUPILS) + "\n").encode()}, "no_rows"),
    "twice": ({"重.csv": ("姓名,姓名,性别,学校,班级\n甲,乙,男,云溪县第一中学,七1班\n").encode()}, "duplicate_headings"),
    "broken zip": ({"坏.zip": b"PK\x03\x04" + b"\0" * 40}, "damaged"),
    "broken xls": ({"坏.xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600}, "damaged"),
    "quote": ({"引.csv": (TEXT + '"没有结束的引号' + "\n甲,男\n" * 60).encode()}, "broken_quotes"),
    "columns": ({"宽.csv": (",".join(f"c{n}" for n in range(400)) + "\n1\n").encode()}, "too_many_columns"),
    "nothing": ({"诗.csv": "床前明月光,疑是地上霜\n举头望明月,低头思故乡\n".encode()}, ""),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_what_cannot_be_used_is_refused_in_words(read: Read, name: str) -> None:
    files, code = HOSTILE[name]
    made = read(files)
    if code:
        assert made.refusal_code == code
        assert len(made.refusal) > 8
        assert made.frames == {}
    else:
        assert made.needs_mapping


def test_a_line_of_a_gigabyte_costs_no_memory(tmp_path: Path, lookup: Lookup) -> None:
    path = tmp_path / "长.csv"
    with path.open("wb") as handle:
        handle.write(",".join(PUPILS).encode() + b"\n")
        handle.truncate(1 << 30)  # a hole: reads as a gigabyte without a line break
    made = read_delivery([ReadFile("长.csv", path)], lookup=lookup)
    assert made.refusal_code in {"line_too_long", "not_a_table"}
    with path.open("wb") as handle:
        for _block in range(3):
            handle.write(b"a" * (1 << 20))
    assert read_delivery([ReadFile("长.csv", path)], lookup=lookup).refusal_code == "line_too_long"


def test_an_entry_that_lies_about_its_size_is_stopped(
    tmp_path: Path, lookup: Lookup, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lingqu.foundation.intake.reading.archives.MAX_UNPACKED_BYTES", 1 << 20)
    data = zip_of({"a.csv": random.Random(1).randbytes(3 << 20)}, zipfile.ZIP_STORED)
    path = tmp_path / "谎.zip"
    path.write_bytes(data)
    assert read_delivery([ReadFile("谎.zip", path)], lookup=lookup).refusal_code == "zip_bomb"


def test_a_zip_of_schools_holds_a_zip_of_classes_with_chinese_names(read: Read) -> None:
    """Names as Chinese Windows writes them: GB18030 without saying so, and backslashes."""
    inner = zip_of_gbk({"七(1)班.csv": "姓名,性别\n甲一,男\n", "七(2)班.csv": "姓名,性别\n乙一,女\n"})
    made = read({"全县.zip": zip_of_gbk({"云溪县第一中学.zip": inner})})
    assert made.frames["students"].select("file", "school_ref", "class_ref").rows() == [
        ("云溪县第一中学.zip/七(1)班.csv", "3301000001", "3301000001|2026-2027|G07-1"),
        ("云溪县第一中学.zip/七(2)班.csv", "3301000001", "3301000001|2026-2027|G07-2"),
    ]


def zip_of_gbk(entries: dict[str, str | bytes]) -> bytes:
    """Stored entries written by hand, because the library always says UTF-8."""
    body, index = b"", b""
    for name, content in entries.items():
        data = content.encode() if isinstance(content, str) else content
        raw = name.encode("gb18030")
        head = struct.pack("<HHHHHIIIHH", 20, 0, 0, 0, 33, zlib.crc32(data), len(data), len(data), len(raw), 0)
        index += b"PK\x01\x02" + struct.pack("<H", 20) + head + struct.pack("<HHHII", 0, 0, 0, 0, len(body)) + raw
        body += b"PK\x03\x04" + head + raw + data
    end = struct.pack("<HHHHIIH", 0, 0, len(entries), len(entries), len(index), len(body), 0)
    return body + index + b"PK\x05\x06" + end


def test_entities_are_not_expanded(read: Read) -> None:
    """A billion laughs in the strings of a workbook: read as it stands or refused, never unfolded."""
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha" * 50}">' for n in range(10))
    whole = io.BytesIO()
    with xlsxwriter.Workbook(whole) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate(ROWS):
            sheet.write_row(at, 0, row)
    parts = {}
    with zipfile.ZipFile(whole) as archive:
        for name in archive.namelist():
            parts[name] = archive.read(name)
    strings = parts["xl/sharedStrings.xml"].decode()
    begin = strings.index("<sst")
    strings = f"<?xml version='1.0'?><!DOCTYPE sst [{laughs}]>" + strings[begin:].replace("张晓明", "&l9;")
    made = read({"笑.xlsx": zip_of({**parts, "xl/sharedStrings.xml": strings.encode()})})
    assert made.refusal_code == "damaged" or max(map(len, made.frames["students"]["name"])) < 100


def test_what_a_file_is_decides_not_its_name(read: Read) -> None:
    book = openpyxl.Workbook()
    for row in ROWS:
        book.active.append(row)
    data = io.BytesIO()
    book.save(data)
    for name, content in (
        ("学生.csv", data.getvalue()),
        ("学生.xls", TEXT.encode("gb18030")),
        ("学生.xlsx", TEXT.encode()),
    ):
        assert read({name: content}).frames["students"]["name"].to_list() == ["张晓明", "李晓红"]


def test_half_a_workbook_is_refused(read: Read) -> None:
    book = openpyxl.Workbook()
    for row in ROWS:
        book.active.append(row)
    data = io.BytesIO()
    book.save(data)
    whole = data.getvalue()
    for cut in (len(whole) // 3, len(whole) // 2, len(whole) - 30):
        assert read({"半.xlsx": whole[:cut]}).refusal_code in {"damaged", "zip_empty"}


@pytest.mark.parametrize("seed", range(12))
def test_random_bytes_never_break_reading(read: Read, seed: int) -> None:
    noise = random.Random(seed)
    start = noise.choice([b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", TEXT.encode()[:60], b"\xff\xfe"])
    made = read({"噪.csv": start + noise.randbytes(noise.randrange(1, 4000))})
    assert made.refusal or made.needs_mapping or made.frames is not None


def test_temporary_copies_are_gone_afterwards(tmp_path: Path, lookup: Lookup) -> None:
    path, space = tmp_path / "a.zip", tmp_path / "space"
    space.mkdir()
    path.write_bytes(zip_of({"a.csv": TEXT.encode("gb18030")}))
    made = read_delivery([ReadFile("a.zip", path)], lookup=lookup, workspace=space)
    assert made.rows == {"students": 2}
    assert os.listdir(space) == []


def test_limits_are_stated_in_the_refusal() -> None:
    assert "2 GB" in limits.refuse("too_large", "甲.csv", size=limits.MAX_FILE_BYTES).message
