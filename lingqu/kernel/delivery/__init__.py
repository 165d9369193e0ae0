"""E-mail, SMS and group robots through one door: ``delivery.send(...)``."""

from .aliyun import WORDS as SMS_WORDS
from .gate import GATES, KINDS, LAST_LOOKS, Kind, NotAdmitted, Planned, declare_kind
from .letters import Template
from .robots import WORDS as ROBOT_WORDS
from .robots import BadRobot, check_robot
from .sending import BadAddress, Mail, ask_reports, count_recent, find_message, send, send_mails, states_of, withdraw

WORDS = {**SMS_WORDS, **ROBOT_WORDS}
"""What carriers answered, in words."""

__all__ = [
    "GATES",
    "KINDS",
    "LAST_LOOKS",
    "WORDS",
    "BadAddress",
    "BadRobot",
    "Kind",
    "Mail",
    "NotAdmitted",
    "Planned",
    "Template",
    "ask_reports",
    "check_robot",
    "count_recent",
    "declare_kind",
    "find_message",
    "send",
    "send_mails",
    "states_of",
    "withdraw",
]
