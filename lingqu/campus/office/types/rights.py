"""Right codes of leave and substitution. Where they are held is said by ``kernel.actor.Right.path``."""

from __future__ import annotations

STAFF_VIEW = "office.staff_leave.view"
"""Who of a school's staff is on leave, who takes the lessons, and how many in a month."""
STAFF_RECORD = "office.staff_leave.record"
"""Recording staff leave and giving the lessons to others."""
PUPIL_VIEW = "office.pupil_leave.view"
"""Which pupils of a school or class are on leave; not why."""
PUPIL_RECORD = "office.pupil_leave.record"
"""Why, and recording, ending and withdrawing it."""
RULES = "office.rules.set"
"""Kinds of leave, their quotas, and how many days each step may grant; for a place and what lies below."""

ALL = (STAFF_VIEW, STAFF_RECORD, PUPIL_VIEW, PUPIL_RECORD, RULES)
