"""Tables of the inbox."""

from .news import News, NewsSeen
from .notices import Attachment, Notice, NoticeSerial, NoticeTarget, Receipt, Step
from .reminders import QuietHours, Reminder, ReminderRound
from .robots import GroupRound, Robot
from .sums import Sum
from .todos import Todo

__all__ = [
    "Attachment",
    "GroupRound",
    "News",
    "NewsSeen",
    "Notice",
    "NoticeSerial",
    "NoticeTarget",
    "QuietHours",
    "Receipt",
    "Reminder",
    "ReminderRound",
    "Robot",
    "Step",
    "Sum",
    "Todo",
]
