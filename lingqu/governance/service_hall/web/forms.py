"""Forms of the rules, one for each kind: they read and write the values that ``types.rules`` understands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lingqu.foundation.registry import api as registry

from ..types.rules import MOST_DAYS, MOST_MONTHS, MOST_PLACES, RuleKind
from ..types.words import Shown

TERM_NAMES = {"1": gettext_lazy("秋季"), "2": gettext_lazy("春季")}
WINDOW = re.compile(r"(\d{2}-\d{2})\s*(?:至|到|-|~|—)\s*(\d{2}-\d{2})\s+(\S+)")
WHEN = (
    ("no", gettext_lazy("可以转")), ("1", gettext_lazy("第一学期不转")), ("2", gettext_lazy("第二学期不转")),
    ("", gettext_lazy("全年不转")),
)  # fmt: skip
GRADES = tuple(grade for grade in registry.GRADES if grade.startswith("G"))


class RuleForm(forms.Form):
    """The source and the first day stand on every form."""

    valid_from = forms.DateField(
        label=gettext_lazy("从哪天起"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    source = forms.CharField(
        label=gettext_lazy("依据"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("文件名称、文号、条款。家长和学校看得到"),
    )  # fmt: skip

    def values(self) -> dict[str, Any]:
        raise NotImplementedError


class TransferForm(RuleForm):
    windows = forms.CharField(
        label=gettext_lazy("办理时间"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("每行一段：07-01 至 08-25 秋季。不填就是不办理"),
    )  # fmt: skip
    leaving = forms.ChoiceField(label=gettext_lazy("毕业年级"), choices=WHEN, required=False)
    entry = forms.ChoiceField(label=gettext_lazy("起始年级"), choices=WHEN, required=False)
    grades = forms.MultipleChoiceField(
        label=gettext_lazy("还有哪些年级全年不转"), required=False, widget=forms.CheckboxSelectMultiple
    )
    refuses_suspended = forms.BooleanField(label=gettext_lazy("休学期间不办理"), required=False)
    same_grade = forms.BooleanField(label=gettext_lazy("只办理平级转学"), required=False)
    days = forms.IntegerField(label=gettext_lazy("每个环节几个工作日"), min_value=1, max_value=MOST_DAYS)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["grades"].choices = [(one, registry.grade_label(one)) for one in GRADES]  # type: ignore[attr-defined]

    def clean_windows(self) -> list[dict[str, str]]:
        terms = {str(name): code for code, name in TERM_NAMES.items()} | {code: code for code in TERM_NAMES}
        made = []
        for line in filter(None, map(str.strip, self.cleaned_data["windows"].splitlines())):
            found = WINDOW.fullmatch(line)
            if found is None or found[3] not in terms:
                raise forms.ValidationError(
                    _("“%(line)s”没有读懂，请写成：07-01 至 08-25 秋季。") % {"line": line[:40]}
                )
            made.append({"start": found[1], "end": found[2], "term": terms[found[3]]})
        return made

    def values(self) -> dict[str, Any]:
        data = self.cleaned_data
        exclusions = [{"grade": name, "term": data[name]} for name in ("leaving", "entry") if data[name] != "no"]
        return {
            "windows": data["windows"],
            "exclusions": exclusions + [{"grade": grade, "term": ""} for grade in data["grades"]],
            "refuses_suspended": data["refuses_suspended"], "same_grade": data["same_grade"], "days": data["days"],
        }  # fmt: skip


class SuspensionForm(RuleForm):
    least_months = forms.IntegerField(label=gettext_lazy("最短几个月"), min_value=1, max_value=MOST_MONTHS)
    most_months = forms.IntegerField(label=gettext_lazy("一次最长几个月"), min_value=1, max_value=MOST_MONTHS)
    most_in_all = forms.IntegerField(label=gettext_lazy("累计最长几个月"), min_value=1, max_value=MOST_MONTHS)
    proof = forms.CharField(label=gettext_lazy("要什么证明"), max_length=200)

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("least_months", "most_months", "most_in_all", "proof")}


class WithdrawalForm(RuleForm):
    refused = forms.MultipleChoiceField(
        label=gettext_lazy("这些年级不得退学"), required=False, widget=forms.CheckboxSelectMultiple
    )
    text = forms.CharField(label=gettext_lazy("怎样告诉家长"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["refused"].choices = [(one, registry.grade_label(one)) for one in GRADES]  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        return {"refused": self.cleaned_data["refused"], "text": self.cleaned_data["text"]}


class SeatsForm(RuleForm):
    primary = forms.IntegerField(label=gettext_lazy("小学每班"), min_value=1, max_value=MOST_PLACES)
    junior = forms.IntegerField(label=gettext_lazy("初中每班"), min_value=1, max_value=MOST_PLACES)
    senior = forms.IntegerField(label=gettext_lazy("高中每班"), min_value=1, max_value=MOST_PLACES)
    entry_stop = forms.BooleanField(label=gettext_lazy("起始年级不得超额"), required=False)
    shown = forms.ChoiceField(label=gettext_lazy("向家长公开什么"), choices=Shown.choices)

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("primary", "junior", "senior", "entry_stop", "shown")}


FORMS: dict[str, type[RuleForm]] = {
    RuleKind.TRANSFER: TransferForm, RuleKind.SUSPENSION: SuspensionForm, RuleKind.WITHDRAWAL: WithdrawalForm,
    RuleKind.SEATS: SeatsForm,
}  # fmt: skip


def initial_of(kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """What a form shows of stored values."""
    if kind != RuleKind.TRANSFER:
        return dict(values)
    lines = [f"{one['start']} 至 {one['end']} {TERM_NAMES[one['term']]}" for one in values["windows"]]
    terms = {one["grade"]: one["term"] for one in values["exclusions"]}
    return {
        **values, "windows": "\n".join(lines), "leaving": terms.get("leaving", "no"), "entry": terms.get("entry", "no"),
        "grades": [grade for grade in terms if grade in GRADES],
    }  # fmt: skip


class GuideForm(forms.Form):
    """What an office adds to a guide. Materials: a line each, 免提交 behind those that nobody has to bring."""

    contact = forms.CharField(
        label=gettext_lazy("联系谁"), required=False, max_length=200, help_text=gettext_lazy("办公室、电话、时间")
    )
    days = forms.IntegerField(
        label=gettext_lazy("承诺几个工作日"), required=False, min_value=1, max_value=MOST_DAYS,
        help_text=gettext_lazy("不填按平台的"),
    )  # fmt: skip
    materials = forms.CharField(
        label=gettext_lazy("材料"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy("每行一样，平台已有的在后面写“免提交”。不填按平台的"),
    )  # fmt: skip

    def listed(self) -> list[dict[str, Any]]:
        lines = filter(None, map(str.strip, self.cleaned_data["materials"].splitlines()))
        return [
            {"name": line.removesuffix("免提交").strip(" ，,（("), "spared": line.rstrip("）)").endswith("免提交")}
            for line in lines
        ]
