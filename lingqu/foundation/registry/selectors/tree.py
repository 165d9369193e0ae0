"""The organisation tree with figures, and what a page about one organisation shows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from lingqu.kernel.actor import Actor, covers
from lingqu.kernel.errors import Forbidden, NotFound

from .. import policies
from ..models import Organisation, OrganisationRelation
from ..types import rights
from ..types.cards import Active, Folder, Node, OrganisationCard, RelationCard, Totals
from ..types.words import DutyKind, OrganisationKind, RelationKind, RelationRole, Schooling
from .labels import label
from .places import root_organisation

SCHOOL_KINDS = ("school", "teaching_point")
MOST_CHILDREN = 600
FIGURES = ("schools", "classes", "students", "staff")
FIGURES_SECONDS = 60
FOLD_FROM = 12
"""So many schools under one node are shown in folders by type."""


def get_organisation(actor: Actor, code: str) -> Organisation:
    """The organisation if the actor may see it; otherwise :class:`Forbidden`, whether or not it exists."""
    found = Organisation.objects.filter(code=code).first()
    if found is None:
        if actor.holds_at_top(rights.ORGANISATION_VIEW):
            raise NotFound(_("没有代码为 %(code)s 的机构。") % {"code": code})
        raise Forbidden()
    if not policies.may_see_organisation(actor, found):
        raise Forbidden()
    return found


def top_paths(actor: Actor) -> tuple[str, ...]:
    """Where the actor's tree begins."""
    if actor.is_system:
        return tuple(map(str, Organisation.objects.filter(parent=None).values_list("path", flat=True)))
    held = {*actor.paths(rights.ORGANISATION_VIEW), *actor.paths(rights.COUNT_VIEW)}
    return tuple(sorted(path for path in held if not any(other != path and covers(other, path) for other in held)))


TREE_SQL = """
WITH shown AS (
  SELECT id, code, COALESCE(NULLIF(short_name, ''), name) AS name, kind, school_type, path, parent_id, sort_order, name_key
  FROM registry_organisation
  WHERE closed_on IS NULL AND (path = ANY(%(tops)s::ltree[])
    OR parent_id IN (SELECT id FROM registry_organisation WHERE path = ANY(%(open)s::ltree[])))
  ORDER BY sort_order, name_key LIMIT %(most)s),
below AS (
  SELECT subpath(o.path, 0, depth) AS path, count(*) AS n
  FROM registry_organisation o CROSS JOIN LATERAL generate_series(1, nlevel(o.path) - 1) AS depth
  WHERE o.closed_on IS NULL AND o.path <@ ANY(%(tops)s::ltree[]) GROUP BY 1)
SELECT s.id, s.code, s.name, s.kind, s.school_type, s.path::text, s.parent_id,
       CASE WHEN s.kind = ANY(%(schools)s) THEN own.students ELSE below.n END
FROM shown s
LEFT JOIN registry_organisationcount own ON own.organisation_id = s.id
LEFT JOIN below ON below.path = s.path
ORDER BY s.sort_order, s.name_key
"""
"""Organisations below a node are counted in one pass over the tree: a thousand rows, not one range scan per node."""


def get_tree(actor: Actor, current: Organisation | None = None) -> tuple[Node, ...]:
    """The actor's tree, opened down to ``current`` (or its first level): one statement, whatever the size of the city."""
    tops = top_paths(actor)
    if not tops:
        return ()
    wanted = str(current.path) if current else tops[0]
    labels = wanted.split(".")
    ancestors = [".".join(labels[:n]) for n in range(1, len(labels) + 1)]
    inside = [path for path in ancestors if any(covers(top, path) for top in tops)]
    opened = inside or [tops[0]]
    with connection.cursor() as cursor:
        cursor.execute(
            TREE_SQL, {"tops": list(tops), "open": opened, "most": MOST_CHILDREN, "schools": list(SCHOOL_KINDS)}
        )
        rows = cursor.fetchall()
    below: dict[Any, list[Any]] = defaultdict(list)
    known = {row[0] for row in rows}
    for row in rows:
        below[row[6] if row[6] in known else None].append(row)
    return tuple(_node(row, below, wanted, 0) for row in below[None])


