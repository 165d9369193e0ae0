"""What was agreed to end on a day ends on that day: guardianships, pupil attributes and relations between organisations."""

from __future__ import annotations

from django.db import transaction

from lingqu.kernel import audit, changes, events
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import today

from ..models import Guardianship, OrganisationRelation, PupilAttribute
from ..types.events import OrganisationRelated, RelationsChanged

SYSTEM = Actor.system("registry")


@transaction.atomic
def end_expired() -> int:
    """End everything whose agreed day has come; returns how many. Running it twice ends nothing more."""
    links = Guardianship.objects.filter(valid_to=None, until__lte=today())
    relations = OrganisationRelation.objects.filter(valid_to=None, until__lte=today())
    attributes = list(PupilAttribute.objects.select_for_update().filter(valid_to=None, until__lte=today()))
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
    for attribute in attributes:
        attribute.valid_to = max(attribute.valid_from, attribute.until or today())
    PupilAttribute.objects.bulk_update(attributes, ["valid_to"], batch_size=1000)
    if guardians or related or attributes:
        changes.log("registry.guardianship", [link_id for link_id, _guardian, _until in guardians])
        changes.log("registry.person", sorted({attribute.person_id for attribute in attributes}))
        ended = {"guardianships": len(guardians), "relations": len(related), "attributes": len(attributes)}
        audit.record(SYSTEM, "registry.expired", data=ended)
    return len(guardians) + len(related) + len(attributes)
