"""Tables of the learning record store."""

from .actors import Actor, Face, Term
from .credentials import Credential, Refusal, Tenant
from .documents import Document
from .statements import Attachment, Mark, Reference, Statement, StatementId, Voiding
from .volumes import Volume

__all__ = [
    "Actor",
    "Attachment",
    "Credential",
    "Document",
    "Face",
    "Mark",
    "Reference",
    "Refusal",
    "Statement",
    "StatementId",
    "Tenant",
    "Term",
    "Voiding",
    "Volume",
]
