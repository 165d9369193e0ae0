"""Timetable grids as schools have them: a sheet a class, one big sheet with a column a class, or one with a row a class.

Reading finds where weekday, period and class stand and gives every filled cell with its place; what a cell means is
:func:`read_cell`. Nothing here knows a database.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from .weeks import ALL, EVEN, ODD

Rows = Sequence[Sequence[str]]
IsClass = Callable[[str], bool]
WEEKDAYS = {sign: number for number, sign in enumerate("一二三四五六", start=1)} | {"日": 7, "天": 7}
_WEEKDAY = re.compile(r"^(?:星\s*期|周|礼\s*拜)\s*([一二三四五六日天1-7])$")
_LESSON = re.compile(
    r"^(?:上午|下午|晚上|白天)?\s*(?:第)?\s*([一二三四五六七八九十]{1,2}|\d{1,2})\s*(?:节|节课|课)?(?:\s*[（(].*)?$"
)
_DIGITS = {sign: number for number, sign in enumerate("一二三四五六七八九十", start=1)} | {"十一": 11, "十二": 12}
_OTHER = (("R", ("早读", "晨读", "早自习")), ("A", ("课后服务", "延时", "课后")), ("N", ("晚自习", "晚修", "晚自修")))
_PAUSE = re.compile(r"午休|午餐|大课间|课间|眼操|升旗仪式$")
HEAD_ROWS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A filled cell: where it stands (``C14``), whose, when, and its text."""

    place: str
    class_name: str
    weekday: int
    slot: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """``problem`` says why a sheet is no timetable: ``no_weekdays`` or ``no_class``."""

    cells: tuple[Cell, ...] = ()
    classes: tuple[str, ...] = ()
    problem: str = ""


def place_of(row: int, column: int) -> str:
    """Spreadsheet name of a cell from 0-based indexes."""
    letters, column = "", column + 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"


def weekday_of(text: str) -> int:
    match = _WEEKDAY.match(text.strip())
    return (WEEKDAYS.get(match[1]) or int(match[1])) if match else 0


def slot_of(text: str) -> str:
    """The slot of a period's heading: ``3`` for 第三节, 3, 第3节（09:40）; ``R1`` for 早读; empty for none."""
    bare = text.strip().split("\n")[0].strip()
    for letter, words in _OTHER:
        if any(bare.startswith(word) for word in words):
            digit = re.search(r"(\d)", bare)
            return f"{letter}{digit[1] if digit else 1}"
    match = _LESSON.match(bare)
    if match is None:
        return ""
    number = _DIGITS.get(match[1]) or (int(match[1]) if match[1].isdigit() else 0)
    return str(number) if 1 <= number <= 16 else ""


def read_grid(title: str, rows: Rows, is_class: IsClass) -> Grid:
    """``is_class`` says whether a text names a class of the school."""
    head = next((at for at, row in enumerate(rows[:HEAD_ROWS]) if sum(weekday_of(cell) > 0 for cell in row) >= 3), None)
    if head is not None:
        below = rows[head + 1] if head + 1 < len(rows) else ()
        slots = sum(bool(slot_of(cell)) for cell in below[1:])
        if slots >= 4 and slots > sum(weekday_of(cell) > 0 for cell in rows[head]):
            return _class_rows(rows, head, is_class)
        return _one_class(title, rows, head, is_class)
    return _class_columns(rows, is_class)


def _one_class(title: str, rows: Rows, head: int, is_class: IsClass) -> Grid:
    """A sheet a class: weekdays are columns, periods rows; the class stands above the grid or in the sheet's name."""
    texts = [cell for row in rows[:head] for cell in row if cell.strip()]
    texts += [rows[head][0], title]
    name = next((found for text in texts if (found := _class_in(text, is_class))), "")
    if not name:
        return Grid(problem="no_class")
    columns = {at: day for at, cell in enumerate(rows[head]) if (day := weekday_of(cell))}
    first = min(columns)
    cells = []
    for at, row in enumerate(rows[head + 1 :], start=head + 1):
        slot = _slot_in(row[:first])
        for column, day in columns.items():
            text = row[column].strip() if column < len(row) else ""
            if slot and text:
                cells.append(Cell(place=place_of(at, column), class_name=name, weekday=day, slot=slot, text=text))
    return Grid(cells=tuple(cells), classes=(name,))


def _class_columns(rows: Rows, is_class: IsClass) -> Grid:
    """One big sheet: classes are columns, weekday and period stand left of them; merged weekdays go on downwards."""
    counted = [sum(is_class(cell) for cell in row) for row in rows[:HEAD_ROWS]]
    if not counted or max(counted) < 1:
        return Grid(problem="no_weekdays")
    head = counted.index(max(counted))
    columns = {at: cell.strip() for at, cell in enumerate(rows[head]) if is_class(cell)}
    first, day = min(columns), 0
    cells = []
    for at, row in enumerate(rows[head + 1 :], start=head + 1):
        left = row[:first]
        day = next((found for cell in left if (found := weekday_of(cell))), day)
        slot = _slot_in([cell for cell in left if not weekday_of(cell)])
        for column, name in columns.items():
            text = row[column].strip() if column < len(row) else ""
            if day and slot and text:
                cells.append(Cell(place=place_of(at, column), class_name=name, weekday=day, slot=slot, text=text))
    return Grid(cells=tuple(cells), classes=tuple(columns.values()), problem="" if cells else "no_weekdays")


