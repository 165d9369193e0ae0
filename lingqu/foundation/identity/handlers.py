"""What follows for accounts when the register changes. Each re-reads and may run twice."""

from __future__ import annotations

from lingqu.foundation.registry import api as registry
from lingqu.kernel import delivery
from lingqu.kernel.events import on

from .selectors.accounts import accounts_of_person
from .services.codes import void_codes_of
from .services.leaving import end_after_leaving
from .services.places import refresh_rights_at, refresh_rights_of_organisation
from .services.signing_in import end_sessions, refresh_rights

PATHS = {"identity_alert": ("path",)}


@on(registry.RelationsChanged)
def refresh_after_relations(event: registry.RelationsChanged) -> None:
    """Seat, work or guardianship changed: rights cached under the older epoch end; who has neither seat nor work
    left loses grants and sessions."""
    refresh_rights(person_id__in=event.person_ids)
    end_after_leaving(event.person_ids)


@on(registry.PeopleMerged)
def refresh_after_merge(event: registry.PeopleMerged) -> None:
    """Sessions of the account that is no longer the person's own end; the other sees both records."""
    refresh_rights(person_id=event.person_id)
    end_sessions(list(accounts_of_person(event.merged_id)))


@on(registry.PeopleUnmerged)
def refresh_after_unmerge(event: registry.PeopleUnmerged) -> None:
    """Each record has its own account again; nobody goes on in the rights of the other."""
    end_sessions([*accounts_of_person(event.person_id), *accounts_of_person(event.merged_id)])


@on(registry.OrganisationMoved)
def refresh_after_move(event: registry.OrganisationMoved) -> None:
    """Rights name paths: all that were read below the place end, and are read again where it stands now. Alerts stand
    where their account does."""
    registry.follow_move(PATHS, event.before, event.after)
    refresh_rights_at(event.after)


@on(registry.OrganisationRelated)
def refresh_after_relation(event: registry.OrganisationRelated) -> None:
    """The head's people hold more or less at the member from now on."""
    refresh_rights_of_organisation(event.head_id)


@on(registry.PersonDeceased)
def silence_after_death(event: registry.PersonDeceased) -> None:
    """Grants and sessions end, codes on paper and on their way open nothing, messages that have not left stay."""
    end_after_leaving([event.person_id])
    end_sessions(list(accounts_of_person(event.person_id)))
    void_codes_of(event.person_id)
    delivery.withdraw(subject_kind="person", subject_ids=registry.ids_of(event.person_id))
