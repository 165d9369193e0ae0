"""What an account may act as: granted roles, and roles that follow from the register today."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel import clock
from lingqu.kernel.actor import Actor, Right

from .. import register, roles
from ..models import Account, RoleAssignment
from ..types.slots import PLAYED
from ..types.values import RoleChoice, Standing
from .factors import factor_due
from .related import with_members

see = registry.rights


def standing_of(account: Account) -> Standing:
    """Everything the account may act as, most useful first; about a dozen queries, cached by the middleware.

    An account with one of the three overseeing roles acts in nothing else: a system administrator who also teaches
    would read pupils after all.
    """
    person_id = register.canonical_id(account.person_id) if account.person_id else None
    granted = _granted(account)
    name = account.name
    derived: tuple[RoleChoice, ...] = ()
    if person_id:
        name = register.people().values_list("name", flat=True).get(id=person_id)
        derived = derived_choices(person_id)
    choices = with_members(_without_doubles((*granted, *derived)))
    overseeing = tuple(choice for choice in choices if choice.role in roles.OVERSEERS)
    return Standing(
        account_id=account.id, login=account.login, person_id=person_id, name=name or account.login,
        choices=tuple(sorted(overseeing or choices, key=_usefulness)),
        own=_own(person_id) if person_id and not overseeing else (),
        factor_due=factor_due(account, (choice.role for choice in overseeing or choices)),
    )  # fmt: skip


def _own(person_id: UUID) -> tuple[Right, ...]:
    """Held in every role: the own record, and what the posts give that somebody holds."""
    posts = registry.paths_of_posts(person_id)
    return (
        Right(see.PERSON_VIEW, f"person:{person_id}"),
        *(Right(code, path) for path in posts for code in roles.POST_DESK),
    )


def live_assignments(at: datetime) -> Q:
    """Assignments that hold at a moment."""
    return Q(ended_at=None, valid_from__lte=at) & (Q(valid_until=None) | Q(valid_until__gt=at))


def _granted(account: Account) -> tuple[RoleChoice, ...]:
    rows = RoleAssignment.objects.filter(live_assignments(clock.now()), account=account).select_related("organisation")
    return tuple(
        RoleChoice(
            key=_key(row.role, row.organisation_id), role=row.role, organisation_id=row.organisation_id,
            organisation_name=row.organisation.name, path=str(row.organisation.path), origin="granted",
            until=row.valid_until,
            rights=(*roles.rights_at(row.role, [str(row.organisation.path)], row.valid_until), *_played(row)),
        )
        for row in rows
        if row.role in roles.ROLES
    )  # fmt: skip


def _played(row: RoleAssignment) -> tuple[Right, ...]:
    """What a sandbox person may do in the sandbox."""
    if row.role != "sandbox":
        return ()
    return tuple(right for found in PLAYED.collect(Actor.system("identity"), row.account_id) for right in found)


def derived_choices(person_id: UUID) -> tuple[RoleChoice, ...]:
    """Roles that the register gives a person today; none to the dead."""
    facts = registry.relations_of(person_id)
    if facts.is_deceased:
        return ()
    return (
        *_from_duties(facts.duties),
        *_from_classes("class_teacher", facts.head_classes, facts.taught_classes),
        *_from_classes("teacher", facts.taught_classes, ()),
        *_from_work(facts),
        *_from_seat(facts),
        *_from_wards(facts.wards),
    )


def _from_duties(duties: Sequence[registry.PlaceFact]) -> list[RoleChoice]:
    return [
        RoleChoice(
            key=_key(role.code, duty.organisation_id), role=role.code, organisation_id=duty.organisation_id,
            organisation_name=duty.name, path=duty.path, rights=roles.rights_at(role.code, [duty.path]),
        )
        for duty in duties
        if (role := roles.role_of_duty(duty.kind, duty.organisation_kind))
    ]  # fmt: skip


def _from_classes(
    code: str, main: Sequence[registry.ClassFact], beside: Sequence[registry.ClassFact]
) -> list[RoleChoice]:
    """One choice a school. A class teacher also sees, as a teacher, the other classes taught there."""
    by_school: dict[UUID, list[registry.ClassFact]] = defaultdict(list)
    for fact in main:
        by_school[fact.school_id].append(fact)
    made = []
    for school_id, facts in by_school.items():
        mine = _distinct(facts)
        others = [fact for fact in _distinct(beside) if fact.school_id == school_id]
        made.append(
            RoleChoice(
                key=_key(code, school_id), role=code, organisation_id=school_id,
                organisation_name=facts[0].school_name, path=facts[0].path,
                detail=_("、").join(fact.name for fact in mine),
                rights=(
                    *roles.rights_at(code, [f"class:{fact.class_id}" for fact in mine]),
                    *roles.rights_at("teacher", [f"class:{fact.class_id}" for fact in others]),
                    *_at_school(code, [facts[0].path]),
                ),
            )
        )  # fmt: skip
    return made


def _from_work(facts: registry.RelationFacts) -> list[RoleChoice]:
    """Staff without a class of their own: teachers at a school, 工作人员 in an office or a post that does not teach.

    A place where somebody has a duty of more rights needs no second choice for the post behind the desk.
    """
    busy = {fact.school_id for fact in (*facts.taught_classes, *facts.head_classes)}
    in_duty = {duty.organisation_id for duty in facts.duties if roles.role_of_duty(duty.kind, duty.organisation_kind)}
    found: dict[tuple[str, UUID], registry.PlaceFact] = {}
    for place in facts.appointments:
        code = roles.role_of_work(place.post, place.organisation_kind)
        taken = busy | in_duty if code == "staff" else busy
        if place.kind == "works_at" and place.organisation_id not in taken:
            found[code, place.organisation_id] = place
    return [
        RoleChoice(
            key=_key(code, place.organisation_id), role=code, organisation_id=place.organisation_id,
            organisation_name=place.name, path=place.path, rights=_at_school(code, [place.path]),
        )
        for (code, _place_id), place in found.items()
    ]  # fmt: skip


def _from_seat(facts: registry.RelationFacts) -> list[RoleChoice]:
    """A pupil where the seat is; between two schools, in summer, nothing but the own account and record."""
    if not facts.enrolments:
        return []
    seat = facts.enrolments[0]
    classes = _distinct(facts.classes)
    return [
        RoleChoice(
            key="student", role="student", organisation_id=seat.organisation_id, organisation_name=seat.name,
            path=seat.path, detail=_("、").join(fact.name for fact in classes),
            rights=(
                *roles.rights_at("student", [f"class:{fact.class_id}" for fact in classes]),
                *_at_school("student", sorted({place.path for place in facts.enrolments})),
            ),
        )
    ]  # fmt: skip


def _from_wards(wards: Sequence[registry.WardFact]) -> list[RoleChoice]:
    """A guardian sees the children's pages; a 代办人 only their class and its teachers, and changes nothing."""
    if not wards:
        return []
    seats = (
        register.classes()
        .filter(memberships__person_id__in=[ward.person_id for ward in wards], memberships__valid_to=None)
        .values_list("id", "school__path")
    )
    return [
        RoleChoice(
            key="guardian", role="guardian", organisation_id=None, organisation_name="", path="",
            detail=_("、").join(ward.name for ward in wards),
            rights=(
                *roles.rights_at("guardian", [f"person:{ward.person_id}" for ward in wards if not ward.is_proxy]),
                *(Right(code, f"class:{class_id}") for class_id, _path in seats for code in roles.WARDS_CLASS),
                *_at_school("guardian", sorted({str(path) for _class_id, path in seats})),
            ),
        )
    ]  # fmt: skip


def _at_school(code: str, paths: Iterable[str]) -> tuple[Right, ...]:
    return tuple(Right(right, path) for path in paths for right in roles.AT_SCHOOL[code])


def _distinct(facts: Sequence[registry.ClassFact]) -> list[registry.ClassFact]:
    return list({fact.class_id: fact for fact in facts}.values())


def _key(code: str, organisation_id: UUID) -> str:
    return f"{code}@{organisation_id}"


def _without_doubles(choices: Sequence[RoleChoice]) -> tuple[RoleChoice, ...]:
    """A role that is both granted and derived at one place holds as long as either does: the derived has no end."""
    found: dict[str, RoleChoice] = {}
    for choice in choices:
        if choice.key not in found or choice.until is None:
            found[choice.key] = choice
    return tuple(found.values())


def _usefulness(choice: RoleChoice) -> tuple[int, str]:
    return roles.ROLES[choice.role].order, choice.organisation_name
