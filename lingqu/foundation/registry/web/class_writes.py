"""Forms that change classes: opening, editing, head teacher, closing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.actor import Actor

from .. import policies
from ..models import ClassGroup, Organisation
from ..selectors import classes as reading
from ..selectors import tree
from ..services import classes, teaching
from ..types import rights
from ..types.words import ClassKind
from .acting import act
from .write_forms import ClassForm, DayForm, HeadForm, ReasonForm


def _own(request: HttpRequest, class_id: UUID) -> tuple[Actor, ClassGroup, str]:
    actor = actor_of(request)
    group = reading.get_class(actor, class_id)
    policies.require_edit_class(actor, group, str(group.school.path))
    return actor, group, reverse("registry:class", args=[class_id])


@needs(rights.CLASS_EDIT)
def create(request: HttpRequest, code: str) -> HttpResponse:
    actor = actor_of(request)
    school: Organisation = tree.get_organisation(actor, code)
    policies.require_edit_classes_at(actor, str(school.path))
    form = ClassForm(
        request.POST or None, offered=reading.offered_grades(school), is_new=True,
        initial={"kind": ClassKind.ADMINISTRATIVE, "grades": [request.GET.get("grade", "")]},
    )  # fmt: skip
    return act(
        request, form, title=_("新建班级"), sub=school.name, button=_("新建"), done=_("已新建班级。"),
        back=reverse("registry:school_classes", args=[code]),
        write=lambda values: classes.create_class(actor=actor, school_id=school.id, **values),
    )  # fmt: skip


@needs(rights.CLASS_EDIT)
def edit(request: HttpRequest, class_id: UUID) -> HttpResponse:
    actor, group, back = _own(request, class_id)
    is_local = not actor.holds(rights.CLASS_EDIT, str(group.school.path))
    offered = sorted({*reading.offered_grades(group.school), *group.grades}, key=reading.grade_order)
    initial = {name: getattr(group, name) for name in ("grades", "serial", "local_name", "campus", "room")}
    form = ClassForm(request.POST or None, offered=offered, is_new=False, is_local=is_local, initial=initial)
    return act(
        request, form, title=_("编辑班级：%(name)s") % {"name": group.name}, sub=group.school.name, back=back,
        done=_("已保存。"),
        write=lambda values: classes.edit_class(actor=actor, class_id=group.id, values=values),
    )  # fmt: skip


@needs(rights.CLASS_EDIT)
def head(request: HttpRequest, class_id: UUID) -> HttpResponse:
    actor, group, back = _own(request, class_id)
    form = HeadForm(request.POST or None, colleagues=reading.list_colleagues(group.school))

    def write(values: dict[str, Any]) -> None:
        teaching.assign_head(
            actor=actor, class_id=group.id, person_id=UUID(values["person"]), kind=values["kind"], on=values["on"]
        )

    return act(
        request, form, write=write, title=_("指定班主任：%(name)s") % {"name": group.name}, back=back,
        done=_("已指定，权限随之生效。"), sub=_("原任从这一天起卸任"), button=_("指定"),
    )  # fmt: skip


@needs(rights.CLASS_EDIT)
def close(request: HttpRequest, class_id: UUID) -> HttpResponse:
    actor, group, back = _own(request, class_id)
    policies.require_edit_classes_at(actor, str(group.school.path))
    if group.closed_on is not None:
        return act(
            request, ReasonForm(request.POST or None), title=_("恢复班级：%(name)s") % {"name": group.name}, back=back,
            done=_("已恢复，班主任和任课请重新指定。"), button=_("恢复"),
            write=lambda values: classes.reopen_class(actor=actor, class_id=group.id, reason=values["reason"]),
        )  # fmt: skip
    told = _("班里还有 %(n)d 名学生，请先调到其他班级。") % {"n": group.size}
    return act(
        request, DayForm(request.POST or None), title=_("撤销班级：%(name)s") % {"name": group.name},
        sub=_("班主任和任课到这一天为止；名单和历史保留，可以恢复。"), back=back, done=_("已撤销班级。"), button=_("撤销"),
        tone="danger", aside=(told,) if group.size else (),
        write=lambda values: classes.close_class(
            actor=actor, class_id=group.id, on=values["on"], reason=values["reason"]
        ),
    )  # fmt: skip
