"""Forms of the register's writes: they read and clean, services decide."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lingqu.kernel.clock import today

from ..selectors.labels import labels
from ..types.grades import LABELS
from ..types.words import (
    Attendance,
    ClassDisplay,
    ClassKind,
    GuardianKind,
    Leave,
    OrganisationKind,
    RelationKind,
    RelationRole,
    Schooling,
)
from .forms import PHONE

Choices = Iterable[tuple[str, Any]]


def day_field(label: Any, *, required: bool = True, is_today: bool = True, hint: Any = "") -> forms.DateField:
    return forms.DateField(
        label=label, required=required, initial=today if is_today else None, help_text=hint,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )  # fmt: skip


def reason_field(hint: Any = "") -> forms.CharField:
    return forms.CharField(label=_("原因"), max_length=200, help_text=hint)


def _with_none(choices: Choices, text: Any) -> list[tuple[str, Any]]:
    return [("", text), *choices]


class OrganisationForm(forms.Form):
    """Local fields of an organisation."""

    name = forms.CharField(label=_("名称"), max_length=120)
    short_name = forms.CharField(label=_("简称"), max_length=60, required=False)
    schooling = forms.ChoiceField(label=_("学制"), required=False, choices=_with_none(Schooling.choices, _("不适用")))
    ownership = forms.ChoiceField(label=_("办别"), required=False)
    urban_rural = forms.ChoiceField(label=_("城乡类型"), required=False)
    division_code = forms.RegexField(
        label=_("行政区划码"), regex=r"\d{6,12}", required=False, help_text=_("6 位，没有可不填")
    )
    address = forms.CharField(label=_("地址"), max_length=120, required=False)
    phone = forms.CharField(label=_("办公电话"), max_length=30, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field, table in (("ownership", "XXBB"), ("urban_rural", "SZDCXLX")):
            self.fields[field].choices = _with_none(labels(table).items(), _("未填"))  # type: ignore[attr-defined]


class NewOrganisationForm(OrganisationForm):
    """A new organisation; the code may still come from the nation."""

    kind = forms.ChoiceField(label=_("类别"))
    code = forms.CharField(label=_("机构代码"), max_length=40, required=False, help_text=_("十位标识码，未下发可留空"))
    school_type = forms.ChoiceField(label=_("办学类型"), required=False)
    field_order = ("kind", "name", "short_name", "code", "school_type", "ownership", "schooling")

    def __init__(self, *args: Any, kinds: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind, OrganisationKind(kind).label) for kind in kinds]  # type: ignore[attr-defined]
        self.fields["school_type"].choices = _with_none(  # type: ignore[attr-defined]
            [pair for pair in labels("school_types").items() if len(pair[0]) == 3], _("不是学校")
        )


class PlaceForm(forms.Form):
    """Another organisation by code or name."""

    place = forms.CharField(label=_("机构"), max_length=120, help_text=_("输入代码或全称，可从提示中选"))


class MoveForm(PlaceForm):
    on = day_field(_("生效日期"))
    reason = reason_field(hint=_("例如：区划调整、管理权上收"))


class DayForm(forms.Form):
    on = day_field(_("日期"))
    reason = reason_field()


class ReasonForm(forms.Form):
    reason = reason_field()


class EndForm(forms.Form):
    on = day_field(_("止期"))


class RelationForm(PlaceForm):
    kind = forms.ChoiceField(label=_("关系"), choices=RelationKind.choices)
    side = forms.ChoiceField(label=_("本机构是"), choices=(("member", _("成员，受对方牵头")), ("head", _("牵头方"))))
    role = forms.ChoiceField(
        label=_("牵头方的人在成员处"), required=False, choices=RelationRole.choices,
        help_text=_("不超过他们在本单位的权限；到期或结束后立即收回"),
    )  # fmt: skip
    valid_from = day_field(_("起期"))
    until = day_field(_("止期"), required=False, is_today=False, hint=_("没有约定可不填"))
    field_order = ("kind", "side", "place", "role", "valid_from", "until")


class ClassForm(forms.Form):
    """A class; with ``is_local`` only what its own teacher may change."""

    kind = forms.ChoiceField(label=_("类型"), choices=ClassKind.choices)
    grades = forms.MultipleChoiceField(
        label=_("年级"),
        choices=tuple(LABELS.items()),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("复式班选几个年级"),
    )
    serial = forms.IntegerField(label=_("班号"), required=False, min_value=1, max_value=99)
    local_name = forms.CharField(
        label=_("班名"), max_length=40, required=False, help_text=_("有自己名字的班级填写，例如 启航班")
    )
    campus = forms.CharField(label=_("校区"), max_length=40, required=False)
    room = forms.CharField(label=_("教室"), max_length=40, required=False)

    def __init__(self, *args: Any, offered: Iterable[str], is_new: bool, is_local: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["grades"].choices = [(code, LABELS[code]) for code in offered]  # type: ignore[attr-defined]
        if not is_new:
            del self.fields["kind"]
        if is_local:
            del self.fields["grades"], self.fields["serial"]


class HeadForm(forms.Form):
    person = forms.ChoiceField(label=_("教师"))
    kind = forms.ChoiceField(
        label=_("职务"), choices=(("head_teacher", _("班主任")), ("deputy_head_teacher", _("副班主任")))
    )
    on = day_field(_("起期"))

    def __init__(self, *args: Any, colleagues: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = list(colleagues)  # type: ignore[attr-defined]


class DisplayForm(forms.Form):
    rule = forms.ChoiceField(label=_("班级名称写法"), choices=ClassDisplay.choices)


class _ClassChoice(forms.Form):
    class_id = forms.ChoiceField(label=_("班级"))

    def __init__(self, *args: Any, classes: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["class_id"].choices = list(classes)  # type: ignore[attr-defined]


class ChangeClassForm(_ClassChoice):
    number = forms.IntegerField(label=_("班内学号"), required=False, min_value=1, max_value=200)
    on = day_field(_("调班日期"))
    reason = reason_field()


class LeaveForm(forms.Form):
    school = forms.ChoiceField(label=_("学校"))
    kind = forms.ChoiceField(label=_("方式"), choices=Leave.choices)
    on = day_field(_("离校日期"))
    expected_on = day_field(_("预计返校"), required=False, is_today=False, hint=_("暂时离校必填"))
    reason = reason_field()

    def __init__(self, *args: Any, schools: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["school"].choices = list(schools)  # type: ignore[attr-defined]


class ReturnForm(_ClassChoice):
    attendance = forms.ChoiceField(
        label=_("就读方式"), choices=[pair for pair in Attendance.choices if pair[0] != Attendance.ABSENT]
    )
    on = day_field(_("返校日期"))
    reason = forms.CharField(label=_("说明"), max_length=200, required=False)


class GuardianForm(forms.Form):
    """A person by name and phone, or an organisation by code."""

    kind = forms.ChoiceField(label=_("监护类别"), choices=GuardianKind.choices)
    relation = forms.ChoiceField(label=_("与孩子的关系"), required=False)
    name = forms.CharField(label=_("姓名"), max_length=40, required=False, help_text=_("机构监护不填"))
    phone = forms.CharField(label=_("手机号"), max_length=20, required=False)
    organisation_code = forms.CharField(label=_("机构代码"), max_length=40, required=False, help_text=_("机构监护填写"))
    proof = forms.CharField(
        label=_("依据"), max_length=200, required=False, help_text=_("委托书、法院文书、民政文件等的名称和编号")
    )
    valid_from = day_field(_("起期"))
    until = day_field(_("止期"), required=False, is_today=False, hint=_("有约定期限的填写，到期自动结束"))
    is_primary = forms.BooleanField(label=_("主要联系人"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        relations = [pair for pair in labels("family_relation").items() if len(pair[0]) == 2]
        self.fields["relation"].choices = _with_none(relations, _("未填"))  # type: ignore[attr-defined]

    def clean_phone(self) -> str:
        typed = re.sub(r"[\s　-]", "", self.cleaned_data["phone"])
        if typed and not PHONE.fullmatch(typed):
            digits = sum(character.isdigit() for character in typed)
            raise forms.ValidationError(_("手机号应为 11 位，现在是 %(n)s 位。"), params={"n": digits})
        return typed

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("kind") != GuardianKind.INSTITUTION and not cleaned.get("name"):
            self.add_error("name", _("请填写监护人的姓名。"))
        return cleaned


class DeceasedForm(forms.Form):
    """The second step asks for the name: a slip of the mouse must not silence a living child."""

    on = day_field(_("去世日期"), is_today=False)
    proof = forms.CharField(label=_("依据"), max_length=200, help_text=_("例如：死亡医学证明及编号"))
    confirm = forms.CharField(label=_("再输入一次姓名确认"), max_length=60)

    def __init__(self, *args: Any, name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.name = name

    def clean_confirm(self) -> str:
        typed: str = self.cleaned_data["confirm"].strip()
        if typed != self.name:
            raise forms.ValidationError(_("与档案上的姓名不一致。"))
        return typed


class PairForm(forms.Form):
    """Another record by its number."""

    number = forms.RegexField(label=_("另一份档案的编号"), regex=r"\d{12}", help_text=_("12 位人员编号"))
