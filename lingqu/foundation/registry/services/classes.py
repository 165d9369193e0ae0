"""Classes of a school by hand: opening one, its local facts and grades, closing it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from lingqu.kernel import audit, changes, events
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Conflict, Invalid
from lingqu.kernel.language import writing_to

from .. import policies
from ..loading.counts import recount
from ..models import ClassGroup, ClassMembership, Duty, Enrolment, Organisation, TeachingAssignment
from ..selectors.places import current_school_year
from ..types.class_names import entry_year_of
from ..types.events import RelationsChanged
from ..types.grades import grades_label
from ..types.words import GRADES, ClassKind
from .facts import locked_class, locked_organisation, require_day, require_reason
from .naming import settle_names

TEXTS = {"local_name": 40, "campus": 40, "room": 40}
MOST_SERIAL = 99


@transaction.atomic
def create_class(
    *, actor: Actor, school_id: UUID, grades: Sequence[str], serial: int | None = None, kind: str = "administrative",
    local_name: str = "", campus: str = "", room: str = "",
) -> ClassGroup:  # fmt: skip
    """A new class of the present school year, named by the school's rule.

    Raises :class:`Invalid` for grades and kind that do not fit and for a class that has neither serial nor name,
    :class:`Conflict` when there is one with these grades and serial.
    """
    school = locked_organisation(school_id)
    policies.require_edit_classes_at(actor, str(school.path))
    if school.kind not in ("school", "teaching_point") or school.closed_on is not None:
        raise Invalid(_("这里不能开设班级。"), code="not_a_school")
    year = current_school_year()
    texts = _cleaned({"local_name": local_name, "campus": campus, "room": room})
    wanted = _grades(kind, grades)
    _require_name(serial, texts["local_name"], kind)
    made = ClassGroup(
        school=school, school_year_id=year, kind=kind, grades=wanted, serial=serial, source="local", **texts,
        entry_year=_entry_year(wanted, school, year),
    )  # fmt: skip
    _require_alone(made)
    made.written_name = made.name = texts["local_name"] or _plain_name(made)
    made.save()
    settle_names([school.id])
    recount([school.id])
    _trace(actor, "registry.class.created", made, {"grades": wanted, "serial": serial}, "c")
    made.refresh_from_db()
    return made


@transaction.atomic
def edit_class(*, actor: Actor, class_id: UUID, values: dict[str, Any]) -> bool:
    """Change local name, campus, room; with the right at the school also ``grades`` and ``serial``. True if anything
    differed.

    Raises :class:`Conflict` (``pupils_outside``) when pupils of the class are in a grade that it would no longer have.
    """
    group = locked_class(class_id)
    path = str(group.school.path)
    policies.require_edit_class(actor, group, path)
    if {"grades", "serial"} & values.keys():
        policies.require_edit_classes_at(actor, path)
    if unknown := values.keys() - {*TEXTS, "grades", "serial"}:
        raise Invalid(_("不能修改“%(field)s”。") % {"field": sorted(unknown)[0]}, code="unknown_field")
    _require_open(group)
    wanted: dict[str, Any] = _cleaned({name: values[name] for name in TEXTS if name in values})
    if "grades" in values:
        wanted["grades"] = _grades(group.kind, values["grades"])
        wanted["entry_year"] = _entry_year(wanted["grades"], group.school, group.school_year_id)
        _require_inside(group, wanted["grades"])
    if "serial" in values:
        wanted["serial"] = values["serial"]
    changed = {name: value for name, value in wanted.items() if getattr(group, name) != value}
    if not changed:
        return False
    for name, value in changed.items():
        setattr(group, name, value)
    _require_name(group.serial, group.local_name, group.kind)
    _require_alone(group)
    ClassGroup.objects.filter(id=group.id).update(**changed, updated_at=Now())
    settle_names([group.school_id])
    _trace(actor, "registry.class.edited", group, {"fields": sorted(changed)})
    return True


@transaction.atomic
def close_class(*, actor: Actor, class_id: UUID, on: date, reason: str) -> None:
    """Close a class that nobody sits in any more; its teachers' duties and assignments end that day.

    Raises :class:`Conflict` (``pupils_inside``) with the number of pupils that are still there.
    """
    group = locked_class(class_id)
    policies.require_edit_classes_at(actor, str(group.school.path))
    _require_open(group)
    require_reason(reason)
    require_day(on)
    seated = ClassMembership.objects.filter(class_group=group, valid_to=None, person__deceased_on=None).count()
    if seated:
        raise Conflict(
            _("班里还有 %(n)d 名学生，请先调到其他班级。") % {"n": seated},
            code="pupils_inside",
            details={"pupils": seated},
        )
    rows = Q(class_group=group, valid_to=None)
    people = {
        *Duty.objects.filter(rows).values_list("person_id", flat=True),
        *TeachingAssignment.objects.filter(rows).values_list("person_id", flat=True),
    }
    for model in (Duty, TeachingAssignment):
        model.objects.filter(rows, valid_from__gte=on).delete()
        model.objects.filter(rows).update(valid_to=on)
    ClassGroup.objects.filter(id=group.id).update(closed_on=on, updated_at=Now())
    recount([group.school_id])
    _trace(actor, "registry.class.closed", group, {"on": on.isoformat(), "reason": reason.strip()[:200]})
    if people:
        events.publish(RelationsChanged(person_ids=tuple(sorted(people))))


@transaction.atomic
def reopen_class(*, actor: Actor, class_id: UUID, reason: str) -> None:
    """Take a closing back; teachers are assigned anew."""
    group = locked_class(class_id)
    policies.require_edit_classes_at(actor, str(group.school.path))
    if group.closed_on is None:
        raise Conflict(_("这个班级没有撤销。"), code="not_closed")
    require_reason(reason)
    group.closed_on = None
    _require_alone(group)
    ClassGroup.objects.filter(id=group.id).update(closed_on=None, updated_at=Now())
    recount([group.school_id])
    _trace(actor, "registry.class.reopened", group, {"reason": reason.strip()[:200]})


def _require_open(group: ClassGroup) -> None:
    if group.closed_on is not None:
        raise Conflict(_("这个班级已经撤销。"), code="class_closed")


def _cleaned(texts: dict[str, str]) -> dict[str, str]:
    wanted = {name: " ".join(text.split()) for name, text in texts.items()}
    for name, text in wanted.items():
        if len(text) > TEXTS[name]:
            told = _("最多 %(n)d 个字。") % {"n": TEXTS[name]}
            raise Invalid(told, code="too_long", details={name: told})
    return wanted


def _grades(kind: str, grades: Sequence[str]) -> list[str]:
    wanted = sorted(set(grades), key=lambda code: GRADES.index(code) if code in GRADES else -1)
    if kind not in ClassKind.values or not wanted or not set(wanted) <= set(GRADES):
        raise Invalid(_("请选择年级。"), code="bad_grades", details={"grades": _("请选择年级。")})
    if kind == ClassKind.ADMINISTRATIVE and len(wanted) != 1:
        told = _("行政班只有一个年级；几个年级同班上课的是复式班。")
        raise Invalid(told, code="bad_grades", details={"grades": told})
    if kind == ClassKind.MULTIGRADE and len(wanted) < 2:
        told = _("复式班至少有两个年级。")
        raise Invalid(told, code="bad_grades", details={"grades": told})
    return wanted


def _require_name(serial: int | None, local_name: str, kind: str) -> None:
    if serial is not None and not 1 <= serial <= MOST_SERIAL:
        told = _("班号应在 1 到 %(n)d 之间。") % {"n": MOST_SERIAL}
        raise Invalid(told, code="bad_serial", details={"serial": told})
    if serial is None and not local_name and kind != ClassKind.MULTIGRADE:
        told = _("请填写班号或班名。")
        raise Invalid(told, code="name_missing", details={"serial": told})


def _require_alone(group: ClassGroup) -> None:
    """One administrative class per grade and serial, one class per local name, in a school and year."""
    others = ClassGroup.objects.filter(
        school_id=group.school_id, school_year_id=group.school_year_id, kind=group.kind, closed_on=None
    ).exclude(id=group.id)
    same = Q(local_name=group.local_name, grades=group.grades) if group.local_name else Q(
        serial=group.serial, grades=group.grades, local_name=""
    )  # fmt: skip
    if others.filter(same).exists():
        told = _("本学年已经有这个班级。")
        raise Conflict(told, code="class_exists", details={"serial": told})


def _require_inside(group: ClassGroup, grades: Sequence[str]) -> None:
    seats = ClassMembership.objects.filter(class_group=group, valid_to=None).values_list("person_id", flat=True)
    outside = Enrolment.objects.filter(person_id__in=seats, school_id=group.school_id, valid_to=None)
    outside = outside.exclude(grade__in=[*grades, ""])
    if count := outside.count():
        raise Conflict(
            _("班里有 %(n)d 名学生不在这些年级，请先调班。") % {"n": count}, code="pupils_outside",
            details={"grades": _("班里有 %(n)d 名学生不在这些年级。") % {"n": count}},
        )  # fmt: skip


def _entry_year(grades: Sequence[str], school: Organisation, year: str) -> int | None:
    return entry_year_of(grades[0], school.schooling, int(year[:4])) if len(grades) == 1 else None


def _plain_name(group: ClassGroup) -> str:
    """A spelling that says everything, whatever the school's rule: 复式班 carry their grades."""
    serial = f"（{group.serial}）" if group.serial else ""
    if group.kind == ClassKind.MULTIGRADE:
        return "+".join(str(int(code[1:])) if code.startswith("G") else code for code in group.grades) + f"复式{serial}"
    with writing_to():
        return f"{grades_label(group.grades)}{serial}班"


def _trace(actor: Actor, action: str, group: ClassGroup, data: dict[str, Any], operation: str = "u") -> None:
    audit.record(actor, action, subject_kind="class", subject_id=group.id, path=str(group.school.path), data=data)
    changes.log("registry.class_group", [group.id], operation)
