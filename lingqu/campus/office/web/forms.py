"""Forms for leave: of staff by 教务, of pupils by their class teacher."""

from __future__ import annotations

from datetime import date, time
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from lingqu.foundation.registry import api as registry

from .. import register
from ..services.absences import ways
from ..types.values import NewAbsence, Rules
from ..types.words import Audience, Symptom
from .presenting import period_choices, read_time

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class LeaveForm(forms.Form):
    """What both kinds of leave say; ``rules`` gives the kinds, ``school`` the periods."""

    kind = forms.ChoiceField(label=gettext_lazy("假别"))
    starts_on = forms.DateField(label=pgettext_lazy("请假", "从"), widget=DAY)
    starts_at = forms.ChoiceField(label=gettext_lazy("第一天从"), required=False)
    ends_on = forms.DateField(label=pgettext_lazy("请假", "到"), widget=DAY)
    ends_at = forms.ChoiceField(label=gettext_lazy("最后一天到"), required=False)
    reason = forms.CharField(label=gettext_lazy("事由"), required=False, max_length=200)
    way = forms.ChoiceField(label=gettext_lazy("怎样请的假"))
    approved_by = forms.CharField(label=gettext_lazy("批准人"), required=False, max_length=60)

    def __init__(self, *args: Any, rules: Rules, school: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rules, self.school = rules, school
        fields: Any = self.fields
        fields["kind"].choices = [(one.code, one.name) for one in rules.kinds]
        fields["starts_at"].choices, fields["ends_at"].choices = period_choices(school)
        fields["way"].choices = ways()

    def _span(self) -> dict[str, Any]:
        data = self.cleaned_data
        starts_on: date = data["starts_on"]
        ends_on: date = data["ends_on"]
        starts_at: time | None = read_time(data["starts_at"])
        ends_at: time | None = read_time(data["ends_at"])
        return {
            "kind": data["kind"], "starts_on": starts_on, "starts_at": starts_at, "ends_on": ends_on, "ends_at": ends_at,
            "reason": data["reason"], "way": data["way"], "approved_by": data["approved_by"],
        }  # fmt: skip


class StaffLeaveForm(LeaveForm):
    person = forms.ChoiceField(label=gettext_lazy("教师"))
    accepts_quota = forms.BooleanField(label=gettext_lazy("超过额度也登记"), required=False)
    field_order = ("person", "kind", "starts_on", "starts_at", "ends_on", "ends_at", "approved_by", "way", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        staff = [
            (key.removeprefix("person:"), name)
            for key, name in registry.colleagues_of(self.school.id)
            if key.startswith("person:")
        ]
        fields: Any = self.fields
        fields["person"].choices = [("", _("选择教师")), *staff]
        fields["approved_by"].required = True
        fields["approved_by"].help_text = _("纸质假条上签字的人")

    def new(self) -> NewAbsence:
        person = registry.find_person(self.cleaned_data["person"])
        return NewAbsence(
            audience=Audience.STAFF, person_id=person.id if person else UUID(int=0), school_id=self.school.id,
            accepts_quota=self.cleaned_data["accepts_quota"], **self._span(),
        )  # fmt: skip


class PupilLeaveForm(LeaveForm):
    person = forms.ChoiceField(label=pgettext_lazy("一人", "学生"))
    symptoms = forms.MultipleChoiceField(
        label=gettext_lazy("症状"), required=False, choices=Symptom.choices, widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("病假才填，用于因病缺勤统计"),
    )  # fmt: skip
    asked_by = forms.CharField(
        label=gettext_lazy("谁来请的"), max_length=60, help_text=gettext_lazy("例如 母亲 王若琳")
    )
    field_order = (
        "person",
        "kind",
        "symptoms",
        "starts_on",
        "starts_at",
        "ends_on",
        "ends_at",
        "asked_by",
        "way",
        "reason",
    )

    def __init__(self, *args: Any, group: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.group = group
        fields: Any = self.fields
        fields["person"].choices = [
            ("", _("选择学生")), *((person.number, person.name) for person in register.pupils_of(group.id))
        ]  # fmt: skip
        fields["approved_by"].help_text = _("超过 %(days)s 天的，写年级组长或德育处批准人") % {
            "days": f"{self.rules.first:g}"
        }

    def new(self) -> NewAbsence:
        person = registry.find_person(self.cleaned_data["person"])
        return NewAbsence(
            audience=Audience.PUPIL, person_id=person.id if person else UUID(int=0), class_id=self.group.id,
            symptoms=self.cleaned_data["symptoms"], asked_by=self.cleaned_data["asked_by"], **self._span(),
        )  # fmt: skip


def told(form: forms.Form, refusal: Any) -> None:
    """A refusal of the service at the field it is about."""
    field = next((name for name in refusal.details if name in form.fields), None)
    form.add_error(field, refusal.message)
