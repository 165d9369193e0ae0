"""Who saw somebody's sensitive values in clear: open to the person and to the guardians of a child."""

from __future__ import annotations

from uuid import UUID

from lingqu.foundation.registry import api as registry
from lingqu.kernel import audit
from lingqu.kernel.actor import Actor, require

from .. import roles
from ..types.values import Look

REVEALED = "registry.person.revealed"
"""The register's action for an unmasked reading."""


def may_ask_about(actor: Actor, person_id: UUID) -> bool:
    """Oneself, and the children one cares for."""
    return person_id == actor.person_id or person_id in actor.things(registry.rights.PERSON_VIEW, "person")


def list_looks(*, actor: Actor, person_id: UUID, limit: int = 20) -> tuple[Look, ...]:
    """Newest first, with the purpose that was stated."""
    require(may_ask_about(actor, person_id))
    trail, found = Actor.system("identity"), []
    for one in registry.ids_of(person_id):
        wanted = audit.Filter(action=REVEALED, subject_kind="person", subject_id=str(one))
        found += [
            Look(at=row.at, name=row.actor_name, role=roles.title_of(row.role), purpose=row.purpose)
            for row in audit.list_entries(trail, wanted, limit=limit).items
        ]
    return tuple(sorted(found, key=lambda look: look.at, reverse=True)[:limit])
