"""Tables of identity: accounts, roles on tree positions, one-use codes, claims of guardians, the sign-in log."""

from .accounts import Account, KnownDevice, RoleAssignment
from .codes import ActivationCode, GuardianClaim, PhoneCode, SlipBatch
from .signing_in import SignInAttempt, Throttle

__all__ = [
    "Account",
    "ActivationCode",
    "GuardianClaim",
    "KnownDevice",
    "PhoneCode",
    "RoleAssignment",
    "SignInAttempt",
    "SlipBatch",
    "Throttle",
]
