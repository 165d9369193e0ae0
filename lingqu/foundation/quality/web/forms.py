"""Forms of quality: they read and clean, services decide."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lingqu.kernel.clock import today

from ..types import Severity


class WaiveForm(forms.Form):
    reason = forms.CharField(
        label=_("说明"), max_length=200, required=False, help_text=_("为什么可以保留；清空后重新列为问题")
    )


class OrderForm(forms.Form):
    deadline = forms.DateField(
        label=_("期限"), initial=lambda: today() + timedelta(days=7),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )  # fmt: skip
    note = forms.CharField(label=_("要求"), max_length=200, required=False)
    with_hints = forms.BooleanField(label=_("连同提示类问题"), required=False)


class RuleForm(forms.Form):
    severity = forms.ChoiceField(label=_("严重程度"), choices=Severity.choices)
    parameter = forms.IntegerField(label=_("界限"), min_value=1, max_value=1000)
    is_active = forms.BooleanField(label=_("启用"), required=False)

    def __init__(self, *args: Any, has_limit: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_limit:
            del self.fields["parameter"]
