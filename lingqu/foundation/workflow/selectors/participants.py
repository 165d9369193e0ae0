"""Who a rule means, as keys of the inbox: posts, classes, duties and roles by place, so that a task stays with them whoever
holds them; people only where a rule means a person."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Q

from lingqu.foundation.identity import api as identity
from lingqu.foundation.inbox import api as inbox
from lingqu.foundation.registry import api as registry
from lingqu.kernel import statements

from .. import register
from ..types.handlers import CaseFact
from ..types.participants import Place, Rule, RuleKind
from . import experts

Keys = list[str]
ABOVE_SQL = f"""
SELECT g.path::text, g.kind, p.id FROM registry_organisation g
LEFT JOIN LATERAL (SELECT p.id FROM registry_post p WHERE p.organisation_id = g.id AND p.kind = %s AND p.closed_on IS NULL
  AND {registry.STAFFED_SQL} LIMIT 1) p ON true
WHERE g.path = ANY(%s::ltree[]) AND g.closed_on IS NULL
"""  # noqa: S608
AT_SQL = f"""
SELECT p.id FROM registry_post p WHERE p.organisation_id = %s AND p.kind = %s AND p.closed_on IS NULL AND {registry.STAFFED_SQL}
"""  # noqa: S608


class Above(NamedTuple):
    """A place at or above the case's, with its post where one is asked for."""

    path: str
    kind: str
    post: UUID | None = None


def resolve(
    rules: Iterable[Rule], case: CaseFact, *, seed: int | None = None, each: bool = False
) -> tuple[str, ...]:  # fmt: skip
    """Keys of everybody whom the rules find, without repeats; empty when there is nobody. ``each``: where several people
    share a duty, a key for each of them."""
    found: Keys = []
    for rule in rules:
        if rule.kind == RuleKind.EXPERTS:
            found += experts.draw(rule, case, random.Random(seed))
        else:
            found += _FINDERS[rule.kind](rule, case)
    return tuple(dict.fromkeys(one for key in found for one in (_each(key) if each else [key])))


def _each(key: str) -> Keys:
    kind, _colon, name = key.partition(":")
    duty, _at, label = name.partition("@")
    if kind != "holder" or "/" in duty:
        return [key]
    people = _people(duties__kind=duty, duties__organisation__label=label, duties__valid_to=None)
    return people if len(people) > 1 else [key]


def place_of(rule: Rule, case: CaseFact) -> Any | None:
    """The organisation in which a rule looks: a named one, the one whose code stands in a form field (``$field``), or at a
    height above the case's or the named one."""
    path = case.path
    if rule.organisation:
        code = case.fields.get(rule.organisation[1:]) if rule.organisation.startswith("$") else rule.organisation
        named = registry.find_organisation(str(code or ""))
        if named is None or rule.place == Place.OWN:
            return named
        path = str(named.path)
    rows = {
        str(row.path): row for row in register.organisations().filter(path__in=register.upwards(path), closed_on=None)
    }
    found = chosen(rule.place, path, [Above(place, row.kind) for place, row in rows.items()])
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
    """Above the case's place in one statement: the places with their posts of the kind. A step begins only at a post that
    somebody holds."""
    if rule.organisation:
        place = place_of(rule, case)
        found_posts = statements.rows_of(AT_SQL, [place.id, rule.code]) if place is not None else []
        return [f"post:{post}" for (post,) in found_posts]
    above = [Above(*row) for row in statements.rows_of(ABOVE_SQL, [rule.code, register.upwards(case.path)])]
    found = chosen(rule.place, case.path, above)
    return [f"post:{found.post}"] if found is not None and found.post is not None else []


def _class_teacher(_rule: Rule, case: CaseFact) -> Keys:
    """Whoever heads a class of the person concerned, for as long as that lasts; nobody where no class has a head."""
    if case.subject_id is None:
        return []
    classes = [one.class_id for one in registry.relations_of(case.subject_id).classes]
    headed = set(_duties(kind="head_teacher", class_group__in=classes).values_list("class_group", flat=True))
    return [inbox.head_key(one) for one in classes if one in headed]


def _grade_head(_rule: Rule, case: CaseFact) -> Keys:
    if case.subject_id is None:
        return []
    found: Keys = []
    for seat in registry.relations_of(case.subject_id).enrolments:
        if _duties(kind="grade_leader", organisation=seat.organisation_id, grade=seat.grade).exists():
            found.append(inbox.holder_key("grade_leader", seat.path.rpartition(".")[2], seat.grade))
    return found


def _duty(rule: Rule, case: CaseFact) -> Keys:
    place = place_of(rule, case)
    if place is None or not _duties(kind=rule.code, organisation=place).exists():
        return []
    return [inbox.holder_key(rule.code, str(place.label))]


def _role(rule: Rule, case: CaseFact) -> Keys:
    place = place_of(rule, case)
    if place is None or not identity.is_role_held(rule.code, place):
        return []
    return [f"role:{rule.code}@{place.label}"]


def _duties(**wanted: Any) -> Any:
    """Duties of the living that last."""
    return register.duties().filter(valid_to=None, person__deceased_on=None, **wanted)


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


_FINDERS: dict[RuleKind, Callable[[Rule, CaseFact], Keys]] = {
    RuleKind.STARTER: _starter, RuleKind.POST: _post, RuleKind.NAMED_POST: _post, RuleKind.CLASS_TEACHER: _class_teacher,
    RuleKind.GRADE_HEAD: _grade_head, RuleKind.DUTY: _duty, RuleKind.ROLE: _role, RuleKind.MEMBERS: _members,
    RuleKind.FIELD: _field,
}  # fmt: skip
