"""The door of intake: all that other modules may use."""

from .applying import Result, cancel_import, create_import, resume_import, run_import, start_import, withdraw_import
from .checks.identity import wrong_id_numbers
from .reading.tables import read_table
from .selectors import list_imports
from .types import IMPORT_RUN, PUPILS_READ, ImportApplied, PupilsRead, ReadFile

__all__ = [
    "IMPORT_RUN",
    "PUPILS_READ",
    "ImportApplied",
    "PupilsRead",
    "ReadFile",
    "Result",
    "cancel_import",
    "create_import",
    "list_imports",
    "read_table",
    "resume_import",
    "run_import",
    "start_import",
    "withdraw_import",
    "wrong_id_numbers",
]
