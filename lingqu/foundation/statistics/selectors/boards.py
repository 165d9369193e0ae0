"""Where the schools of a round stand, and whom to call."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Max
from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel import audit, crypto
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Forbidden

from .. import policies, register
from ..models import Reminder, Round, Sheet
from ..types import rights
from ..types.words import SheetState
from .checks import Progress, progress_by_school
from .sheets import SCHOOL_KINDS

PAGE = 100
MOST_PHONES = 2000
STATES = ("missing", *SheetState.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One school of a round. ``state`` is ``missing`` or the state of its newest sheet."""

    school_id: UUID
    code: str
    name: str
    office_phone: str
    state: str
    number: str = ""
    when: Any = None
    has_scan: bool = False
    reason: str = ""
    progress: Progress = field(default_factory=Progress)
    reminded_at: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    standing: Standing
    principal: str
    principal_phone: str


def state_label(state: str) -> str:
    return _("未提交") if state == "missing" else str(SheetState(state).label)


def get_board(*, actor: Actor, round_: Round) -> tuple[list[Standing], dict[str, int]]:
    """Every school of the round that the actor may see, those still missing first, and how many are in which state."""
    paths = list(actor.paths(rights.SHEET_VIEW))
    schools = register.organisations().filter(path__within=str(round_.path), kind__in=SCHOOL_KINDS, closed_on=None)
    if not actor.is_system and not actor.holds(rights.SHEET_VIEW, str(round_.path)):
        inside = [path for path in paths if path.startswith(f"{round_.path}.")]
        if not inside:
            raise Forbidden()
        schools = schools.filter(path__within=inside[0])
    newest = Sheet.objects.filter(round=round_).order_by("school_id", "-version").distinct("school_id")
    sheets = {sheet.school_id: sheet for sheet in newest}
    progress = progress_by_school(round_, schools.order_by())
    reminded = dict(Reminder.objects.filter(round=round_).values_list("school_id").annotate(at=Max("sent_at")))
    standings = [
        _standing(school, sheets.get(school.id), progress.get(school.id) or Progress(), reminded.get(school.id))
        for school in schools.only("id", "code", "name", "phone", "name_key").order_by("code", "name_key", "id")
    ]
    counts = dict.fromkeys(STATES, 0)
    for one in standings:
        counts[one.state] += 1
    order = {state: n for n, state in enumerate(("returned", "missing", "submitted", "confirmed", "received"))}
    return sorted(standings, key=lambda one: order[one.state]), counts


def _standing(school: Any, sheet: Sheet | None, progress: Progress, reminded_at: Any) -> Standing:
    if sheet is None:
        return Standing(
            school_id=school.id,
            code=school.code or "",
            name=school.name,
            office_phone=school.phone,
            state="missing",
            progress=progress,
            reminded_at=reminded_at,
        )
    when = sheet.received_at or sheet.confirmed_at or sheet.returned_at or sheet.submitted_at
    return Standing(
        school_id=school.id, code=school.code or "", name=school.name, office_phone=school.phone, state=sheet.state,
        number=sheet.number, when=when, has_scan=bool(sheet.scan), reason=sheet.return_reason,
        progress=progress, reminded_at=reminded_at,
    )  # fmt: skip


def list_contacts(*, actor: Actor, round_: Round) -> list[Contact]:
    """Schools that have not confirmed, with the phones of principal and office. A principal's number is a sensitive value:
    it shows to those who may reveal it, and reading it is audited with its purpose."""
    policies.require_manage(actor, str(round_.path))
    standings, _counts = get_board(actor=actor, round_=round_)
    waiting = [one for one in standings if one.state in ("missing", "returned", "submitted")][:MOST_PHONES]
    may_reveal = actor.holds(registry.rights.PERSON_REVEAL, str(round_.path))
    duties = register.duties().filter(
        kind="principal", valid_to=None, organisation_id__in=[one.school_id for one in waiting], person__deceased_on=None
    )  # fmt: skip
    heads = {duty.organisation_id: duty.person for duty in duties.select_related("person").order_by("-id")}
    if may_reveal and heads:
        audit.record(
            actor, "statistics.phones.revealed", subject_kind="round", subject_id=round_.id, path=str(round_.path),
            data={"purpose": "confirmation", "people": sorted(str(head.id) for head in heads.values())},
        )  # fmt: skip
    return [
        Contact(
            standing=one, principal=heads[one.school_id].name if one.school_id in heads else "",
            principal_phone=_phone(heads.get(one.school_id)) if may_reveal else "",
        )
        for one in waiting
    ]  # fmt: skip


def _phone(person: Any) -> str:
    return crypto.unseal_fields(person.sealed).get("phone", "") if person is not None and person.sealed else ""


def list_rounds(*, actor: Actor) -> list[Round]:
    """Rounds above, at and below the actor's places, the newest first."""
    held = actor.paths(rights.SHEET_VIEW)
    rounds = Round.objects.select_related("organisation").order_by("-opened_at")[:200]
    return [
        one for one in rounds
        if actor.is_system or any(_meets(str(one.path), path) for path in held)
    ][:50]  # fmt: skip


def _meets(one: str, other: str) -> bool:
    return one == other or one.startswith(f"{other}.") or other.startswith(f"{one}.")


def name_of_duty(school_id: UUID, kind: str) -> str:
    """The name of who holds a duty at a school now; empty when nobody does."""
    found: str | None = (
        register.duties().filter(organisation_id=school_id, kind=kind, valid_to=None).order_by("-id")
        .values_list("person__name", flat=True).first()
    )  # fmt: skip
    return found or ""
