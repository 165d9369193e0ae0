"""What the steps of the services do in the register: named handlers that the definitions call.

A refusal is told to whoever did the step before it, and nothing moves. What was done is taken back when a case is cancelled.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from lingqu.foundation.reconciliation import api as reconciliation
from lingqu.foundation.registry import api as registry
from lingqu.foundation.workflow import api as workflow
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import today
from lingqu.kernel.errors import Conflict, Forbidden, Invalid

from . import register
from .models import Transfer
from .selectors import rules
from .selectors.standing import Standing, standing_of
from .services import transfers
from .types.rules import Pause, Reason, check_pause, check_withdrawal, months_between, return_grades

Ask = workflow.Ask


def _subject(ask: Ask) -> Standing:
    if ask.case.subject_id is None:
        raise Forbidden()
    return standing_of(ask.case.subject_id)


def _sitting(ask: Ask) -> Standing:
    """The child, who has to be kept at the school where the case stands."""
    found = _subject(ask)
    if found.sits is None or found.sits.school_id != ask.case.organisation_id:
        raise Conflict(_("这件事由孩子就读的学校办理。"), code="other_school")
    return found


def _refuse(reasons: tuple[Reason, ...]) -> None:
    if reasons:
        raise Conflict(" ".join(one.text for one in reasons), code=reasons[0].code)


def _day(ask: Ask, key: str) -> date:
    try:
        return date.fromisoformat(str(ask.case.fields.get(key) or ""))
    except ValueError:
        told = _("请填写日期。")
        raise Invalid(told, code="no_day", details={key: told}) from None


def _class(ask: Ask, school_id: UUID, grades: tuple[str, ...]) -> Any:
    """The class of the school that a clerk wrote; it has to have one of the grades."""
    written = registry.tidy_class_name(str(ask.case.fields.get("to_class") or ""))
    rows = (
        register.classes().in_use().filter(school_id=school_id, school_year__is_current=True).exclude(kind="teaching")
    )
    fitting = [one for one in rows if set(one.grades) & set(grades)]
    found = [
        one
        for one in fitting
        if written in (registry.tidy_class_name(one.name), registry.tidy_class_name(one.written_name))
    ]
    if len(found) != 1:
        names = "、".join(sorted(one.name for one in fitting)[:20]) or "—"
        told = _("本校没有这个班，可以编入：%(names)s。") % {"names": names}
        raise Invalid(told, code="class", details={"to_class": told})
    return found[0]


# ---- 转学 ----


def _transfer(ask: Ask) -> Transfer:
    found = Transfer.objects.filter(case_id=ask.case.id).select_related("from_school", "to_school").first()
    if found is None:
        raise Conflict(_("这件转学没有登记，请终止后重新申请。"), code="no_transfer")
    return found


def open_transfer(actor: Actor, ask: Ask) -> str:
    """Takes a place at the school where the case stands; answers the code of the present school."""
    if ask.case.subject_id is None:
        raise Forbidden()
    made = transfers.open_transfer(actor=actor, person_id=ask.case.subject_id, to_school_id=ask.case.organisation_id)
    transfers.link_case(transfer_id=made.id, case_id=ask.case.id)
    return str(made.from_school.code)


def close_transfer(actor: Actor, ask: Ask) -> None:
    transfers.close(actor=actor, transfer_id=_transfer(ask).id, ending=_("已终止"))


def counties(_actor: Actor, ask: Ask) -> str:
    """``two`` when another office keeps the present school: it has to agree as well."""
    found = _transfer(ask)
    return "one" if found.from_school.parent_id == found.to_school.parent_id else "two"


def sit(actor: Actor, ask: Ask) -> None:
    found = _transfer(ask)
    group = _class(ask, found.to_school_id, (found.grade,))
    transfers.sit(actor=actor, transfer_id=found.id, class_id=group.id, on=_day(ask, "sits_on"))


def sit_back(actor: Actor, ask: Ask) -> None:
    transfers.unsit(actor=actor, transfer_id=_transfer(ask).id)


def submit(actor: Actor, ask: Ask) -> None:
    transfers.submit(actor=actor, transfer_id=_transfer(ask).id, serial=str(ask.case.fields.get("serial") or ""))


def settle(actor: Actor, ask: Ask) -> None:
    """By the national file (the platform acts) or by evidence that a clerk uploaded."""
    how = _("国家名册已更新") if actor.is_system else _("按佐证人工办结：%(name)s") % {"name": actor.name}
    transfers.settle(actor=actor, transfer_id=_transfer(ask).id, ending=how)


# ---- 休学, 复学, 退学 ----


def check_suspension(_actor: Actor, ask: Ask) -> None:
    """Of a child that is away it is a wish to stay away longer, counted from the day on which it was expected."""
    found, rule = _sitting(ask), rules.suspension_rule(ask.case.path)
    start = (found.sits.expected_on if found.sits and found.is_away else None) or today()
    away = register.enrolments().filter(person_id__in=found.ids, attendance="absent").order_by("valid_from")
    before = sum(months_between(one.valid_from, one.valid_to or start) for one in away)
    _refuse(check_pause(rule, Pause(
        start=start, end=_day(ask, "until"), today=today(), state=found.state, is_away=found.is_away, months_before=before,
        is_longer=found.is_away,
    )))  # fmt: skip


def begin_suspension(actor: Actor, ask: Ask) -> None:
    found, until = _sitting(ask), _day(ask, "until")
    at: dict[str, Any] = {
        "actor": transfers.trusted(actor), "person_id": found.person.id, "school_id": ask.case.organisation_id
    }  # fmt: skip
    if found.is_away:
        registry.prolong_absence(**at, until=until, reason=_("休学延长"))
    else:
        registry.leave_school(
            **at, on=today(), kind=registry.Leave.SUSPENDED, reason=_("休学"), expected_on=until
        )  # fmt: skip


def check_return(_actor: Actor, ask: Ask) -> str:
    if not _sitting(ask).is_away:
        raise Conflict(_("这名学生没有登记休学。"), code="not_away")
    return str(ask.case.number)


def back(actor: Actor, ask: Ask) -> None:
    """The child sits in a class between the grade where it stopped and the one where its year is."""
    found = _sitting(ask)
    if found.sits is None or not found.is_away:
        raise Conflict(_("这名学生没有登记休学。"), code="not_away")
    left = found.sits.grade
    offered = return_grades(left, _present_grade(found))
    group = _class(ask, ask.case.organisation_id, offered)
    registry.return_to_school(
        actor=transfers.trusted(actor), person_id=found.person.id, class_id=group.id, on=_day(ask, "back_on"),
        attendance=registry.Attendance.REGISTERED, reason=_("复学"),
    )  # fmt: skip


def _present_grade(found: Standing) -> str:
    """Where the classmates are today: the grade of the 休学 and as many more as school years began since."""
    if found.sits is None or found.sits.grade not in registry.GRADES:
        return ""
    begun = int(registry.school_year_of(found.sits.valid_from)[:4])
    at = registry.GRADES.index(found.sits.grade) + int(registry.school_year_of(today())[:4]) - begun
    return registry.GRADES[min(at, len(registry.GRADES) - 1)]


def check_leaving(_actor: Actor, ask: Ask) -> None:
    found = _sitting(ask)
    _refuse(check_withdrawal(rules.withdrawal_rule(ask.case.path), found.grade))


def leave(actor: Actor, ask: Ask) -> None:
    found = _sitting(ask)
    _refuse(check_withdrawal(rules.withdrawal_rule(ask.case.path), found.grade))
    registry.leave_school(
        actor=transfers.trusted(actor), person_id=found.person.id, school_id=ask.case.organisation_id, on=today(),
        kind=registry.Leave.LEFT, reason=_("退学"),
    )  # fmt: skip


# ---- 关键数据变更 ----


def link_ticket(_actor: Actor, ask: Ask) -> None:
    reconciliation.link_case(person_id=_subject(ask).person.id, case_id=ask.case.id)


def accept_ticket(actor: Actor, ask: Ask) -> None:
    reconciliation.accept_ticket(actor=actor, case_id=ask.case.id)


def drop_ticket(actor: Actor, ask: Ask) -> None:
    reconciliation.drop_ticket(actor=actor, case_id=ask.case.id)


def settle_ticket(_actor: Actor, ask: Ask) -> None:
    """Only a national file that says so ends it."""
    found = reconciliation.find_ticket(ask.case.id)
    if found is None or found.state != reconciliation.TicketState.CLOSED:
        raise Conflict(_("国家名册还没有改过来，改好以后自动办结。"), code="not_yet")


HANDLERS: tuple[tuple[str, Any, Any], ...] = (
    ("transfer.open", open_transfer, close_transfer), ("transfer.counties", counties, None), ("transfer.sit", sit, sit_back),
    ("transfer.submit", submit, None), ("transfer.settle", settle, None), ("pause.check", check_suspension, None),
    ("pause.begin", begin_suspension, None), ("return.check", check_return, None), ("return.back", back, None),
    ("withdrawal.check", check_leaving, None), ("withdrawal.leave", leave, None),
    ("key_data.link", link_ticket, drop_ticket), ("key_data.accept", accept_ticket, None), ("key_data.settle", settle_ticket, None),
)  # fmt: skip


def register_handlers() -> None:
    labels = {
        "transfer.open": _("占用学位"), "transfer.counties": _("核对主管部门"), "transfer.sit": _("登记就读"),
        "transfer.submit": _("记录国家系统流水号"), "transfer.settle": _("学籍转移"), "pause.check": _("核对休学期限"),
        "pause.begin": _("登记休学"), "return.check": _("核对休学登记"), "return.back": _("登记返校"),
        "withdrawal.check": _("核对能否退学"), "withdrawal.leave": _("登记离校"),
        "key_data.link": _("登记家长的申请"), "key_data.accept": _("转入关键数据变更台账"), "key_data.settle": _("核对国家名册"),
    }  # fmt: skip
    for name, run, undo in HANDLERS:
        workflow.register(f"service_hall.{name}", run, undo=undo, label=labels[name], refuses=True)
