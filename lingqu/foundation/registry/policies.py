"""Who may see and who may change what in the register. Everything starts here; the default is no.

A right holds on a subtree (隶属), on one class, or on one person. 属地 is a branch of its own that only reads: whoever
sees the people of a district also reads those of schools that sit in it but belong elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from lingqu.kernel.actor import Actor, covers
from lingqu.kernel.errors import Forbidden, Invalid

from .models import ClassGroup, Enrolment, FieldDefinition, Organisation, Person
from .types import rights

NATIONAL_OWNERS = ("national_pupil", "national_staff")
WRITING = frozenset({
    rights.PERSON_EDIT, rights.CLASS_EDIT, rights.ORGANISATION_EDIT, rights.TEACHING_EDIT, rights.ATTRIBUTE_EDIT,
    rights.EXPORT_APPROVE,
})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Branches:
    """Where an actor holds a right about people. Lists run each branch on its own index and merge; never OR.

    ``paths`` are subtrees by 隶属, ``territory_paths`` schools reached by 属地 (reading only), then single classes and
    single people.
    """

    paths: tuple[str, ...] = ()
    territory_paths: tuple[str, ...] = ()
    classes: tuple[UUID, ...] = ()
    people: tuple[UUID, ...] = ()

    @property
    def all_paths(self) -> tuple[str, ...]:
        return (*self.paths, *(path for path in self.territory_paths if not _is_within(path, self.paths)))

    @property
    def is_empty(self) -> bool:
        return not (self.paths or self.territory_paths or self.classes or self.people)


def _is_within(path: str, outer: tuple[str, ...]) -> bool:
    return any(covers(held, path) for held in outer)


def territory_paths(paths: tuple[str, ...]) -> tuple[str, ...]:
    """Paths of schools whose 属地 lies within ``paths`` although they belong elsewhere."""
    found: set[str] = set()
    for path in paths:
        rows = Organisation.objects.filter(territory_path__within=path).exclude(path__within=path)
        found.update(map(str, rows.values_list("path", flat=True)))
    return tuple(sorted(found))


def visible_people(actor: Actor, code: str = rights.PERSON_VIEW) -> Branches:
    """Branches of people on whom ``code`` is held. System actors see everybody."""
    if actor.is_system:
        return Branches(paths=tuple(map(str, Organisation.objects.filter(parent=None).values_list("path", flat=True))))
    paths = actor.paths(code)
    people = set(actor.things(code, "person"))
    if actor.person_id and code in (rights.PERSON_VIEW, rights.PERSON_REVEAL):
        people.add(actor.person_id)
    return Branches(
        paths=paths,
        territory_paths=territory_paths(paths) if paths and code not in WRITING else (),
        classes=tuple(sorted(actor.things(code, "class"))),
        people=tuple(sorted(people)),
    )


def may_list_people(actor: Actor, path: str) -> bool:
    """Whether a list of people at a place can hold anybody but the reader: by subtree, by class, or by a single person."""
    paths = actor.paths(rights.PERSON_VIEW)
    if actor.is_system or actor.things(rights.PERSON_VIEW, "class") or _meets(path, paths):
        return True
    return bool(set(actor.things(rights.PERSON_VIEW, "person")) - {actor.person_id}) or _meets(
        path, territory_paths(paths)
    )


def _meets(path: str, held: tuple[str, ...]) -> bool:
    """Whether a subtree and those held have a place in common."""
    return any(covers(one, path) or covers(path, one) for one in held)


PLACES_SQL = """
SELECT p.id, p.path::text FROM registry_person p WHERE p.id = ANY(%(ids)s)
UNION SELECT e.person_id, e.path::text FROM registry_enrolment e WHERE e.person_id = ANY(%(ids)s) AND e.valid_to IS NULL
UNION SELECT a.person_id, a.path::text FROM registry_appointment a WHERE a.person_id = ANY(%(ids)s) AND a.valid_to IS NULL
UNION SELECT g.guardian_id, c.path::text FROM registry_guardianship g JOIN registry_person c ON c.id = g.child_id
  WHERE g.guardian_id = ANY(%(ids)s) AND g.valid_to IS NULL
