"""Right codes of collection. Posts give the first two at their organisation: an office collects, a school fills."""

from __future__ import annotations

MANAGE = "collection.manage"
"""To define, publish, check, return, merge and hand up: at an office, for what lies below it."""
FILL = "collection.fill"
"""To fill what a school is asked, at a school only."""
SIGN = "collection.sign"
"""The principal: to sign, or to give back to the desk."""
VIEW = "collection.view"
"""To look at boards and at what schools reported, without changing anything."""
ALL = (MANAGE, FILL, SIGN, VIEW)
