"""The tree as an office keeps it: founding, renaming, moving to another superior, closing and reopening."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from lingqu.kernel import audit, changes, events
from lingqu.kernel.actor import Actor, covers
from lingqu.kernel.clock import today
from lingqu.kernel.errors import Conflict, Forbidden, Invalid

from .. import policies
from ..loading.paths import rewrite_paths
from ..models import Duty, Organisation, OrganisationCount, OrganisationParent, OrganisationRelation
from ..selectors.labels import labels
from ..selectors.tree import count_active
from ..types.events import OrganisationMoved, RelationsChanged
from ..types.names import name_key
from ..types.words import OrganisationKind, Schooling
from .facts import locked_organisation, require_day, require_reason
from .reference import next_label

EDITABLE = (
    "name", "short_name", "ownership", "schooling", "urban_rural", "division_code", "address", "phone",
)  # fmt: skip
FOUNDING = (*EDITABLE, "code", "school_type")
CODED = {"ownership": "XXBB", "urban_rural": "SZDCXLX", "school_type": "school_types"}
OFFICES = frozenset({"region", "bureau", "institution", "grouping"})
SCHOOLS = frozenset({"school", "teaching_point", "campus"})
MAY_STAND_BELOW: dict[str, frozenset[str]] = {
    "region": OFFICES, "bureau": OFFICES, "institution": OFFICES, "grouping": OFFICES, "school": OFFICES,
    "teaching_point": OFFICES | {"school"}, "campus": frozenset({"school"}), "department": OFFICES | SCHOOLS,
}  # fmt: skip
LONGEST = 120


@transaction.atomic
def create_organisation(*, actor: Actor, parent_id: UUID, kind: str, values: Mapping[str, str]) -> Organisation:
    """A new organisation below ``parent_id``; needs the right to edit there. ``values``: see ``FOUNDING``.

    Raises :class:`Invalid` for a kind that cannot stand there, a missing name or a code that is taken.
    """
    parent = locked_organisation(parent_id)
    policies.require_edit_organisation(actor, parent)
    _require_below(kind, parent)
    wanted = _cleaned(values, FOUNDING)
    if not wanted.get("name"):
        raise Invalid(_("请填写机构名称。"), code="name_missing", details={"name": _("请填写机构名称。")})
    code = wanted.pop("code", "") or None
    _require_free_code(code)
    label, (key, initials) = next_label(), name_key(wanted["name"])
    made = Organisation.objects.create(
        parent=parent, kind=kind, code=code, label=label, path=f"{parent.path}.{label}", name_key=key,
        name_initials=initials, synthetic=parent.synthetic, **wanted,
    )  # fmt: skip
    OrganisationParent.objects.create(organisation=made, parent=parent, valid_from=today())
    OrganisationCount.objects.create(organisation=made)
    _trace(actor, "registry.organisation.created", made, {"parent": str(parent.id)}, "c")
    return made


@transaction.atomic
def edit_organisation(*, actor: Actor, organisation_id: UUID, values: Mapping[str, str]) -> bool:
    """Change what this platform owns of an organisation; True if anything differed.

    Raises :class:`Forbidden` (``nationally_owned``) for fields that come with the national file only.
    """
    found = locked_organisation(organisation_id)
    policies.require_edit_organisation(actor, found)
    for field in values:
        policies.require_local("organisation", field)
    wanted = {name: value for name, value in _cleaned(values, EDITABLE).items() if getattr(found, name) != value}
    if not wanted:
        return False
    if "name" in wanted:
        if not wanted["name"]:
            raise Invalid(_("请填写机构名称。"), code="name_missing", details={"name": _("请填写机构名称。")})
        wanted["name_key"], wanted["name_initials"] = name_key(wanted["name"])
    Organisation.objects.filter(id=found.id).update(**wanted, updated_at=Now())
    _trace(actor, "registry.organisation.edited", found, {"fields": sorted(set(wanted) & set(EDITABLE))})
    return True


@transaction.atomic
def move_organisation(*, actor: Actor, organisation_id: UUID, parent_id: UUID, on: date, reason: str) -> int:
    """Give an organisation another superior from ``on`` (today or before) on; returns the number of rows whose path
    followed.

    Needs the right to edit at the superior it leaves and at the one it comes to. Every stored path of the subtree is
    rewritten in this transaction; :class:`OrganisationMoved` tells the modules above.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('registry.tree'))")
    found, parent = locked_organisation(organisation_id), locked_organisation(parent_id)
    _require_superior(actor, found)
    policies.require_edit_organisation(actor, parent)
    before, after = str(found.path), f"{parent.path}.{found.label}"
    if before == after:
        raise Conflict(_("它已经隶属于这个机构。"), code="already_there")
    if covers(before, str(parent.path)):
        raise Invalid(_("不能移到自己的下级之下。"), code="ring")
    _require_below(found.kind, parent)
    require_reason(reason)
    episode = OrganisationParent.objects.filter(organisation=found, valid_to=None).first()
    require_day(on, not_before=episode.valid_from if episode else None)
    if episode is not None and episode.valid_from == on:
        episode.delete()
    elif episode is not None:
        OrganisationParent.objects.filter(id=episode.id).update(valid_to=on)
    OrganisationParent.objects.create(organisation=found, parent=parent, valid_from=on)
    Organisation.objects.filter(id=found.id).update(parent=parent, updated_at=Now())
    with connection.cursor() as cursor:
        rewritten = rewrite_paths(cursor, before, after)
    found.path = after
    data = {"before": before, "after": after, "on": on.isoformat(), "reason": reason.strip()[:200]}
    _trace(actor, "registry.organisation.moved", found, data)
    events.publish(OrganisationMoved(organisation_id=found.id, before=before, after=after))
    return rewritten