"""
CLASSES_SQL = """
SELECT m.person_id FROM registry_classmembership m
  WHERE m.person_id = ANY(%(ids)s) AND m.valid_to IS NULL AND m.class_group_id = ANY(%(classes)s)
UNION SELECT g.guardian_id FROM registry_guardianship g JOIN registry_classmembership m ON m.person_id = g.child_id
  WHERE g.guardian_id = ANY(%(ids)s) AND g.valid_to IS NULL AND m.valid_to IS NULL AND m.class_group_id = ANY(%(classes)s)
"""


def held_among(actor: Actor, ids: Iterable[UUID], code: str = rights.PERSON_VIEW) -> frozenset[UUID]:
    """Those of ``ids`` on whom ``code`` is held, in at most three queries.

    A right reaches a person at a place where they are kept, sit or work; through a class that they sit in; directly; and
    it reaches parents through their children, because their school and class teacher must be able to call them.
    """
    wanted = list(ids)
    if actor.is_system:
        return frozenset(wanted)
    found = visible_people(actor, code)
    held = set(wanted) & set(found.people)
    if found.all_paths and wanted:
        with connection.cursor() as cursor:
            cursor.execute(PLACES_SQL, {"ids": wanted})
            held.update(person_id for person_id, path in cursor.fetchall() if _is_within(path, found.all_paths))
    if found.classes and set(wanted) - held:
        with connection.cursor() as cursor:
            cursor.execute(CLASSES_SQL, {"ids": wanted, "classes": list(found.classes)})
            held.update(row[0] for row in cursor.fetchall())
    return frozenset(held)


def ids_of_person(person: Person) -> list[UUID]:
    canonical = person.canonical_id or person.id
    return [canonical, *Person.objects.filter(canonical_id=canonical).values_list("id", flat=True)]


def holds_on_person(actor: Actor, person: Person, code: str) -> bool:
    """Whether ``code`` reaches the person under any of the ids that stand for them."""
    return actor.is_system or bool(held_among(actor, ids_of_person(person), code))


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What an actor may do with one person, found in three statements. ``ids`` are all that stand for the person; ``holds``
    answers for rights of modules above."""

    ids: tuple[UUID, ...]
    is_self: bool
    holds: Callable[[str], bool]
    may_see: bool
    may_edit: bool
    may_reveal: bool
    may_see_log: bool
    may_see_attributes: bool
    may_edit_attributes: bool


def standing_on(actor: Actor, person: Person) -> Standing:
    """See, edit, reveal and read the access log: the places and classes of the person are read once for all four."""
    ids = ids_of_person(person)
    if actor.is_system:
        return Standing(
            ids=tuple(ids),
            is_self=False,
            holds=lambda _code: True,
            may_see=True,
            may_edit=True,
            may_reveal=True,
            may_see_log=True,
            may_see_attributes=True,
            may_edit_attributes=True,
        )
    places, classes, guardians = _surroundings(ids)
    reads = tuple({*actor.paths(rights.PERSON_VIEW), *actor.paths(rights.PERSON_REVEAL)})
    needs_territory = bool(reads) and not any(_is_within(place, reads) for place in places)
    beyond = territory_paths(reads) if needs_territory else ()

    def holds(code: str) -> bool:
        reach = (*actor.paths(code), *(path for path in beyond if code not in WRITING))
        if any(_is_within(place, reach) for place in places) or set(actor.things(code, "class")) & classes:
            return True
        return bool(set(actor.things(code, "person")) & set(ids))

    is_self = actor.person_id in ids
    may_edit = holds(rights.PERSON_EDIT)
    may_see = is_self or holds(rights.PERSON_VIEW)
    return Standing(
        ids=tuple(ids), is_self=is_self, holds=holds, may_see=may_see and (person.deceased_on is None or may_edit), may_edit=may_edit,
        may_reveal=is_self or holds(rights.PERSON_REVEAL),
        may_see_log=is_self or may_edit or actor.person_id in guardians,
        may_see_attributes=holds(rights.ATTRIBUTE_VIEW), may_edit_attributes=holds(rights.ATTRIBUTE_EDIT),
    )  # fmt: skip


