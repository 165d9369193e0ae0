"""What offices do with what came back: accept, return with a reason, hand a county up, remind, note a call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from lingqu.foundation.inbox import api as inbox
from lingqu.foundation.registry import api as registry
from lingqu.kernel import audit, changes, clock, live
from lingqu.kernel.actor import Actor, covers
from lingqu.kernel.errors import Conflict, Forbidden, Invalid
from lingqu.kernel.language import writing_to
from lingqu.ui.figures import moment

from .. import policies, register
from ..models import Answer, Collection, Part, Step
from ..selectors.boards import within
from ..types import rights
from ..types.words import MISSING, REMINDING, REPORTED, AnswerState, CollectionState, StepKind
from . import desks
from .tracing import locked_answer, topic_of, trace_answer, trace_collection

AGAIN_AFTER = timedelta(hours=4)
MOST = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminded:
    """``asked`` desks have it on top again; ``written`` got a message besides; ``lately``: reminded within four hours;
    ``is_quiet``: no message left, because the office's quiet hours hold."""

    asked: int
    written: int
    lately: int
    is_quiet: bool = False


@transaction.atomic
def accept(*, actor: Actor, collection_id: UUID, answer_ids: Sequence[UUID] | None = None) -> int:
    """审过: the given schools, or all that wait, within the actor's reach. Returns how many."""
    collection, reach = _open(actor, collection_id)
    rows = (
        within(Answer.objects.filter(collection=collection), reach).filter(state=AnswerState.SIGNED).select_for_update()
    )
    if answer_ids is not None:
        rows = rows.filter(id__in=list(answer_ids))
    found = list(rows.order_by("id"))
    at = clock.now()
    Answer.objects.filter(id__in=[one.id for one in found]).update(state=AnswerState.ACCEPTED)
    _many(actor, StepKind.ACCEPTED, collection, found, at)
    return len(found)


@transaction.atomic
def return_answer(*, actor: Actor, answer_id: UUID, reason: str) -> None:
    """退回 with a reason; the school's desk has it again, what it reported stays in its history. After a county handed up,
    only the collecting office returns."""
    answer = locked_answer(answer_id)
    policies.require_check(actor, answer)
    if answer.state not in REPORTED:
        raise Conflict(_("这所学校还没有上报，不用退回。"), code="bad_state")
    if not reason.strip():
        raise Invalid(_("请写明哪里有误。"), code="no_reason", details={"reason": _("请写明哪里有误。")})
    handed = [one for one in answer.collection.parts.all() if covers(str(one.path), str(answer.path))]
    if handed and not policies.may_manage(actor, answer.collection):
        raise Conflict(_("本区县已经上报，要退回请联系发表单位。"), code="handed_up")
    answer.state, answer.reason = AnswerState.RETURNED, reason.strip()[:300]
    answer.save(update_fields=["state", "reason"])
    desks.back(answer.collection, answer)
    Part.objects.filter(id__in=[one.id for one in handed]).delete()
    trace_answer(actor, StepKind.RETURNED, answer, answer.reason)


@transaction.atomic
def hand_up(*, actor: Actor, collection_id: UUID, office_id: UUID) -> None:
    """A county has checked all its schools. Raises :class:`Conflict` while one is missing or waits."""
    collection, reach = _open(actor, collection_id)
    office = register.organisations().filter(id=office_id).first()
    if office is None or not any(covers(one, str(office.path)) for one in reach) or office.kind in register.NO_OFFICE:
        raise Forbidden()
    if str(office.path) == str(collection.path):
        raise Conflict(_("发表单位自己不用上报。"), code="own")
    rows = Answer.objects.filter(collection=collection, path__within=str(office.path))
    left = rows.exclude(state__in=(AnswerState.ACCEPTED, AnswerState.EXCUSED)).count()
    if left or not rows.exists():
        raise Conflict(_("还有 %(n)d 所没有审过，不能上报。") % {"n": left}, code="not_ready")
    _part, made = Part.objects.get_or_create(
        collection=collection, organisation=office,
        defaults={"path": office.path, "handed_by": actor.name, "handed_at": clock.now()},
    )  # fmt: skip
    if not made:
        raise Conflict(_("已经上报过。"), code="handed_up")
    trace_collection(actor, StepKind.HANDED_UP, collection, office.name, office=str(office.id))


