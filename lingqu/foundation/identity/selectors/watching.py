"""Who may see a person: every role and post whose rights reach them, and how many hold it now."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel import clock
from lingqu.kernel.actor import Actor

from .. import register, roles
from ..models import RoleAssignment
from ..types.values import Watcher
from .standing import live_assignments

see = registry.rights
MOST_NAMES = 6
HEADS = ("head_teacher", "deputy_head_teacher")


def list_watchers(actor: Actor) -> tuple[Watcher, ...]:
    """Those who may see the actor's own person, nearest first; nothing for an account without a person.

    People who are named are those of one's own class; others are counted.
    """
    if actor.person_id is None:
        return ()
    ids = registry.ids_of(actor.person_id)
    facts = registry.relations_of(actor.person_id)
    children = [ward.person_id for ward in facts.wards]
    class_ids = {fact.class_id for fact in facts.classes}
    class_ids |= set(
        register.classes()
        .filter(memberships__person_id__in=children, memberships__valid_to=None)
        .values_list("id", flat=True)
    )
    places = {*register.places_of(ids), *register.places_of_wards(ids)}
    return (
        *_of_classes(class_ids),
        *_guardians(ids),
        *_by_place(_ancestors(places)),
    )


def _sees(role: str) -> str:
    return "clear" if see.PERSON_REVEAL in roles.ROLES[role].rights else "masked"


def _watcher(role: str, place: str, names: Iterable[str], *, named: bool = True) -> Watcher:
    known = sorted(set(names))
    return Watcher(
        role=roles.title_of(role), place=place, names=tuple(known[:MOST_NAMES]) if named else (), count=len(known),
        sees=_sees(role),
    )  # fmt: skip


def _of_classes(class_ids: set[UUID]) -> list[Watcher]:
    """Class teachers and teachers of the classes."""
    if not class_ids:
        return []
    found = []
    people, names = register.people(), dict(register.classes().filter(id__in=class_ids).values_list("id", "name"))
    heads = people.filter(duties__class_group_id__in=class_ids, duties__kind__in=HEADS, duties__valid_to=None)
    taught = people.filter(teaching__class_group_id__in=class_ids, teaching__valid_to=None)
    by_head = list(heads.values_list("duties__class_group_id", "name"))
    by_teaching = list(taught.values_list("teaching__class_group_id", "name"))
    for class_id, class_name in sorted(names.items(), key=lambda pair: pair[1]):
        for role, rows in (("class_teacher", by_head), ("teacher", by_teaching)):
            holders = [name for group_id, name in rows if group_id == class_id]
            if holders:
                found.append(_watcher(role, class_name, holders))
    return found


def _guardians(ids: tuple[UUID, ...]) -> list[Watcher]:
    links = register.people().filter(
        wards__child_id__in=ids, wards__valid_to=None, wards__kind__in=("legal", "entrusted", "institution")
    )
    names = list(links.values_list("name", flat=True))
    return [_watcher("guardian", _("本人的监护人"), names)] if names else []


def _ancestors(paths: Iterable[str]) -> list[str]:
    """The places themselves and all above them."""
    found = set()
    for path in paths:
        labels = path.split(".")
        found |= {".".join(labels[:depth]) for depth in range(1, len(labels) + 1)}
    return sorted(found, key=lambda path: (-path.count("."), path))


def _by_place(paths: list[str]) -> list[Watcher]:
    """Granted roles and duties at the places and above that see people; holders are counted, not named."""
    if not paths:
        return []
    seeing = [code for code, role in roles.ROLES.items() if see.PERSON_VIEW in role.rights and role.is_grantable]
    duties = [duty for code in seeing for duty in roles.ROLES[code].duties]
    holders: dict[tuple[str, str], set[str]] = {}
    names: dict[str, str] = {}
    granted = RoleAssignment.objects.filter(
        live_assignments(clock.now()), role__in=seeing, organisation__path__in=paths
    ).values_list("role", "organisation__path", "organisation__name", "account_id", "account__person_id")
    for role, path, name, account_id, person_id in granted:
        holders.setdefault((str(path), role), set()).add(str(person_id or account_id))
        names[str(path)] = name
    in_duty = (
        register.people()
        .filter(duties__organisation__path__in=paths, duties__kind__in=duties, duties__valid_to=None)
        .values_list(
            "duties__kind",
            "duties__organisation__path",
            "duties__organisation__name",
            "duties__organisation__kind",
            "id",
        )
    )
    for kind, path, name, place_kind, person_id in in_duty:
        if given := roles.role_of_duty(kind, place_kind):
            holders.setdefault((str(path), given.code), set()).add(str(person_id))
            names[str(path)] = name
    order = {path: at for at, path in enumerate(paths)}
    return [
        _watcher(role, names[path], who, named=False)
        for (path, role), who in sorted(holders.items(), key=lambda pair: (order[pair[0][0]], pair[0][1]))
    ]
