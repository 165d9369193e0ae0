"""Tables of the learning record store."""

from .actors import Actor, Face, Term
from .credentials import Credential, Refusal, Tenant
from .documents import Document
from .parts import Month, Part
from .statements import Attachment, Mark, Reference, Statement, StatementId, Voiding
from .volumes import Volume

__all__ = [
    "Actor",
    "Attachment",
    "Credential",
    "Document",
    "Face",
    "Mark",
    "Month",
    "Part",
    "Reference",
    "Refusal",
    "Statement",
    "StatementId",
    "Tenant",
    "Term",
    "Voiding",
    "Volume",
]
