"""Tables of the learning record store."""

from .actors import Actor, Face, Term
from .courses import Course, CourseFile, Registration, Session, UnitState
from .credentials import Credential, Refusal, Tenant
from .documents import Document
from .forwarding import DeadLetter, Forward
from .parts import Month, Part
from .statements import Attachment, LateMark, Mark, Reference, Statement, StatementId, Voiding
from .volumes import Volume

__all__ = [
    "Actor",
    "Attachment",
    "Course",
    "CourseFile",
    "Credential",
    "DeadLetter",
    "Document",
    "Face",
    "Forward",
    "LateMark",
    "Mark",
    "Month",
    "Part",
    "Reference",
    "Refusal",
    "Registration",
    "Session",
    "Statement",
    "StatementId",
    "Tenant",
    "Term",
    "UnitState",
    "Voiding",
    "Volume",
]
