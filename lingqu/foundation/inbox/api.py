"""The door of the inbox: all that other modules may use."""

from .selectors.unsigned import unsigned_at
from .services.drafting import Words, create_draft, draft_correction
from .services.publishing import publish
from .services.receiving import confirm
from .services.recording import record_receipt
from .services.telling import tell, tell_account
from .services.todos import close_todo, put_todo, withdraw_todo, withdraw_todos
from .types import rights
from .types.events import NoticeConfirmed, NoticePublished
from .types.keys import Address
from .types.words import Audience

__all__ = [
    "Address",
    "Audience",
    "NoticeConfirmed",
    "NoticePublished",
    "Words",
    "close_todo",
    "confirm",
    "create_draft",
    "draft_correction",
    "publish",
    "put_todo",
    "record_receipt",
    "rights",
    "tell",
    "tell_account",
    "unsigned_at",
    "withdraw_todo",
    "withdraw_todos",
]
