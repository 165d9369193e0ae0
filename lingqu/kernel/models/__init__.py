"""The kernel's tables: the trail (audit, outbox, changes) and the tools' own rows."""

from .keys import KeyState, KeyStep
from .tools import FileReference, HomeState, Limit, Message, StoredFile, WorkerBeat
from .trail import AuditEntry, AuditSeal, Change, OutboxCursor, OutboxEvent, OutboxRetry

__all__ = [
    "AuditEntry",
    "AuditSeal",
    "Change",
    "FileReference",
    "HomeState",
    "KeyState",
    "KeyStep",
    "Limit",
    "Message",
    "OutboxCursor",
    "OutboxEvent",
    "OutboxRetry",
    "StoredFile",
    "WorkerBeat",
]
