"""The door of the inbox: all that other modules may use."""

from .selectors.reading import keys_of
from .selectors.unsigned import unsigned_at
from .services.filing import ACCEPTED, media_of
from .services.todos import NewTodo, close_todo, close_todos, put_todo, put_todos, withdraw_todo, withdraw_todos
from .types import rights
from .types.events import NoticeConfirmed, NoticePublished

__all__ = [
    "ACCEPTED",
    "NewTodo",
    "NoticeConfirmed",
    "NoticePublished",
    "close_todo",
    "close_todos",
    "keys_of",
    "media_of",
    "put_todo",
    "put_todos",
    "rights",
    "unsigned_at",
    "withdraw_todo",
    "withdraw_todos",
]
