"""Kinds of pupil attributes, their values, and how sensitive they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class AttributeKind(TextChoices):
    """What a school records about a pupil for care and statistics."""

    MIGRANT = "migrant", _("随迁子女")
    LEFT_BEHIND = "left_behind", _("留守儿童")
    INCLUSIVE = "inclusive", _("随班就读")
    HOME_TAUGHT = "home_taught", _("送教上门")
    DISABILITY = "disability", _("残疾")
    ORPHAN = "orphan", _("孤儿或事实无人抚养")
    AID = "aid", _("资助对象")
    BOARDING = "boarding", _("寄宿")
    SCHOOL_BUS = "school_bus", _("乘坐校车")
    ETHNIC_CLASS = "ethnic_class", _("民族班")


SENSITIVE = frozenset({
    AttributeKind.LEFT_BEHIND, AttributeKind.INCLUSIVE, AttributeKind.DISABILITY, AttributeKind.ORPHAN, AttributeKind.AID,
})  # fmt: skip
"""Kinds whose mere presence could hurt a child: masked until a purpose is stated, value and note sealed."""
OF_ENROLMENT = frozenset({AttributeKind.BOARDING, AttributeKind.HOME_TAUGHT})
"""Kinds that 就读 already says (``boarding``, ``attendance``): shown and changed there, never stored twice."""
VALUES = {
    AttributeKind.MIGRANT: {
        "same_city": _("本市外县迁入"), "same_province": _("省内外市迁入"), "other_province": _("外省迁入"),
    },
    AttributeKind.LEFT_BEHIND: {"single": _("父母一方外出"), "both": _("父母双方外出")},
    AttributeKind.DISABILITY: {
        "visual": _("视力残疾"), "hearing": _("听力残疾"), "speech": _("言语残疾"), "physical": _("肢体残疾"),
        "intellectual": _("智力残疾"), "mental": _("精神残疾"), "multiple": _("多重残疾"),
    },
    AttributeKind.ORPHAN: {"orphan": _("孤儿"), "unsupported": _("事实无人抚养")},
    AttributeKind.AID: {
        "destitute": _("特困供养"), "minimum": _("城乡低保"), "relieved": _("脱贫家庭"), "at_risk": _("防返贫监测对象"),
        "other": _("其他经济困难"),
    },
}  # fmt: skip
"""Closed lists of values; kinds that are not here are a plain yes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeFact:
    """One episode as a page shows it. ``is_hidden``: the reader has not stated a purpose, kind and value are withheld."""

    id: int
    kind: str
    label: str
    value: str
    value_label: str
    note: str
    source: str
    is_sensitive: bool
    is_hidden: bool
    valid_from: date | None
    valid_to: date | None
    recorded_by: str = ""
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TickRow:
    """A pupil in the tick list of one kind."""

    person_id: UUID
    number: str
    name: str
    place: int | None
    is_on: bool
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeWish:
    """What somebody wants recorded for one pupil; ``is_on`` false ends it."""

    person_id: UUID
    is_on: bool
    value: str = ""
    note: str = ""


def value_label(kind: str, value: str) -> str:
    known = VALUES.get(AttributeKind(kind), {}) if kind in AttributeKind.values else {}
    return str(known.get(value, value))
