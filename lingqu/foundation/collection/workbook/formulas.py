"""Formulas of a sheet and rules between cells: parsed into trees and computed on decimals. No names, no code, bounded work.

    C5+D5=E5          G5 <= E5          SUM(C5:C9)          '基本 情况'!B2          ABS(B10-LAST(B10)) <= 0.1*LAST(B10)

``LAST(B10)``: the same cell in the last period; ``REG(B10)``: what the register says for it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal, DecimalException, InvalidOperation
from typing import Any

from .refs import box, cells_of, column_name, column_number

Value = Decimal | str | bool | None
Tree = tuple[Any, ...]
LONGEST, DEEPEST, MOST_SIGNS, MOST_STEPS = 2000, 40, 200, 1_000_000
NUMBERS = Context(prec=28, Emax=400, Emin=-400)
_REF = r"\$?[A-Za-z]{1,3}\$?[1-9][0-9]{0,6}"
TOKEN = re.compile(
    rf"""\s*(?:(?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)|"(?P<text>(?:[^"]|"")*)"
    |(?P<sheet>'(?:[^']|'')+'!|[^\W\d][\w.]*!)?(?P<ref>{_REF}(?::{_REF})?)(?![\w(.])|(?P<name>[A-Za-z][A-Za-z0-9.]*)\s*(?=\()
    |(?P<word>TRUE|FALSE)(?!\w)|(?P<sign><=|>=|<>|[-+*/^&=<>%(),]))""",
    re.VERBOSE | re.IGNORECASE,
)
WIDE = str.maketrans(
    {"（": "(", "）": ")", "，": ",", "＝": "=", "＋": "+", "－": "-", "−": "-", "×": "*", "÷": "/", "＜": "<", "＞": ">",
     "％": "%", "：": ":", "！": "!", "≤": "<=", "≥": ">=", "≠": "<>", "“": '"', "”": '"', "；": ","}
)  # fmt: skip
SHIFTED = re.compile(r"(\"(?:[^\"]|\"\")*\"|'(?:[^']|'')*'!)|(\$?)([A-Za-z]{1,3})(\$?)([1-9][0-9]{0,6})(?![\w(.])")
COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b, "<>": lambda a, b: a != b, "<": lambda a, b: a < b, ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b, ">=": lambda a, b: a >= b,
}  # fmt: skip


class FormulaError(Exception):
    """``code``: syntax, unsupported, value, zero, cycle, work. ``at``: position of what was not understood."""

    def __init__(self, code: str, at: int = 0) -> None:
        super().__init__(code)
        self.code, self.at = code, at


@dataclass(slots=True)
class Cells:
    """What a formula reads: ``find(sheet, row, column)``, sheets by name, and the two former values of a rule."""

    find: Callable[[int, int, int], Value]
    sheets: dict[str, int]
    last: Callable[[int, int, int], Value] | None = None
    register: Callable[[int, int, int], Value] | None = None
    steps: int = 0

    def step(self, count: int = 1) -> None:
        self.steps += count
        if self.steps > MOST_STEPS:
            raise FormulaError("work")


class _Parser:
    def __init__(self, text: str) -> None:
        self.text, self.signs, self.depth = text, 0, 0
        self.tokens = list(_tokens(text))

    def peek(self) -> str:
        return self.tokens[0][1] if self.tokens and self.tokens[0][0] == "sign" else ""

    def take(self) -> tuple[str, Any, int]:
        if not self.tokens:
            raise FormulaError("syntax", len(self.text))
        return self.tokens.pop(0)

    def expect(self, sign: str) -> None:
        kind, value, at = self.take()
        if kind != "sign" or value != sign:
            raise FormulaError("syntax", at)

    def binary(self, level: int) -> Tree:
        """Comparison, &, sums, products, powers: from the loosest to the tightest."""
        signs = (("=", "<>", "<", ">", "<=", ">="), ("&",), ("+", "-"), ("*", "/"), ("^",))
        if level == len(signs):
            return self.unary()
        left = self.binary(level + 1)
        while self.peek() in signs[level]:
            sign = self.take()[1]
            self.signs += 1
            if self.signs > MOST_SIGNS:
                raise FormulaError("work")
            left = ("op", sign, left, self.binary(level + 1))
        return left

    def unary(self) -> Tree:
        self.depth += 1
        if self.depth > DEEPEST:
            raise FormulaError("work")
        if self.peek() in ("-", "+"):
            sign = self.take()[1]
            made = self.unary()
            made = ("minus", made) if sign == "-" else made
        else:
            made = self.primary()
            while self.peek() == "%":
                self.take()
                made = ("op", "/", made, ("value", Decimal(100)))
        self.depth -= 1
        return made

    def primary(self) -> Tree:
        kind, value, at = self.take()
        if kind in ("value", "ref"):
            return (kind, value)
        if kind == "name":
            return self.call(value, at)
        if value != "(":
            raise FormulaError("syntax", at)
        inner = self.binary(0)
        self.expect(")")
        return inner

    def call(self, name: str, at: int) -> Tree:
        self.expect("(")
        arguments: list[Tree] = []
        while self.peek() != ")":
            arguments.append(self.binary(0))
            if self.peek() != ",":
                break
            self.take()
        self.expect(")")
        if name not in FUNCTIONS and name not in FORMER:
            raise FormulaError("unsupported", at)
        if name in FORMER and (len(arguments) != 1 or arguments[0][0] != "ref" or ":" in arguments[0][1][1]):
            raise FormulaError("syntax", at)
        return ("call", name, tuple(arguments))


def _tokens(text: str) -> Iterator[tuple[str, Any, int]]:
    at = 0
    while text[at:].strip():
        found = TOKEN.match(text, at)
        if found is None:
            raise FormulaError("syntax", at)
        start = found.start() + len(found[0]) - len(found[0].lstrip())
        if found["number"]:
            yield "value", Decimal(found["number"]), start
        elif found["text"] is not None:
            yield "value", found["text"].replace('""', '"'), start
        elif found["ref"]:
            sheet = (found["sheet"] or "")[:-1]
            sheet = sheet[1:-1].replace("''", "'") if sheet.startswith("'") else sheet
            yield "ref", (sheet, found["ref"].replace("$", "").upper()), start
        elif found["name"]:
            yield "name", found["name"].upper().removeprefix("_XLFN."), start
        elif found["word"]:
            yield "value", found["word"].upper() == "TRUE", start
        else:
            yield "sign", found["sign"], start
        at = found.end()


def parse(text: str) -> Tree:
    """The tree of a formula without its ``=``. Raises :class:`FormulaError`."""
    if len(text) > LONGEST:
        raise FormulaError("work")
    parser = _Parser(text)
    made = parser.binary(0)
    if parser.tokens:
        raise FormulaError("syntax", parser.tokens[0][2])
    return made


def parse_rule(text: str) -> Tree:
    """The tree of a rule, which is true or false. Chinese signs count as their narrow ones."""
    narrow = text.translate(WIDE)
    made = parse(narrow.strip())
    is_test = made[0] == "op" and made[1] in COMPARED
    if not is_test and not (made[0] == "call" and made[1] in ("AND", "OR", "NOT", "IF")):
        raise FormulaError("syntax", len(narrow))
    return made


def refs_in(tree: Tree) -> Iterator[tuple[str, str]]:
    """(sheet name, cell or range) of everything that a tree reads."""
    if tree[0] == "ref":
        yield tree[1]
        return
    for part in tree[2] if tree[0] == "call" else tree[1:]:
        if isinstance(part, tuple):
            yield from refs_in(part)


def evaluate(tree: Tree, cells: Cells, sheet: int) -> Value:
    """The value of a tree on a sheet. Raises :class:`FormulaError`."""
    try:
        return _value(tree, cells, sheet)
    except DecimalException as error:
        raise FormulaError("value") from error
    except RecursionError as error:
        raise FormulaError("work") from error


def _value(tree: Tree, cells: Cells, sheet: int) -> Value:
    cells.step()
    kind = tree[0]
    if kind == "value":
        found: Value = tree[1]
        return found
    if kind == "ref":
        area = list(_area(tree, cells, sheet))
        if len(area) != 1:
            raise FormulaError("unsupported")
        return cells.find(*area[0])
    if kind == "minus":
        return NUMBERS.minus(number(_value(tree[1], cells, sheet)))
    if kind == "call":
        return _call(tree[1], tree[2], cells, sheet)
    return _operate(tree[1], _value(tree[2], cells, sheet), _value(tree[3], cells, sheet))


def _operate(sign: str, left: Value, right: Value) -> Value:
    if sign == "&":
        return _text(left) + _text(right)
    if sign in COMPARED:
        if left is None or right is None:
            other = right if left is None else left
            empty: Value = "" if isinstance(other, str) else Decimal(0)
            left, right = (empty if left is None else left), (empty if right is None else right)
        if isinstance(left, str) != isinstance(right, str):
            return sign == "<>"
        return COMPARED[sign](left, right)
    first, second = number(left), number(right)
    if sign == "/":
        if not second:
            raise FormulaError("zero")
        return NUMBERS.divide(first, second)
    if sign == "^" and abs(second) > 100:
        raise FormulaError("work")
    return {"+": NUMBERS.add, "-": NUMBERS.subtract, "*": NUMBERS.multiply, "^": NUMBERS.power}[sign](first, second)


def number(value: Value) -> Decimal:
    """An empty cell is 0. Raises :class:`FormulaError` for words."""
    if value is None or value == "":
        return Decimal(0)
    if isinstance(value, bool):
        return Decimal(int(value))
    if isinstance(value, Decimal):
        return value
    try:
        return Decimal(value.strip())
    except InvalidOperation as error:
        raise FormulaError("value") from error


def _text(value: Value) -> str:
    return plain(value) if value is not None else ""


def plain(value: Value) -> str:
    """A value as a cell keeps it: ``12.5``, ``TRUE``, words."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise FormulaError("value")
        text = f"{NUMBERS.plus(value):f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
        return "0" if text in ("-0", "") else text
    return value or ""


