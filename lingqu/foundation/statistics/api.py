"""The door of statistics: all that other modules may use."""

from .selectors.boards import name_of_duty
from .selectors.conditions import find_conditions, rooms_of
from .selectors.figures import Filled, Scope, get_snapshot, list_tables
from .selectors.sheets import figures_of
from .services.checking import check_classes
from .services.conditions import save_conditions
from .services.rounds import open_round
from .services.sheets import attach_scan, confirm_sheet, receive_sheet, return_sheet, submit_sheet
from .services.snapshots import perform, request_snapshot
from .types import rights

__all__ = [
    "Filled",
    "Scope",
    "attach_scan",
    "check_classes",
    "confirm_sheet",
    "figures_of",
    "find_conditions",
    "get_snapshot",
    "list_tables",
    "name_of_duty",
    "open_round",
    "perform",
    "receive_sheet",
    "request_snapshot",
    "return_sheet",
    "rights",
    "rooms_of",
    "save_conditions",
    "submit_sheet",
]
