"""Display names of classes: by the rule of their school, the same for the whole school, rewritten in one statement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from lingqu.kernel import audit, changes
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Forbidden, Invalid

from .. import policies
from ..models import ClassGroup, Organisation, SchoolYear
from ..types.grades import display_name, stage_of
from ..types.words import ClassDisplay, ClassKind
from .facts import locked_organisation


@dataclass(frozen=True, slots=True, kw_only=True)
class Renaming:
    """A class with the name it has and the name that a rule gives it."""

    class_id: UUID
    before: str
    after: str

    @property
    def differs(self) -> bool:
        return self.before != self.after


def present_classes(school_ids: Iterable[UUID]) -> list[ClassGroup]:
    """Classes of the present school year and later ones; names of former years stay as they were printed."""
    current = SchoolYear.objects.filter(is_current=True).values_list("code", flat=True).first() or ""
    rows = ClassGroup.objects.filter(school_id__in=list(school_ids), school_year_id__gte=current)
    return list(rows.select_related("school").order_by("school_id", "school_year_id", "id"))


def names_by_rule(groups: Iterable[ClassGroup], rule: str = "") -> tuple[Renaming, ...]:
    """What each class is called by its school's rule (or by ``rule``)."""
    groups = list(groups)
    stages: dict[tuple[UUID, str], set[str]] = defaultdict(set)
    for group in groups:
        if group.kind == ClassKind.ADMINISTRATIVE and len(group.grades) == 1:
            stages[group.school_id, group.school_year_id].add(stage_of(group.grades[0], group.school.schooling))
    return tuple(
        Renaming(
            class_id=group.id, before=group.name,
            after=name_of(group, rule, is_staged=len(stages[group.school_id, group.school_year_id]) > 1),
        )
        for group in groups
    )  # fmt: skip


def name_of(group: ClassGroup, rule: str = "", *, is_staged: bool) -> str:
    """A class with a name of its own (启航班, 七年级启航班) keeps it under every rule."""
    if group.local_name:
        return group.name if group.local_name in group.name else group.local_name
    return display_name(
        rule or group.school.class_display, grades=group.grades, serial=group.serial, entry_year=group.entry_year,
        written=group.written_name, schooling=group.school.schooling, kind=group.kind, is_staged=is_staged,
    )  # fmt: skip


def write_names(renamings: Iterable[Renaming]) -> int:
    """One statement for all of them; returns how many differed."""
    wanted = [one for one in renamings if one.differs]
    if wanted:
        with connection.cursor() as cursor:
            cursor.execute(
                """UPDATE registry_classgroup g SET name = n.name, updated_at = now()
                   FROM unnest(%s::uuid[], %s::text[]) AS n(id, name) WHERE g.id = n.id""",
                [[one.class_id for one in wanted], [one.after for one in wanted]],
            )
        changes.log("registry.class_group", [one.class_id for one in wanted])
    return len(wanted)


def settle_names(school_ids: Iterable[UUID]) -> int:
    """Bring the names of these schools' present classes to their rule, after classes came or went."""
    return write_names(names_by_rule(present_classes(school_ids)))


def preview_display(*, actor: Actor, school_id: UUID, rule: str) -> tuple[Renaming, ...]:
    """What a display rule would make of the names of a school. Needs the right to edit its classes."""
    school = Organisation.objects.filter(id=school_id).first()
    if school is None:
        raise Forbidden()
    _require(actor, school, rule)
    return names_by_rule(present_classes([school.id]), rule)


@transaction.atomic
def set_display_rule(*, actor: Actor, school_id: UUID, rule: str) -> int:
    """Change how a school writes its class names; returns how many classes are called otherwise now.

    What files wrote is kept beside the name, so every spelling still finds its class. Names of former years stay.
    """
    school = locked_organisation(school_id)
    _require(actor, school, rule)
    renamed = write_names(names_by_rule(present_classes([school.id]), rule))
    if school.class_display != rule:
        Organisation.objects.filter(id=school.id).update(class_display=rule, updated_at=Now())
        audit.record(
            actor, "registry.organisation.display_changed", subject_kind="organisation", subject_id=school.id,
            path=str(school.path), data={"before": school.class_display, "after": rule, "renamed": renamed},
        )  # fmt: skip
        changes.log("registry.organisation", [school.id])
    return renamed


def _require(actor: Actor, school: Organisation, rule: str) -> None:
    policies.require_edit_classes_at(actor, str(school.path))
    if school.kind not in ("school", "teaching_point"):
        raise Invalid(_("只有学校和教学点有班级名称。"), code="not_a_school")
    if rule not in ClassDisplay.values:
        raise Invalid(_("没有这种班级名称写法。"), code="unknown_rule")
