"""Posts of an organisation, who holds them, and what one person belongs to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import connection

from ..models import CodeValue, Organisation, Person, Post, PostHolder
from ..types.posts import Belonging, ChildSeat, HeldPost, HolderLine, PostLine
from ..types.words import PostPlace
from .labels import label, labels
from .places import ids_of
from .tree import SCHOOL_KINDS

KINDS = "post_kinds"
AT_WORK = """EXISTS (SELECT 1 FROM registry_appointment a JOIN registry_person w ON w.id = a.person_id
  WHERE a.organisation_id = p.organisation_id AND a.valid_to IS NULL AND a.relation = 'works_at'
    AND COALESCE(w.canonical_id, w.id) = COALESCE(o.canonical_id, o.id) AND o.deceased_on IS NULL)"""
"""A holder ``o`` of the post ``p`` who still works at its organisation: whoever left holds nothing any more."""
BELONGING_SQL = f"""
SELECT 'post', p.id::text, p.kind, g.path::text, g.id::text, g.name, g.school_type, h.place
FROM registry_postholder h JOIN registry_post p ON p.id = h.post_id JOIN registry_organisation g ON g.id = p.organisation_id
JOIN registry_person o ON o.id = h.person_id
WHERE h.person_id = ANY(%(ids)s) AND h.valid_to IS NULL AND p.closed_on IS NULL AND {AT_WORK}
UNION ALL
SELECT 'work', '', '', a.path::text, '', '', '', '' FROM registry_appointment a
WHERE a.person_id = ANY(%(ids)s) AND a.valid_to IS NULL AND a.relation = 'works_at'
UNION ALL
SELECT 'dead', '', '', '', '', '', '', '' FROM registry_person q WHERE q.id = ANY(%(ids)s) AND q.deceased_on IS NOT NULL
UNION ALL
SELECT 'duty', '', d.kind, d.path::text, '', '', '', '' FROM registry_duty d
WHERE d.person_id = ANY(%(ids)s) AND d.valid_to IS NULL
UNION ALL
(WITH child AS (
  SELECT DISTINCT COALESCE(c.canonical_id, c.id) AS id FROM registry_guardianship g JOIN registry_person c ON c.id = g.child_id
  WHERE g.guardian_id = ANY(%(ids)s) AND g.valid_to IS NULL AND g.kind <> 'proxy'),
alias AS (
  SELECT child.id AS child, p.id, p.name, p.number FROM child
  JOIN registry_person p ON p.id = child.id OR p.canonical_id = child.id
  WHERE NOT EXISTS (SELECT 1 FROM registry_person q WHERE (q.id = child.id OR q.canonical_id = child.id)
                    AND q.deceased_on IS NOT NULL))
SELECT 'child', alias.child::text, alias.id::text, '', '', alias.name, alias.number, '' FROM alias
UNION ALL
SELECT 'seat', alias.child::text, e.grade, e.path::text, '', '', '', '' FROM alias
JOIN registry_enrolment e ON e.person_id = alias.id AND e.valid_to IS NULL
UNION ALL
SELECT 'class', alias.child::text, m.class_group_id::text, '', '', '', '', '' FROM alias
JOIN registry_classmembership m ON m.person_id = alias.id AND m.valid_to IS NULL)
"""  # noqa: S608

HELD_PATHS_SQL = f"""
SELECT DISTINCT g.path::text FROM registry_person one
JOIN registry_person o ON o.id = COALESCE(one.canonical_id, one.id) OR o.canonical_id = COALESCE(one.canonical_id, one.id)
JOIN registry_postholder h ON h.person_id = o.id AND h.valid_to IS NULL
JOIN registry_post p ON p.id = h.post_id AND p.closed_on IS NULL JOIN registry_organisation g ON g.id = p.organisation_id
WHERE one.id = %(person)s AND {AT_WORK} ORDER BY 1
"""  # noqa: S608


def belonging_of(person_id: UUID) -> Belonging:
    """What a person belongs to today, in two statements. Nothing for the dead."""
    ids = ids_of(person_id)
    with connection.cursor() as cursor:
        cursor.execute(BELONGING_SQL, {"ids": list(ids)})
        found: dict[str, list[Any]] = defaultdict(list)
        for kind, *rest in cursor.fetchall():
            found[kind].append(rest)
    if found["dead"]:
        return Belonging(ids=ids)
    return Belonging(
        ids=ids,
        posts=tuple(sorted((_held(row) for row in found["post"]), key=lambda post: (post.path, post.kind))),
        work=tuple(sorted({row[2] for row in found["work"]})),
        duties=tuple(sorted({(row[1], row[2]) for row in found["duty"]})),
        children=_children(found),
    )


def paths_of_posts(person_id: UUID) -> tuple[str, ...]:
    """Paths of the organisations where the person holds a post today; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(HELD_PATHS_SQL, {"person": person_id})
        return tuple(row[0] for row in cursor.fetchall())


