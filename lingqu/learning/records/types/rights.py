"""Rights of the records."""

from __future__ import annotations

KEEP = "records.credential.keep"
"""Make and revoke credentials, and forward records, for the whole platform."""
VIEW = "records.statement.view"
"""Read the statements of a place, people masked, to help those who ask why something was not recorded."""
COURSES = "records.course.manage"
"""Bring in courses of a place, see how its learners get on, and waive units."""
