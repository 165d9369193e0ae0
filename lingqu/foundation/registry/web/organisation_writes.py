"""Forms that change the tree: founding, editing, moving, closing, relations, and how a school writes its class names."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Forbidden, Invalid

from .. import policies
from ..models import Organisation, OrganisationRelation
from ..selectors import tree
from ..services import naming, organisations, relations
from ..types import rights
from ..types.words import RelationKind
from .acting import act
from .write_forms import (
    DayForm,
    DisplayForm,
    EndForm,
    MoveForm,
    NewOrganisationForm,
    OrganisationForm,
    ReasonForm,
    RelationForm,
)


def _own(request: HttpRequest, code: str) -> tuple[Actor, Organisation, str]:
    """The actor, an organisation that the actor may edit, and its page."""
    actor = actor_of(request)
    found = tree.get_organisation(actor, code)
    policies.require_edit_organisation(actor, found)
    return actor, found, reverse("registry:organisation", args=[code])


def _place(actor: Actor, text: str) -> Organisation:
    """What somebody typed: a code, else a name that is unique among what the actor sees."""
    found = tree.find_organisations(actor, text.split(" ")[0] if text[:1].isdigit() else text, limit=3)
    exact = [one for one in found if text in (one.code, one.name, one.short_name)]
    if len(exact) != 1 and len(found) != 1:
        told = _("没有找到这个机构，或者不止一个，请输入代码。")
        raise Invalid(told, code="unknown_place", details={"place": told})
    return exact[0] if len(exact) == 1 else found[0]


@needs(rights.ORGANISATION_EDIT)
def create(request: HttpRequest, code: str) -> HttpResponse:
    actor, parent, back = _own(request, code)
    kinds = [kind for kind, places in organisations.MAY_STAND_BELOW.items() if parent.kind in places]
    form = NewOrganisationForm(request.POST or None, kinds=kinds)

    def write(values: dict[str, Any]) -> None:
        kind = values.pop("kind")
        organisations.create_organisation(actor=actor, parent_id=parent.id, kind=kind, values=values)

    return act(
        request, form, write=write, title=_("新建下级机构"), sub=_("设在 %(name)s 之下") % {"name": parent.name},
        back=back, done=_("已新建。"), button=_("新建"),
    )  # fmt: skip


@needs(rights.ORGANISATION_EDIT)
def edit(request: HttpRequest, code: str) -> HttpResponse:
    actor, found, back = _own(request, code)
    initial = {name: getattr(found, name) for name in organisations.EDITABLE}
    form = OrganisationForm(request.POST or None, initial=initial)
    return act(
        request, form, title=_("编辑：%(name)s") % {"name": found.name}, back=back, done=_("已保存。"),
        sub=_("代码和办学类型由国家系统管理，随下次导入更新。"),
        write=lambda values: organisations.edit_organisation(actor=actor, organisation_id=found.id, values=values),
    )  # fmt: skip


@needs(rights.ORGANISATION_EDIT)
def move(request: HttpRequest, code: str) -> HttpResponse:
    actor, found, back = _own(request, code)
    if not policies.may_keep_organisation(actor, found):
        raise Forbidden()
    active = tree.count_active(str(found.path))

    def write(values: dict[str, Any]) -> None:
        parent = _place(actor, values["place"])
        organisations.move_organisation(
            actor=actor, organisation_id=found.id, parent_id=parent.id, on=values["on"], reason=values["reason"]
        )

    form = MoveForm(request.POST or None)
    form.fields["place"].label = _("新的上级")
    return act(
        request, form, write=write, title=_("调整隶属：%(name)s") % {"name": found.name}, back=back,
        done=_("已调整隶属，权限随之转移。"), button=_("调整"), suggestions=tree.list_superiors(actor, found),
        aside=(
            _("随同转移：%(organisations)d 个下属机构、%(students)d 名学生、%(staff)d 名教职工。")
            % {"organisations": active.organisations, "students": active.students, "staff": active.staff},
            _("原上级从此看不到他们；属地不变。"),
        ),
    )  # fmt: skip


@needs(rights.ORGANISATION_EDIT)
def close(request: HttpRequest, code: str) -> HttpResponse:
    actor, found, back = _own(request, code)
    if not policies.may_keep_organisation(actor, found):
        raise Forbidden()
    if found.closed_on is not None:
        return act(
            request, ReasonForm(request.POST or None), title=_("恢复：%(name)s") % {"name": found.name}, back=back,
            done=_("已恢复。"), button=_("恢复"),
            write=lambda values: organisations.reopen_organisation(
                actor=actor, organisation_id=found.id, reason=values["reason"]
            ),
        )  # fmt: skip
    active = tree.count_active(str(found.path))
    told = _("现有 %(students)d 名学生、%(staff)d 名教职工、%(organisations)d 个下属机构；全部调走后才能撤并。") % {
        "students": active.students, "staff": active.staff, "organisations": active.organisations,
    }  # fmt: skip
    return act(
        request, DayForm(request.POST or None), title=_("撤并：%(name)s") % {"name": found.name}, back=back,
        done=_("已登记撤并。"), button=_("撤并"), tone="danger", aside=(told,) if active.is_any else (),
        sub=_("撤并后不再出现在机构树和统计中，历史记录保留，可以恢复。"),
        write=lambda values: organisations.close_organisation(
            actor=actor, organisation_id=found.id, on=values["on"], reason=values["reason"]
        ),
    )  # fmt: skip


@needs(rights.ORGANISATION_EDIT)
def relate(request: HttpRequest, code: str) -> HttpResponse:
    actor, found, back = _own(request, code)

    def write(values: dict[str, Any]) -> None:
        other = _place(actor, values["place"])
        head, member = (found, other) if values["side"] == "head" else (other, found)
        relations.add_relation(
            actor=actor, kind=values["kind"], head_id=head.id, member_id=member.id, valid_from=values["valid_from"],
            until=values["until"], role=values["role"],
        )  # fmt: skip

    return act(
        request, RelationForm(request.POST or None), write=write, back=back, done=_("已登记关系。"), button=_("登记"),
        title=_("新增关系：%(name)s") % {"name": found.short_name or found.name},
        sub=_("双方都归你管理时才能登记。"), suggestions=tree.list_partners(actor, found),
    )  # fmt: skip


@needs(rights.ORGANISATION_EDIT)
def end_relation(request: HttpRequest, code: str, relation_id: int) -> HttpResponse:
    actor, found, back = _own(request, code)
    row = OrganisationRelation.objects.select_related("head", "member").filter(id=relation_id).first()
    if row is None or found.id not in (row.head_id, row.member_id):
        raise Forbidden()
    return act(
        request, EndForm(request.POST or None), back=back, done=_("已结束关系。"), button=_("结束"), tone="danger",
        title=_("结束关系：%(kind)s") % {"kind": RelationKind(row.kind).label},
        sub=_("%(head)s 牵头，成员 %(member)s，%(day)s 起")
        % {"head": row.head.name, "member": row.member.name, "day": row.valid_from},
        write=lambda values: relations.end_relation(actor=actor, relation_id=relation_id, on=values["on"]),
    )  # fmt: skip


@needs(rights.CLASS_EDIT)
def display(request: HttpRequest, code: str) -> HttpResponse:
    """How a school writes its class names: GET previews a rule, POST sets it."""
    actor = actor_of(request)
    school = tree.get_organisation(actor, code)
    form = DisplayForm(request.POST or request.GET or None, initial={"rule": school.class_display})
    rule = form.cleaned_data["rule"] if form.is_bound and form.is_valid() else school.class_display
    renamings = naming.preview_display(actor=actor, school_id=school.id, rule=rule)
    if request.method == "POST" and form.is_valid():
        naming.set_display_rule(actor=actor, school_id=school.id, rule=rule)
        return redirect("registry:school_classes", code)
    context = {
        "school": school, "rule": rule, "choices": form.fields["rule"].choices, "renamings": renamings,  # type: ignore[attr-defined]
        "changed": sum(one.differs for one in renamings),
    }  # fmt: skip
    return render(request, "registry/display.html", context)
