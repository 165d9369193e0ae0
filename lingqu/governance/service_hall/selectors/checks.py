"""Whether a service can be done for a child, answered before anybody fills in anything."""

from __future__ import annotations

from dataclasses import dataclass

from lingqu.foundation.registry import api as registry
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import today
from lingqu.kernel.errors import Forbidden

from .. import policies
from ..types.rules import Move, RuleKind, check_move, check_withdrawal
from ..types.words import PaperKind
from .rules import Stated, rule_at, transfer_rule, withdrawal_rule
from .standing import Standing, doubts_of, standing_of
from .transfers import has_open

RULE_OF = {
    "transfer": RuleKind.TRANSFER, "suspension": RuleKind.SUSPENSION, "return": RuleKind.SUSPENSION,
    "withdrawal": RuleKind.WITHDRAWAL, "seats": RuleKind.SEATS,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """For one child: what stands against it, in sentences; nothing: it can be done."""

    name: str
    number: str
    place: str
    against: tuple[str, ...]


def place_of(actor: Actor) -> str:
    """The place whose rules a reader is told: the first child's or one's own."""
    for person_id in policies.wards(actor):
        found = _standing(person_id)
        if found is not None and found.sits is not None:
            return str(found.sits.path)
    return actor.path


def stated_for(service: str, path: str) -> Stated | None:
    """The rule that counts for a service at a place, with its source."""
    return rule_at(path, RULE_OF[service]) if service in RULE_OF else None


def answers_for(actor: Actor, service: str) -> tuple[Answer, ...]:
    """One answer a child for services that a rule or the register decides; none for the others."""
    if service not in (*PaperKind.values, "transfer", "withdrawal", "suspension", "return"):
        return ()
    found = [_standing(person_id) for person_id in policies.wards(actor)]
    return tuple(
        Answer(
            name=one.person.name, number=one.person.number, place=_place(one), against=tuple(_against(one, service))
        )
        for one in found
        if one is not None
    )  # fmt: skip


def _standing(person_id: object) -> Standing | None:
    try:
        return standing_of(person_id)  # type: ignore[arg-type]
    except Forbidden:
        return None


def _place(one: Standing) -> str:
    if one.sits is None:
        return ""
    return f"{one.sits.school.name} {one.class_name or registry.grade_label(one.grade)}"


def _against(one: Standing, service: str) -> list[str]:
    path = str(one.sits.path) if one.sits else str(one.person.path)
    if service in PaperKind.values:
        return list(doubts_of(one, service))
    if service == "transfer":
        return [
            reason.text for reason in check_move(transfer_rule(path), wish_of(one, has_open=has_open(one.person.id)))
        ]
    if service == "withdrawal":
        return [reason.text for reason in check_withdrawal(withdrawal_rule(path), one.grade)]
    return []


def wish_of(
    one: Standing, *, to_grade: str = "", free: int | None = None, has_open: bool = False, to_school: object = None
) -> Move:
    """The facts of the register about a wish to move."""
    schooling = one.sits.school.schooling if one.sits else ""
    return Move(
        on=today(), grade=one.grade, to_grade=to_grade or one.grade, schooling=schooling, state=one.state, is_away=one.is_away,
        has_register=one.entry is not None, free=free, has_open=has_open,
        is_same_school=to_school is not None and one.sits is not None and one.sits.school_id == to_school,
    )  # fmt: skip
