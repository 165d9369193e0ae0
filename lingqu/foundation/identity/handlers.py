"""What follows for accounts when the register changes. Each re-reads and may run twice."""

from __future__ import annotations

from lingqu.foundation.registry import api as registry
from lingqu.kernel.events import on

from .selectors.accounts import accounts_of_person
from .services.signing_in import end_sessions, refresh_rights


@on(registry.RelationsChanged)
def refresh_after_relations(event: registry.RelationsChanged) -> None:
    """Duties, teaching or guardianship changed: rights cached under the older epoch end."""
    refresh_rights(person_id__in=event.person_ids)


@on(registry.PeopleMerged)
def refresh_after_merge(event: registry.PeopleMerged) -> None:
    """Sessions of the account that is no longer the person's own end; the other sees both records."""
    refresh_rights(person_id=event.person_id)
    end_sessions(list(accounts_of_person(event.merged_id)))


@on(registry.PersonDeceased)
def end_after_death(event: registry.PersonDeceased) -> None:
    end_sessions(list(accounts_of_person(event.person_id)))
