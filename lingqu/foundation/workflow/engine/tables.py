"""Decision tables: S-FEEL unary tests become CEL, a row's answers are literals. Hit policies of DMN 1.5 §8.2.8."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from ..types.graph import Hit, Row, Table
from .expressions import Unanswerable, Unreadable, answer, faults_of, holds

VALUE = "cell"
_RANGE = re.compile(r"^([\[\](])\s*(.+?)\s*\.\.\s*(.+?)\s*([\]\[)])\s*$")
_COMPARED = re.compile(r"^(<=|>=|<|>|!=|=)\s*(.+)$", re.DOTALL)
_NOT = re.compile(r"^not\s*\((.*)\)$", re.DOTALL)
_LITERAL = re.compile(r"""^(-?\d+(\.\d+)?|true|false|null|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')$""")


@lru_cache(maxsize=4_000)
def unary(cell: str) -> str:
    """The CEL of a cell over :data:`VALUE`; empty for "anything". Raises :class:`Unreadable`."""
    text = cell.strip()
    if text in ("", "-"):
        return ""
    if negated := _NOT.match(text):
        return f"!({unary(negated.group(1)) or 'true'})"
    return " || ".join(f"({_single(part)})" for part in _parts(text))


def _single(part: str) -> str:
    if found := _RANGE.match(part):
        left, low, high, right = found.groups()
        above = ">=" if left == "[" else ">"
        below = "<=" if right == "]" else "<"
        return f"{VALUE} {above} {_literal(low)} && {VALUE} {below} {_literal(high)}"
    if found := _COMPARED.match(part):
        sign = "==" if found.group(1) == "=" else found.group(1)
        return f"{VALUE} {sign} {_literal(found.group(2))}"
    return f"{VALUE} == {_literal(part)}"


def _literal(text: str) -> str:
    """A number, text, true, false or null; a name of a field is allowed in a test too."""
    text = text.strip()
    if _LITERAL.match(text) or re.match(r"^[A-Za-z_]\w*$", text):
        return text
    raise Unreadable(f"not a value: {text[:60]}")


def _parts(text: str) -> Iterable[str]:
    """The tests of a list, divided at commas outside of texts and brackets."""
    made, depth, quote = "", 0, ""
    for sign in text:
        if quote:
            quote = "" if sign == quote and not made.endswith("\\") else quote
        elif sign in "\"'":
            quote = sign
        elif sign == "," and depth == 0:
            yield made.strip()
            made = ""
            continue
        made += sign
    yield made.strip()


def table_faults(table: Table, known: Iterable[str]) -> list[str]:
    """What keeps a table from being published, each with the number of its row (0: the table itself)."""
    known = set(known)
    found = [f"0: {fault}" for text in table.inputs for fault in faults_of(text, known)]
    if not table.inputs or not table.outputs or not table.rows:
        found.append("0: a table needs inputs, outputs and rows")
    for number, row in enumerate(table.rows, 1):
        if len(row.tests) != len(table.inputs) or len(row.answers) != len(table.outputs):
            found.append(f"{number}: not as many cells as the table has columns")
        for cell in row.tests:
            try:
                test = unary(cell)
            except Unreadable as error:
                found.append(f"{number}: {error}")
                continue
            found += [f"{number}: {fault}" for fault in (faults_of(test, known | {VALUE}) if test else ())]
        found += [f"{number}: {fault}" for cell in row.answers for fault in faults_of(cell, known)]
    return found


def decide(table: Table, context: Mapping[str, Any]) -> Any:
    """What a table answers: a value for one output, a mapping for several, a list of these for COLLECT and RULE ORDER;
    None when no row of a single-hit table applies. Raises :class:`Unanswerable` when UNIQUE or ANY are broken."""
    values = [answer(text, context) for text in table.inputs]
    hits = [row for row in table.rows if _applies(row, values, context)]
    if table.hit in (Hit.COLLECT, Hit.RULE_ORDER):
        return [_answered(table, row, context) for row in hits]
    if not hits:
        return None
    if table.hit == Hit.UNIQUE and len(hits) > 1:
        raise Unanswerable(f"{table.key}: {len(hits)} rows apply, one was promised")
    first = _answered(table, hits[0], context)
    if table.hit == Hit.ANY and any(_answered(table, row, context) != first for row in hits[1:]):
        raise Unanswerable(f"{table.key}: rows that apply answer differently")
    return first


def _applies(row: Row, values: list[Any], context: Mapping[str, Any]) -> bool:
    return all(
        not (test := unary(cell)) or holds(test, {**context, VALUE: value})
        for cell, value in zip(row.tests, values, strict=True)
    )


def _answered(table: Table, row: Row, context: Mapping[str, Any]) -> Any:
    made = [answer(cell, context) for cell in row.answers]
    return made[0] if len(made) == 1 else dict(zip(table.outputs, made, strict=True))