def _node(row: Sequence[Any], below: dict[Any, list[Any]], current: str, depth: int) -> Node:
    children = [_node(child, below, current, depth + 1) for child in below.get(row[0], ())]
    types = {child[0]: child[4] for child in below.get(row[0], ())}
    return Node(
        id=row[0], code=row[1] or "", name=row[2], kind=row[3], path=row[5], figure=row[7] or 0, depth=depth,
        is_current=row[5] == current, children=_folded(children, types, current, depth + 1),
    )  # fmt: skip


def _folded(children: list[Node], types: dict[UUID, str], current: str, depth: int) -> tuple[Node | Folder, ...]:
    schools = [node for node in children if node.kind in SCHOOL_KINDS]
    if len(schools) < FOLD_FROM:
        return tuple(children)
    folders: dict[str, list[Node]] = defaultdict(list)
    for node in schools:
        folders[types[node.id]].append(node)
    made: list[Node | Folder] = [node for node in children if node.kind not in SCHOOL_KINDS]
    for code in sorted(folders):
        inside = tuple(folders[code])
        made.append(
            Folder(
                label=label("school_types", code) or _("其他学校"), figure=len(inside), depth=depth,
                is_open=any(covers(node.path, current) for node in inside), children=inside,
            )
        )  # fmt: skip
    return tuple(made)


TOTALS_SQL = """
SELECT count(*) - 1, count(*) FILTER (WHERE o.kind = ANY(%s)), COALESCE(sum(c.students), 0), COALESCE(sum(c.registered), 0),
       COALESCE(sum(c.staff), 0), COALESCE(sum(c.guardians), 0), COALESCE(sum(c.classes), 0)
FROM registry_organisation o LEFT JOIN registry_organisationcount c ON c.organisation_id = o.id
WHERE o.path >= %s::ltree AND o.path < %s::ltree AND o.closed_on IS NULL
"""


def count_subtree(path: str) -> Totals:
    """Maintained totals summed over a subtree: costs with the number of organisations, not of people."""
    with connection.cursor() as cursor:
        cursor.execute(TOTALS_SQL, [list(SCHOOL_KINDS), path, f"{path}-"])
        row = cursor.fetchone()
    names = ("organisations", "schools", "students", "registered", "staff", "guardians", "classes")
    return Totals(**dict(zip(names, map(int, row), strict=True)))


def public_figures() -> dict[str, int]:
    """``schools``, ``classes``, ``students``, ``staff`` of the whole region for visitors: exact, at most a minute old.
    Empty before the first import."""
    found: dict[str, int] | None = cache.get("registry.figures")
    if found is None:
        root = root_organisation()
        totals = count_subtree(str(root.path)) if root else None
        found = {name: getattr(totals, name) for name in FIGURES} if totals else {}
        cache.set("registry.figures", found, FIGURES_SECONDS)
    return found


ACTIVE_SQL = """
SELECT (SELECT count(DISTINCT person_id) FROM registry_enrolment WHERE valid_to IS NULL
          AND path >= %(p)s::ltree AND path < %(q)s::ltree),
       (SELECT count(DISTINCT person_id) FROM registry_appointment WHERE valid_to IS NULL
          AND path >= %(p)s::ltree AND path < %(q)s::ltree),
       (SELECT count(*) FROM registry_organisation WHERE closed_on IS NULL AND path > %(p)s::ltree
          AND path < %(q)s::ltree)
"""


def count_active(path: str) -> Active:
    """Who and what is still there in a subtree, counted from the rows themselves."""
    with connection.cursor() as cursor:
        cursor.execute(ACTIVE_SQL, {"p": path, "q": f"{path}-"})
        students, staff, organisations = cursor.fetchone()
    return Active(students=students, staff=staff, organisations=organisations)


AROUND_SQL = """
SELECT p.code, p.name, t.name,
  (SELECT x.name FROM registry_duty d JOIN registry_person x ON x.id = d.person_id
   WHERE d.organisation_id = o.id AND d.kind = %(principal)s AND d.valid_to IS NULL ORDER BY d.id LIMIT 1),
  (SELECT count(*) FROM registry_organisation c WHERE c.parent_id = o.id AND c.kind = 'campus' AND c.closed_on IS NULL)
FROM registry_organisation o LEFT JOIN registry_organisation p ON p.id = o.parent_id
LEFT JOIN registry_organisation t ON t.path = o.territory_path WHERE o.id = %(id)s
"""


