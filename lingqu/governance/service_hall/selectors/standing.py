"""What the register says of one pupil today, and what in it does not fit: the base of every paper and every wish."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel import crypto
from lingqu.kernel.errors import Forbidden

from .. import register
from ..types.words import PaperKind

ON_ROLL = ("01", "05")
"""在读 and 复学 in JY/T 1001 XSDQZT."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """``sits``: the open 就读; ``entry``: the open 学籍; both may be missing. ``seats`` and ``entries`` count the open ones."""

    person: Any
    ids: tuple[UUID, ...]
    sits: Any | None
    entry: Any | None
    seats: int
    entries: int
    class_name: str = ""
    class_id: UUID | None = None
    sealed: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def grade(self) -> str:
        return (self.sits.grade if self.sits else "") or (self.entry.grade if self.entry else "")

    @property
    def state(self) -> str:
        return self.entry.state if self.entry else ""

    @property
    def is_away(self) -> bool:
        return self.sits is not None and self.sits.attendance == "absent"

    @property
    def since(self) -> date | None:
        return self.sits.valid_from if self.sits else None


def standing_of(person_id: UUID) -> Standing:
    """Five statements. :class:`Forbidden` for nobody and for the dead."""
    found = register.people().filter(id=person_id).select_related("canonical").first()
    person = found.canonical or found if found is not None else None
    if person is None or person.deceased_on is not None:
        raise Forbidden()
    ids = registry.ids_of(person.id)
    seats = list(_open(register.enrolments(), ids))
    entries = list(_open(register.register_entries(), ids))
    sits = next((one for one in seats if one.attendance != "absent"), seats[0] if seats else None)
    entry = next((one for one in entries if sits and one.school_id == sits.school_id), entries[0] if entries else None)
    rows = register.memberships().filter(person_id__in=ids, valid_to=None).exclude(class_group__kind="teaching")
    group = next((row.class_group for row in rows.select_related("class_group")
                  if sits and row.class_group.school_id == sits.school_id), None)  # fmt: skip
    sealed = crypto.unseal_fields(entry.sealed) if entry is not None else {}
    return Standing(
        person=person, ids=tuple(ids), sits=sits, entry=entry, seats=len(seats), entries=len(entries),
        class_name=group.name if group else "", class_id=group.id if group else None, sealed=sealed,
    )  # fmt: skip


def _open(manager: Any, ids: Any) -> Any:
    return manager.filter(person_id__in=ids, valid_to=None).select_related("school").order_by("id")


def doubts_of(standing: Standing, kind: str) -> tuple[str, ...]:
    """Sentences about what does not fit; empty: the paper can be given at once."""
    found = []
    if standing.sits is None:
        found.append(_("没有登记在哪所学校就读。"))
    elif standing.seats > 1:
        found.append(_("同时登记在 %(n)d 所学校就读。") % {"n": standing.seats})
    if standing.is_away:
        found.append(_("登记为有籍不在读。"))
    if standing.entry is None:
        found.append(_("本平台没有这名学生的学籍。"))
    elif standing.entries > 1:
        found.append(_("学籍有 %(n)d 条，疑似重复。") % {"n": standing.entries})
    elif standing.sits is not None and not _is_same_place(standing.sits, standing.entry):
        found.append(_("学籍在 %(school)s，与就读学校不同。") % {"school": standing.entry.school.name})
    if standing.entry is not None and standing.entry.state not in ON_ROLL:
        state = registry.code_label("XSDQZT", standing.entry.state)
        found.append(_("学籍状态为“%(state)s”。") % {"state": state})
    if kind == PaperKind.STUDY and standing.sits is not None and not standing.class_name:
        found.append(_("没有编入班级。"))
    if kind == PaperKind.REGISTER and standing.entry is not None and not standing.sealed.get("register_number"):
        found.append(_("没有学籍号。"))
    return tuple(found)


def _is_same_place(sits: Any, entry: Any) -> bool:
    """A teaching point's children are registered at its school."""
    here, there = str(sits.path), str(entry.path)
    return here == there or here.startswith(there + ".") or there.startswith(here + ".")


def school_of(standing: Standing, kind: str) -> Any | None:
    """The school that answers for a paper: where the child sits for 在读证明, where it is registered for 学籍证明."""
    first, second = (standing.sits, standing.entry) if kind == PaperKind.STUDY else (standing.entry, standing.sits)
    row = first or second
    return row.school if row else None