def _class_rows(rows: Rows, head: int, is_class: IsClass) -> Grid:
    """One big sheet turned: classes are rows; weekdays stand over their periods, merged to the right."""
    day, columns = 0, {}
    for at, below in enumerate(rows[head + 1]):
        day = weekday_of(rows[head][at]) or day if at < len(rows[head]) else day
        slot = slot_of(below)
        if day and slot:
            columns[at] = (day, slot)
    first = min(columns)
    cells, names = [], []
    for at, row in enumerate(rows[head + 2 :], start=head + 2):
        name = next((cell.strip() for cell in row[:first] if is_class(cell)), "")
        if not name:
            continue
        names.append(name)
        for column, (weekday, slot) in columns.items():
            text = row[column].strip() if column < len(row) else ""
            if text:
                cells.append(Cell(place=place_of(at, column), class_name=name, weekday=weekday, slot=slot, text=text))
    return Grid(cells=tuple(cells), classes=tuple(names), problem="" if names else "no_class")


def _slot_in(cells: Sequence[str]) -> str:
    for cell in reversed(cells):
        if cell.strip() and _PAUSE.search(cell):
            return ""
        if cell.strip() and (slot := slot_of(cell)):
            return slot
    return ""


def _class_in(text: str, is_class: IsClass) -> str:
    """A class named in a title such as 八（3）班课程表."""
    for part in (text, *re.split(r"[\s:：]+", text)):
        bare = re.sub(r"(?:课程表|课表|功课表|班级课表|总表)$", "", part.strip()).strip()
        if bare and is_class(bare):
            return bare
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one part of a cell says; empty = not said. ``unknown`` are words that are neither."""

    subject: str
    teachers: tuple[str, ...] = ()
    room: str = ""
    weeks: int = ALL
    unknown: tuple[str, ...] = ()


_PARITY = re.compile(r"[（(【\[]?\s*([单双])\s*周?\s*[)）】\]]?[:：]?")
_ROOM = re.compile(r"^[A-Za-z]?\d{2,4}$|[室场馆楼房厅]|操场|机房|教室|\d{3}")
EMPTY = frozenset({"/", "-", "—", "——", "无", "空", "\\", "*"})


def read_cell(text: str, subjects: Callable[[str], str], is_teacher: Callable[[str], bool]) -> tuple[Said, ...]:
    """The lessons of a cell: one, or two that alternate (单 音乐 / 双 美术). ``subjects`` gives the code of a spelling or an
    empty string."""
    if text.strip() in EMPTY:
        return ()
    marks = list(_PARITY.finditer(text))
    marks = [mark for mark in marks if mark[0].strip() not in ("单", "双") or _stands_alone(text, mark)]
    if not marks:
        return (_said(text, ALL, subjects, is_teacher),)
    parts: list[tuple[int, str]] = []
    if text[: marks[0].start()].strip(" \n\t/／|、"):
        edges = [0, *(mark.end() for mark in marks)]
        for at, mark in enumerate(marks):
            parts.append((ODD if mark[1] == "单" else EVEN, text[edges[at] : mark.start()]))
        rest = text[edges[-1] :].strip(" \n\t/／|、")
        if rest:
            weeks, said = parts[-1]
            parts[-1] = (weeks, f"{said} {rest}")
    else:
        edges = [*(mark.start() for mark in marks), len(text)]
        for at, mark in enumerate(marks):
            parts.append((ODD if mark[1] == "单" else EVEN, text[mark.end() : edges[at + 1]]))
    return tuple(_said(part, weeks, subjects, is_teacher) for weeks, part in parts)


def _stands_alone(text: str, mark: re.Match[str]) -> bool:
    """单 and 双 without brackets or 周 count only at the beginning of a line or before a colon; 单雯 is a name."""
    before, after = text[: mark.start()], text[mark.end() :]
    return (not before or before[-1] in "\n/／ ") and after[:1] in (" ", ":", "：", "\n")


def _said(text: str, weeks: int, subjects: Callable[[str], str], is_teacher: Callable[[str], bool]) -> Said:
    subject, teachers, room, unknown = "", [], "", []
    for word in _words(text):
        if not subject and subjects(word):
            subject = subjects(word)
        elif is_teacher(word):
            teachers.append(word)
        elif not room and _ROOM.search(word):
            room = word
        elif not subject and (joined := _joined(word, subjects, is_teacher)):
            subject, teacher = joined
            teachers.append(teacher)
        else:
            unknown.append(word)
    return Said(subject=subject, teachers=tuple(teachers), room=room, weeks=weeks, unknown=tuple(unknown))


def _joined(word: str, subjects: Callable[[str], str], is_teacher: Callable[[str], bool]) -> tuple[str, str] | None:
    """数学王伟: a subject and a name without anything between."""
    for at in range(len(word) - 1, 0, -1):
        if (code := subjects(word[:at])) and is_teacher(word[at:]):
            return code, word[at:]
    return None


def _words(text: str) -> Iterator[str]:
    bare = re.sub(r"[（(\[【]", "\n", re.sub(r"[)）\]】]", "\n", text))
    for part in re.split(r"[\n/／|、,，;；:：@]+", bare):
        words = part.split()
        if len(words) == 2 and all(len(word) == 1 for word in words):
            yield "".join(words)  # 张 三
        else:
            yield from words