def _area(tree: Tree, cells: Cells, sheet: int) -> Iterator[tuple[int, int, int]]:
    name, ref = tree[1]
    at = sheet if not name else cells.sheets.get(name, 0)
    if not at:
        raise FormulaError("unsupported")
    try:
        area = list(cells_of(box(ref)))
    except ValueError as error:
        raise FormulaError("work") from error
    cells.step(len(area))
    return ((at, row, column) for row, column in area)


def _all(arguments: tuple[Tree, ...], cells: Cells, sheet: int) -> Iterator[tuple[Value, bool]]:
    """Every value of some arguments, and whether it stood in a cell."""
    for one in arguments:
        if one[0] == "ref":
            for place in _area(one, cells, sheet):
                yield cells.find(*place), True
        else:
            yield _value(one, cells, sheet), False


def _numbers(arguments: tuple[Tree, ...], cells: Cells, sheet: int) -> list[Decimal]:
    """Numbers only: words and empty cells of a range do not count, as in every spreadsheet."""
    return [
        number(value)
        for value, in_cell in _all(arguments, cells, sheet)
        if value is not None and not (in_cell and isinstance(value, str | bool))
    ]


def _sum(values: list[Decimal]) -> Decimal:
    total = Decimal(0)
    for one in values:
        total = NUMBERS.add(total, one)
    return total


