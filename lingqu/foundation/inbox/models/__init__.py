"""Tables of the inbox."""

from .notices import Attachment, Notice, NoticeSerial, NoticeTarget, Receipt, Step
from .todos import Todo

__all__ = ["Attachment", "Notice", "NoticeSerial", "NoticeTarget", "Receipt", "Step", "Todo"]
