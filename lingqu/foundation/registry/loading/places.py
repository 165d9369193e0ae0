"""Organisations: the tree of 隶属 with dated parents, 属地 and 中心校 beside it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from lingqu.kernel.ids import uuid7

from ..services.reference import base36
from ..types.words import ClassDisplay, OrganisationKind
from .paths import rewrite_paths
from .run import Run
from .staging import key_digests

FIELDS = (
    "name", "short_name", "school_type", "ownership", "schooling", "urban_rural", "division_code", "address", "phone",
    "code", "kind", "class_display",
)  # fmt: skip
RELATIONS = {"territory_ref": "territory", "central_ref": "central_school"}


@dataclass(slots=True)
class Place:
    """An organisation that the chunk may change or hang others below."""

    id: UUID
    path: str
    parent_id: UUID | None
    values: dict[str, Any] = field(default_factory=dict)


def apply_organisations(run: Run) -> None:
    """A thousand or two rows: written from the top of the tree downwards, so that each knows its parent's path."""
    finder = Finder(run)
    rows = {row["row_id"]: row for row in run.prepared.frame.iter_rows(named=True)}
    ordered = sorted_by_level(run, rows)
    known = {row_id: finder.find_row(row) for row_id, row in rows.items()}
    labels = _labels(run, sum(1 for place in known.values() if place is None))
    places: dict[int, Place] = {}
    for row_id in ordered:
        row = rows[row_id]
        parent = _parent(run, finder, row)
        before = known[row_id]
        if before is not None and not _is_in_scope(run, before):
            run.reject([(row_id, "scope.outside", "key")])
            continue
        if before is None:
            places[row_id] = _create(run, row, parent, base36(labels.pop()))
        else:
            places[row_id] = _change(run, row, before, parent)
        finder.add(row, places[row_id])
    again = _relate(run, finder, rows, places)
    _link(run, rows, places, again)
    run.outcome.touched |= {place.id for place in places.values()}


class Finder:
    """Organisations by key of this source, code, or a name that is unique in the scope; made ones are found too."""

    def __init__(self, run: Run) -> None:
        self.keys: dict[str, UUID] = {}
        self.places: dict[UUID, Place] = {}
        self.codes: dict[str, UUID] = {}
        self.names: dict[str, list[UUID]] = {}
        columns = ", ".join(FIELDS)
        for organisation_id, path, parent_id, *values in run.rows(
            f"SELECT id, path::text, parent_id, {columns} FROM registry_organisation"  # noqa: S608
        ):
            place = Place(organisation_id, path, parent_id, dict(zip(FIELDS, values, strict=True)))
            self._note(place)
        self.digests = dict(
            run.rows(
                """SELECT encode(uuid_send(key_hash), 'hex'), entity_uuid FROM registry_sourcelink
                   WHERE source_id = %(source_id)s AND kind = 'organisations'"""
            )
        )
        self.scope = run.values["scope"]

    def _note(self, place: Place) -> None:
        self.places[place.id] = place
        if place.values.get("code"):
            self.codes[place.values["code"]] = place.id
        self.names.setdefault(place.values["name"], []).append(place.id)

    def add(self, row: dict[str, Any], place: Place) -> None:
        self.digests[row["key_hash"]] = place.id
        self._note(place)

    def find_row(self, row: dict[str, Any]) -> Place | None:
        found = self.digests.get(row["key_hash"]) or self.codes.get(row["code"] or "")
        return self.places.get(found) if found else None

    def find(self, reference: str, digest: str | None) -> Place | None:
        found = self.digests.get(digest or "") or self.codes.get(reference)
        if found is None:
            named = [i for i in set(self.names.get(reference, ())) if self._is_inside(i)]
            found = named[0] if len(named) == 1 else None
        return self.places.get(found) if found else None

    def _is_inside(self, organisation_id: UUID) -> bool:
        path = self.places[organisation_id].path
        return path == self.scope or path.startswith(self.scope + ".")


def digests_of(references: list[str | None]) -> dict[str, str | None]:
    stated = sorted({reference for reference in references if reference})
    return dict(zip(stated, key_digests("organisations", stated), strict=True))


def sorted_by_level(run: Run, rows: dict[int, dict[str, Any]]) -> list[int]:
    """Parents before children. Rows whose parents point at each other in a ring lose their parent, with a finding."""
    by_name = {name: row_id for row_id, row in rows.items() for name in (row["name"], row["code"], row["key"]) if name}
    above = {row_id: by_name.get(row["parent_ref"] or "") for row_id, row in rows.items()}
    done: dict[int, None] = {}
    for start in rows:
        trail = _trail(start, above, done)
        ring = above[trail[-1]] if trail else None
        if ring is not None and ring in trail and ring != trail[-1]:
            run.note(ring, "organisation.ring", "parent_ref", "review")
            rows[ring]["parent_ref"], above[ring] = None, None
            trail = _trail(start, above, done)
        done |= dict.fromkeys(reversed(trail))
    return list(done)


