"""From a delivery to the register: whole files are checked first, then chunks, each in one transaction with its
accounts."""

from .running import Halted, Result, Strict, run_import
from .services import cancel_import, create_import, resume_import, start_import, withdraw_import

__all__ = [
    "Halted",
    "Result",
    "Strict",
    "cancel_import",
    "create_import",
    "resume_import",
    "run_import",
    "start_import",
    "withdraw_import",
]
