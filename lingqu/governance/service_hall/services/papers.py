"""在读证明 and 学籍证明: at once when the register agrees, else by the school; at the counter; taken back with a reason."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from lingqu.foundation.inbox import api as inbox
from lingqu.foundation.registry import api as registry
from lingqu.foundation.timetable import api as timetable
from lingqu.kernel import audit, changes, clock, crypto
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Conflict, Forbidden, Invalid
from lingqu.kernel.language import writing_to

from .. import policies
from ..models import Paper, PaperRequest, PaperSerial
from ..selectors.guides import guide_at
from ..selectors.standing import Standing, doubts_of, school_of, standing_of
from ..types.words import PaperKind, RequestState

VALID_DAYS = 90
SERIES = {PaperKind.STUDY: "ZD", PaperKind.REGISTER: "XJ"}
MODULE = "service_hall"


@transaction.atomic
def ask_paper(*, actor: Actor, person_id: UUID, kind: str, purpose: str = "") -> Paper | PaperRequest:
    """A pupil or guardian asks. The paper comes at once when 学籍 and 就读 agree (one of today is given again), else a
    request goes to the school with what does not fit. Asking again while one is open gives that one."""
    policies.require_family(actor, person_id)
    standing, kind = standing_of(person_id), _kind(kind)
    school = school_of(standing, kind)
    if school is None:
        raise Conflict(_("登记里没有这名学生的学校，请到学校窗口办理。"), code="no_school")
    with writing_to():
        doubts = doubts_of(standing, kind)
    serial = _locked_serial(school, kind)
    if not doubts:
        return _today(standing, kind) or _issue(actor, standing, school, kind, purpose, serial, by="")
    made = PaperRequest.objects.filter(person_id__in=standing.ids, kind=kind, state=RequestState.OPEN).first()
    return made or _request(actor, standing, school, kind, purpose, doubts)


def _kind(kind: str) -> str:
    if kind not in PaperKind.values:
        raise Invalid(_("没有这种证明。"), code="unknown_kind")
    return kind


def _today(standing: Standing, kind: str) -> Paper | None:
    begin = clock.now().astimezone(clock.ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = Paper.objects.filter(person_id__in=standing.ids, kind=kind, revoked_at=None, issued_at__gte=begin)
    return rows.order_by("-id").first()


def _request(
    actor: Actor, standing: Standing, school: Any, kind: str, purpose: str, doubts: tuple[str, ...]
) -> PaperRequest:
    guide, _contact = guide_at(kind, str(school.path))
    due = timetable.working_days(school, clock.today(), n=max(1, guide.days))
    applicant = actor.person_id or standing.person.id
    made = PaperRequest.objects.create(
        kind=kind, person=standing.person, applicant_id=applicant, applicant_name=actor.name, school=school,
        path=school.path, purpose=purpose.strip()[:100], doubts=list(doubts), due_on=due,
    )  # fmt: skip
    with writing_to():
        title = _("%(name)s 申请%(kind)s，学籍与就读有不一致") % {
            "name": standing.person.name, "kind": PaperKind(kind).label,
        }  # fmt: skip
    inbox.put_todo(
        module=MODULE, key=f"request:{made.id}", address=f"duty:register_officer@{school.label}", title=title,
        url=reverse("service_hall:request", args=[made.id]),
    )  # fmt: skip
    _trace(actor, "service_hall.paper.asked", made, {"kind": kind, "doubts": len(doubts)})
    return made


@transaction.atomic
def issue_at_counter(*, actor: Actor, person_id: UUID, kind: str, purpose: str = "") -> Paper:
    """The school's or county's clerk gives the paper, also where the register has doubts that the clerk has settled: the
    child has to sit (在读证明) or be registered (学籍证明) at the place."""
    standing, kind = standing_of(person_id), _kind(kind)
    row = standing.sits if kind == PaperKind.STUDY else standing.entry
    if row is None or not policies.may_issue(actor, str(row.path)):
        raise Forbidden()
    _require_grounds(standing, kind)
    serial = _locked_serial(row.school, kind)
    return _issue(actor, standing, row.school, kind, purpose, serial, by=actor.name)


def _require_grounds(standing: Standing, kind: str) -> None:
    if kind == PaperKind.STUDY and standing.is_away:
        raise Conflict(_("这名学生不在校，不能出具在读证明；可以出具学籍证明。"), code="away")
    if kind == PaperKind.REGISTER and not standing.sealed.get("register_number"):
        raise Conflict(_("登记里没有学籍号，不能出具学籍证明。"), code="no_number")


@transaction.atomic
def grant_request(*, actor: Actor, request_id: UUID, answer: str = "") -> Paper:
    """The school found that the paper may be given. One of two who decide at once wins, the other is told."""
    asked = _locked_request(actor, request_id)
    standing = standing_of(asked.person_id)
    row = standing.sits if asked.kind == PaperKind.STUDY else standing.entry
    if row is None or row.school_id != asked.school_id:
        raise Conflict(_("这名学生现在不在本校，请先核对登记。"), code="not_here")
    _require_grounds(standing, asked.kind)
    serial = _locked_serial(asked.school, asked.kind)
    paper = _issue(actor, standing, asked.school, asked.kind, asked.purpose, serial, by=actor.name)
    _decide(actor, asked, RequestState.GRANTED, answer, paper)
    return paper


@transaction.atomic
def refuse_request(*, actor: Actor, request_id: UUID, answer: str) -> None:
    """The school cannot give it; the family reads why."""
    asked = _locked_request(actor, request_id)
    if not answer.strip():
        told = _("请写明不能出具的原因和下一步怎么办。")
        raise Invalid(told, code="reason_missing", details={"answer": told})
    _decide(actor, asked, RequestState.REFUSED, answer, None)


@transaction.atomic
def withdraw_request(*, actor: Actor, request_id: UUID) -> None:
    """The family does not need it any more."""
    asked = PaperRequest.objects.select_for_update().filter(id=request_id).first()
    if asked is None:
        raise Forbidden()
    policies.require_family(actor, asked.person_id)
    _require_open(asked)
    _decide(actor, asked, RequestState.WITHDRAWN, "", None)


def _locked_request(actor: Actor, request_id: UUID) -> PaperRequest:
    rows = PaperRequest.objects.select_for_update(of=("self",)).select_related("school")
    asked = rows.filter(id=request_id).first()
    if asked is None:
        raise Forbidden()
    policies.require_issue(actor, str(asked.path))
    _require_open(asked)
    return asked


def _require_open(asked: PaperRequest) -> None:
    if asked.state != RequestState.OPEN:
        raise Conflict(_("这件申请已经办过：%(state)s。") % {"state": asked.get_state_display()}, code="decided")


def _decide(actor: Actor, asked: PaperRequest, state: str, answer: str, paper: Paper | None) -> None:
    asked.state, asked.answer, asked.paper = state, answer.strip()[:300], paper
    asked.decided_at, asked.decided_by = clock.now(), actor.name
    asked.save()
    inbox.close_todo(module=MODULE, key=f"request:{asked.id}")
    _trace(actor, f"service_hall.paper.{state}", asked, {"kind": asked.kind})


@transaction.atomic
def revoke_paper(*, actor: Actor, paper_id: UUID, reason: str) -> None:
    """Whoever checks the paper from now on reads that it no longer counts."""
    paper = Paper.objects.select_for_update().filter(id=paper_id).first()
    if paper is None:
        raise Forbidden()
    policies.require_issue(actor, str(paper.path))
    if paper.revoked_at is not None:
        raise Conflict(_("这份证明已经作废。"), code="revoked")
    if not reason.strip():
        told = _("请填写作废的原因。")
        raise Invalid(told, code="reason_missing", details={"reason": told})
    paper.revoked_at, paper.revoked_by, paper.reason = clock.now(), actor.name, reason.strip()[:200]
    paper.save(update_fields=["revoked_at", "revoked_by", "reason"])
    _trace(actor, "service_hall.paper.revoked", paper, {"number": paper.number})


def _locked_serial(school: Any, kind: str) -> PaperSerial:
    """Papers of a school are numbered one after the other: whoever asks twice at the same moment gets one paper."""
    serial, _made = PaperSerial.objects.select_for_update().get_or_create(
        school=school, series=SERIES[PaperKind(kind)], year=clock.today().year
    )
    return serial


def _issue(
    actor: Actor, standing: Standing, school: Any, kind: str, purpose: str, serial: PaperSerial, *, by: str
) -> Paper:
    serial.last += 1
    serial.save(update_fields=["last"])
    number = f"{serial.series}-{school.label.upper()}-{serial.year}-{serial.last:05d}"
    with writing_to():
        facts = _facts(standing, school)
    code = crypto.imprint("service_hall.paper", number).hex()[:8].upper()
    made = Paper.objects.create(
        number=number, check_code=f"{code[:4]}-{code[4:]}", kind=kind, person=standing.person, school=school,
        path=school.path, facts=facts, purpose=purpose.strip()[:100], issued_by=by,
        sealed=crypto.seal_fields({"register_number": standing.sealed.get("register_number", "")}),
        valid_until=clock.today() + timedelta(days=VALID_DAYS),
    )  # fmt: skip
    _trace(actor, "service_hall.paper.issued", made, {"kind": kind, "number": number, "at_once": not by})
    return made


def _facts(standing: Standing, school: Any) -> dict[str, str]:
    person = standing.person
    return {
        "name": person.name, "sex": registry.sex_label(person.sex),
        "birth_date": person.birth_date.isoformat() if person.birth_date else "", "school": school.name,
        "grade": registry.grade_label(standing.grade), "class": standing.class_name,
        "since": standing.since.isoformat() if standing.since else "",
        "state": registry.code_label("XSDQZT", standing.state) if standing.state else "",
        "register_school": standing.entry.school.name if standing.entry else "",
        "as_of": standing.entry.as_of.isoformat() if standing.entry else "",
    }  # fmt: skip


def _trace(actor: Actor, action: str, row: Paper | PaperRequest, data: dict[str, object]) -> None:
    kind = "service_hall.paper" if isinstance(row, Paper) else "service_hall.request"
    audit.record(actor, action, subject_kind=kind, subject_id=row.id, path=str(row.path), data=data)
    changes.log(kind, [row.id])
