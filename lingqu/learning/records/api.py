"""The door of the learning records."""

from .services.credentials import create_credential, revoke_credential
from .services.erasing import erase_person
from .services.own import record
from .types import rights
from .types.faults import Fault
from .types.values import Caller, Erased, NewCredential

__all__ = [
    "Caller",
    "Erased",
    "Fault",
    "NewCredential",
    "create_credential",
    "erase_person",
    "record",
    "revoke_credential",
    "rights",
]
