"""Lists around snapshots: which there are, where one may be taken, what lies below a place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lingqu.kernel.actor import Actor

from .. import register
from ..models import Snapshot, SnapshotSchool
from ..types import rights
from ..types.words import Side, SnapshotKind
from .figures import Scope

MOST = 100
MOST_PARTS = 400
SCHOOLS = ("school", "teaching_point")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    name: str
    code: str
    is_school: bool


def _meets(one: str, other: str) -> bool:
    return one == other or one.startswith(f"{other}.") or other.startswith(f"{one}.")


def list_snapshots(*, actor: Actor) -> list[Snapshot]:
    """Snapshots of a day that hold something of the actor's places, the newest day first."""
    found = Snapshot.objects.filter(kind=SnapshotKind.DAY).select_related("organisation")
    held = actor.paths(rights.SNAPSHOT_VIEW)
    rows = found.order_by("-taken_on", "-number", "path")[: MOST * 5]
    return [one for one in rows if actor.is_system or any(_meets(str(one.path), path) for path in held)][:MOST]


def places_to_take(actor: Actor) -> list[tuple[str, str]]:
    """(code, name) of the places where the actor may freeze a day: their own and the regions below."""
    paths = actor.paths(rights.SNAPSHOT_TAKE)
    if not paths:
        return []
    rows = register.organisations().filter(path__within=paths[0], kind__in=("region", "bureau"), closed_on=None)
    return [(code, name) for code, name in rows.order_by("path").values_list("code", "name")[:60] if code]


def own_school(actor: Actor) -> Any:
    """The school that the actor's role is at, None for offices."""
    return register.organisations().filter(path=actor.path, kind__in=SCHOOLS).first() if actor.path else None


def name_at(scope: Scope) -> Place:
    """The place's name as frozen for a school, as it is now for a region."""
    school = SnapshotSchool.objects.filter(snapshot=scope.snapshot, path=scope.path).first()
    if school is not None:
        return Place(name=school.name, code=school.code, is_school=True)
    found = register.organisations().filter(path=scope.path).first()
    is_school = found is not None and found.kind in SCHOOLS
    return Place(name=found.name if found else "", code=(found.code if found else "") or "", is_school=is_school)


def parts_of(scope: Scope) -> list[tuple[str, str]]:
    """(code, name) of what can be opened below the place: regions now, schools as frozen."""
    column = "territory_path" if scope.side == Side.TERRITORY else "path"
    schools = SnapshotSchool.objects.filter(snapshot=scope.snapshot, **{f"{column}__within": scope.path})
    regions = (
        register.organisations().filter(path__within=scope.path, kind__in=("region", "bureau")).exclude(path=scope.path)
    )
    below = list(regions.order_by("path").values_list("code", "name")[:60])
    return [one for one in (*below, *schools.order_by("code").values_list("code", "name")[:MOST_PARTS]) if one[0]]