@transaction.atomic
def close_organisation(*, actor: Actor, organisation_id: UUID, on: date, reason: str) -> None:
    """Record that an organisation ceased to exist. What is open there — relations, duties — ends that day.

    Raises :class:`Conflict` (``still_active``) with the numbers while pupils, staff or organisations are there.
    """
    found = locked_organisation(organisation_id)
    _require_superior(actor, found)
    if found.closed_on is not None:
        raise Conflict(_("它已经撤并。"), code="already_closed")
    require_reason(reason)
    require_day(on)
    active = count_active(str(found.path))
    if active.is_any:
        raise Conflict(
            _("这里还有 %(students)d 名学生、%(staff)d 名教职工、%(organisations)d 个下属机构，请先调走再撤并。")
            % {"students": active.students, "staff": active.staff, "organisations": active.organisations},
            code="still_active",
            details={"students": active.students, "staff": active.staff, "organisations": active.organisations},
        )
    Organisation.objects.filter(id=found.id).update(closed_on=on, updated_at=Now())
    for side in ("head", "member"):
        OrganisationRelation.objects.filter(**{side: found}, valid_to=None, valid_from__lte=on).update(valid_to=on)
    duties = Duty.objects.filter(organisation=found, valid_to=None)
    people = tuple(duties.values_list("person_id", flat=True).distinct())
    duties.filter(valid_from__lte=on).update(valid_to=on)
    _trace(actor, "registry.organisation.closed", found, {"on": on.isoformat(), "reason": reason.strip()[:200]})
    if people:
        events.publish(RelationsChanged(person_ids=people))


@transaction.atomic
def reopen_organisation(*, actor: Actor, organisation_id: UUID, reason: str) -> None:
    """Take a closing back. Raises :class:`Conflict` while its superior is closed."""
    found = locked_organisation(organisation_id)
    _require_superior(actor, found)
    if found.closed_on is None:
        raise Conflict(_("它没有撤并。"), code="not_closed")
    require_reason(reason)
    if Organisation.objects.filter(children=found, closed_on__isnull=False).exists():
        raise Conflict(_("它的上级机构已经撤并，请先恢复上级或改变隶属。"), code="parent_closed")
    Organisation.objects.filter(id=found.id).update(closed_on=None, updated_at=Now())
    _trace(actor, "registry.organisation.reopened", found, {"reason": reason.strip()[:200]})


def _require_superior(actor: Actor, found: Organisation) -> None:
    """Whoever moves or closes an organisation keeps the place above it: nobody does it to the own one."""
    if not policies.may_keep_organisation(actor, found):
        raise Forbidden()


def _require_below(kind: str, parent: Organisation) -> None:
    if kind not in OrganisationKind.values:
        raise Invalid(_("没有这种机构类别。"), code="unknown_kind")
    if parent.closed_on is not None:
        raise Invalid(_("上级机构已经撤并。"), code="parent_closed")
    if parent.kind not in MAY_STAND_BELOW[kind]:
        raise Invalid(
            _("%(kind)s不能设在%(parent)s之下。")
            % {"kind": OrganisationKind(kind).label, "parent": OrganisationKind(parent.kind).label},
            code="wrong_place",
        )


def _require_free_code(code: str | None) -> None:
    if code is None:
        return
    if len(code) > 40 or not code.isascii() or not code.replace("-", "").isalnum():
        raise Invalid(_("机构代码由字母、数字和短横组成。"), code="bad_code")
    if Organisation.objects.filter(code=code).exists():
        told = _("这个机构代码已经有人使用。")
        raise Invalid(told, code="code_taken", details={"code": told})


def _cleaned(values: Mapping[str, str], allowed: tuple[str, ...]) -> dict[str, Any]:
    wanted = {}
    for field, value in values.items():
        if field not in allowed:
            raise Invalid(_("不能修改“%(field)s”。") % {"field": field}, code="unknown_field")
        wanted[field] = " ".join(value.split())
        if len(wanted[field]) > LONGEST:
            told = _("最多 %(n)d 个字。") % {"n": LONGEST}
            raise Invalid(told, code="too_long", details={field: told})
    for field, table in CODED.items():
        if wanted.get(field) and wanted[field] not in labels(table):
            told = _("没有代码“%(code)s”。") % {"code": wanted[field]}
            raise Invalid(told, code="unknown_code", details={field: told})
    if wanted.get("schooling", "") not in ("", *Schooling.values):
        raise Invalid(_("没有这种学制。"), code="unknown_schooling")
    return wanted


def _trace(actor: Actor, action: str, found: Organisation, data: dict[str, Any], operation: str = "u") -> None:
    audit.record(actor, action, subject_kind="organisation", subject_id=found.id, path=str(found.path), data=data)
    changes.log("registry.organisation", [found.id], operation)
