"""Reads what was posted to a form: either every value fits its field, or the fields say what is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from lingqu.ui.figures import number as shown_number

from .conditions import is_hidden
from .schema import LONGEST_TEXT, Field, FieldType, Form

Posted = Mapping[str, Sequence[str]]
_PHONE = re.compile(r"\+?[0-9][0-9 \-]{5,19}")
LARGEST = Decimal(10) ** 12
LONGEST_MATCHED = 200
_DATES: dict[str, tuple[Callable[[str], Any], str]] = {
    "date": (date.fromisoformat, "%Y-%m-%d"), "time": (time.fromisoformat, "%H:%M"),
    "datetime": (datetime.fromisoformat, "%Y-%m-%dT%H:%M"),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """``values`` by field key, with None for what is empty or hidden; ``errors`` by key; ``hidden`` keys are not shown."""

    values: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()

    @property
    def is_valid(self) -> bool:
        return not self.errors


class _Wrong(Exception):
    """Why one value does not fit."""


def clean(
    form: Form, posted: Posted, *, kept: Mapping[str, Any] | None = None, writes: frozenset[str] | None = None,
    is_draft: bool = False,
) -> Answers:  # fmt: skip
    """The values of a post. ``kept`` is what stands already: it stays for fields that are read-only or not in ``writes``
    (None: all may be written), and for files, which come another way. A draft may leave required fields empty."""
    held = kept or {}
    values: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for one in form.asked():
        if not may_write(one, writes) or one.type is FieldType.FILES:
            values[one.key] = held.get(one.key)
            continue
        try:
            values[one.key] = _VALUES[one.type](one, posted)
        except _Wrong as wrong:
            errors[one.key], values[one.key] = str(wrong), None
    hidden = hidden_of(form, values)
    for one in form.asked():
        if one.key in hidden:
            values[one.key] = None
            errors.pop(one.key, None)
        elif not is_draft and one.key not in errors and _is_missing(one, values[one.key], writes):
            errors[one.key] = _("请填写这一项。")
    return Answers(values=values, errors=errors, hidden=hidden)


def may_write(one: Field, writes: frozenset[str] | None) -> bool:
    return not one.is_readonly and (writes is None or one.key in writes)


def _is_missing(one: Field, value: Any, writes: frozenset[str] | None) -> bool:
    """Files come another way and are counted there."""
    return one.is_required and one.type is not FieldType.FILES and is_empty(value) and may_write(one, writes)


def is_empty(value: Any) -> bool:
    return value is None or value == "" or value == [] or value is False


def hidden_of(form: Form, values: Mapping[str, Any]) -> frozenset[str]:
    """Keys and group labels that the conditions hide; what depends on a hidden field sees it as empty."""
    hidden: set[str] = set()
    seen = {key: value for key, value in values.items() if value is not None}
    for _round in form.fields:
        before = len(hidden)
        for one in form.fields:
            name = name_of(one)
            if name not in hidden and (one.inside in hidden or (one.hide and is_hidden(one.hide, seen))):
                hidden.add(name)
                seen.pop(one.key, None)
        if len(hidden) == before:
            break
    return frozenset(hidden)


def name_of(one: Field) -> str:
    """What a component is called among the hidden ones: its key, or the words of a group or text."""
    return one.key or one.label


def shown(one: Field, value: Any) -> str:
    """A value in words."""
    if value is None or value == "":
        return ""
    if one.type is FieldType.TICK:
        return _("是") if value else _("否")
    if one.type in (FieldType.RADIO, FieldType.SELECT):
        return one.label_of(str(value))
    if isinstance(value, list):
        return "、".join(one.label_of(str(part)) for part in value)
    if isinstance(value, float | int):
        return str(shown_number(value)) if float(value) == int(value) else f"{value:g}"
    return str(value)


def _one(posted: Posted, key: str) -> str:
    found = posted.get(key) or [""]
    return str(found[-1]).replace("\x00", "").replace("\r\n", "\n").strip()


def _text(one: Field, posted: Posted) -> str | None:
    text = _one(posted, one.key)
    if not text:
        return None
    most = int(one.most) if one.most is not None else (500 if one.type is FieldType.TEXT else LONGEST_TEXT)
    if len(text) > most:
        raise _Wrong(_("最多 %(most)d 个字，现在有 %(n)d 个。") % {"most": most, "n": len(text)})
    if one.least is not None and len(text) < one.least:
        raise _Wrong(_("至少 %(least)d 个字。") % {"least": int(one.least)})
    if one.type is FieldType.TEXT and "\n" in text:
        raise _Wrong(_("这里只能写一行。"))
    if one.validation == "email":
        try:
            validate_email(text)
        except ValidationError as error:
            raise _Wrong(_("这不是电子邮箱地址。")) from error
    if one.validation == "phone" and not _PHONE.fullmatch(text):
        raise _Wrong(_("这不是电话号码。"))
    if one.pattern and (len(text) > LONGEST_MATCHED or not re.fullmatch(one.pattern, text)):
        raise _Wrong(_("格式不对：%(hint)s") % {"hint": one.description or one.pattern})
    return text


def _number(one: Field, posted: Posted) -> float | int | None:
    text = _one(posted, one.key).replace(",", "").replace("，", "")
    if not text:
        return None
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise _Wrong(_("“%(text)s”不是数。") % {"text": text[:40]}) from error
    if not value.is_finite() or abs(value) >= LARGEST:
        raise _Wrong(_("“%(text)s”不是数。") % {"text": text[:40]})
    if value != value.quantize(Decimal(1).scaleb(-one.decimals)):
        raise _Wrong(_("最多 %(n)d 位小数。") % {"n": one.decimals} if one.decimals else _("请填整数。"))
    if one.least is not None and value < Decimal(str(one.least)):
        raise _Wrong(_("不能小于 %(least)s。") % {"least": f"{one.least:g}"})
    if one.most is not None and value > Decimal(str(one.most)):
        raise _Wrong(_("不能大于 %(most)s。") % {"most": f"{one.most:g}"})
    return int(value) if not one.decimals else float(value)


def _date(one: Field, posted: Posted) -> str | None:
    text = _one(posted, one.key)
    if not text:
        return None
    parse, form = _DATES[one.subtype]
    try:
        made = parse(text)
    except ValueError as error:
        raise _Wrong(_("“%(text)s”不是这里要的日期或时间。") % {"text": text[:40]}) from error
    if isinstance(made, datetime) and made.tzinfo is not None:
        raise _Wrong(_("“%(text)s”不是这里要的日期或时间。") % {"text": text[:40]})
    if isinstance(made, date) and not 1900 <= made.year <= 2200:
        raise _Wrong(_("年份不对。"))
    written: str = made.strftime(form)
    return written


def _tick(one: Field, posted: Posted) -> bool:
    return _one(posted, one.key) not in ("", "false", "off", "0")


def _choice(one: Field, posted: Posted) -> str | None:
    value = _one(posted, one.key)
    if value and value not in dict(one.choices):
        raise _Wrong(_("请从列出的选项里选。"))
    return value or None


def _choices(one: Field, posted: Posted) -> list[str] | None:
    given = list(dict.fromkeys(str(value) for value in posted.get(one.key) or () if value))
    if any(value not in dict(one.choices) for value in given):
        raise _Wrong(_("请从列出的选项里选。"))
    if one.most is not None and len(given) > one.most:
        raise _Wrong(_("最多选 %(n)d 项。") % {"n": int(one.most)})
    return given or None


_VALUES: dict[FieldType, Callable[[Field, Posted], Any]] = {
    FieldType.TEXT: _text, FieldType.LONG: _text, FieldType.NUMBER: _number, FieldType.DATE: _date, FieldType.TICK: _tick,
    FieldType.TICKS: _choices, FieldType.RADIO: _choice, FieldType.SELECT: _choice,
}  # fmt: skip
