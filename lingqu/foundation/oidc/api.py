"""The door of OpenID Connect: signing and client proofs for protocols built on it."""

from .services.authentication import ASSERTION_ALGS, ASSERTION_TYPE, check_assertion, spend
from .services.clients import fault_of_uri, read_keys
from .services.keys import ring
from .services.tokens import BadToken, issuer, read, sign
from .types.words import SpentKind

__all__ = [
    "ASSERTION_ALGS",
    "ASSERTION_TYPE",
    "BadToken",
    "SpentKind",
    "check_assertion",
    "fault_of_uri",
    "issuer",
    "read",
    "read_keys",
    "ring",
    "sign",
    "spend",
]
