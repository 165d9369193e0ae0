"""The door of intake: all that other modules may use."""

from .applying import Result, cancel_import, create_import, resume_import, run_import, start_import, withdraw_import
from .selectors import list_imports
from .types import ReadFile

__all__ = [
    "ReadFile",
    "Result",
    "cancel_import",
    "create_import",
    "list_imports",
    "resume_import",
    "run_import",
    "start_import",
    "withdraw_import",
]
