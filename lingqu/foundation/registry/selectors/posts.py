"""Posts of an organisation, who holds them, and what one person belongs to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import connection

from lingqu.kernel import clock
from lingqu.kernel.statements import Asked, Batch

from ..models import CodeValue, Organisation, Person, Post, PostHolder
from ..types.posts import Belonging, ChildSeat, HeldPost, HolderLine, PostLine, Spell
from ..types.words import PostPlace
from .labels import label, labels
from .places import IDS_SQL
from .tree import SCHOOL_KINDS

KINDS = "post_kinds"
AT_WORK = """(o.deceased_on IS NULL AND EXISTS (SELECT 1 FROM (SELECT COALESCE(o.canonical_id, o.id) AS id UNION ALL
    SELECT x.id FROM registry_person x WHERE x.canonical_id = COALESCE(o.canonical_id, o.id)) w
  JOIN registry_appointment a ON a.person_id = w.id AND a.organisation_id = p.organisation_id AND a.valid_to IS NULL
    AND a.relation = 'works_at'))"""
"""A holder ``o`` of the post ``p`` who still works at its organisation: whoever left holds nothing any more."""
STAFFED_SQL = f"""EXISTS (SELECT 1 FROM registry_postholder h JOIN registry_person o ON o.id = h.person_id
  WHERE h.post_id = p.id AND h.valid_to IS NULL AND {AT_WORK})"""  # noqa: S608
"""Whether somebody stands behind the post ``p`` today."""
BELONGING_SQL = f"""
WITH own AS MATERIALIZED (SELECT row_number() OVER () AS place, mine.id FROM ({IDS_SQL}) mine),
held AS (
  SELECT h.post_id, h.place FROM registry_postholder h JOIN registry_person o ON o.id = h.person_id
  JOIN registry_post p ON p.id = h.post_id
  WHERE h.person_id = ANY(ARRAY(SELECT id FROM own)) AND h.valid_to IS NULL AND p.closed_on IS NULL AND {AT_WORK}),
guarded AS (
  SELECT COALESCE(c.canonical_id, c.id) AS id, min(g.valid_from) AS since FROM registry_guardianship g
  JOIN registry_person c ON c.id = g.child_id
  WHERE g.guardian_id = ANY(ARRAY(SELECT id FROM own)) AND g.valid_to IS NULL AND g.kind <> 'proxy' GROUP BY 1),
pupil AS (
  SELECT g.id AS child, p.id, p.name, p.number, g.since FROM guarded g
  JOIN registry_person p ON p.id = g.id OR p.canonical_id = g.id
  WHERE NOT EXISTS (SELECT 1 FROM registry_person q WHERE (q.id = g.id OR q.canonical_id = g.id)
                    AND q.deceased_on IS NOT NULL)
  UNION ALL SELECT NULL, own.id, '', '', NULL FROM own)
SELECT 'own', '', id::text, place::text, '', '', '', '', '', NULL::date, true FROM own
UNION ALL
SELECT 'dead', '', '', '', '', '', '', '', '', NULL::date, true FROM registry_person q
WHERE q.id = ANY(ARRAY(SELECT id FROM own)) AND q.deceased_on IS NOT NULL
UNION ALL
SELECT 'post', p.id::text, '', p.kind, g.path::text, g.id::text, g.name, g.school_type, held.place,
  (p.created_at AT TIME ZONE %(zone)s)::date, true
FROM held JOIN registry_post p ON p.id = held.post_id JOIN registry_organisation g ON g.id = p.organisation_id
UNION ALL
SELECT 'work', '', a.person_id::text, '', a.path::text, '', '', '', '', a.valid_from, a.valid_to IS NULL
FROM registry_appointment a WHERE a.person_id = ANY(ARRAY(SELECT id FROM own)) AND a.relation = 'works_at'
UNION ALL
SELECT 'duty', '', d.person_id::text, d.kind, d.path::text, COALESCE(d.class_group_id::text, ''), d.grade, '', '', d.valid_from, d.valid_to IS NULL
FROM registry_duty d WHERE d.person_id = ANY(ARRAY(SELECT id FROM own))
UNION ALL
SELECT 'child', child::text, pupil.id::text, '', '', '', name, number, '', since, true FROM pupil WHERE child IS NOT NULL
UNION ALL
SELECT 'seat', COALESCE(child::text, ''), pupil.id::text, e.grade, e.path::text, '', '', '', '', e.valid_from, e.valid_to IS NULL
FROM pupil JOIN registry_enrolment e ON e.person_id = pupil.id
UNION ALL
SELECT 'class', COALESCE(child::text, ''), pupil.id::text, '', m.class_group_id::text, '', '', '', '', m.valid_from,
  m.valid_to IS NULL
