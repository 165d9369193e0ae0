"""Forms about one person: class and school, guardians, a death and its correction."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Forbidden

from ..models import Guardianship, Person
from ..selectors import classes as reading
from ..selectors import person as persons
from ..selectors import places
from ..selectors import suspects as pairs
from ..services import deaths, guardians, merging, seats
from ..types import rights
from .acting import act
from .write_forms import (
    ChangeClassForm,
    DayForm,
    DeceasedForm,
    GuardianForm,
    LeaveForm,
    PairForm,
    ReasonForm,
    ReturnForm,
)


def _own(request: HttpRequest, number: str) -> tuple[Actor, Person, str]:
    """The actor, a person whose record the actor keeps, and their page."""
    actor = actor_of(request)
    found, standing = persons.get_person(actor, number)
    if not standing.may_edit:
        raise Forbidden()
    return actor, found, reverse("registry:person", args=[found.number])


@needs(rights.PERSON_EDIT)
def change_class(request: HttpRequest, number: str) -> HttpResponse:
    actor, found, back = _own(request, number)
    offered = reading.list_target_classes(actor, places.ids_of(found.id))
    form = ChangeClassForm(request.POST or None, classes=offered)
    return act(
        request, form, title=_("调班：%(name)s") % {"name": found.name}, back=back, done=_("已调班。"), button=_("调班"),
        sub=_("同校同年级；原班到这一天为止"),
        aside=() if offered else (_("没有可以调入的班级：本校这个年级只有一个班，或者不在你的管理范围。"),),
        write=lambda values: seats.move_to_class(
            actor=actor, person_id=found.id, class_id=UUID(values["class_id"]), on=values["on"], reason=values["reason"],
            number=values["number"],
        ),
    )  # fmt: skip


@needs(rights.PERSON_EDIT)
def leave(request: HttpRequest, number: str) -> HttpResponse:
    actor, found, back = _own(request, number)
    form = LeaveForm(request.POST or None, schools=reading.list_kept_schools(actor, places.ids_of(found.id)))

    def write(values: dict[str, Any]) -> None:
        school = UUID(values.pop("school"))
        seats.leave_school(actor=actor, person_id=found.id, school_id=school, **values)

    return act(
        request, form, write=write, title=_("登记离校：%(name)s") % {"name": found.name}, back=back,
        done=_("已登记离校。"), button=_("登记"),
        sub=_("这里只记就读；休学、转学的学籍手续在国家系统办理。离开本校后账号保留。"),
    )  # fmt: skip


@needs(rights.PERSON_EDIT)
def come_back(request: HttpRequest, number: str) -> HttpResponse:
    actor, found, back = _own(request, number)
    offered = reading.list_return_classes(actor, places.ids_of(found.id))
    form = ReturnForm(request.POST or None, classes=offered)
    return act(
        request, form, title=_("登记返校：%(name)s") % {"name": found.name}, back=back, done=_("已登记返校。"),
        button=_("登记"),
        write=lambda values: seats.return_to_school(
            actor=actor, person_id=found.id, class_id=UUID(values["class_id"]), on=values["on"],
            attendance=values["attendance"], reason=values["reason"],
        ),
    )  # fmt: skip


@needs(rights.PERSON_EDIT)
def add_guardian(request: HttpRequest, number: str) -> HttpResponse:
    actor, found, back = _own(request, number)
    return act(
        request, GuardianForm(request.POST or None), back=back, done=_("已登记监护人。"), button=_("登记"),
        title=_("登记监护人：%(name)s") % {"name": found.name},
        sub=_("手机号只作联系；本人收到验证码后才能用来登录。"),
        write=lambda values: guardians.add_guardian(actor=actor, child_id=found.id, **values),
    )  # fmt: skip


@needs(rights.PERSON_EDIT)
def end_guardian(request: HttpRequest, number: str, guardianship_id: int) -> HttpResponse:
    actor, found, back = _own(request, number)
    link = Guardianship.objects.filter(id=guardianship_id, child_id__in=places.ids_of(found.id)).first()
    if link is None:
        raise Forbidden()
    name = (
        link.guardian.name if link.guardian else link.guardian_organisation.name if link.guardian_organisation else ""
    )
    return act(
        request, DayForm(request.POST or None), title=_("结束监护关系：%(name)s") % {"name": name}, back=back,
        done=_("已结束，查看权限随之收回。"), button=_("结束"), tone="danger",
        sub=_("孩子：%(child)s。请在原因里写明依据，例如法院文书编号。") % {"child": found.name},
        write=lambda values: guardians.end_guardian(
            actor=actor, guardianship_id=link.id, on=values["on"], reason=values["reason"]
        ),
    )  # fmt: skip


@needs(rights.PERSON_EDIT)
def deceased(request: HttpRequest, number: str) -> HttpResponse:
    """Record a death; on a record that has one, take it back."""
    actor, found, back = _own(request, number)
    if found.deceased_on is not None:
        return act(
            request, ReasonForm(request.POST or None), title=_("更正去世登记：%(name)s") % {"name": found.name}, back=back,
            done=_("已更正，恢复到登记以前的情况。"), button=_("更正"),
            sub=_("登记时结束的就读、任职、监护关系会一并恢复。"),
            write=lambda values: deaths.correct_death(actor=actor, person_id=found.id, reason=values["reason"]),
        )  # fmt: skip
    return act(
        request, DeceasedForm(request.POST or None, name=found.name), title=_("登记去世：%(name)s") % {"name": found.name},
        back=back, done=_("已登记。"), button=_("登记去世"), tone="danger",
        sub=_("登记后立即从所有名单和查找中消失，不再发送任何消息，账号停用。只有保管档案的人能看到和更正。"),
        write=lambda values: deaths.mark_deceased(
            actor=actor, person_id=found.id, on=values["on"], proof=values["proof"]
        ),
    )  # fmt: skip


@needs(rights.PERSON_EDIT)
def point_out(request: HttpRequest, number: str) -> HttpResponse:
    """Two records that somebody knows to be one person: lead to the page that compares them."""
    actor, found, back = _own(request, number)
    form = PairForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        other, standing = persons.get_person(actor, form.cleaned_data["number"])
        if not standing.may_edit:
            raise Forbidden()
        if other.id == found.id:
            form.add_error("number", _("这就是同一份档案。"))
        else:
            pair = merging.point_out(actor=actor, first_id=found.id, second_id=other.id)
            return redirect("registry:suspect", pair)
    return act(
        request, form, write=lambda _values: None, title=_("与另一份档案核对：%(name)s") % {"name": found.name}, back=back,
        done="", button=_("去核对"),
    )  # fmt: skip


@needs(rights.PERSON_EDIT)
def unmerge(request: HttpRequest, number: str, merged: str) -> HttpResponse:
    actor, found, back = _own(request, number)
    other = pairs.find_merged(found, merged)
    if other is None:
        raise Forbidden()
    return act(
        request, ReasonForm(request.POST or None), title=_("撤销合并：%(name)s") % {"name": found.name}, back=back,
        done=_("已撤销合并，两份档案各自恢复。"), button=_("撤销合并"), tone="danger",
        sub=_("编号 %(merged)s 重新成为单独的档案；合并后写到 %(number)s 上的内容留在那里。")
        % {"merged": other.number, "number": found.number},
        write=lambda values: merging.unmerge_people(actor=actor, merged_id=other.id, reason=values["reason"]),
    )  # fmt: skip
