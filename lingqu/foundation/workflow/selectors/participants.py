"""Who a rule means, as keys of the inbox: a post where there is one, so that the task stays with it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Q

from lingqu.foundation.registry import api as registry

from .. import register
from ..types.handlers import CaseFact
from ..types.participants import Place, Rule, RuleKind

Keys = list[str]
ABOVE_SQL = """
SELECT g.path::text, g.kind, p.id FROM registry_organisation g
LEFT JOIN registry_post p ON p.organisation_id = g.id AND p.kind = %s AND p.closed_on IS NULL
WHERE g.path = ANY(%s::ltree[]) AND g.closed_on IS NULL
"""
NAMED_SQL = """
SELECT p.id FROM registry_organisation g JOIN registry_post p ON p.organisation_id = g.id
WHERE g.code = %s AND p.kind = %s AND p.closed_on IS NULL
"""


class Above(NamedTuple):
    """A place at or above the case's, with its post where one is asked for."""

    path: str
    kind: str
    post: UUID | None = None


def resolve(rules: Iterable[Rule], case: CaseFact, *, seed: int | None = None) -> tuple[str, ...]:
    """Keys of everybody whom the rules find, without repeats; empty when there is nobody."""
    found: Keys = []
    for rule in rules:
        if rule.kind == RuleKind.EXPERTS:
            found += _experts(rule, case, random.Random(seed))
        else:
            found += _FINDERS[rule.kind](rule, case)
    return tuple(dict.fromkeys(found))


def place_of(rule: Rule, case: CaseFact) -> Any | None:
    """The organisation in which a rule looks: a named one, or at a height above the case's."""
    if rule.organisation:
        return registry.find_organisation(rule.organisation)
    above = register.upwards(case.path)
    rows = {str(row.path): row for row in register.organisations().filter(path__in=above, closed_on=None)}
    found = chosen(rule.place, case.path, [Above(path, row.kind) for path, row in rows.items()])
    return rows[found.path] if found is not None else None


def chosen(place: Place, own: str, above: Iterable[Above]) -> Above | None:
    """The place at a height: the school is the nearest one, the city the top, the county the office below the top."""
    known = sorted(above, key=lambda one: -one.path.count("."))
    if place == Place.OWN:
        return next((one for one in known if one.path == own), None)
    if place == Place.CITY:
        return known[-1] if known else None
    if place == Place.SCHOOL:
        return next((one for one in known if one.kind in register.SCHOOL_KINDS), None)
    offices = [one for one in known if one.kind not in register.SCHOOL_KINDS]
    return offices[-2] if len(offices) > 1 else (offices[-1] if offices else None)


def _starter(_rule: Rule, case: CaseFact) -> Keys:
    return [f"person:{case.starter_id}"] if case.starter_id else []


def _post(rule: Rule, case: CaseFact) -> Keys:
    """One statement: the places above with their posts of the kind."""
    with connection.cursor() as cursor:
        if rule.organisation:
            cursor.execute(NAMED_SQL, [rule.organisation, rule.code])
            return [f"post:{row[0]}" for row in cursor.fetchall()]
        cursor.execute(ABOVE_SQL, [rule.code, register.upwards(case.path)])
        above = [Above(*row) for row in cursor.fetchall()]
    place = chosen(rule.place, case.path, above)
    return [f"post:{place.post}"] if place is not None and place.post is not None else []


def _class_teacher(_rule: Rule, case: CaseFact) -> Keys:
    if case.subject_id is None:
        return []
    classes = [one.class_id for one in registry.relations_of(case.subject_id).classes]
    return _people(duties__kind="head_teacher", duties__class_group__in=classes, duties__valid_to=None)


def _grade_head(_rule: Rule, case: CaseFact) -> Keys:
    if case.subject_id is None:
        return []
    seats = registry.relations_of(case.subject_id).enrolments
    wanted = Q(pk__in=[])
    for seat in seats:
        wanted |= Q(duties__organisation=seat.organisation_id, duties__grade=seat.grade)
    return _people(wanted, duties__kind="grade_leader", duties__valid_to=None)


def _duty(rule: Rule, case: CaseFact) -> Keys:
    place = place_of(rule, case)
    if place is None:
        return []
    if place.kind in register.SCHOOL_KINDS:
        found = _people(duties__kind=rule.code, duties__organisation=place, duties__valid_to=None)
        return [f"duty:{rule.code}@{place.label}"] if found else []
    return _people(duties__kind=rule.code, duties__organisation=place, duties__valid_to=None)


def _role(rule: Rule, case: CaseFact) -> Keys:
    place = place_of(rule, case)
    return [f"role:{rule.code}@{place.label}"] if place is not None else []


def _members(rule: Rule, _case: CaseFact) -> Keys:
    return _people(
        appointments__organisation__code=rule.organisation, appointments__valid_to=None
    ) if rule.organisation else []  # fmt: skip


def _field(rule: Rule, case: CaseFact) -> Keys:
    number = case.fields.get(rule.code)
    person = registry.find_person(str(number)) if number else None
    return [f"person:{person.canonical_id or person.id}"] if person is not None and person.deceased_on is None else []


def _people(*wanted: Q, **named: Any) -> Keys:
    rows = register.people().filter(*wanted, **named, deceased_on=None).order_by("number").distinct()
    return [f"person:{canonical or own}" for own, canonical in rows.values_list("id", "canonical_id")]


def _experts(rule: Rule, case: CaseFact, chance: random.Random) -> Keys:
    """Fewer than asked for means nobody: a panel of two is not a panel of three."""
    pool = register.organisations().filter(code=rule.organisation, closed_on=None).first()
    if pool is None:
        return []
    close = _close_to(case)
    rows = register.people().filter(
        appointments__organisation=pool, appointments__valid_to=None, deceased_on=None, canonical_id=None
    )  # fmt: skip
    away = _organisations_of(close) | {case.organisation_id}
    away.discard(pool.id)
    barred = register.people().filter(appointments__organisation__in=away, appointments__valid_to=None)
    found = sorted(rows.exclude(id__in=close).exclude(id__in=barred).values_list("id", flat=True).distinct())
    if len(found) < rule.number:
        return []
    return [f"person:{one}" for one in chance.sample(found, rule.number)]


def _close_to(case: CaseFact) -> set[UUID]:
    """The applicant, the person concerned, and their guardians and children."""
    own = {one for person in (case.starter_id, case.subject_id) if person for one in registry.ids_of(person)}
    family = register.people().filter(
        Q(wards__child__in=own, wards__valid_to=None) | Q(guardianships__guardian__in=own, guardianships__valid_to=None)
    )
    return own | set(family.values_list("id", flat=True))


def _organisations_of(people: Iterable[UUID]) -> set[UUID]:
    """Where people work or sit and what groups they belong to."""
    rows = register.people().filter(id__in=list(people))
    worked = rows.filter(appointments__valid_to=None).values_list("appointments__organisation", flat=True)
    sat = rows.filter(enrolments__valid_to=None).values_list("enrolments__school", flat=True)
    return {one for one in (*worked, *sat) if one is not None}


_FINDERS: dict[RuleKind, Callable[[Rule, CaseFact], Keys]] = {
    RuleKind.STARTER: _starter, RuleKind.POST: _post, RuleKind.NAMED_POST: _post, RuleKind.CLASS_TEACHER: _class_teacher,
    RuleKind.GRADE_HEAD: _grade_head, RuleKind.DUTY: _duty, RuleKind.ROLE: _role, RuleKind.MEMBERS: _members,
    RuleKind.FIELD: _field,
}  # fmt: skip