FROM pupil JOIN registry_classmembership m ON m.person_id = pupil.id
"""  # noqa: S608
"""(what, whose, owner, code, path, four more of a post, class and grade of a duty, or the names of a child, since, is open); whose is empty for the
person's own seats and classes."""

HELD_PATHS_SQL = f"""
SELECT DISTINCT g.path::text FROM registry_person one
JOIN registry_person o ON o.id = COALESCE(one.canonical_id, one.id) OR o.canonical_id = COALESCE(one.canonical_id, one.id)
JOIN registry_postholder h ON h.person_id = o.id AND h.valid_to IS NULL
JOIN registry_post p ON p.id = h.post_id AND p.closed_on IS NULL JOIN registry_organisation g ON g.id = p.organisation_id
WHERE one.id = %(person)s AND {AT_WORK} ORDER BY 1
"""  # noqa: S608


POSTS_SQL = f"""
SELECT p.id FROM registry_person one
JOIN registry_person o ON o.id = COALESCE(one.canonical_id, one.id) OR o.canonical_id = COALESCE(one.canonical_id, one.id)
JOIN registry_postholder h ON h.person_id = o.id AND h.valid_to IS NULL
JOIN registry_post p ON p.id = h.post_id AND p.closed_on IS NULL
WHERE one.id = %s AND {AT_WORK}
"""  # noqa: S608


def ask_posts(batch: Batch, person_id: UUID) -> Asked:
    """The posts that a person holds today, an id a row, known when the batch was sent."""
    return batch.ask(POSTS_SQL, [person_id])


def belonging_of(person_id: UUID) -> Belonging:
    """What a person belongs to today, in one statement. Nothing for the dead."""
    with connection.cursor() as cursor:
        cursor.execute(BELONGING_SQL, {"person": person_id, "zone": clock.ZONE.key})
        found: dict[tuple[str, str], list[Any]] = defaultdict(list)
        for kind, whose, *rest in cursor.fetchall():
            found[kind, "" if kind == "child" else whose].append((whose, *rest))
    own = sorted(found["own", ""], key=lambda row: int(row[2]))
    ids = tuple(UUID(row[1]) for row in own) or (person_id,)
    if ("dead", "") in found:
        return Belonging(ids=ids)
    posts = [_held(row) for (kind, _whose), rows in found.items() if kind == "post" for row in rows]
    return Belonging(
        ids=ids, posts=tuple(sorted(posts, key=lambda post: (post.path, post.kind))), work=_spells(found["work", ""]),
        duties=_spells(found["duty", ""]), seats=_spells(found["seat", ""]), classes=_spells(found["class", ""]),
        children=_children(found),
    )  # fmt: skip


def paths_of_posts(person_id: UUID) -> tuple[str, ...]:
    """Paths of the organisations where the person holds a post today; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(HELD_PATHS_SQL, {"person": person_id})
        return tuple(row[0] for row in cursor.fetchall())


def _held(row: tuple[Any, ...]) -> HeldPost:
    post_id, _owner, kind, path, organisation_id, organisation, school_type, place, since, _is_open = row
    return HeldPost(
        id=UUID(post_id), kind=kind, name=label(KINDS, kind), path=path, organisation_id=UUID(organisation_id),
        organisation=organisation, school_type=school_type, place=place, since=since,
    )  # fmt: skip


def _spells(rows: Iterable[tuple[Any, ...]]) -> tuple[Spell, ...]:
    return tuple(
        Spell(owner=UUID(owner), path=path, code=code, since=since, is_open=is_open, within=class_id or grade)
        for _whose, owner, code, path, class_id, grade, _type, _place, since, is_open in rows
    )


def _children(found: dict[tuple[str, str], list[Any]]) -> tuple[ChildSeat, ...]:
    aliases: dict[str, list[Any]] = defaultdict(list)
    for row in found["child", ""]:
        aliases[row[0]].append(row)
    made = []
    for child, known in aliases.items():
        name, number, since = next((row[5], row[6], row[8]) for row in known if row[1] == child)
        made.append(
            ChildSeat(
                id=UUID(child), name=name, number=number, ids=tuple(sorted(UUID(row[1]) for row in known)), since=since,
                seats=_spells(found["seat", child]), classes=_spells(found["class", child]),
            )
        )  # fmt: skip
    return tuple(sorted(made, key=lambda one: one.number))


def open_posts_of(organisation_id: UUID) -> dict[str, UUID]:
    """Open posts of one organisation by kind; one statement."""
    return dict(Post.objects.filter(organisation_id=organisation_id, closed_on=None).values_list("kind", "id"))


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