def _held(row: list[str]) -> HeldPost:
    post_id, kind, path, organisation_id, organisation, school_type, place = row
    return HeldPost(
        id=UUID(post_id), kind=kind, name=label(KINDS, kind), path=path, organisation_id=UUID(organisation_id),
        organisation=organisation, school_type=school_type, place=place,
    )  # fmt: skip


def _children(found: dict[str, list[Any]]) -> tuple[ChildSeat, ...]:
    aliases: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for child, alias, _path, _id, name, number, _place in found["child"]:
        aliases[child].append((alias, name, number))
    made = []
    for child, known in aliases.items():
        own = next(row for row in known if row[0] == child)
        made.append(
            ChildSeat(
                id=UUID(child), name=own[1], number=own[2], ids=tuple(sorted(UUID(row[0]) for row in known)),
                seats=tuple(sorted({(row[2], row[1]) for row in found["seat"] if row[0] == child})),
                classes=tuple(sorted({UUID(row[1]) for row in found["class"] if row[0] == child})),
            )
        )  # fmt: skip
    return tuple(sorted(made, key=lambda one: one.number))


def find_post(post_id: UUID) -> Post | None:
    """The open post with its organisation."""
    return Post.objects.select_related("organisation").filter(id=post_id, closed_on=None).first()


def kinds_for(organisation_kind: str) -> list[tuple[str, str]]:
    """(code, name) of the kinds of posts that such an organisation may have."""
    return _kinds("school" if organisation_kind in SCHOOL_KINDS else "office")


def _kinds(*wanted: str) -> list[tuple[str, str]]:
    """Kinds whose note in the code table is one of ``wanted``; those without a note suit everybody."""
    notes = dict(CodeValue.objects.filter(table_id=KINDS).values_list("code", "note"))
    return [(code, label(KINDS, code)) for code in labels(KINDS) if notes.get(code) in (*wanted, "")]


def post_kinds(organisation_kind: str) -> list[tuple[str, str]]:
    """(code, name) of posts that an organisation can write to: a school its own kinds, an office all."""
    return _kinds("school") if organisation_kind in SCHOOL_KINDS else _kinds("school", "office")


def colleagues_of(organisation_id: UUID) -> tuple[tuple[str, str], ...]:
    """Posts (``post:<uuid>``) and people (``person:<number>``) of an organisation to whom something may be passed on."""
    posts = Post.objects.filter(organisation_id=organisation_id, closed_on=None).order_by("created_at")
    return (
        *((f"post:{one.id}", label(KINDS, one.kind)) for one in posts),
        *((f"person:{number}", name) for number, name in list_staff(organisation_id)),
    )


def list_posts(organisation: Organisation) -> tuple[PostLine, ...]:
    """Open posts with everybody who holds or held them, in two statements."""
    posts = list(Post.objects.filter(organisation=organisation, closed_on=None).order_by("created_at", "id"))
    holders: dict[UUID, list[PostHolder]] = defaultdict(list)
    rows = PostHolder.objects.filter(post__in=posts).select_related("person").order_by("-valid_from", "-id")
    for row in rows:
        holders[row.post_id].append(row)
    working = _working(organisation, rows)
    return tuple(
        PostLine(
            id=post.id, kind=post.kind, name=label(KINDS, post.kind), phone=post.phone,
            holders=tuple(_line(row, working) for row in sorted(holders[post.id], key=_order)),
        )
        for post in posts
    )  # fmt: skip


def _order(row: PostHolder) -> tuple[bool, str]:
    return row.valid_to is not None, row.place if row.valid_to is None else ""


def _working(organisation: Organisation, rows: Iterable[PostHolder]) -> set[UUID]:
    ids = {row.person.canonical_id or row.person_id for row in rows if row.valid_to is None}
    people = Person.objects.filter(
        appointments__organisation=organisation, appointments__valid_to=None, appointments__relation="works_at",
        deceased_on=None,
    )  # fmt: skip
    known = people.filter(id__in=ids) | people.filter(canonical_id__in=ids)
    return {canonical or one for one, canonical in known.values_list("id", "canonical_id")}


def _line(row: PostHolder, working: set[UUID]) -> HolderLine:
    return HolderLine(
        place=row.place, place_label=str(PostPlace(row.place).label), name=row.person.name, number=row.person.number,
        since=row.valid_from, until=row.valid_to,
        is_away=row.valid_to is None and (row.person.canonical_id or row.person_id) not in working,
    )  # fmt: skip


def list_staff(organisation_id: UUID) -> list[tuple[str, str]]:
    """(number, name) of the people who work at an organisation, by name: who may take a post."""
    people = Person.objects.filter(
        appointments__organisation_id=organisation_id, appointments__valid_to=None, appointments__relation="works_at",
        deceased_on=None, canonical=None,
    )  # fmt: skip
    return list(people.order_by("name_key", "id").values_list("number", "name").distinct()[:600])
