"""Following transfers from and to other provinces: opened, each link with its day, over. The register is never changed: the
national system and its next file say where the 学籍 is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from lingqu.foundation.inbox import api as inbox
from lingqu.foundation.registry import api as registry
from lingqu.foundation.timetable import api as timetable
from lingqu.kernel import audit, changes
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import ZONE, today
from lingqu.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from lingqu.kernel.language import writing_to

from .. import policies, register
from ..models import BeyondTransfer
from ..selectors import beyond as reading
from ..selectors.transfers import find_open
from ..types.beyond import LINK_DAYS, PROVINCES, BeyondState, Direction, Link, last_day, steps_of
from .transfers import SERIAL

MODULE = "service_hall"
MOST_LATE = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBeyond:
    """``number`` of the child in the register; a child from elsewhere may have none yet: then ``name`` and ``grade``."""

    direction: str
    school_code: str
    other_province: str
    other_school: str
    asked_on: date
    number: str = ""
    name: str = ""
    grade: str = ""
    serial: str = ""


@transaction.atomic
def open_beyond(*, actor: Actor, new: NewBeyond) -> BeyondTransfer:
    """Begin to follow a transfer that was asked for in the national system.

    Raises :class:`Invalid` naming the field, :class:`Conflict` while the child has another transfer that is open.
    """
    school = register.get_school(new.school_code)
    policies.require_track(actor, str(school.path))
    person = _pupil_at(school, new.number) if new.number.strip() else None
    wrong = _wrong(new, person)
    if wrong:
        raise Invalid(" ".join(wrong.values()), code="beyond", details=wrong)
    if person is not None:
        register.people().select_for_update().get(id=person.id)
        if reading.find_of(registry.ids_of(person.id)) or find_open(person.id):
            raise Conflict(_("这名学生已经有一件没有办完的转学。"), code="open")
    links = {Link.ASKED.value: new.asked_on.isoformat()}
    made = BeyondTransfer.objects.create(
        direction=new.direction, person=person, name=person.name if person else new.name.strip()[:60],
        grade=_grade_of(person, school) or new.grade, school=school, path=school.path, other_province=new.other_province,
        other_school=new.other_school.strip()[:100], links=links, due_on=_due(str(school.path), links), opened_by=actor.name,
    )  # fmt: skip
    if new.serial.strip():
        _set_serial(made, new.serial)
    _trace(actor, "service_hall.beyond.opened", made, {"direction": made.direction})
    return made


def _pupil_at(school: Any, number: str) -> Any:
    """The child, who has to be at the school: it sits there or its 学籍 is there."""
    found = registry.find_person(number.strip())
    ids = registry.ids_of(found.id) if found is not None else ()
    for rows in (register.enrolments(), register.register_entries()):
        if rows.filter(person_id__in=ids, school=school, valid_to=None).exists():
            return found
    told = _("本校没有这个编号的学生。")
    raise Invalid(told, code="no_pupil", details={"number": told})


def _grade_of(person: Any | None, school: Any) -> str:
    if person is None:
        return ""
    rows = register.enrolments().filter(person_id__in=registry.ids_of(person.id), school=school, valid_to=None)
    return str(rows.values_list("grade", flat=True).first() or "")


def _wrong(new: NewBeyond, person: Any | None) -> dict[str, str]:
    wrong: dict[str, str] = {}
    if new.direction not in Direction.values:
        wrong["direction"] = _("请选择转入还是转出。")
    if person is None and new.direction == Direction.OUT:
        wrong["number"] = _("转往外省的学生请填平台编号。")
    elif person is None and len(new.name.strip()) < 2:
        wrong["name"] = _("请填学生姓名，或者平台编号。")
    if person is None and new.grade not in registry.GRADES:
        wrong["grade"] = _("请选择年级。")
    if new.other_province not in PROVINCES:
        wrong["other_province"] = _("请选择省份。")
    if len(new.other_school.strip()) < 2:
        wrong["other_school"] = _("请填外省学校的名称。")
    if new.asked_on > today():
        wrong["asked_on"] = _("日期还没有到。")
    if new.serial.strip() and not SERIAL.fullmatch(new.serial.strip()):
        wrong["serial"] = _serial_told()
    return wrong


def _serial_told() -> str:
    return _("流水号由 6 到 40 位字母、数字或短横组成，请照国家系统抄写。")


def _due(path: str, links: Mapping[str, str]) -> date:
    """Ten working days of the region after something moved last."""
    region = path.rpartition(".")[0] or path
    due: date = timetable.Desk().calendar(region).add_working_days(last_day(links), LINK_DAYS)
    return due


@transaction.atomic
def note_progress(
    *, actor: Actor, beyond_id: UUID, links: Mapping[str, date | None], serial: str = "", number: str = ""
) -> None:
    """Days of the links as the national system shows them, all of them at once, and its serial number; a link without a day is
    not reached. ``number``: of a child that came into the register since. Repeating changes nothing. Raises :class:`Invalid`
    for days to come or before the beginning."""
    row = _locked(actor, beyond_id)
    if number.strip() and row.person_id is None:
        _name_person(row, number)
    wanted = {link: day for link, day in links.items() if day is not None and link in Link.values}
    began = wanted.get(Link.ASKED)
    if began is None:
        raise Invalid(_("请填写转入学校发起的日期。"), details={Link.ASKED.value: _("请填写转入学校发起的日期。")})
    for link, day in wanted.items():
        if day > today() or day < began:
            told = _("“%(name)s”的日期要在发起以后，不晚于今天。") % {"name": Link(link).label}
            raise Invalid(told, code="link_day", details={link: told})
    if serial.strip().upper() != row.serial:
        _set_serial(row, serial)
    row.links = {step.link: wanted[step.link].isoformat() for step in steps_of({}) if step.link in wanted}
    row.due_on = _due(str(row.path), row.links)
    row.save(update_fields=["links", "due_on"])
    inbox.close_todo(module=MODULE, key=_key(row.id))
    _trace(actor, "service_hall.beyond.noted", row, {"links": row.links})


def _name_person(row: BeyondTransfer, number: str) -> None:
    person = _pupil_at(row.school, number)
    ids = registry.ids_of(person.id)
    if reading.find_of(ids) or find_open(person.id):
        raise Conflict(_("这名学生已经有一件没有办完的转学。"), code="open")
    row.person, row.name = person, person.name
    row.grade = _grade_of(person, row.school) or row.grade
    row.save(update_fields=["person", "name", "grade"])


def _set_serial(row: BeyondTransfer, serial: str) -> None:
    number = serial.strip().upper()
    if number and not SERIAL.fullmatch(number):
        raise Invalid(_serial_told(), code="serial", details={"serial": _serial_told()})
    row.serial = number
    try:
        with transaction.atomic():
            row.save(update_fields=["serial"])
    except IntegrityError:
        told = _("这个流水号已经登记在另一件转学上。")
        raise Conflict(told, code="serial_taken", details={"serial": told}) from None


@transaction.atomic
def end_beyond(*, actor: Actor, beyond_id: UUID, done: bool, ending: str) -> None:
    """The national system has settled it, or it does not come about; ``ending`` says what was seen. The 学籍 follows the next
    national file, not this."""
    row = _locked(actor, beyond_id)
    if len(ending.strip()) < 2:
        raise Invalid(_("请写明在国家系统里看到的结果。"), details={"ending": _("请写明在国家系统里看到的结果。")})
    if done and not row.serial:
        raise Conflict(_("还没有登记国家系统流水号，不能办结。"), code="no_serial")
    _end(actor, row, BeyondState.DONE if done else BeyondState.CLOSED, ending)


def settle_by_file() -> int:
    """After a national file: what it shows as settled is over. Returns how many."""
    settled = 0
    for row in reading.list_settled():
        settled += _settle(row.id)
    return settled


@transaction.atomic
def _settle(beyond_id: UUID) -> int:
    row = BeyondTransfer.objects.select_for_update().get(id=beyond_id)
    if row.state != BeyondState.OPEN:
        return 0
    with writing_to():
        _end(Actor.system(MODULE), row, BeyondState.DONE, _("国家名册已更新"))
    return 1


def _end(actor: Actor, row: BeyondTransfer, state: str, ending: str) -> None:
    row.state, row.ending, row.ended_on = state, ending.strip()[:300], today()
    row.save(update_fields=["state", "ending", "ended_on"])
    inbox.close_todo(module=MODULE, key=_key(row.id))
    _trace(actor, f"service_hall.beyond.{state}", row, {})


@transaction.atomic
def remind_of_late() -> int:
    """A to-do for whoever keeps the school's register, for each that stands still longer than a link may take. Doing it again
    changes nothing."""
    late = reading.list_late(today(), MOST_LATE)
    with writing_to():
        inbox.put_todos([
            inbox.NewTodo(
                module=MODULE, key=_key(row.id), address=f"duty:register_officer@{row.school.label}",
                title=_("%(name)s 跨省转学超过 %(n)d 个工作日没有进展，请到国家系统查看") % {"name": row.name, "n": LINK_DAYS},
                url=reverse("service_hall:beyond_one", args=[row.id]), due_at=datetime.combine(row.due_on, time(17), tzinfo=ZONE),
            )
            for row in late
        ])  # fmt: skip
    return len(late)


def _key(beyond_id: UUID) -> str:
    return f"beyond:{beyond_id}"


def _locked(actor: Actor, beyond_id: UUID) -> BeyondTransfer:
    row = BeyondTransfer.objects.select_for_update().filter(id=beyond_id).first()
    if row is None:
        raise NotFound()
    if not policies.may_track(actor, str(row.path)):
        raise Forbidden()
    if row.state != BeyondState.OPEN:
        raise Conflict(_("这件转学已经结束：%(state)s。") % {"state": row.get_state_display()}, code="ended")
    return row


def _trace(actor: Actor, action: str, row: BeyondTransfer, data: dict[str, object]) -> None:
    audit.record(
        actor, action, subject_kind="service_hall.beyond", subject_id=row.id, path=str(row.path), data=data
    )  # fmt: skip
    changes.log("service_hall.beyond", [row.id])
