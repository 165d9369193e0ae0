"""The door of reconciliation: all that other modules may use."""

from .matching.staging import stage_file
from .selectors.cases import listed_at
from .services.running import perform, start_run
from .services.tickets import accept_ticket, ask_ticket, drop_ticket, find_ticket, link_case
from .types import rights
from .types.events import TicketEnded
from .types.slots import BEYOND_PROVINCE
from .types.words import TicketField, TicketState

__all__ = [
    "BEYOND_PROVINCE",
    "TicketEnded",
    "TicketField",
    "TicketState",
    "accept_ticket",
    "ask_ticket",
    "drop_ticket",
    "find_ticket",
    "link_case",
    "listed_at",
    "perform",
    "rights",
    "stage_file",
    "start_run",
]