def _average(values: list[Decimal]) -> Decimal:
    if not values:
        raise FormulaError("zero")
    return NUMBERS.divide(_sum(values), Decimal(len(values)))


def _round(values: list[Decimal]) -> Decimal:
    digits = int(values[1]) if len(values) > 1 else 0
    if abs(digits) > 15:
        raise FormulaError("work")
    return values[0].quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


REDUCED: dict[str, Callable[[list[Decimal]], Decimal]] = {
    "SUM": _sum, "AVERAGE": _average, "COUNT": lambda values: Decimal(len(values)),
    "MIN": lambda values: min(values, default=Decimal(0)), "MAX": lambda values: max(values, default=Decimal(0)),
}  # fmt: skip
FORMER = frozenset({"LAST", "REG"})
FUNCTIONS = frozenset({*REDUCED, "COUNTA", "IF", "IFERROR", "AND", "OR", "NOT", "ABS", "INT", "ROUND"})


def _truth(value: Value) -> bool:
    return value if isinstance(value, bool) else bool(number(value))


def _call(name: str, arguments: tuple[Tree, ...], cells: Cells, sheet: int) -> Value:
    if name in FORMER:
        ask = cells.last if name == "LAST" else cells.register
        place = next(iter(_area(arguments[0], cells, sheet)))
        return ask(*place) if ask is not None else None
    if name in REDUCED:
        return REDUCED[name](_numbers(arguments, cells, sheet))
    if name == "COUNTA":
        return Decimal(sum(value not in (None, "") for value, _cell in _all(arguments, cells, sheet)))
    if name in ("AND", "OR"):
        truths = [_truth(value) for value, _cell in _all(arguments, cells, sheet)]
        return all(truths) if name == "AND" else any(truths)
    return _choose(name, arguments, cells, sheet)


def _choose(name: str, arguments: tuple[Tree, ...], cells: Cells, sheet: int) -> Value:
    if not 1 <= len(arguments) <= 3:
        raise FormulaError("syntax")
    if name == "IFERROR":
        try:
            return _value(arguments[0], cells, sheet)
        except (FormulaError, DecimalException):
            return _value(arguments[1], cells, sheet) if len(arguments) > 1 else None
    first = _value(arguments[0], cells, sheet)
    if name == "IF":
        at = 1 if _truth(first) else 2
        return _value(arguments[at], cells, sheet) if at < len(arguments) else at == 1
    if name == "NOT":
        return not _truth(first)
    if name == "ABS":
        return NUMBERS.abs(number(first))
    if name == "INT":
        return number(first).to_integral_value(rounding=ROUND_FLOOR)
    return _round([number(first), *(number(_value(one, cells, sheet)) for one in arguments[1:2])])


def shifted(formula: str, rows: int, columns: int) -> str:
    """A shared formula as it reads some rows and columns further; ``$`` stays."""

    def move(found: re.Match[str]) -> str:
        if found[1]:
            return found[1]
        column = found[3] if found[2] else column_name(max(1, column_number(found[3]) + columns))
        row = int(found[5]) if found[4] else max(1, int(found[5]) + rows)
        return f"{found[2]}{column}{found[4]}{row}"

    return SHIFTED.sub(move, formula)
