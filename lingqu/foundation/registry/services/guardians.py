"""Guardians written by hand rather than by a file: confirmed by a school, added with proof and period, ended."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from lingqu.kernel import audit, changes, crypto, events
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.clock import today
from lingqu.kernel.errors import Conflict, Forbidden, Invalid, NotFound

from ..models import Guardianship, Organisation, OrganisationCount, Person
from ..policies import may_edit_by_place, may_edit_person
from ..selectors.labels import labels
from ..selectors.places import ids_of
from ..types.events import RelationsChanged
from ..types.names import name_key
from ..types.words import GuardianKind
from .facts import locked_person, require_day, require_reason

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


@transaction.atomic
def add_guardian(
    *, actor: Actor, child_id: UUID, kind: str, relation: str, proof: str, valid_from: date, until: date | None = None,
    name: str = "", phone: str = "", organisation_code: str = "", is_primary: bool = False, lives_with: bool | None = None,
) -> int:  # fmt: skip
    """A guardian with kind, proof and period: a person entered by name and phone, or an organisation (福利院) for
    ``institution``. Returns the link's id.

    A person with this name and phone in the same family is not entered twice; one elsewhere shows up among the
    suspects. Raises :class:`Invalid` for what does not fit; entrusted and institutional care need a proof.
    """
    child = locked_person(child_id)
    require(may_edit_person(actor, child))
    _require_sound(kind, relation, proof, valid_from, until)
    organisation_id, guardian = None, None
    if kind == GuardianKind.INSTITUTION:
        organisation = Organisation.objects.filter(code=organisation_code.strip(), closed_on=None).first()
        if organisation is None:
            told = _("没有代码为“%(code)s”的机构。") % {"code": organisation_code}
            raise Invalid(told, code="unknown_organisation", details={"organisation_code": told})
        organisation_id = organisation.id
    else:
        guardian = _in_family(child, name, phone) or _enter(child, name, phone)
    same = Guardianship.objects.filter(
        child_id__in=ids_of(child.id), guardian_id=guardian, guardian_organisation_id=organisation_id, valid_to=None
    )
    if same.exists():
        raise Conflict(_("这位监护人已经登记。"), code="already_linked")
    if is_primary:
        Guardianship.objects.filter(child_id__in=ids_of(child.id), is_primary=True).update(is_primary=False)
    made = Guardianship.objects.create(
        child=child, guardian_id=guardian, guardian_organisation_id=organisation_id, relation=relation, kind=kind,
        proof=proof.strip()[:200], is_primary=is_primary, lives_with=lives_with, confirmed_by_school=True, source=SOURCE,
        valid_from=valid_from, until=until,
    )  # fmt: skip
    _trace(actor, "registry.guardian.added", child, made, {"kind": kind})
    changes.log("registry.guardianship", [made.id], "c")
    return made.id


@transaction.atomic
def end_guardian(*, actor: Actor, guardianship_id: int, on: date, reason: str) -> None:
    """End a guardianship on a day (court paper, entrusted care over …): what the guardian may see ends with it.

    A legal guardian is ended by the school or above; a class teacher proposes it there. Raises :class:`Conflict` when it has ended already.
    """
    link = Guardianship.objects.filter(id=guardianship_id).first()
    if link is None:
        raise NotFound(_("没有这项监护关系。"))
    child = locked_person(link.child_id)
    require(may_edit_person(actor, child))
    link.refresh_from_db()
    if link.kind == GuardianKind.LEGAL and not may_edit_by_place(actor, child):
        raise Forbidden(_("取消法定监护人由班主任提出，学校管理员凭文件确认。"), code="needs_school")
    if link.valid_to is not None:
        raise Conflict(_("这项监护关系已经结束。"), code="already_ended")
    require_reason(reason)
    require_day(on, not_before=link.valid_from)
    if link.valid_from >= on:
        Guardianship.objects.filter(id=link.id).delete()
    else:
        Guardianship.objects.filter(id=link.id).update(valid_to=on)
    _trace(actor, "registry.guardian.ended", child, link, {"on": on.isoformat(), "reason": reason.strip()[:200]})
    changes.log("registry.guardianship", [link.id])


def _require_sound(kind: str, relation: str, proof: str, valid_from: date, until: date | None) -> None:
    if kind not in GuardianKind.values:
        raise Invalid(_("请选择监护类别。"), code="unknown_kind", details={"kind": _("请选择监护类别。")})
    if relation and relation not in labels("family_relation"):
        raise Invalid(_("没有这种家庭关系。"), code="unknown_relation", details={"relation": _("没有这种家庭关系。")})
    if kind in (GuardianKind.ENTRUSTED, GuardianKind.INSTITUTION) and not proof.strip():
        told = _("委托监护和机构监护请写明依据。")
        raise Invalid(told, code="proof_missing", details={"proof": told})
    if valid_from > today():
        raise Invalid(_("日期不能晚于今天。"), code="future_day", details={"valid_from": _("日期不能晚于今天。")})
    if until is not None and until <= today():
        told = _("止期应晚于今天。")
        raise Invalid(told, code="bad_period", details={"until": told})


def _in_family(child: Person, name: str, phone: str) -> UUID | None:
    """Somebody with this name and phone who is or was a guardian of this child."""
    if not phone:
        return None
    links = Guardianship.objects.filter(child_id__in=ids_of(child.id), guardian__isnull=False)
    people = Person.objects.filter(id__in=links.values("guardian_id"), name=" ".join(name.split()), deceased_on=None)
    found = people.filter(phone_blind=crypto.blind("phone", phone)).first()
    return (found.canonical_id or found.id) if found else None


def _trace(actor: Actor, action: str, child: Person, link: Guardianship, data: dict[str, str]) -> None:
    audit.record(
        actor, action, subject_kind="person", subject_id=child.id, path=str(child.path),
        data={**data, "guardian": str(link.guardian_id or link.guardian_organisation_id)},
    )  # fmt: skip
    if link.guardian_id:
        events.publish(RelationsChanged(person_ids=(link.guardian_id,)))


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
