"""The door of the inbox: all that other modules may use."""

from .selectors.unsigned import unsigned_at
from .services.telling import tell, tell_account
from .services.todos import Asked, close_todo, put_todo, put_todos, withdraw_todo, withdraw_todos
from .types import rights
from .types.events import NoticeConfirmed, NoticePublished

__all__ = [
    "Asked",
    "NoticeConfirmed",
    "NoticePublished",
    "close_todo",
    "put_todo",
    "put_todos",
    "rights",
    "tell",
    "tell_account",
    "unsigned_at",
    "withdraw_todo",
    "withdraw_todos",
]
