"""Withdrawing an import: compensating history, never deletion.

What the import opened is ended as if it had never begun, what it ended is open again, and attributes it changed get
  their
former values, unless somebody changed them since. It cannot take back: persons as such (other rows may name them; they
stay without a place), names and details of organisations and classes (they keep no history), changes whose log has been
purged or which came from another cluster. The next import of the same files applies every row again.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from lingqu.kernel import audit, changes, crypto, events
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import today

from ..types.events import RelationsChanged
from ..types.names import name_key
from .counts import finish_import
from .staging import ATTRIBUTES

EPISODES = {
    "registry.enrolment": "registry_enrolment",
    "registry.register_entry": "registry_registerentry",
    "registry.class_membership": "registry_classmembership",
    "registry.appointment": "registry_appointment",
    "registry.duty": "registry_duty",
    "registry.guardianship": "registry_guardianship",
    "registry.teaching_assignment": "registry_teachingassignment",
    "registry.pupil_attribute": "registry_pupilattribute",
}
TWINS: dict[str, tuple[tuple[str, ...], ...]] = {
    "registry_classmembership": (("class_group_id", "person_id"),),
    "registry_teachingassignment": (("class_group_id", "subject", "person_id"),),
    "registry_pupilattribute": (("kind", "person_id"),),
}
"""Groups of columns that may stand in one open row only."""
EVENT_CHUNK = 500
FIELDS = ("name", "sex", "birth_date", "ethnicity", "nationality", "id_type", "email")


def declare_episodes(entity: str, table: str, *, once: Sequence[tuple[str, ...]]) -> None:
    """Episodes of a module above that rosters bring: withdrawing an import takes them back too.

    ``table`` has ``id``, ``valid_from`` and ``valid_to``; ``entity`` names its rows in the change log; ``once`` are groups
    of columns that may stand in one open row only.
    """
    EPISODES[entity], TWINS[table] = table, tuple(once)


@dataclass(slots=True, kw_only=True)
class Withdrawal:
    """Numbers by table: episodes ended and reopened; people restored, kept (made by the import) and skipped (changed
    since)."""

    ended: Counter[str] = field(default_factory=Counter)
    reopened: Counter[str] = field(default_factory=Counter)
    people_restored: int = 0
    people_skipped: int = 0
    people_kept: int = 0
    organisations_closed: int = 0


@transaction.atomic
def withdraw_import(*, actor: Actor, import_id: UUID, number: str, scope: str) -> Withdrawal:
    """The caller has checked the permission and that no other import is writing."""
    made = Withdrawal()
    with connection.cursor() as cursor:
        _hold_changes(cursor, import_id)
        for entity, table in EPISODES.items():
            made.ended[table] = _end(cursor, entity, table)
            made.reopened[table] = _reopen(cursor, entity, table)
        _restore_people(cursor, import_id, actor, made)
        made.people_kept = _one(cursor, "SELECT count(*) FROM load_undo WHERE entity = 'registry.person' AND is_made")
        made.organisations_closed = _close_organisations(cursor)
        cursor.execute(
            """UPDATE registry_sourcelink SET row_hash = '00000000-0000-0000-0000-000000000000' WHERE entity_uuid IN (
                 SELECT entity_id::uuid FROM load_undo WHERE entity IN ('registry.person', 'registry.class_group',
                   'registry.organisation'))"""
        )
        cursor.execute(
            """INSERT INTO kernel_change (entity, entity_id, operation) SELECT entity, entity_id, 'u' FROM load_undo
               WHERE entity LIKE 'registry.%%' OR entity = ANY(%s)""",
            [list(EPISODES)],
        )
        _publish_left(cursor)
    finish_import(import_id)
    ended, reopened = sum(made.ended.values()), sum(made.reopened.values())
    data = {"ended": ended, "reopened": reopened, "restored": made.people_restored}
    audit.record(actor, "registry.roster.withdrawn", subject_kind="import", subject_id=number, path=scope, data=data)
    return made


def _publish_left(cursor: Any) -> None:
    """Whoever sat, worked, had a duty or cared for a child by this import alone does so no more."""
    cursor.execute(
        """SELECT e.person_id FROM load_undo u JOIN registry_enrolment e ON e.id = u.entity_id::bigint
             WHERE u.entity = 'registry.enrolment' AND u.is_made
           UNION SELECT a.person_id FROM load_undo u JOIN registry_appointment a ON a.id = u.entity_id::bigint
             WHERE u.entity = 'registry.appointment' AND u.is_made
           UNION SELECT d.person_id FROM load_undo u JOIN registry_duty d ON d.id = u.entity_id::bigint
             WHERE u.entity = 'registry.duty' AND u.is_made
           UNION SELECT g.guardian_id FROM load_undo u JOIN registry_guardianship g ON g.id = u.entity_id::bigint
             WHERE u.entity = 'registry.guardianship' AND u.is_made AND g.guardian_id IS NOT NULL"""
    )
    while rows := cursor.fetchmany(EVENT_CHUNK):
        events.publish(RelationsChanged(person_ids=tuple(row[0] for row in rows)))


def _one(cursor: Any, sql: str) -> int:
    cursor.execute(sql)
    return int(cursor.fetchone()[0])


def _hold_changes(cursor: Any, import_id: UUID) -> None:
    """``load_undo``: what the import's transactions made or changed and nobody has changed since."""
    cursor.execute("DROP TABLE IF EXISTS load_undo")
    cursor.execute(
        """CREATE TEMP TABLE load_undo ON COMMIT DROP AS
           SELECT c.entity, c.entity_id, bool_or(c.operation = 'c') AS is_made, max(c.id) AS last FROM kernel_change c
           WHERE c.xid IN (SELECT xid FROM registry_loadedchunk WHERE import_id = %s) GROUP BY 1, 2""",
        [import_id],
    )
    cursor.execute("CREATE INDEX ON load_undo (entity, entity_id)")
    cursor.execute("ANALYZE load_undo")
    cursor.execute(
        """DELETE FROM load_undo u USING kernel_change c WHERE c.entity = u.entity AND c.entity_id = u.entity_id
             AND c.id > u.last AND u.entity <> 'registry.person'
             AND c.xid NOT IN (SELECT xid FROM registry_loadedchunk WHERE import_id = %s)""",
        [import_id],
    )


