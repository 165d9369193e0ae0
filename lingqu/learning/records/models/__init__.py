"""Tables of the learning record store."""

from .actors import Actor, Face, Term
from .credentials import Credential, Refusal, Tenant
from .statements import Attachment, Mark, Reference, Statement, StatementId, Voiding

__all__ = [
    "Actor",
    "Attachment",
    "Credential",
    "Face",
    "Mark",
    "Reference",
    "Refusal",
    "Statement",
    "StatementId",
    "Tenant",
    "Term",
    "Voiding",
]
