"""Right codes of the inbox. Posts give them at their organisation, a class teacher has them for the class."""

from __future__ import annotations

SEND = "inbox.notice.send"
"""To draft, publish, correct and withdraw notices in the name of a post, or to the families of one's own class."""
FOLLOW = "inbox.receipt.view"
"""To see who has not confirmed, with phones by right."""
RECORD = "inbox.receipt.record"
"""To note a confirmation that came by phone or on paper."""
QUIET = "inbox.quiet.set"
"""To set the hours in which nothing leaves, for a place and what lies below."""
ALL = (SEND, FOLLOW, RECORD)