@transaction.atomic
def remind(*, actor: Actor, collection_id: UUID, answer_ids: Sequence[UUID] | None = None) -> Reminded:
    """催报: every school that has not reported, or the chosen ones. The to-do comes up again, and whoever holds the post
    (or is principal, when it waits for a signature) gets a message; each school once in four hours."""
    collection, reach = _open(actor, collection_id)
    rows = within(Answer.objects.filter(collection=collection), reach).filter(state__in=MISSING)
    if answer_ids is not None:
        rows = rows.filter(id__in=list(answer_ids))
    done = remind_rows(actor, collection, rows, StepKind.REMINDED)
    if not done.asked and not done.lately:
        raise Conflict(_("没有要提醒的学校。"), code="nobody")
    if not done.asked:
        raise Conflict(_("这些学校在四小时内都提醒过，请打电话。"), code="reminded_lately")
    return done


def remind_rows(actor: Actor, collection: Collection, rows: QuerySet[Answer], kind: StepKind) -> Reminded:
    """The same for chosen answers of a locked collection, within the caller's transaction; tells when nobody was left."""
    found = list(rows.select_related("school").order_by("path")[:MOST])
    at = clock.now()
    recent = Step.objects.filter(
        collection=collection, kind__in=REMINDING, at__gt=at - AGAIN_AFTER, answer__in=found
    )  # fmt: skip
    lately = set(recent.values_list("answer_id", flat=True))
    asked = [one for one in found if one.id not in lately]
    if not asked:
        return Reminded(asked=0, written=0, lately=len(lately))
    desks.ask(
        collection,
        Answer.objects.filter(id__in=[one.id for one in asked if one.state != AnswerState.WAITING]),
        again=True,
    )
    for one in asked:
        if one.state == AnswerState.WAITING:
            one.collection = collection
            desks.ask_principal(one)
    is_quiet = inbox.message_allowed_from(collection.organisation, str(collection.path), at) > at
    written = set() if is_quiet else _write(collection, asked)
    Step.objects.bulk_create(
        Step(
            collection=collection, answer=one, kind=kind, text="message" if one.id in written else "",
            by_name=actor.name, at=at, path=one.path,
        )
        for one in asked
    )  # fmt: skip
    trace_collection(actor, kind, collection, str(len(asked)), schools=len(asked), written=len(written))
    return Reminded(asked=len(asked), written=len(written), lately=len(lately), is_quiet=is_quiet)


@transaction.atomic
def record_call(*, actor: Actor, answer_id: UUID, heard_by: str, said: str = "") -> None:
    """A call was made: who answered, what they said."""
    answer = locked_answer(answer_id)
    policies.require_check(actor, answer)
    if not heard_by.strip():
        raise Invalid(_("请写接听人；没人接就写“无人接”。"), code="nobody", details={"heard_by": _("请写接听人。")})
    trace_answer(actor, StepKind.CALLED, answer, " ".join(f"{heard_by} {said}".split()))


def _open(actor: Actor, collection_id: UUID) -> tuple[Collection, tuple[str, ...]]:
    collection = (
        Collection.objects.select_for_update(of=("self",))
        .select_related("organisation")
        .filter(id=collection_id)
        .first()
    )
    if collection is None:
        raise Forbidden()
    reach = policies.require_reach(actor, collection, rights.MANAGE)
    if collection.state != CollectionState.OPEN:
        raise Conflict(
            _("这张表的状态是“%(state)s”，不能这样做。") % {"state": collection.get_state_display()}, code="bad_state"
        )
    return collection, reach


def _many(actor: Actor, kind: str, collection: Collection, found: Sequence[Answer], at: datetime) -> None:
    Step.objects.bulk_create(
        Step(collection=collection, answer=one, kind=kind, by_name=actor.name, at=at, path=one.path) for one in found
    )
    if found:
        audit.record_many(
            actor, f"collection.answer.{kind}", data={"collection": str(collection.id)},
            subjects=[("collection.answer", one.id, str(one.path)) for one in found],
        )  # fmt: skip
        changes.log("collection.answer", [one.id for one in found])
        live.tell(topic_of(collection.id))


def _write(collection: Collection, answers: Sequence[Answer]) -> set[UUID]:
    """Ids of the answers of which somebody got a message."""
    people = register.holders_of(answers)
    told: set[UUID] = set()
    with writing_to():
        when = moment(collection.deadline) if collection.deadline else ""
        for one in answers:
            body = _("%(school)s还没有上报“%(title)s”，截止 %(when)s，请登录平台“采集填报”办理。") % {
                "school": one.school.name, "title": collection.title, "when": when,
            }  # fmt: skip
            for name, phone, email, person_id in people.get(one.id, ()):
                contact = registry.Contact(organisation=one.school.name, name=name, phone=phone, email=email)
                sent = registry.write_to(
                    contact, subject=_("填报提醒"), body=body, kind="collection.reminder", subject_kind="person",
                    subject_id=person_id,
                )  # fmt: skip
                if sent is not None:
                    told.add(one.id)
    return told