def _trail(start: int, above: dict[int, int | None], done: dict[int, None]) -> list[int]:
    """Rows from ``start`` upwards that are not placed yet; ends where a ring closes."""
    trail: dict[int, None] = {}
    at: int | None = start
    while at is not None and at not in done and at not in trail:
        trail[at] = None
        at = above[at] if above[at] != at else None
    return list(trail)


def _labels(run: Run, count: int) -> list[int]:
    found = run.rows("SELECT nextval('registry_organisation_label') FROM generate_series(1, %(n)s)", n=count)
    return [row[0] for row in reversed(found)]


def _is_in_scope(run: Run, place: Place) -> bool:
    scope = run.values["scope"]
    return place.path == scope or place.path.startswith(scope + ".")


def _parent(run: Run, finder: Finder, row: dict[str, Any]) -> Place:
    """The stated parent inside the scope; else the top of the scope, with a finding when one was stated."""
    root = next(place for place in finder.places.values() if place.path == run.values["scope"])
    reference = row["parent_ref"]
    if not reference:
        return root
    found = finder.find(reference, digests_of([reference])[reference])
    if found is None or not _is_in_scope(run, found) or found.id == getattr(finder.find_row(row), "id", None):
        run.note(row["row_id"], "reference.parent", "parent_ref", "review")
        row["again"] = True
        return root
    return found


def _create(run: Run, row: dict[str, Any], parent: Place, label: str) -> Place:
    kind = row["kind"] if row["kind"] in OrganisationKind.values else OrganisationKind.INSTITUTION.value
    display = row["class_display"] if row["class_display"] in ClassDisplay.values else ClassDisplay.GRADE_SERIAL.value
    values = {name: row[name] or "" for name in FIELDS} | {"kind": kind, "class_display": display, "code": row["code"]}
    place = Place(uuid7(), f"{parent.path}.{label}", parent.id, values)
    columns = ", ".join(FIELDS)
    given = ", ".join(f"%({name})s" for name in FIELDS)
    run.do(
        f"""INSERT INTO registry_organisation (id, {columns}, name_key, name_initials, label, path, parent_id,
          sort_order,
              synthetic) VALUES (%(id)s, {given}, %(name_key)s, %(name_initials)s, %(label)s, %(path)s::ltree,
              %(parent)s, 0,
              %(synthetic)s)""",  # noqa: S608
        **(values | {
            "id": place.id, "label": label, "path": place.path, "parent": parent.id,
            "synthetic": row["synthetic"] == "t", "name_key": row["name_key"], "name_initials": row["name_initials"],
        }),
    )  # fmt: skip
    run.do(
        """INSERT INTO registry_organisationcount (organisation_id, students, registered, staff, guardians, classes,
        people)
           VALUES (%(id)s, 0, 0, 0, 0, 0, 0)""",
        id=place.id,
    )
    _open_parent(run, place, parent)
    _log(run, place, "c")
    run.outcome.created["organisations"] += 1
    return place


def _open_parent(run: Run, place: Place, parent: Place) -> None:
    run.do(
        """INSERT INTO registry_organisationparent (organisation_id, parent_id, valid_from)
           VALUES (%(id)s, %(parent)s, %(as_of)s)""",
        id=place.id, parent=parent.id,
    )  # fmt: skip


def _log(run: Run, place: Place, operation: str) -> None:
    run.do(
        "INSERT INTO kernel_change (entity, entity_id, operation) VALUES ('registry.organisation', %(id)s, %(op)s)",
        id=str(place.id), op=operation,
    )  # fmt: skip


