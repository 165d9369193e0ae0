"""Forms of the register: they read and clean input, services decide."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

PHONE = re.compile(r"1\d{10}|0\d{2,3}-?\d{7,8}")


class PersonForm(forms.Form):
    """Local fields of a person; an empty field stays as it is."""

    reason = forms.CharField(label=_("变更原因"), max_length=200)
    phone = forms.CharField(label=_("电话"), max_length=30, required=False)
    email = forms.EmailField(label=_("电子信箱"), max_length=100, required=False)
    address = forms.CharField(label=_("现住址"), max_length=200, required=False)
    boarding = forms.ChoiceField(
        label=_("住宿"), required=False, choices=[("", _("不改")), ("1", _("住校")), ("0", _("走读"))]
    )

    def __init__(self, *args: Any, entity: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if entity != "student":
            del self.fields["boarding"]

    def clean_phone(self) -> str:
        typed = re.sub(r"[\s　]", "", self.cleaned_data["phone"])
        if typed and not PHONE.fullmatch(typed):
            digits = sum(character.isdigit() for character in typed)
            raise forms.ValidationError(_("手机号应为 11 位，现在是 %(n)s 位。"), params={"n": digits})
        return typed

    def changes(self) -> dict[str, str]:
        return {name: value for name, value in self.cleaned_data.items() if name != "reason" and value}
