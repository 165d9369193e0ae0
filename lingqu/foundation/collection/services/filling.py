"""What a school does: open, fill on the page or from Excel, read the register again, submit, sign."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.kernel import changes, clock, limits, live
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Conflict, Invalid

from .. import policies
from ..computing import Problem, Values, count_filled, entered, problems
from ..exchanging import read_filled
from ..models import Answer, Report, Sheet
from ..selectors.figures import figures_of
from ..selectors.reports import digest_of
from ..tables import table_of
from ..types.words import EDITABLE, AnswerState, Level, MarkKind, StepKind
from . import desks
from .publishing import prefilled
from .tracing import locked_answer, topic_of, trace_answer

LONGEST_NOTE = 1000


def open_answer(actor: Actor, answer: Answer) -> None:
    """Note that the school has it before its eyes; offices that look change nothing."""
    if answer.state == AnswerState.UNOPENED and policies.may_fill(actor, answer):
        opened = Answer.objects.filter(id=answer.id, state=AnswerState.UNOPENED)
        if opened.update(state=AnswerState.FILLING, changed_at=clock.now(), changed_by=actor.name):
            answer.refresh_from_db(fields=["state", "changed_at", "changed_by"])
            live.tell(topic_of(answer.collection_id))


@transaction.atomic
def save_values(*, actor: Actor, answer_id: UUID, values: Values, note: str = "", seen: str = "") -> Sequence[Problem]:
    """Keep what was entered, right or wrong; returns what is wrong. ``seen``: the state the page was made from
    (:func:`stamp_of`). Raises :class:`Conflict` when somebody else saved in between."""
    answer = _editable(actor, answer_id)
    if seen and seen != stamp_of(answer):
        raise Conflict(
            _("%(name)s刚刚保存过这张表。请刷新页面，看过以后再填。") % {"name": answer.changed_by}, code="changed"
        )
    sheet = answer.sheet
    table = table_of(answer.collection)
    kept, told = entered(table, values, sheet.prefill)
    _keep(actor, answer, sheet, kept, note)
    return told


@transaction.atomic
def take_file(*, actor: Actor, answer_id: UUID, content: bytes) -> int:
    """Fill from the school's own copy of the file; returns how many cells it filled. Raises :class:`Invalid` with sheet,
    cell and rule of everything wrong, and then keeps nothing."""
    limits.hit(f"collection.upload:{actor.account_id}", 60, 3600)
    answer = _editable(actor, answer_id)
    sheet = answer.sheet
    table = table_of(answer.collection)
    values, told = read_filled(table, content, sheet.prefill)
    if not told:
        kept, told = entered(table, values, sheet.prefill)
    if told:
        text = _("这份 Excel 有 %(n)d 处不对，没有收下。") % {"n": len(told)}
        lines = [f"{one.where} {one.text}" for one in told]
        raise Invalid(text, code="bad_file", details={"lines": lines, "file": text})
    _keep(actor, answer, sheet, kept, sheet.note)
    return count_filled(table.marks, kept)


@transaction.atomic
def refresh(*, actor: Actor, answer_id: UUID) -> int:
    """Read the register once more for this school; returns how many cells changed."""
    limits.hit(f"collection.refresh:{answer_id}", 30, 3600)
    answer = _editable(actor, answer_id)
    sheet, table = answer.sheet, table_of(answer.collection)
    codes = [one.figure for one in table.marks.cells.values() if one.kind == MarkKind.FIGURE]
    figures = figures_of([answer.school_id], codes).get(answer.school_id, {})
    fresh = prefilled(table.marks, figures, sheet.last)
    changed = {key for key in {*fresh, *sheet.prefill} if fresh.get(key) != sheet.prefill.get(key)}
    values = dict(sheet.values)
    for key in changed:
        if not table.marks.cells[key].is_open or values.get(key, "") == sheet.prefill.get(key, ""):
            values.pop(key, None)
            values |= {key: fresh[key]} if key in fresh else {}
    sheet.prefill, sheet.taken_at = fresh, clock.now()
    _keep(actor, answer, sheet, values, sheet.note)
    return len(changed)


@transaction.atomic
def submit(*, actor: Actor, answer_id: UUID) -> str:
    """To the principal, or straight up where no signature is asked. Returns the new state. Raises :class:`Invalid` with
    everything that blocks, or when something unusual is not explained."""
    answer = _editable(actor, answer_id)
    told = problems_of(answer)
    blocking = [one for one in told if one.level == Level.BLOCK]
    if blocking:
        raise Invalid(
            _("还有 %(n)d 处要改，不能提交。") % {"n": len(blocking)}, code="blocked",
            details={"lines": [f"{one.where} {one.text}" for one in blocking]},
        )  # fmt: skip
    if told and not answer.sheet.note:
        raise Invalid(
            _("有 %(n)d 处和平常不一样，请在说明里写明原因。") % {"n": len(told)}, code="unexplained",
            details={"lines": [f"{one.where} {one.text}" for one in told]},
        )  # fmt: skip
    answer.warnings = len(told)
    if answer.collection.needs_sign:
        answer.state = AnswerState.WAITING
        answer.save(update_fields=["state", "warnings"])
        desks.done(answer)
        desks.ask_principal(answer)
        trace_answer(actor, StepKind.SUBMITTED, answer)
    else:
        _freeze(actor, answer)
    return answer.state


@transaction.atomic
def take_back(*, actor: Actor, answer_id: UUID) -> None:
    """Before it is signed, the clerk may take it back and change it."""
    answer = locked_answer(answer_id)
    policies.require_fill(actor, answer)
    _require(answer, AnswerState.WAITING)
    answer.state = AnswerState.FILLING
    answer.save(update_fields=["state"])
    desks.back(answer.collection, answer)
    trace_answer(actor, StepKind.TAKEN_BACK, answer)


@transaction.atomic
def sign(*, actor: Actor, answer_id: UUID) -> str:
    """审签: freeze the values as the next version and report them; returns the digest."""
    answer = locked_answer(answer_id)
    policies.require_sign(actor, answer)
    _require(answer, AnswerState.WAITING)
    return _freeze(actor, answer).digest


@transaction.atomic
def give_back(*, actor: Actor, answer_id: UUID, reason: str) -> None:
    """The principal sends it back to the desk."""
    answer = locked_answer(answer_id)
    policies.require_sign(actor, answer)
    _require(answer, AnswerState.WAITING)
    if not reason.strip():
        raise Invalid(_("请写明哪里有误。"), code="no_reason", details={"reason": _("请写明哪里有误。")})
    answer.state, answer.reason = AnswerState.FILLING, reason.strip()[:300]
    answer.save(update_fields=["state", "reason"])
    desks.back(answer.collection, answer)
    trace_answer(actor, StepKind.GIVEN_BACK, answer, answer.reason)


def problems_of(answer: Answer) -> list[Problem]:
    sheet = answer.sheet
    return problems(table_of(answer.collection), sheet.values, sheet.prefill, sheet.last)


def stamp_of(answer: Answer) -> str:
    return answer.changed_at.isoformat() if answer.changed_at else ""


def _editable(actor: Actor, answer_id: UUID) -> Answer:
    answer = locked_answer(answer_id)
    policies.require_fill(actor, answer)
    _require(answer, *EDITABLE)
    return answer


def _require(answer: Answer, *states: str) -> None:
    if answer.state not in states:
        raise Conflict(
            _("这张表的状态是“%(state)s”，不能这样做。") % {"state": answer.get_state_display()}, code="bad_state"
        )


def _keep(actor: Actor, answer: Answer, sheet: Sheet, values: dict[str, Any], note: str) -> None:
    sheet.values, sheet.note = values, note.strip()[:LONGEST_NOTE]
    sheet.save(update_fields=["values", "note", "prefill", "taken_at"])
    answer.filled = count_filled(table_of(answer.collection).marks, values)
    answer.state = AnswerState.RETURNED if answer.state == AnswerState.RETURNED else AnswerState.FILLING
    answer.changed_at, answer.changed_by = clock.now(), actor.name
    answer.save(update_fields=["filled", "state", "changed_at", "changed_by"])
    changes.log("collection.answer", [answer.id])
    live.tell(topic_of(answer.collection_id))


def _freeze(actor: Actor, answer: Answer) -> Report:
    """The next version, for good."""
    sheet, collection, at = answer.sheet, answer.collection, clock.now()
    version = answer.version + 1
    report = Report.objects.create(
        answer=answer, version=version, values=sheet.values, note=sheet.note, filled_by=answer.changed_by,
        signed_by=actor.name, signed_at=at,
        digest=digest_of(sheet.values, collection.number, answer.school.code or str(answer.school_id), version),
    )  # fmt: skip
    answer.state, answer.version, answer.reported_at, answer.reason = AnswerState.SIGNED, version, at, ""
    answer.save(update_fields=["state", "version", "reported_at", "reason", "warnings"])
    desks.done(answer)
    desks.signed(answer)
    trace_answer(actor, StepKind.SIGNED, answer, str(version), digest=report.digest)
    return report
