"""What was agreed to end on a day ends on that day: guardianships and relations between organisations."""

from __future__ import annotations

from django.db import transaction

from lingqu.kernel import audit, changes, events
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import today

from ..models import Guardianship, OrganisationRelation
from ..types.events import OrganisationRelated, RelationsChanged

SYSTEM = Actor.system("registry")


@transaction.atomic
def end_expired() -> int:
    """End everything whose agreed day has come; returns how many. Running it twice ends nothing more."""
    links = Guardianship.objects.filter(valid_to=None, until__lte=today())
    relations = OrganisationRelation.objects.filter(valid_to=None, until__lte=today())
    guardians = [(row.id, row.guardian_id, row.until) for row in links.select_for_update()]
    related = [(row.id, row.head_id, row.member_id, row.until) for row in relations.select_for_update()]
    for link_id, _guardian, until in guardians:
        Guardianship.objects.filter(id=link_id).update(valid_to=until)
    for relation_id, head, member, until in related:
        OrganisationRelation.objects.filter(id=relation_id).update(valid_to=until)
        events.publish(OrganisationRelated(head_id=head, member_id=member))
    people = tuple(guardian for _link, guardian, _until in guardians if guardian)
    if people:
        events.publish(RelationsChanged(person_ids=people))
    if guardians or related:
        changes.log("registry.guardianship", [link_id for link_id, _guardian, _until in guardians])
        audit.record(SYSTEM, "registry.expired", data={"guardianships": len(guardians), "relations": len(related)})
    return len(guardians) + len(related)
