"""A form as frozen values, read from and written to the subset of the form-js schema that is drawn here.

``{"schemaVersion": 19, "type": "default", "id": KEY, "components": [...]}``; a component has ``type``, ``key`` (ASCII), ``label``,
``description``, ``defaultValue``, ``readonly``, ``values`` (``{"value", "label"}``), ``validate`` (``required``, ``min``, ``max``,
``minLength``, ``maxLength``, ``pattern``, ``validationType`` email or phone), ``decimalDigits``, ``subtype`` (date, time,
datetime), ``conditional.hide`` and, of our own, ``properties`` with ``prefill`` (a source of the register), ``accept`` and
``most`` (files). Types: ``textfield textarea number datetime checkbox checklist radio select filepicker text group``. Everything
else of form-js is refused by name: what cannot be drawn without script or is markup of others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _

from lingqu.kernel.errors import Invalid

from .conditions import fault_of, names_of

SCHEMA_VERSION = 19
MOST_FIELDS = 100
MOST_CHOICES = 200
LONGEST_TEXT = 10_000
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")


class FieldType(StrEnum):
    TEXT = "textfield"
    LONG = "textarea"
    NUMBER = "number"
    DATE = "datetime"
    TICK = "checkbox"
    TICKS = "checklist"
    RADIO = "radio"
    SELECT = "select"
    FILES = "filepicker"
    WORDS = "text"
    """Words to read; no input."""
    GROUP = "group"
    """A heading over the fields that follow inside it; no input, no path of its own."""


CHOSEN = frozenset({FieldType.TICKS, FieldType.RADIO, FieldType.SELECT})
SILENT = frozenset({FieldType.WORDS, FieldType.GROUP})


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One component. ``least``/``most``: bounds of a number, of the length of a text, or of how many files; None: none."""

    type: FieldType
    key: str = ""
    label: str = ""
    description: str = ""
    default: str = ""
    is_readonly: bool = False
    is_required: bool = False
    least: float | None = None
    most: float | None = None
    pattern: str = ""
    validation: str = ""
    decimals: int = 0
    subtype: str = "date"
    choices: tuple[tuple[str, str], ...] = ()
    hide: str = ""
    prefill: str = ""
    accept: tuple[str, ...] = ()
    inside: str = ""
    """Label of the group it stands in."""

    @property
    def asks(self) -> bool:
        return self.type not in SILENT

    def label_of(self, value: str) -> str:
        """The words of a chosen value."""
        return dict(self.choices).get(value, value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form with its components in order."""

    key: str
    fields: tuple[Field, ...] = ()

    def asked(self) -> Iterator[Field]:
        return (one for one in self.fields if one.asks)

    def find(self, key: str) -> Field | None:
        return next((one for one in self.fields if one.key == key), None)

    @property
    def keys(self) -> frozenset[str]:
        return frozenset(one.key for one in self.asked())


def read(schema: Mapping[str, Any], key: str = "") -> Form:
    """The form of a schema. Raises :class:`Invalid` with ``details``: component → sentence."""
    components = schema.get("components")
    if not isinstance(components, list):
        raise Invalid(_("表单没有项目（components）。"), code="form")
    faults: dict[str, str] = {}
    fields = tuple(_fields(components, "", faults))
    form = Form(key=key or str(schema.get("id", ""))[:60] or "form", fields=fields)
    faults.update(_whole(form))
    if faults:
        raise Invalid(next(iter(faults.values())), code="form", details=faults)
    return form


def write(form: Form) -> dict[str, Any]:
    """The schema again."""
    made: list[dict[str, Any]] = []
    group: dict[str, Any] | None = None
    for one in form.fields:
        if one.type is FieldType.GROUP:
            group = _component(one) | {"components": []}
            made.append(group)
            continue
        (group["components"] if group is not None and one.inside else made).append(_component(one))
    return {"schemaVersion": SCHEMA_VERSION, "type": "default", "id": form.key, "components": made}


def _whole(form: Form) -> dict[str, str]:
    """Faults that only the whole form shows."""
    found: dict[str, str] = {}
    if len(form.fields) > MOST_FIELDS:
        found["form"] = _("一张表单最多 %(n)d 个项目。") % {"n": MOST_FIELDS}
    seen: set[str] = set()
    for one in form.asked():
        if one.key in seen:
            found[one.key] = _("“%(label)s”的代码 %(key)s 用了两次。") % {"label": one.label, "key": one.key}
        seen.add(one.key)
    for one in form.fields:
        if not one.hide:
            continue
        if fault := fault_of(one.hide, form.keys):
            found[one.key or one.label] = _("“%(label)s”的显示条件%(fault)s。") % {"label": one.label, "fault": fault}
        elif one.key in names_of(one.hide):
            found[one.key] = _("“%(label)s”的显示条件用了它自己。") % {"label": one.label}
    return found


def _fields(components: list[Any], inside: str, faults: dict[str, str]) -> Iterator[Field]:
    for place, raw in enumerate(components):
        name = str(raw.get("key") or raw.get("label") or place) if isinstance(raw, dict) else str(place)
        if not isinstance(raw, dict):
            faults[name] = _("第 %(n)d 个项目不是表单项目。") % {"n": place + 1}
            continue
        try:
            made = _field(raw, inside)
        except _Fault as fault:
            faults[name] = _("“%(label)s”：%(fault)s") % {"label": raw.get("label") or name, "fault": str(fault)}
            continue
        yield made
        if made.type is FieldType.GROUP:
            if inside:
                faults[name] = _("分组里不能再分组。")
                continue
            parts = raw.get("components") or []
            if not isinstance(parts, list):
                faults[name] = _("表单没有项目（components）。")
                continue
            yield from _fields(parts, made.label, faults)


class _Fault(Exception):
    """What is wrong with one component."""


def _field(raw: dict[str, Any], inside: str) -> Field:
    kind = raw.get("type")
    if not isinstance(kind, str) or kind not in set(FieldType):
        raise _Fault(_("不支持 %(type)s 这种项目。") % {"type": str(kind)[:40]})
    made = Field(
        type=FieldType(kind), label=_text(raw.get("label") or raw.get("text"), 500 if kind == "text" else 100),
        description=_text(raw.get("description"), 300), default=_text(raw.get("defaultValue"), 300),
        is_readonly=raw.get("readonly") is True, hide=_text(_dict(raw, "conditional").get("hide"), 500), inside=inside,
    )  # fmt: skip
    if not made.asks:
        return made
    key = raw.get("key")
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise _Fault(_("代码要用英文字母开头的字母、数字和下划线。"))
    if not made.label:
        raise _Fault(_("没有名称。"))
    return _with_rules(replace(made, key=key), raw)


def _with_rules(made: Field, raw: dict[str, Any]) -> Field:
    rules, own = _dict(raw, "validate"), _dict(raw, "properties")
    is_number, is_file = made.type is FieldType.NUMBER, made.type is FieldType.FILES
    least, most = rules.get("min" if is_number else "minLength"), rules.get("max" if is_number else "maxLength")
    if is_file:
        least, most = None, own.get("most", 1)
    is_text, is_date = made.type in (FieldType.TEXT, FieldType.LONG), made.type is FieldType.DATE
    subtype = _one_of(raw.get("subtype"), ("time", "datetime")) if is_date else ""
    made = replace(
        made, is_required=rules.get("required") is True, least=_bound(least), most=_bound(most), subtype=subtype or "date",
        pattern=_pattern(rules.get("pattern")) if is_text else "",
        validation=_one_of(rules.get("validationType"), ("email", "phone")) if is_text else "",
        decimals=_digits(raw.get("decimalDigits")) if is_number else 0,
        choices=_choices(raw.get("values")) if made.type in CHOSEN else (), prefill=_text(own.get("prefill"), 60),
        accept=tuple(_text(own.get("accept"), 100).split()) if is_file else (),
    )  # fmt: skip
    if made.least is not None and made.most is not None and made.least > made.most:
        raise _Fault(_("最小值大于最大值。"))
    if made.type in CHOSEN and not made.choices:
        raise _Fault(_("没有选项。"))
    return made


def _component(one: Field) -> dict[str, Any]:
    rules: dict[str, Any] = {"required": True} if one.is_required else {}
    is_number, is_file = one.type is FieldType.NUMBER, one.type is FieldType.FILES
    if not is_file:
        bounds = {"min" if is_number else "minLength": one.least, "max" if is_number else "maxLength": one.most}
        rules |= {
            name: int(value) if value == int(value) else value for name, value in bounds.items() if value is not None
        }
    rules |= {name: value for name, value in (("pattern", one.pattern), ("validationType", one.validation)) if value}
    own = {name: value for name, value in (("prefill", one.prefill), ("accept", " ".join(one.accept))) if value}
    parts: dict[str, Any] = {
        "type": str(one.type), "text" if one.type is FieldType.WORDS else "label": one.label, "key": one.key,
        "description": one.description, "defaultValue": one.default, "readonly": one.is_readonly, "validate": rules,
        "decimalDigits": one.decimals, "subtype": one.subtype if one.type is FieldType.DATE else "",
        "values": [{"value": value, "label": label} for value, label in one.choices],
        "conditional": {"hide": one.hide} if one.hide else {},
        "properties": own | ({"most": int(one.most or 1)} if is_file else {}),
    }  # fmt: skip
    return {name: value for name, value in parts.items() if value}


def _dict(raw: dict[str, Any], name: str) -> dict[str, Any]:
    found = raw.get(name)
    return found if isinstance(found, dict) else {}


def _text(value: Any, longest: int) -> str:
    if value is None or isinstance(value, dict | list):
        return ""
    text = str(value).replace("\x00", "").strip()
    if len(text) > longest:
        raise _Fault(_("文字超过 %(n)d 个字。") % {"n": longest})
    return text


def _bound(value: Any) -> float | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e12:
        raise _Fault(_("限制“%(value)s”不是数。") % {"value": str(value)[:40]})
    return float(value)


def _digits(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 6 else 0


def _pattern(value: Any) -> str:
    """A pattern that cannot run for ever: no repeated brackets, at most two open repetitions."""
    text = _text(value, 200)
    if not text:
        return ""
    try:
        re.compile(text)
    except re.error as error:
        raise _Fault(_("格式要求不是正确的正则表达式。")) from error
    if re.search(r"\)[*+{]", text) or len(re.findall(r"[*+]|,\}", text)) > 2:
        raise _Fault(_("格式要求里不能重复一个括号，不限次数的重复最多两处。"))
    return text


def _one_of(value: Any, allowed: tuple[str, ...]) -> str:
    return value if value in allowed else ""


def _choices(values: Any) -> tuple[tuple[str, str], ...]:
    found = [one for one in values if isinstance(one, dict)] if isinstance(values, list) else []
    if len(found) > MOST_CHOICES:
        raise _Fault(_("选项超过 %(n)d 个。") % {"n": MOST_CHOICES})
    made = tuple((_text(one.get("value"), 60), _text(one.get("label"), 100)) for one in found)
    if len({value for value, _label in made}) < len(made) or any(not value or not label for value, label in made):
        raise _Fault(_("选项的代码或名称为空，或者重复。"))
    return made
