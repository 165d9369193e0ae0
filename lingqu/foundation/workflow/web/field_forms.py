"""The designer's form for one field of a form; which questions it asks follows from the field's type."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..definition.design import Design
from ..forms.schema import CHOSEN, Field, FieldType
from ..types.sources import SOURCES
from .design_forms import SIGNS

TYPES = {
    FieldType.TEXT: gettext_lazy("一行文字"), FieldType.LONG: gettext_lazy("多行文字"), FieldType.NUMBER: gettext_lazy("数字"),
    FieldType.DATE: gettext_lazy("日期或时间"), FieldType.SELECT: gettext_lazy("下拉单选"), FieldType.RADIO: gettext_lazy("按钮单选"),
    FieldType.TICKS: gettext_lazy("多选"), FieldType.TICK: gettext_lazy("打勾"), FieldType.FILES: gettext_lazy("附件"),
    FieldType.WORDS: gettext_lazy("说明文字"),
}  # fmt: skip
ASKED = {
    FieldType.TEXT: {"least", "most", "validation", "prefill"}, FieldType.LONG: {"least", "most", "prefill"},
    FieldType.NUMBER: {"least", "most", "decimals"}, FieldType.DATE: {"subtype"}, FieldType.SELECT: {"choices"},
    FieldType.RADIO: {"choices"}, FieldType.TICKS: {"choices"}, FieldType.FILES: {"most"},
}  # fmt: skip
"""Questions beside name, hint, 必填 and when it appears."""
ALWAYS = {"label", "show_key", "show_sign", "show_value"}
_SHOWN = re.compile(r'= not\((\w+) (=|!=|>=|<=|>|<) (?:"(.*)"|(\S+))\)')


class FieldForm(forms.Form):
    """One field."""

    label = forms.CharField(label=gettext_lazy("名称"), max_length=100)
    description = forms.CharField(label=gettext_lazy("提示"), max_length=300, required=False)
    is_required = forms.BooleanField(label=gettext_lazy("必填"), required=False)
    choices = forms.CharField(
        label=gettext_lazy("选项"), widget=forms.Textarea, max_length=8000, help_text=gettext_lazy("一行一个")
    )
    least = forms.FloatField(label=gettext_lazy("最小"), required=False)
    most = forms.FloatField(label=gettext_lazy("最大"), required=False)
    decimals = forms.IntegerField(label=gettext_lazy("小数位数"), required=False, min_value=0, max_value=4)
    subtype = forms.ChoiceField(
        label=gettext_lazy("填什么"),
        choices=[("date", gettext_lazy("日期")), ("time", gettext_lazy("时间")), ("datetime", gettext_lazy("日期和时间"))],
    )  # fmt: skip
    validation = forms.ChoiceField(
        label=gettext_lazy("格式"), required=False,
        choices=[("", gettext_lazy("不限")), ("phone", gettext_lazy("电话")), ("email", gettext_lazy("电子邮箱"))],
    )  # fmt: skip
    prefill = forms.ChoiceField(
        label=gettext_lazy("自动带出"), required=False, help_text=gettext_lazy("平台已有的数据自动填好，申请人不用填"),
        choices=[("", gettext_lazy("不带出")), *SOURCES.items()],
    )  # fmt: skip
    show_key = forms.ChoiceField(label=gettext_lazy("什么时候出现"), required=False)
    show_sign = forms.ChoiceField(label=gettext_lazy("比较"), choices=SIGNS, required=False)
    show_value = forms.CharField(label=gettext_lazy("值"), max_length=60, required=False)

    def __init__(self, *args: Any, kind: FieldType, design: Design, key: str = "", **more: Any) -> None:
        super().__init__(*args, **more)
        self.kind, self.design, self.key = kind, design, key
        asked = (
            ALWAYS | ASKED.get(kind, set()) | ({"description", "is_required"} if kind is not FieldType.WORDS else set())
        )
        for name in set(self.fields) - asked:
            del self.fields[name]
        if kind is FieldType.FILES:
            self.fields["most"].label = _("最多几个文件")
        elif kind in (FieldType.TEXT, FieldType.LONG):
            self.fields["least"].label, self.fields["most"].label = _("最少字数"), _("最多字数")
        others = [(one.key, one.label) for one in design.form.asked() if one.key != key]
        self.fields["show_key"].choices = [("", _("总是出现")), *others]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        least, most = given.get("least"), given.get("most")
        if least is not None and most is not None and least > most:
            self.add_error("most", _("最大不能小于最小。"))
        target = self.design.form.find(given.get("show_key") or "")
        if target and target.type is FieldType.NUMBER and not _is_number(given.get("show_value") or ""):
            self.add_error("show_value", _("“%(label)s”要和一个数比较。") % {"label": target.label})
        return given

    def field(self) -> Field:
        given = self.cleaned_data
        most = given.get("most")
        return Field(
            type=self.kind, key="" if self.kind is FieldType.WORDS else (self.key or self._new_key()), label=given["label"],
            description=given.get("description", ""), is_required=bool(given.get("is_required")), least=given.get("least"),
            most=float(min(most or 1, 10)) if self.kind is FieldType.FILES else most, decimals=given.get("decimals") or 0,
            subtype=given.get("subtype") or "date", validation=given.get("validation", ""), choices=self._choices(),
            prefill=given.get("prefill", ""), hide=self._hide(),
        )  # fmt: skip

    def _choices(self) -> tuple[tuple[str, str], ...]:
        """Choices by their words; those that stay keep their codes, so that cases and conditions go on meaning them."""
        if self.kind not in CHOSEN:
            return ()
        labels = dict.fromkeys(line.strip()[:100] for line in self.cleaned_data["choices"].splitlines() if line.strip())
        former = self.design.form.find(self.key)
        known = {label: code for code, label in (former.choices if former else ())}
        last = max((int(code[1:]) for code in known.values() if re.fullmatch(r"c\d+", code)), default=0)
        fresh = iter(range(last + 1, last + len(labels) + 1))
        return tuple((known.get(label) or f"c{next(fresh)}", label) for label in labels)

    def _new_key(self) -> str:
        used = self.design.form.keys
        return next(key for n in range(1, len(used) + 2) if (key := f"f{n}") not in used)

    def _hide(self) -> str:
        given = self.cleaned_data
        target = self.design.form.find(given.get("show_key") or "")
        if target is None:
            return ""
        value, sign = (given.get("show_value") or "").strip(), given.get("show_sign") or "=="
        if target.type is FieldType.TICK:
            value = "false" if value == _("否") else "true"
        elif target.type is not FieldType.NUMBER:
            code = {label: code for code, label in target.choices}.get(value, value)
            value = '"' + code.replace("\\", "").replace('"', "") + '"'
        return f"= not({target.key} {'=' if sign == '==' else sign} {value})"


def initial_of_field(field: Field, design: Design) -> dict[str, Any]:
    found: dict[str, Any] = {
        "label": field.label, "description": field.description, "is_required": field.is_required, "least": field.least,
        "most": field.most, "decimals": field.decimals, "subtype": field.subtype, "validation": field.validation,
        "choices": "\n".join(label for _value, label in field.choices), "prefill": field.prefill,
    }  # fmt: skip
    if shown := _SHOWN.fullmatch(field.hide):
        key, sign, text, plain = shown.groups()
        target = design.form.find(key)
        words = {"true": _("是"), "false": _("否")}.get(plain or "", plain)
        value = words if text is None else (target.label_of(text) if target else text)
        found |= {"show_key": key, "show_sign": "==" if sign == "=" else sign, "show_value": value}
    return found


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"-?\d{1,9}(\.\d{1,4})?", text.strip()))
