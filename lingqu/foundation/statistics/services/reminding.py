"""催办: one click sends a message to every school that has not confirmed; who cannot be reached is said, to be called."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.kernel import audit, clock, crypto, delivery
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Conflict, Invalid, NotFound, TooMany
from lingqu.kernel.language import writing_to
from lingqu.ui.figures import day

from .. import policies, register
from ..models import Reminder, Round
from ..selectors.boards import Standing, get_board
from ..wording import term_title

AGAIN_AFTER = timedelta(hours=4)
WAITING = ("missing", "returned", "submitted")
ADDRESSEES = {"missing": ("school_admin", "register_officer", "principal"), "returned": ("school_admin", "register_officer"),
              "submitted": ("principal",)}  # fmt: skip
"""Who must act next: the clerk while nothing is submitted or it came back, the principal while it waits."""
MOST = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminded:
    """``reached`` schools got a message; the others had no number, or were reminded within the last hours."""

    reached: tuple[str, ...]
    without_phone: tuple[str, ...]
    recently: tuple[str, ...]


@transaction.atomic
def remind_schools(*, actor: Actor, round_id: UUID) -> Reminded:
    """Send a short message to whom it concerns at every school that has not confirmed; one a school and four hours.

    The numbers are read for sending only and shown to nobody here. Raises :class:`Conflict` for a closed round.
    """
    round_ = Round.objects.select_for_update(of=("self",)).select_related("organisation").filter(id=round_id).first()
    if round_ is None:
        raise NotFound(_("没有这次数据确认。"))
    policies.require_manage(actor, str(round_.path))
    if round_.closed_at is not None:
        raise Conflict(_("这次数据确认已经结束。"), code="round_closed")
    standings, _counts = get_board(actor=actor, round_=round_)
    waiting = [one for one in standings if one.state in WAITING][:MOST]
    since = clock.now() - AGAIN_AFTER
    lately = set(Reminder.objects.filter(round=round_, sent_at__gte=since).values_list("school_id", flat=True))
    people = _people(waiting)
    made, without = [], []
    for one in waiting:
        if one.school_id in lately:
            continue
        sent = _send(round_, one, people.get(one.school_id, {}))
        if sent:
            made.append(Reminder(
                round=round_, school_id=one.school_id, people=[name for name, _id in sent],
                messages=[message for _name, message in sent], sent_by=actor.name,
            ))  # fmt: skip
        else:
            without.append(one.name)
    Reminder.objects.bulk_create(made)
    names = {one.school_id: one.name for one in waiting}
    audit.record(
        actor, "statistics.round.reminded", subject_kind="round", subject_id=round_.id, path=str(round_.path),
        data={"schools": len(made), "without_phone": len(without)},
    )  # fmt: skip
    return Reminded(
        reached=tuple(names[one.school_id] for one in made), without_phone=tuple(without),
        recently=tuple(one.name for one in waiting if one.school_id in lately),
    )  # fmt: skip


def _people(waiting: list[Standing]) -> dict[UUID, dict[str, Any]]:
    """School → duty → who holds it, living people only; one statement."""
    rows = register.duties().filter(
        kind__in={kind for kinds in ADDRESSEES.values() for kind in kinds}, valid_to=None,
        organisation_id__in=[one.school_id for one in waiting], person__deceased_on=None,
    ).exclude(person__canonical__deceased_on__isnull=False)  # fmt: skip
    found: dict[UUID, dict[str, Any]] = {}
    for duty in rows.select_related("person").order_by("id"):
        found.setdefault(duty.organisation_id, {})[duty.kind] = duty.person
    return found


def _send(round_: Round, standing: Standing, people: dict[str, Any]) -> list[tuple[str, str]]:
    """(name, message id) of everybody who got one."""
    told: list[tuple[str, str]] = []
    for person in {people[kind].id: people[kind] for kind in ADDRESSEES[standing.state] if kind in people}.values():
        phone = crypto.unseal_fields(person.sealed).get("phone", "") if person.sealed else ""
        if not phone:
            continue
        try:
            with writing_to():
                message = delivery.send(
                    channel="sms", to=phone, subject=_("数据确认催办"), body=_body(round_, standing),
                    kind="statistics.reminder", subject_kind="person", subject_id=person.id,
                )  # fmt: skip
        except (Invalid, TooMany):
            continue
        told.append((person.name, str(message)))
    return told


def _body(round_: Round, standing: Standing) -> str:
    values = {
        "term": term_title(round_.year, round_.term), "school": standing.name, "day": day(round_.deadline),
        "reason": standing.reason,
    }  # fmt: skip
    if standing.state == "submitted":
        return _("%(school)s的%(term)s数据确认单等您核对确认，请在 %(day)s 前登录平台“数据确认”办理。") % values
    if standing.state == "returned":
        return _("%(school)s的%(term)s数据确认单被校长退回，请改正后在 %(day)s 前重新提交。") % values
    return _("%(school)s还没有提交%(term)s数据确认单，请在 %(day)s 前登录平台“数据确认”办理。") % values
