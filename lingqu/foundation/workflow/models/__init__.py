"""Tables of processes."""

from .cases import (
    Call,
    Case,
    CaseArchive,
    CaseData,
    CaseFile,
    CaseLog,
    CaseSerial,
    Subscription,
    Task,
    Timer,
)
from .definitions import DefinitionVersion

__all__ = [
    "Call",
    "Case",
    "CaseArchive",
    "CaseData",
    "CaseFile",
    "CaseLog",
    "CaseSerial",
    "DefinitionVersion",
    "Subscription",
    "Task",
    "Timer",
]
