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
from .papers import CasePaper, CaseSeal

__all__ = [
    "Call",
    "Case",
    "CaseArchive",
    "CaseData",
    "CaseFile",
    "CaseLog",
    "CasePaper",
    "CaseSeal",
    "CaseSerial",
    "DefinitionVersion",
    "Subscription",
    "Task",
    "Timer",
]