SURROUNDINGS_SQL = """
SELECT 'place', p.path::text FROM registry_person p WHERE p.id = ANY(%(ids)s)
UNION SELECT 'place', e.path::text FROM registry_enrolment e WHERE e.person_id = ANY(%(ids)s) AND e.valid_to IS NULL
UNION SELECT 'place', a.path::text FROM registry_appointment a WHERE a.person_id = ANY(%(ids)s) AND a.valid_to IS NULL
UNION SELECT 'place', c.path::text FROM registry_guardianship g JOIN registry_person c ON c.id = g.child_id
  WHERE g.guardian_id = ANY(%(ids)s) AND g.valid_to IS NULL
UNION SELECT 'class', m.class_group_id::text FROM registry_classmembership m
  WHERE m.person_id = ANY(%(ids)s) AND m.valid_to IS NULL
UNION SELECT 'class', m.class_group_id::text FROM registry_guardianship g
  JOIN registry_classmembership m ON m.person_id = g.child_id
  WHERE g.guardian_id = ANY(%(ids)s) AND g.valid_to IS NULL AND m.valid_to IS NULL
UNION SELECT 'guardian', g.guardian_id::text FROM registry_guardianship g
  WHERE g.child_id = ANY(%(ids)s) AND g.valid_to IS NULL AND g.guardian_id IS NOT NULL AND g.kind <> 'proxy'
"""


def _surroundings(ids: list[UUID]) -> tuple[set[str], set[UUID], set[UUID]]:
    """Places where the person is known, classes they sit in or guard a pupil of, and their guardians."""
    with connection.cursor() as cursor:
        cursor.execute(SURROUNDINGS_SQL, {"ids": ids})
        rows = cursor.fetchall()
    found: dict[str, set[str]] = {"place": set(), "class": set(), "guardian": set()}
    for kind, value in rows:
        found[kind].add(value)
    return found["place"], set(map(UUID, found["class"])), set(map(UUID, found["guardian"]))


def may_see_person(actor: Actor, person: Person) -> bool:
    """Name, class and masked identifiers. The record of a deceased person opens only for those who keep it."""
    if person.deceased_on is not None and not holds_on_person(actor, person, rights.PERSON_EDIT):
        return False
    return holds_on_person(actor, person, rights.PERSON_VIEW)


def may_edit_person(actor: Actor, person: Person) -> bool:
    return holds_on_person(actor, person, rights.PERSON_EDIT)


def may_edit_by_place(actor: Actor, person: Person) -> bool:
    """By a place where the person is kept or sits, not through a class alone."""
    seats = Enrolment.objects.filter(person_id__in=ids_of_person(person), valid_to=None).values_list("path", flat=True)
    return actor.is_system or any(actor.holds(rights.PERSON_EDIT, str(path)) for path in (person.path, *seats))


def may_reveal_person(actor: Actor, person: Person) -> bool:
    """Clear sensitive values; a stated purpose is demanded beside this."""
    return holds_on_person(actor, person, rights.PERSON_REVEAL)


def require_reveal(actor: Actor, person: Person) -> None:
    if not may_reveal_person(actor, person):
        raise Forbidden(_("无权查看这个人的敏感信息。"))
    if not actor.is_system and not actor.purpose:
        raise Invalid(_("请先说明本次查看的用途。"), code="purpose_missing")


def owner_of_field(entity: str, field: str) -> str:
    """``national_pupil``, ``national_staff``, ``province`` or ``local``; unknown fields belong to the nation: closed."""
    found = FieldDefinition.objects.filter(entity=entity, field=field).values_list("owner", flat=True).first()
    return found or NATIONAL_OWNERS[0]


def may_edit_field(entity: str, field: str) -> bool:
    """Whether a field may be changed in this platform at all. Who may do it is :func:`may_edit_person`."""
    return owner_of_field(entity, field) not in NATIONAL_OWNERS


def require_local(entity: str, field: str, label: str = "") -> None:
    if not may_edit_field(entity, field):
        raise Forbidden(
            _("“%(label)s”由国家系统管理，不能在这里修改。请在国家系统办理关键数据变更，下次导入后更新。")
            % {"label": label or field},
            code="nationally_owned",
        )


