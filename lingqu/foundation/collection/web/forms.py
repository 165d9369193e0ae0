"""Forms of collection: they read and clean; services decide."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel import clock

from ..models import Collection
from ..selectors import scoping
from ..services.defining import LONGEST_TITLE, Terms
from ..types.figures import FIGURES, label_of
from ..types.marks import Mark
from ..types.words import MarkKind, ValueType

DAY_AND_TIME = "%Y-%m-%dT%H:%M"
SCHOOL_GROUPS = (("11", _("幼儿园")), ("21", _("小学")), ("31", _("初中")), ("34", _("高中")))


REMIND_BEFORE = (
    ("", _("不自动催")), (0, _("截止当天")), (1, _("提前一天")), (2, _("提前两天")), (3, _("提前三天")), (5, _("提前五天")), (7, _("提前七天")),
)  # fmt: skip


def split_words(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for one in re.split(r"[,，、;；\s]+", text) if one))


def deadline_field(**more: Any) -> forms.DateTimeField:
    return forms.DateTimeField(
        label=_("截止时间"), input_formats=[DAY_AND_TIME], error_messages={"invalid": _("请写日期和时间。")},
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=DAY_AND_TIME), **more,
    )  # fmt: skip


class TermsForm(forms.Form):
    """Whom a table asks, until when, and how it comes back."""

    title = forms.CharField(label=_("表名"), max_length=LONGEST_TITLE)
    note = forms.CharField(label=_("填报说明"), required=False, max_length=2000, widget=forms.Textarea)
    deadline = deadline_field()
    places = forms.MultipleChoiceField(label=_("范围"), required=False, widget=forms.CheckboxSelectMultiple, choices=())
    types = forms.MultipleChoiceField(
        label=_("只要这些学校"), required=False, widget=forms.CheckboxSelectMultiple, choices=SCHOOL_GROUPS,
        help_text=_("不选就是所有学校和教学点"),
    )  # fmt: skip
    singles = forms.CharField(
        label=_("另外加上"), required=False, max_length=4000, help_text=_("填学校标识码，空格或换行分开")
    )
    post_kind = forms.ChoiceField(label=_("收件岗位"), choices=(), help_text=_("没有这个岗位的学校，由学校管理员收"))
    remind_before = forms.TypedChoiceField(
        label=_("自动催报"), required=False, coerce=int, empty_value=None, choices=REMIND_BEFORE,
        help_text=_("那天早上 8:00 提醒还没有报的学校一次；碰上安静时间就顺延"),
    )  # fmt: skip
    needs_sign = forms.BooleanField(label=_("校长审签后上报"), required=False)
    keep_last = forms.BooleanField(label=_("学校填的格先放上期数值"), required=False)

    def __init__(self, *args: Any, collection: Collection, **more: Any) -> None:
        super().__init__(*args, **more)
        places = scoping.choices_below(str(collection.path))
        self.fields["places"].choices = [(one.code, one.name) for one in places if one.code]  # type: ignore[attr-defined]
        self.fields["post_kind"].choices = registry.post_kinds("school")  # type: ignore[attr-defined]
        if collection.previous_id is None:
            del self.fields["keep_last"]

    def terms(self) -> Terms:
        given = self.cleaned_data
        return Terms(
            title=given["title"], note=given["note"], deadline=given["deadline"], post_kind=given["post_kind"],
            needs_sign=given["needs_sign"], keep_last=given.get("keep_last", False),
            remind_before=given["remind_before"],
            scope=scoping.Scope(
                places=tuple(given["places"]), types=tuple(given["types"]), singles=split_words(given["singles"])
            ),
        )  # fmt: skip


def initial_of(collection: Collection) -> dict[str, Any]:
    scope = scoping.scope_of(collection)
    proposed = (clock.now() + timedelta(days=5)).astimezone(clock.ZONE).replace(hour=12, minute=0)
    return {
        "title": collection.title, "note": collection.note, "places": list(scope.places), "types": list(scope.types),
        "deadline": collection.deadline.astimezone(clock.ZONE) if collection.deadline else proposed,
        "singles": " ".join(scope.singles), "post_kind": collection.post_kind, "needs_sign": collection.needs_sign,
        "keep_last": collection.keep_last,
        "remind_before": "" if collection.remind_before is None else collection.remind_before,
    }  # fmt: skip


def mark_of(posted: Any) -> Mark:
    """The mark that the panel describes."""
    kind, value_type = posted.get("kind", ""), posted.get("type", ValueType.INTEGER)
    figure = posted.get("figure", "") if kind == MarkKind.FIGURE else ""
    if figure in FIGURES and not FIGURES[figure].is_number:
        value_type = ValueType.TEXT
    return Mark(
        kind=kind, type=str(value_type), low=posted.get("low", "").strip()[:20], high=posted.get("high", "").strip()[:20],
        required="required" in posted, editable="editable" in posted, summed="summed" in posted, figure=figure,
        choices=split_words(posted.get("choices", ""))[:40], text=posted.get("text", "").strip()[:200],
    )  # fmt: skip


def figure_choices() -> list[tuple[str, str]]:
    return [("", "—"), *((code, label_of(code)) for code in FIGURES)]
