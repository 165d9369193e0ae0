"""Tables of the inbox."""

from .notices import Attachment, Notice, NoticeSerial, NoticeTarget, Receipt, Step
from .reminders import QuietHours, Reminder, ReminderRound
from .todos import Todo

__all__ = [
    "Attachment",
    "Notice",
    "NoticeSerial",
    "NoticeTarget",
    "QuietHours",
    "Receipt",
    "Reminder",
    "ReminderRound",
    "Step",
    "Todo",
]