def _end(cursor: Any, entity: str, table: str) -> int:
    cursor.execute(
        f"""UPDATE {table} e SET valid_to = e.valid_from FROM load_undo u
            WHERE u.entity = %s AND u.is_made AND e.id = u.entity_id::bigint AND e.valid_to IS NULL""",  # noqa: S608
        [entity],
    )
    return int(cursor.rowcount)


def _reopen(cursor: Any, entity: str, table: str) -> int:
    twin = ""
    if table in TWINS:
        alike = (" AND ".join(f"t.{column} = e.{column}" for column in group) for group in TWINS[table])
        twin = "".join(
            f" AND NOT EXISTS (SELECT 1 FROM {table} t WHERE {same} AND t.valid_to IS NULL)"  # noqa: S608
            for same in alike
        )
    cursor.execute(
        f"""UPDATE {table} e SET valid_to = NULL FROM load_undo u
            WHERE u.entity = %s AND NOT u.is_made AND e.id = u.entity_id::bigint AND e.valid_to IS NOT NULL{twin}""",  # noqa: S608
        [entity],
    )
    return int(cursor.rowcount)


def _restore_people(cursor: Any, import_id: UUID, actor: Actor, made: Withdrawal) -> None:
    """Newest change first. A person with a later change of another origin keeps today's values."""
    cursor.execute(
        """SELECT h.person_id, h.before, h.sealed_before FROM registry_personhistory h WHERE h.import_id = %(id)s
             AND NOT EXISTS (SELECT 1 FROM registry_personhistory n WHERE n.person_id = h.person_id AND n.id > h.id
               AND n.import_id IS DISTINCT FROM %(id)s) ORDER BY h.id DESC""",
        {"id": import_id},
    )
    rows = cursor.fetchall()
    total = _one_of(cursor, "SELECT count(*) FROM registry_personhistory WHERE import_id = %s", import_id)
    made.people_restored, made.people_skipped = len(rows), total - len(rows)
    for person_id, before, sealed in rows:
        values = before if isinstance(before, dict) else _parsed(before)
        _restore(cursor, person_id, values, sealed, actor)
    changes.log("registry.person", sorted({row[0] for row in rows}))


