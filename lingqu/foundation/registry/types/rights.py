"""Right codes of the register. Where they are held is said by ``kernel.actor.Right.path``."""

from __future__ import annotations

ORGANISATION_VIEW = "registry.organisation.view"
ORGANISATION_EDIT = "registry.organisation.edit"
CLASS_VIEW = "registry.class.view"
CLASS_EDIT = "registry.class.edit"
PERSON_VIEW = "registry.person.view"
"""Names, classes and masked identifiers."""
PERSON_EDIT = "registry.person.edit"
"""Local fields only: what the nation owns is changed in the national system."""
PERSON_REVEAL = "registry.person.reveal"
"""Sensitive values in clear, with a stated purpose, audited."""
ATTRIBUTE_VIEW = "registry.attribute.view"
"""随迁, 留守, 残疾, 资助 …: what a school records about a pupil; sensitive kinds only with a stated purpose."""
ATTRIBUTE_EDIT = "registry.attribute.edit"
EXPORT_APPROVE = "registry.export.approve"
"""To let a list of many people that somebody else asked for leave the platform."""
TEACHING_VIEW = "registry.teaching.view"
TEACHING_EDIT = "registry.teaching.edit"
COUNT_VIEW = "registry.count.view"
"""Figures only."""
CALENDAR_EDIT = "calendar.edit"
"""Terms of a place; the timetable above adds weeks, holidays and working Saturdays."""

ALL = (
    ORGANISATION_VIEW, ORGANISATION_EDIT, CLASS_VIEW, CLASS_EDIT, PERSON_VIEW, PERSON_EDIT, PERSON_REVEAL,
    TEACHING_VIEW, TEACHING_EDIT, COUNT_VIEW, CALENDAR_EDIT, ATTRIBUTE_VIEW, ATTRIBUTE_EDIT, EXPORT_APPROVE,
)  # fmt: skip
