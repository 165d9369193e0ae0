"""Erasing a person: what says who an actor is goes; statements stay, and mean nobody any more."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from lingqu.foundation.registry import api as registry
from lingqu.kernel import audit
from lingqu.kernel.actor import Actor as Doer
from lingqu.kernel.actor import require

from .. import policies
from ..models import Actor, Registration
from ..selectors.restoring import forget_faces
from .actors import forget_actors


@transaction.atomic
def erase_person(*, actor: Doer, person_id: UUID) -> int:
    """Delete the actors of a person with all ways of writing them; returns how many. Stored files hold only numbers of these
    rows, so nothing in them has to change. Other processes forget what they remember within a minute."""
    require(policies.may_keep_credentials(actor))
    rows = Actor.objects.filter(person_id__in=registry.ids_of(person_id))
    gone = rows.count()
    rows.delete()
    Registration.objects.filter(person_id__in=registry.ids_of(person_id)).delete()
    audit.record(
        actor, "records.person_erased", subject_kind="registry.person", subject_id=person_id, data={"actors": gone}
    )
    forget_actors()
    forget_faces()
    return gone