def _change(run: Run, row: dict[str, Any], place: Place, parent: Place) -> Place:
    """Stated values replace former ones; a stated parent that is another one moves the subtree."""
    changes = {name: row[name] for name in FIELDS if row[name] and row[name] != (place.values.get(name) or "")}
    if changes.get("kind") not in OrganisationKind.values:
        changes.pop("kind", None)
    if changes.get("class_display") not in ClassDisplay.values:
        changes.pop("class_display", None)
    moves = bool(row["parent_ref"]) and not row.get("again") and parent.id not in {place.parent_id, place.id}
    if moves and (parent.path + ".").startswith(place.path + "."):
        run.note(row["row_id"], "organisation.ring", "parent_ref", "review")
        moves = False
    if changes:
        sets = ", ".join(f"{name} = %({name})s" for name in changes)
        if "name" in changes:
            sets += ", name_key = %(name_key)s, name_initials = %(name_initials)s"
        run.do(
            f"UPDATE registry_organisation SET {sets}, updated_at = now() WHERE id = %(id)s",  # noqa: S608
            **changes, id=place.id, name_key=row["name_key"], name_initials=row["name_initials"],
        )  # fmt: skip
        place.values.update(changes)
    if moves:
        _move(run, place, parent)
    if changes or moves:
        _log(run, place, "u")
    run.outcome.updated["organisations"] += bool(changes or moves)
    run.outcome.unchanged["organisations"] += not (changes or moves)
    return place


def _move(run: Run, place: Place, parent: Place) -> None:
    """A new episode of 隶属, and every path below rewritten."""
    run.do(
        """UPDATE registry_organisationparent SET valid_to = GREATEST(%(as_of)s, valid_from)
           WHERE organisation_id = %(id)s AND valid_to IS NULL""",
        id=place.id,
    )
    _open_parent(run, place, parent)
    run.do("UPDATE registry_organisation SET parent_id = %(parent)s WHERE id = %(id)s", parent=parent.id, id=place.id)
    before, place.path = place.path, f"{parent.path}.{place.path.rpartition('.')[2]}"
    place.parent_id = parent.id
    rewrite_paths(run.cursor, before, place.path)
    run.moved.append((place.id, before, place.path))


def _relate(run: Run, finder: Finder, rows: dict[int, dict[str, Any]], places: dict[int, Place]) -> set[int]:
    """属地 and 中心校, once every row of the chunk has its place. Returns rows whose reference is still unknown."""
    again = {row_id for row_id, row in rows.items() if row.get("again")}
    digests = digests_of([row[column] for row in rows.values() for column in RELATIONS])
    for row_id, place in places.items():
        for column, kind in RELATIONS.items():
            reference = rows[row_id][column]
            if not reference:
                continue
            head = finder.find(reference, digests[reference])
            if head is None or head.id == place.id:
                run.note(row_id, "reference.organisation", column, "review")
                again.add(row_id)
            else:
                _relate_to(run, place, head, kind)
    return again


def _relate_to(run: Run, place: Place, head: Place, kind: str) -> None:
    """An organisation has one 属地 and one 中心校 at a time: another one ends the former relation."""
    given = {"kind": kind, "head": head.id, "member": place.id, "head_path": head.path}
    run.do(
        """UPDATE registry_organisationrelation SET valid_to = GREATEST(%(as_of)s, valid_from)
           WHERE kind = %(kind)s AND member_id = %(member)s AND head_id <> %(head)s AND valid_to IS NULL""",
        **given,
    )
    run.do(
        """INSERT INTO registry_organisationrelation (kind, head_id, member_id, role, valid_from)
           SELECT %(kind)s, %(head)s, %(member)s, '', %(as_of)s WHERE NOT EXISTS (SELECT 1 FROM
           registry_organisationrelation
             WHERE kind = %(kind)s AND head_id = %(head)s AND member_id = %(member)s AND valid_to IS NULL)""",
        **given,
    )
    if kind == "territory":
        run.do(
            """UPDATE registry_organisation SET territory_path = %(head_path)s::ltree
               WHERE id = %(member)s AND territory_path IS DISTINCT FROM %(head_path)s::ltree""",
            **given,
        )


def _link(run: Run, rows: dict[int, dict[str, Any]], places: dict[int, Place], again: set[int]) -> None:
    nothing = "0" * 32
    linked = [(rows[i]["key_hash"], nothing if i in again else rows[i]["row_hash"], p.id) for i, p in places.items()]
    run.do(
        """INSERT INTO registry_sourcelink (source_id, kind, key_hash, row_hash, entity_uuid)
           SELECT %(source_id)s, 'organisations', k.key, k.row, k.entity
           FROM unnest(%(keys)s::uuid[], %(hashes)s::uuid[], %(entities)s::uuid[]) AS k(key, row, entity)
           ON CONFLICT (source_id, kind, key_hash) DO UPDATE SET row_hash = EXCLUDED.row_hash,
             entity_uuid = EXCLUDED.entity_uuid""",
        keys=[k for k, _r, _p in linked], hashes=[r for _k, r, _p in linked], entities=[p for _k, _r, p in linked],
    )  # fmt: skip
