"""E-mail and SMS through one door: ``delivery.send(...)``."""

from .aliyun import WORDS
from .gate import GATES, KINDS, LAST_LOOKS, Kind, NotAdmitted, Planned, declare_kind
from .letters import Template
from .sending import BadAddress, ask_reports, count_recent, find_message, send, states_of, withdraw

__all__ = [
    "GATES",
    "KINDS",
    "LAST_LOOKS",
    "WORDS",
    "BadAddress",
    "Kind",
    "NotAdmitted",
    "Planned",
    "Template",
    "ask_reports",
    "count_recent",
    "declare_kind",
    "find_message",
    "send",
    "states_of",
    "withdraw",
]
