"""Tables of leave and substitution. Days are inclusive."""

from .absences import Absence, Cover
from .rules import LeaveRule, OnlineLeave

__all__ = ["Absence", "Cover", "LeaveRule", "OnlineLeave"]