def get_card(organisation: Organisation) -> OrganisationCard:
    """Everything the head of an organisation's page shows; three statements. The caller has checked its reader."""
    with connection.cursor() as cursor:
        cursor.execute(AROUND_SQL, {"id": organisation.id, "principal": DutyKind.PRINCIPAL.value})
        parent_code, parent_name, territory, principal, campuses = cursor.fetchone()
    schooling = dict(Schooling.choices).get(organisation.schooling, "")
    return OrganisationCard(
        id=organisation.id, code=organisation.code or "", name=organisation.name, short_name=organisation.short_name,
        kind=organisation.kind, kind_label=str(OrganisationKind(organisation.kind).label), path=str(organisation.path),
        type_label=label("school_types", organisation.school_type), ownership_label=label("XXBB", organisation.ownership),
        schooling=organisation.schooling, schooling_label=str(schooling), class_display=organisation.class_display,
        address=organisation.address, phone=organisation.phone, parent_code=parent_code or "",
        parent_name=parent_name or "", territory_name=territory or "", principal=principal or "", campuses=campuses,
        closed_on=organisation.closed_on, synthetic=organisation.synthetic,
        totals=count_subtree(str(organisation.path)), relations=list_relations(organisation),
    )  # fmt: skip


def list_relations(organisation: Organisation, *, with_ended: bool = False) -> tuple[RelationCard, ...]:
    rows = OrganisationRelation.objects.filter(Q(head=organisation) | Q(member=organisation)).select_related(
        "head", "member"
    )
    if not with_ended:
        rows = rows.filter(valid_to=None)
    made = []
    for row in rows.order_by("kind", "valid_from", "id")[:100]:
        is_member = row.member_id == organisation.id
        other = row.head if is_member else row.member
        made.append(
            RelationCard(
                id=row.id, kind=row.kind, label=str(RelationKind(row.kind).label), code=other.code or "", name=other.name,
                direction="member" if is_member else "head", role=row.role, valid_from=row.valid_from, valid_to=row.valid_to,
                until=row.until, role_label=str(RelationRole(row.role).label) if row.role else "",
            )
        )  # fmt: skip
    return tuple(made)


def find_organisations(actor: Actor, text: str, limit: int = 20) -> tuple[Organisation, ...]:
    """Organisations by exact code, by the beginning of name or pinyin initials, within what the actor sees."""
    text = text.strip()
    if not text:
        return ()
    rows = Organisation.objects.filter(closed_on=None)
    if text.isascii() and any(character.isdigit() for character in text):
        rows = rows.filter(code__startswith=text)
    elif text.isascii():
        rows = rows.filter(name_initials__startswith=text.lower())
    else:
        rows = rows.filter(Q(name__startswith=text) | Q(name__contains=text))
    tops = top_paths(actor)
    if not actor.is_system:
        if not tops:
            return ()
        inside = Q()
        for path in tops:
            inside |= Q(path__within=path)
        rows = rows.filter(inside)
    return tuple(rows.order_by("name_key", "id")[:limit])


MOST_SUGGESTED = 200


def list_superiors(actor: Actor, organisation: Organisation) -> tuple[tuple[str, str], ...]:
    """(code, name) of offices that could be the superior of an organisation, as far as the actor keeps them."""
    rows = _kept(actor).exclude(kind__in=(*SCHOOL_KINDS, "campus", "department"))
    rows = rows.exclude(path__within=str(organisation.path)).exclude(children=organisation)
    return _suggested(rows)


def list_partners(actor: Actor, organisation: Organisation) -> tuple[tuple[str, str], ...]:
    """(code, name) of organisations that the actor could relate with this one."""
    return _suggested(_kept(actor).exclude(id=organisation.id))


def list_closed(organisation: Organisation) -> tuple[Organisation, ...]:
    """What was closed below an organisation, latest first."""
    rows = Organisation.objects.filter(path__within=str(organisation.path), closed_on__isnull=False)
    return tuple(rows.order_by("-closed_on", "name_key")[:MOST_SUGGESTED])


def _kept(actor: Actor) -> QuerySet[Organisation]:
    inside = Q(pk__in=())
    for path in actor.paths(rights.ORGANISATION_EDIT):
        inside |= Q(path__within=path)
    return Organisation.objects.filter(inside, closed_on=None, code__isnull=False)


def _suggested(rows: QuerySet[Organisation]) -> tuple[tuple[str, str], ...]:
    found = rows.order_by("sort_order", "name_key").values_list("code", "name")[:MOST_SUGGESTED]
    return tuple((str(code), name) for code, name in found)
