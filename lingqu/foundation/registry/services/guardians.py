"""A guardian whom a school confirmed, written by hand rather than by a file."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from lingqu.kernel import audit, changes, crypto
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.clock import today
from lingqu.kernel.errors import Invalid, NotFound

from ..models import Guardianship, OrganisationCount, Person
from ..policies import may_edit_person
from ..types.names import name_key
from ..types.words import GuardianKind

SOURCE = "school"
"""Source of what a school entered itself."""


@transaction.atomic
def link_guardian(
    *,
    actor: Actor,
    child_id: UUID,
    name: str,
    phone: str,
    relation: str = "",
    kind: str = GuardianKind.LEGAL.value,
    guardian_id: UUID | None = None,
) -> UUID:
    """Make somebody the confirmed guardian of a child and return the guardian's person id.

    ``guardian_id`` is a person who is known already; without one a new person is entered with name and phone, which
    belongs to the child's organisation. A link that exists is only confirmed, whatever its kind. A 代办人 (``kind``
    ``proxy``) never becomes the main contact. Needs the right to edit the child.
    """
    child = Person.objects.filter(id=child_id).select_related("canonical").first()
    if child is None:
        raise NotFound(_("没有找到这名学生。"))
    child = child.canonical or child
    require(may_edit_person(actor, child))
    if guardian_id is not None and not Person.objects.filter(id=guardian_id, deceased_on=None).exists():
        raise NotFound(_("没有找到这位监护人。"))
    if guardian_id == child.id:
        raise Invalid(_("监护人不能是学生本人。"))
    Person.objects.select_for_update().get(id=child.id)
    guardian = guardian_id or _enter(child, name, phone)
    held = Guardianship.objects.filter(child=child, guardian_id=guardian, valid_to=None).first()
    if held is None:
        held = Guardianship.objects.create(
            child=child, guardian_id=guardian, relation=relation, kind=GuardianKind(kind).value,
            confirmed_by_school=True, source=SOURCE, valid_from=today(),
            is_primary=kind != GuardianKind.PROXY
            and not Guardianship.objects.filter(child=child, valid_to=None, is_primary=True).exists(),
        )  # fmt: skip
    elif not held.confirmed_by_school:
        held.confirmed_by_school = True
        held.save(update_fields=["confirmed_by_school"])
    audit.record(
        actor, "registry.guardian.linked", subject_kind="person", subject_id=child.id, path=str(child.path),
        data={"guardian": str(guardian), "is_new": guardian_id is None},
    )  # fmt: skip
    changes.log("registry.guardianship", [held.id], "c")
    return guardian


def _enter(child: Person, name: str, phone: str) -> UUID:
    name = " ".join(name.split())
    if not name:
        raise Invalid(_("请填写监护人的姓名。"), details={"name": _("请填写监护人的姓名。")})
    key, initials = name_key(name)
    with connection.cursor() as cursor:
        cursor.execute("SELECT registry_person_number(%s, nextval('registry_person_serial'))", [settings.LINGQU_NODE])
        number = str(cursor.fetchone()[0])
    made = Person.objects.create(
        number=number, organisation_id=child.organisation_id, path=str(child.path), name=name, name_key=key,
        name_initials=initials, phone_blind=crypto.blind("phone", phone) if phone else None,
        sealed=crypto.seal_fields({"phone": phone}), synthetic=child.synthetic,
    )  # fmt: skip
    OrganisationCount.objects.filter(organisation_id=child.organisation_id).update(
        people=F("people") + 1, guardians=F("guardians") + 1
    )
    changes.log("registry.person", [made.id], "c")
    return made.id