def may_see_organisation(actor: Actor, organisation: Organisation) -> bool:
    """Own subtree, schools by 属地, and the organisations above one's own place (names only, for the way up)."""
    if actor.is_system:
        return True
    path = str(organisation.path)
    held = tuple({*actor.paths(rights.ORGANISATION_VIEW), *actor.paths(rights.COUNT_VIEW)})
    if _is_within(path, held):
        return True
    territory = str(organisation.territory_path) if organisation.territory_path else ""
    return bool(territory) and _is_within(territory, held)


def may_edit_organisation(actor: Actor, organisation: Organisation) -> bool:
    return actor.holds(rights.ORGANISATION_EDIT, str(organisation.path))


def may_keep_organisation(actor: Actor, organisation: Organisation) -> bool:
    """Moving and closing: for those who keep the place above it, so that nobody does it to the own one."""
    above = str(organisation.path).rpartition(".")[0]
    return bool(above) and actor.holds(rights.ORGANISATION_EDIT, above)


def may_see_class(actor: Actor, group: ClassGroup, school_path: str) -> bool:
    """A class and its roster: by place, or because the actor heads, teaches or sits in it."""
    if actor.holds(rights.CLASS_VIEW, school_path) or group.id in actor.things(rights.CLASS_VIEW, "class"):
        return True
    return _is_within(school_path, territory_paths(actor.paths(rights.CLASS_VIEW)))


def may_see_roster(actor: Actor, group: ClassGroup, school_path: str) -> bool:
    """The names in a class: pupils and parents see their class, not its list."""
    if actor.holds(rights.PERSON_VIEW, school_path) or group.id in actor.things(rights.PERSON_VIEW, "class"):
        return True
    return _is_within(school_path, territory_paths(actor.paths(rights.PERSON_VIEW)))


def reaches_by_territory(actor: Actor, code: str, path: str) -> bool:
    """Whether a reading right reaches a school that sits in the actor's area but belongs elsewhere."""
    return code not in WRITING and _is_within(path, territory_paths(actor.paths(code)))


def may_edit_class(actor: Actor, group: ClassGroup, school_path: str) -> bool:
    return actor.holds(rights.CLASS_EDIT, school_path) or group.id in actor.things(rights.CLASS_EDIT, "class")


def may_see_teaching(actor: Actor, school_path: str) -> bool:
    return actor.holds(rights.TEACHING_VIEW, school_path)


def may_edit_teaching(actor: Actor, school_path: str) -> bool:
    return actor.holds(rights.TEACHING_EDIT, school_path)


def require_edit_person(actor: Actor, person: Person) -> None:
    if not may_edit_person(actor, person):
        raise Forbidden(_("无权修改这个人的信息。"))


def require_edit_organisation(actor: Actor, organisation: Organisation) -> None:
    if not may_edit_organisation(actor, organisation):
        raise Forbidden()


def require_edit_teaching(actor: Actor, school_path: str) -> None:
    if not may_edit_teaching(actor, school_path):
        raise Forbidden(_("无权安排这所学校的任课。"))


def require_edit_classes_at(actor: Actor, school_path: str) -> None:
    """Opening, closing and naming classes, and moving pupils between them: a right at the school, not on one class."""
    if not actor.holds(rights.CLASS_EDIT, school_path):
        raise Forbidden(_("无权管理这所学校的班级。"))


def require_edit_pupils_at(actor: Actor, school_path: str) -> None:
    """Where a child sits is decided at the school, not by one class."""
    if not actor.holds(rights.PERSON_EDIT, school_path):
        raise Forbidden(_("无权管理这所学校的学生。"))


def require_join_people(actor: Actor, *people: Person) -> None:
    """Merging needs the right to edit both records by their place: a class or a child is not enough."""
    paths = actor.paths(rights.PERSON_EDIT)
    if not actor.is_system and not all(_is_kept_at(person, paths) for person in people):
        raise Forbidden(_("两份档案都归你管理，才能合并。"))


def _is_kept_at(person: Person, paths: tuple[str, ...]) -> bool:
    places, _classes, _guardians = _surroundings(ids_of_person(person))
    return any(_is_within(place, paths) for place in places)


def require_edit_class(actor: Actor, group: ClassGroup, school_path: str) -> None:
    if not may_edit_class(actor, group, school_path):
        raise Forbidden(_("无权修改这个班级。"))
