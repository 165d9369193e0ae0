"""Facts that reconciliation publishes."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketEnded:
    """A wish to change 关键数据 is over. ``state``: closed by a national file, or withdrawn; ``case_id``: through which a
    family asked, if any."""

    ticket_id: UUID
    case_id: UUID | None
    state: str
