"""The door of the inbox: all that other modules may use."""

from .selectors.reading import keys_at, keys_of
from .selectors.reminders import message_allowed_from
from .services.drafting import Words, create_draft, draft_correction
from .services.filing import ACCEPTED, media_of
from .services.publishing import publish
from .services.receiving import confirm
from .services.recording import record_receipt
from .services.telling import tell, tell_account
from .services.todos import (
    NewTodo,
    close_todo,
    finish_todos,
    put_todo,
    put_todos,
    withdraw_todo,
    withdraw_todos,
)
from .types import rights
from .types.events import NoticeConfirmed, NoticePublished
from .types.keys import Address, head_key, holder_key, role_key
from .types.words import Audience

__all__ = [
    "ACCEPTED",
    "Address",
    "Audience",
    "NewTodo",
    "NoticeConfirmed",
    "NoticePublished",
    "Words",
    "close_todo",
    "confirm",
    "create_draft",
    "draft_correction",
    "finish_todos",
    "head_key",
    "holder_key",
    "keys_at",
    "keys_of",
    "media_of",
    "message_allowed_from",
    "publish",
    "put_todo",
    "put_todos",
    "record_receipt",
    "rights",
    "role_key",
    "tell",
    "tell_account",
    "withdraw_todo",
    "withdraw_todos",
]