def _one_of(cursor: Any, sql: str, value: object) -> int:
    cursor.execute(sql, [value])
    return int(cursor.fetchone()[0])


def _parsed(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text)
    return found


def _restore(cursor: Any, person_id: UUID, before: dict[str, Any], sealed: bytes | None, actor: Actor) -> None:
    plain = {name: before[name] for name in FIELDS if name in before}
    names = before.get("sealed") or []
    values: dict[str, Any] = {"id": person_id, "actor": actor.name, "sealed": sealed}
    kept = {name: before[name] for names in ATTRIBUTES.values() for name in names if name in before}
    now = ", ".join(
        [f"'{name}', COALESCE({name}::text, '')" for name in plain]
        + [f"'{name}', COALESCE(attributes ->> '{name}', '')" for name in kept]
    )
    cursor.execute(
        f"""INSERT INTO registry_personhistory (person_id, before, sealed_before, source, actor_name)
            SELECT id, jsonb_build_object({now}), {"sealed" if names else "NULL::bytea"}, 'withdrawal', %(actor)s
            FROM registry_person WHERE id = %(id)s""",  # noqa: S608
        values,
    )
    sets = [f"{n} = NULLIF(%({n})s, '')::date" if n == "birth_date" else f"{n} = %({n})s" for n in plain]
    values |= plain
    if "name" in plain:
        values["name_key"], values["name_initials"] = name_key(plain["name"])
        sets += ["name_key = %(name_key)s", "name_initials = %(name_initials)s"]
    if kept:
        sets.append("attributes = (attributes - %(without)s::text[]) || %(with)s::jsonb")
        values["without"] = [name for name, value in kept.items() if not value]
        values["with"] = json.dumps({name: value for name, value in kept.items() if value})
    if names:
        sets += ["sealed = %(sealed)s", *_blinds(names, sealed, values)]
    if sets:
        cursor.execute(f"UPDATE registry_person SET {', '.join(sets)}, updated_at = now() WHERE id = %(id)s", values)  # noqa: S608
    if enrolment := before.get("enrolment"):
        cursor.execute(
            """UPDATE registry_enrolment SET grade = %(grade)s, attendance = %(attendance)s, school_number =
            %(school_number)s,
                 boarding = %(boarding)s WHERE id = %(id)s""",
            enrolment,
        )


def _blinds(names: list[str], sealed: bytes | None, values: dict[str, Any]) -> list[str]:
    known = crypto.unseal_fields(sealed)
    sets = []
    for name, column, kind in (("id_number", "id_blind", "id"), ("phone", "phone_blind", "phone")):
        if name in names:
            values[column] = crypto.blind(kind, known[name]) if known.get(name) else None
            sets.append(f"{column} = %({column})s")
    return sets


def _close_organisations(cursor: Any) -> int:
    """Organisations that the import made and in which nobody is left."""
    cursor.execute(
        """UPDATE registry_organisation o SET closed_on = %s FROM load_undo u
           WHERE u.entity = 'registry.organisation' AND u.is_made AND o.id = u.entity_id::uuid AND o.closed_on IS NULL
             AND NOT EXISTS (SELECT 1 FROM registry_enrolment e WHERE e.path >= o.path AND e.path < (o.path::text ||
             '-')::ltree
               AND e.valid_to IS NULL)
             AND NOT EXISTS (SELECT 1 FROM registry_appointment a WHERE a.path >= o.path
               AND a.path < (o.path::text || '-')::ltree AND a.valid_to IS NULL)""",
        [today()],
    )
    return int(cursor.rowcount)
