"""What a person decides about single pupils and about a school's own rules, before it is applied."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel import audit, clock
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Conflict, Forbidden, Invalid

from .. import policies, register
from ..models import PupilDecision, SchoolPlan
from ..types.words import NoteKind, PlanState
from . import previewing
from .years import require_open

SHORTEST_REASON = 4


def _locked_plan(actor: Actor, plan_id: int) -> SchoolPlan:
    plan = SchoolPlan.objects.select_for_update(of=("self",)).select_related("rollover", "school").filter(id=plan_id)
    found = plan.first()
    if found is None:
        raise Forbidden()
    policies.require_decide(actor, str(found.path))
    require_open(found.rollover)
    if found.state == PlanState.APPLIED:
        raise Conflict(_("这所学校已经升级，请先撤销，或在学生页面逐人更正。"), code="already_applied")
    return found


@transaction.atomic
def decide_pupil(
    *, actor: Actor, plan_id: int, person_id: UUID, grade: str, class_id: UUID | None = None, reason: str
) -> PupilDecision:
    """Put one pupil into a grade of the new year: 复学 (own grade or the next), 跳级, in senior school also 留级.

    ``class_id`` is this year's class whose successor the pupil joins. Raises :class:`Invalid` (``repeat_refused``) for 留级
    in compulsory education, with the rule, and for grades and classes that do not fit.
    """
    plan = _locked_plan(actor, plan_id)
    seat = register.enrolments().filter(person_id=person_id, school_id=plan.school_id, valid_to=None).first()
    if seat is None or register.people().filter(id=person_id, deceased_on__isnull=False).exists():
        raise Invalid(_("这名学生不在这所学校就读。"), code="not_here")
    known = PupilDecision.objects.filter(plan=plan, person_id=person_id).first()
    away = seat.attendance == "absent" or (known is not None and known.kind in (NoteKind.SUSPENDED, NoteKind.RETURNING))
    _require_grade(seat.grade, grade, is_away=away)
    [school] = previewing.steps_in(plan.rollover, ids=[plan.school_id])
    if class_id is not None:
        _require_class(plan, school, class_id, grade)
    told = " ".join(reason.split())
    if len(told) < SHORTEST_REASON:
        raise Invalid(_("请写明理由。"), code="reason_missing", details={"reason": _("请写明理由。")})
    made, _new = PupilDecision.objects.update_or_create(
        plan=plan, person_id=person_id,
        defaults={
            "kind": known.kind if known else NoteKind.DECIDED, "grade": seat.grade, "grade_after": grade,
            "class_after_id": class_id, "reason": told[:200], "decided_by": actor.name, "decided_at": clock.now(),
        },
    )  # fmt: skip
    audit.record(actor, "yearly.pupil.decided", subject_kind="person", subject_id=person_id, path=str(plan.path),
                 data={"grade": grade, "year": plan.rollover_id, "reason": told[:200]})  # fmt: skip
    previewing.compute(plan.rollover, [school])
    return made


def _require_grade(own: str, wanted: str, *, is_away: bool) -> None:
    following = registry.next_grade(own)
    allowed = {own, following, registry.next_grade(following)} if own else set()
    if wanted == own and wanted in registry.COMPULSORY and not is_away:
        told = _("义务教育阶段不得留级：%(grade)s学生随班升级，有困难的由学校帮扶。") % {
            "grade": registry.grade_label(own)
        }
        raise Invalid(told, code="repeat_refused", details={"grade": told})
    if not wanted or wanted not in allowed:
        told = _("只能选原年级、下一年级，或跳一级。")
        raise Invalid(told, code="bad_grade", details={"grade": told})


def _require_class(plan: SchoolPlan, school: registry.SchoolStep, class_id: UUID, grade: str) -> None:
    row = plan.classes.filter(class_group_id=class_id).first()
    if row is None or grade not in row.target_grades:
        told = _("所选班级在新学年没有这个年级。")
        raise Invalid(told, code="bad_class", details={"class_id": told})


@transaction.atomic
def withdraw_decision(*, actor: Actor, plan_id: int, person_id: UUID) -> None:
    """The pupil follows the rule again."""
    plan = _locked_plan(actor, plan_id)
    if PupilDecision.objects.filter(plan=plan, person_id=person_id).exclude(grade_after="").delete()[0]:
        audit.record(actor, "yearly.pupil.undecided", subject_kind="person", subject_id=person_id, path=str(plan.path))
        previewing.compute(plan.rollover, previewing.steps_in(plan.rollover, ids=[plan.school_id]))


@transaction.atomic
def set_rules(*, actor: Actor, plan_id: int, top: str = "", regroup: bool = False) -> SchoolPlan:
    """``top``: the oldest grade a teaching point keeps; ``regroup``: new classes between primary and junior school."""
    plan = _locked_plan(actor, plan_id)
    if top and (top not in registry.COMPULSORY or plan.school.kind != "teaching_point"):
        raise Invalid(_("最高年级只用于教学点，应在一至九年级之间。"), code="bad_top", details={"top": _("请选年级。")})
    rules = {**({"top": top} if top else {}), **({"regroup": True} if regroup else {})}
    if rules != plan.rules:
        SchoolPlan.objects.filter(id=plan.id).update(rules=rules)
        audit.record(actor, "yearly.rules.set", subject_kind="organisation", subject_id=plan.school_id,
                     path=str(plan.path), data=rules)  # fmt: skip
        previewing.compute(plan.rollover, previewing.steps_in(plan.rollover, ids=[plan.school_id]))
    plan.refresh_from_db()
    return plan
