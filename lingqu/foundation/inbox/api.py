"""The door of the inbox: all that other modules may use."""

from .services.todos import close_todo, put_todo, withdraw_todo
from .types import rights
from .types.events import NoticeConfirmed, NoticePublished

__all__ = ["NoticeConfirmed", "NoticePublished", "close_todo", "put_todo", "rights", "withdraw_todo"]
