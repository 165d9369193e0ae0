"""Who a step asks, as data: rules that are resolved in the tree and its relations when the step begins."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class RuleKind(StrEnum):
    STARTER = "starter"
    """Whoever started the case."""
    POST = "post"
    """The post ``code`` at ``place``, counted from the case's organisation upwards."""
    NAMED_POST = "named_post"
    """The post ``code`` of the organisation with the code ``organisation``."""
    CLASS_TEACHER = "class_teacher"
    """班主任 of the class of the person whom the case is about, whoever that is when the step is done."""
    GRADE_HEAD = "grade_head"
    """年级组长 of that person's grade at the case's organisation."""
    DUTY = "duty"
    """Whoever has the duty ``code`` (a code of the register: ``principal`` …) at ``place``."""
    ROLE = "role"
    """Whoever has the role ``code`` at ``place``; ``organisation`` names another place."""
    EXPERTS = "experts"
    """``number`` people drawn at random from the group ``organisation``, without the case's own organisation, and without
    kin of the applicant and of the person whom the case is about and those who share a school, 集团, group or studio."""
    MEMBERS = "members"
    """Everybody of the group ``organisation``; one instance each on a step with several instances."""
    FIELD = "field"
    """The person whose person number stands in the form field ``code``."""


class Place(StrEnum):
    """Where a post or role is looked for, seen from the case's organisation."""

    OWN = "own"
    SCHOOL = "school"
    COUNTY = "county"
    CITY = "city"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One way to find who acts. A step has one or several; all of them may act, any one of them does, unless the step has
    several instances. ``organisation`` is a code, or ``$field``: the code that stands in a form field. ``label`` is what the
    designer wrote, for people."""

    kind: RuleKind
    place: Place = Place.OWN
    code: str = ""
    organisation: str = ""
    number: int = 1
    label: str = ""
