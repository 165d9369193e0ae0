"""Drawn classes: lists, one draw, and who sits elsewhere than the sealed result says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Forbidden
from lingqu.kernel.pages import Page, page_of

from .. import policies
from ..models import Placement, PlacementPupil

MOST_MOVES = 500


def list_placements(*, actor: Actor, path: str, cursor: str = "", limit: int = 20) -> Page[Placement]:
    """Draws of the schools of a place, newest first."""
    policies.require_see_placement(actor, path)
    rows = Placement.objects.filter(path__within=path).select_related("school")
    return page_of(rows, order=("-id",), limit=limit, cursor=cursor)


def get_placement(*, actor: Actor, placement_id: UUID) -> Placement:
    """Unknown and out of reach look the same."""
    found = Placement.objects.select_related("school").filter(id=placement_id).first()
    if found is None or not policies.may_see_placement(actor, str(found.path)):
        raise Forbidden()
    return found


def list_pupils(placement: Placement) -> list[PlacementPupil]:
    """Everybody of the draw with names, living ones only, by class and place."""
    rows = PlacementPupil.objects.filter(placement=placement, person__deceased_on=None).select_related("person")
    return list(rows.order_by("place", "position", "person__name_key", "id"))


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatMove:
    """A pupil who does not sit where the draw put them. ``now`` is empty when they have no class."""

    school: str
    name: str
    number: str
    drawn: str
    now: str
    since: Any


MOVES = """
SELECT o.name, n.name, n.number, d.name, COALESCE(g.name, ''), COALESCE(m.valid_from, e.valid_to)
FROM yearly_placement p JOIN registry_organisation o ON o.id = p.school_id
  JOIN yearly_placementpupil q ON q.placement_id = p.id AND q.place IS NOT NULL
  JOIN registry_classgroup d ON d.id = (p.class_ids ->> q.place)::uuid
  JOIN registry_person n ON n.id = q.person_id AND n.deceased_on IS NULL
  JOIN LATERAL (SELECT x.valid_to FROM registry_classmembership x WHERE x.class_group_id = d.id AND x.person_id = q.person_id
    ORDER BY x.valid_to NULLS FIRST, x.id DESC LIMIT 1) e ON e.valid_to IS NOT NULL
  LEFT JOIN LATERAL (SELECT x.class_group_id, x.valid_from FROM registry_classmembership x
    JOIN registry_classgroup c ON c.id = x.class_group_id AND c.school_year_id = p.year AND c.kind <> 'teaching'
    WHERE x.person_id = q.person_id AND x.valid_to IS NULL ORDER BY x.id DESC LIMIT 1) m ON true
  LEFT JOIN registry_classgroup g ON g.id = m.class_group_id
WHERE p.state = 'applied' AND p.path >= %(path)s::ltree AND p.path < %(end)s::ltree
ORDER BY o.name_key, d.serial, n.name_key, n.number LIMIT %(most)s
"""


def list_seat_moves(*, actor: Actor, path: str) -> tuple[SeatMove, ...]:
    """调班 and leaving after the draw, of every school of a place: what the county looks at. At most 500."""
    policies.require_see_placement(actor, path)
    with connection.cursor() as cursor:
        cursor.execute(MOVES, {"path": path, "end": f"{path}-", "most": MOST_MOVES})
        rows = cursor.fetchall()
    names = ("school", "name", "number", "drawn", "now", "since")
    return tuple(SeatMove(**dict(zip(names, row, strict=True))) for row in rows)
