"""The door of the learning records."""

from .services.credentials import create_credential, revoke_credential
from .types import rights
from .types.values import Caller, NewCredential

__all__ = ["Caller", "NewCredential", "create_credential", "revoke_credential", "rights"]
