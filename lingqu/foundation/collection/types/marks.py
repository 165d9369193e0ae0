"""What each marked cell of a table means, the rows of its lists, the rules between cells: plain values from JSON."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from .words import Level, MarkKind, ValueType

LONGEST_VALUE = 500
DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
DIGITS = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """``low``, ``high``: bounds of a number as text, empty for none. ``editable``: the school may change a prefilled value.
    ``text``: the content of a constant. ``summed``: added up over schools."""

    kind: str
    type: str = ValueType.INTEGER.value
    low: str = ""
    high: str = ""
    required: bool = False
    editable: bool = True
    summed: bool = True
    figure: str = ""
    choices: tuple[str, ...] = ()
    text: str = ""

    @property
    def is_number(self) -> bool:
        return self.type in (ValueType.INTEGER, ValueType.NUMBER)

    @property
    def is_summed(self) -> bool:
        return self.is_number and self.summed and self.kind != MarkKind.CONSTANT

    @property
    def is_open(self) -> bool:
        """Whether a school enters it."""
        return self.kind == MarkKind.FILL or (self.kind in (MarkKind.FIGURE, MarkKind.LAST) and self.editable)

    def as_data(self) -> dict[str, Any]:
        return asdict(self) | {"choices": list(self.choices)}

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Mark:
        return cls(**{**data, "choices": tuple(data.get("choices", ()))})


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A list: one entry a row from ``first`` on. ``last``: as drawn; ``most`` rows may be entered."""

    sheet: int
    first: int
    last: int
    left: int
    columns: tuple[Mark, ...]
    most: int

    @property
    def key(self) -> str:
        return f"{self.sheet}!{self.first}:{self.left}"

    def as_data(self) -> dict[str, Any]:
        return asdict(self) | {"columns": [one.as_data() for one in self.columns]}

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Block:
        return cls(**{**data, "columns": tuple(map(Mark.from_data, data["columns"]))})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """``text`` holds on sheet ``sheet``; ``told``: what a school reads when it does not."""

    text: str
    sheet: int = 1
    told: str = ""
    level: str = Level.BLOCK.value

    def as_data(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(slots=True)
class Marks:
    cells: dict[str, Mark] = field(default_factory=dict)
    blocks: tuple[Block, ...] = ()
    rules: tuple[Rule, ...] = ()

    def as_data(self) -> dict[str, Any]:
        return {
            "cells": {key: one.as_data() for key, one in self.cells.items()},
            "blocks": [one.as_data() for one in self.blocks], "rules": [one.as_data() for one in self.rules],
        }  # fmt: skip

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Marks:
        return cls(
            cells={key: Mark.from_data(one) for key, one in data.get("cells", {}).items()},
            blocks=tuple(map(Block.from_data, data.get("blocks", ()))),
            rules=tuple(Rule(**one) for one in data.get("rules", ())),
        )


def cleaned(mark: Mark, text: str) -> tuple[str, str]:
    """(the value as kept, what is wrong with it). Numbers without separators, days as 2026-11-29; empty is no mistake."""
    text = text.strip()
    if not text:
        return "", ""
    if len(text) > LONGEST_VALUE:
        return text[:LONGEST_VALUE], _("最多 %(n)d 个字。") % {"n": LONGEST_VALUE}
    if mark.is_number:
        return _number(mark, text)
    if mark.type == ValueType.DATE:
        return _day(text)
    if mark.type == ValueType.CHOICE and text not in mark.choices:
        return text, _("只能填：%(choices)s。") % {"choices": " / ".join(mark.choices)}
    return text, ""


def _number(mark: Mark, text: str) -> tuple[str, str]:
    narrow = unicodedata.normalize("NFKC", text).replace(",", "").replace(" ", "")
    try:
        value = Decimal(narrow)
        if not value.is_finite() or len(narrow) > 40 or abs(value.adjusted()) > DIGITS:
            raise InvalidOperation
    except InvalidOperation:
        return text, _("要填数，现在是“%(value)s”。") % {"value": text[:40]}
    made = f"{value:f}"
    made = made.rstrip("0").rstrip(".") if "." in made else made
    made = "0" if made in ("-0", "") else made
    if mark.type == ValueType.INTEGER and "." in made:
        return made, _("要填整数，现在是 %(value)s。") % {"value": made}
    if mark.low and value < Decimal(mark.low):
        return made, _("不能小于 %(bound)s，现在是 %(value)s。") % {"bound": mark.low, "value": made}
    if mark.high and value > Decimal(mark.high):
        return made, _("不能大于 %(bound)s，现在是 %(value)s。") % {"bound": mark.high, "value": made}
    return made, ""


def _day(text: str) -> tuple[str, str]:
    found = DAY.fullmatch(unicodedata.normalize("NFKC", text).split(" ")[0].split("T")[0])
    try:
        if found is None:
            raise ValueError
        return date(int(found[1]), int(found[2]), int(found[3])).isoformat(), ""
    except ValueError:
        return text, _("要填日期，如 2026-11-29，现在是“%(value)s”。") % {"value": text[:40]}
