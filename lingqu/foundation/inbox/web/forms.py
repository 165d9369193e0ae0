"""The form of a notice: words, and whom it goes to. It reads and cleans; services decide."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lingqu.foundation.registry import api as registry
from lingqu.kernel import clock

from ..models import Notice
from ..selectors import sending
from ..services.drafting import LONGEST_TEXT, LONGEST_TITLE, Words
from ..types.keys import Address
from ..types.words import PUPIL_GRADES, REMIND_BEFORE, SCHOOL_GROUPS, STAFF_GROUPS, Audience

SCHOOL_KINDS = ("school", "teaching_point")
WHOLE = "all"
DAY_AND_TIME = "%Y-%m-%dT%H:%M"
Choices = Iterable[tuple[str, Any]]


def _checks(label: Any, hint: Any = "") -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, required=False, widget=forms.CheckboxSelectMultiple, help_text=hint, choices=()
    )  # fmt: skip


def _lines(text: str) -> list[str]:
    return list(dict.fromkeys(text.replace(",", " ").replace("，", " ").split()))


class AddressForm(forms.Form):
    """Whom a notice goes to, built for one sender: a class teacher addresses the own class and chooses pupils only."""

    places = _checks(gettext_lazy("范围"))
    codes = forms.CharField(
        label=gettext_lazy("其他下级机构"), required=False, max_length=2000, help_text=gettext_lazy("填机构代码，空格或换行分开")
    )  # fmt: skip
    posts = _checks(gettext_lazy("岗位"), gettext_lazy("每个单位的这个岗位签收"))
    school_types = _checks(gettext_lazy("只发这些学校"), gettext_lazy("不选就是所有学校"))
    staff = _checks(gettext_lazy("教职工"), gettext_lazy("各人自己确认"))
    families = _checks(gettext_lazy("家长"), gettext_lazy("按孩子回执"))
    classes = _checks(gettext_lazy("只发这些班的家长"))
    pupils = _checks(gettext_lazy("学生本人"), gettext_lazy("四年级起，学生自己读、自己确认"))
    pupil_classes = _checks(gettext_lazy("只发这些班的学生"))
    people = forms.CharField(
        label=gettext_lazy("个人"), required=False, max_length=2000, help_text=gettext_lazy("填人员编号，空格或换行分开")
    )  # fmt: skip

    def __init__(self, *args: Any, sender: sending.Sender, **more: Any) -> None:
        super().__init__(*args, **more)
        self.sender = sender
        is_school = sender.organisation.kind in SCHOOL_KINDS
        unused = {"places", "codes", "school_types"} if is_school else {"classes", "pupil_classes"}
        if sender.class_id:
            unused |= {"posts", "staff", "families", "classes", "pupils", "people"}
        for name in unused:
            del self.fields[name]
        grades = [(code, registry.grade_label(code)) for code in registry.GRADES]
        classes, old = sending.classes_of(sender) if "pupil_classes" in self.fields else ([], [])
        offered: dict[str, Choices] = {
            "places": sending.places_of(sender) if "places" in self.fields else (),
            "posts": registry.post_kinds(sender.organisation.kind), "school_types": SCHOOL_GROUPS,
            "staff": [(code or WHOLE, label) for code, label in STAFF_GROUPS],
            "families": [(WHOLE, _("全部年级")), *grades],
            "classes": classes,
            "pupils": [(WHOLE, _("四年级起全部")), *(grade for grade in grades if grade[0] in PUPIL_GRADES)],
            "pupil_classes": old,
        }  # fmt: skip
        for name, choices in offered.items():
            if name in self.fields:
                self.fields[name].choices = list(choices)  # type: ignore[attr-defined]
        if "pupil_classes" in self.fields and not old:
            del self.fields["pupil_classes"]
        if "places" in self.fields and not self.is_bound and not self.initial.get("places"):
            self.initial["places"] = [sender.organisation.code]

    def clean_codes(self) -> list[Any]:
        return [self._place(code) for code in _lines(self.cleaned_data["codes"])]

    def clean_people(self) -> list[Any]:
        found = []
        for number in _lines(self.cleaned_data["people"]):
            person = registry.find_person(number)
            if person is None:
                raise forms.ValidationError(_("没有编号为 %(number)s 的人。") % {"number": number})
            found.append(person)
        return found

    def _place(self, code: str) -> Any:
        place = registry.find_organisation(code)
        if place is None:
            raise forms.ValidationError(_("没有代码为“%(code)s”的机构。") % {"code": code})
        return place

    def addresses(self) -> list[Address]:
        """The chosen scope times whom in it; classes, people and the own class stand for themselves."""
        given = self.cleaned_data
        pupils = [Address(audience=Audience.PUPIL, class_id=UUID(one)) for one in given.get("pupil_classes", ())]
        if self.sender.class_id:
            return [Address(audience=Audience.FAMILY, class_id=self.sender.class_id), *pupils]
        places = [self.sender.organisation]
        if "places" in self.fields:
            places = [*(self._place(code) for code in given["places"]), *given["codes"]]
        found = [
            one
            for place in places
            for one in (
                *(self._at(place, Audience.POST, kind, kept) for kind in given["posts"] for kept in self._types(kind)),
                *(self._at(place, Audience.STAFF, code) for code in given["staff"]),
                *(self._at(place, Audience.FAMILY, code) for code in given["families"]),
                *(self._at(place, Audience.PUPIL, code) for code in given["pupils"]),
            )
        ]
        found += [Address(audience=Audience.FAMILY, class_id=UUID(one)) for one in given.get("classes", ())]
        return [*found, *pupils, *(Address(audience=Audience.PERSON, person_id=one.id) for one in given["people"])]

    def _types(self, kind: str) -> list[str]:
        """Types of schools narrow the posts of schools only."""
        return self.cleaned_data.get("school_types") or [""] if kind in dict(registry.post_kinds("school")) else [""]

    def _at(self, place: Any, audience: str, code: str, school_type: str = "") -> Address:
        return Address(
            audience=audience, organisation_id=place.id, code="" if code == WHOLE else code, school_type=school_type
        )  # fmt: skip


class NoticeForm(AddressForm):
    """What a notice says, and whom it goes to."""

    title = forms.CharField(label=gettext_lazy("标题"), max_length=LONGEST_TITLE)
    text = forms.CharField(
        label=gettext_lazy("正文"), max_length=LONGEST_TEXT, widget=forms.Textarea, help_text=gettext_lazy("一行一段")
    )
    needs_confirmation = forms.BooleanField(
        label=gettext_lazy("须确认"), required=False, initial=True,
        help_text=gettext_lazy("岗位签收；家长为每个孩子确认，任一监护人一次即可"),
    )  # fmt: skip
    deadline = forms.DateTimeField(
        label=gettext_lazy("截止时间"), required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=DAY_AND_TIME), input_formats=[DAY_AND_TIME],
    )  # fmt: skip
    remind_before = forms.ChoiceField(
        label=gettext_lazy("自动提醒还没确认的"), required=False, choices=REMIND_BEFORE,
        help_text=gettext_lazy("那天 8:00 发邮件或短信，只发给还没确认的"),
    )  # fmt: skip
    is_urgent = forms.BooleanField(
        label=gettext_lazy("紧急"), required=False, help_text=gettext_lazy("提醒在节假日也发；夜间仍不发")
    )

    def words(self) -> Words:
        given = self.cleaned_data
        return Words(
            title=given["title"], text=given["text"], needs_confirmation=given["needs_confirmation"],
            deadline=given["deadline"], is_urgent=given["is_urgent"],
            remind_before=int(given["remind_before"]) if given["remind_before"] else None,
        )  # fmt: skip


def initial_of(notice: Notice, sender: sending.Sender) -> dict[str, Any]:
    """The form's values of a draft."""
    rows = list(notice.targets.select_related("organisation", "person"))
    shown = {code for code, _name in sending.places_of(sender)}
    codes = list(dict.fromkeys(row.organisation.code or "" for row in rows if row.organisation))

    def of(audience: str) -> list[str]:
        return sorted({row.code or WHOLE for row in rows if row.audience == audience and row.organisation})

    return {
        "title": notice.title, "text": notice.text, "needs_confirmation": notice.needs_confirmation,
        "remind_before": "" if notice.remind_before is None else str(notice.remind_before), "is_urgent": notice.is_urgent,
        "deadline": notice.deadline.astimezone(clock.ZONE) if notice.deadline else None,
        "places": [code for code in codes if code in shown],
        "codes": " ".join(code for code in codes if code not in shown),
        "posts": of(Audience.POST), "staff": of(Audience.STAFF), "families": of(Audience.FAMILY),
        "pupils": of(Audience.PUPIL),
        "school_types": sorted({row.school_type for row in rows if row.school_type}),
        "classes": [str(row.class_group_id) for row in rows if row.class_group_id and row.audience == Audience.FAMILY],
        "pupil_classes": [str(row.class_group_id) for row in rows if row.class_group_id and row.audience == Audience.PUPIL],
        "people": " ".join(row.person.number for row in rows if row.person),
    }  # fmt: skip
