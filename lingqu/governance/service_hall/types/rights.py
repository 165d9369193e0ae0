"""Right codes of the service hall. Where they are held is said by ``kernel.actor.Right.path``."""

from __future__ import annotations

SEATS_VIEW = "service_hall.seats.view"
"""学位余量 of schools: places, who sits, open transfers, what is free."""
SEATS_PLAN = "service_hall.seats.plan"
"""Classes and places of a school year."""
RULES_SET = "service_hall.rules.set"
"""Rules of the place: windows, excluded grades, limits, materials."""
PAPER_ISSUE = "service_hall.paper.issue"
"""在读证明 and 学籍证明 at the counter, decisions on requests, and taking a paper back."""

ALL = (SEATS_VIEW, SEATS_PLAN, RULES_SET, PAPER_ISSUE)
