"""The door of the inbox: all that other modules may use."""

from .selectors.reminders import message_allowed_from
from .selectors.unsigned import unsigned_at
from .services.todos import Asked, close_todo, put_todo, put_todos, withdraw_todo, withdraw_todos
from .types import rights
from .types.events import NoticeConfirmed, NoticePublished

__all__ = [
    "Asked",
    "NoticeConfirmed",
    "NoticePublished",
    "close_todo",
    "message_allowed_from",
    "put_todo",
    "put_todos",
    "rights",
    "unsigned_at",
    "withdraw_todo",
    "withdraw_todos",
]
