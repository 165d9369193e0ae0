"""Tables of identity: accounts, roles on tree positions, one-use codes, claims of guardians, the sign-in log."""

from .accounts import Account, KnownDevice, RoleAssignment
from .codes import ActivationCode, GuardianClaim, PhoneCode, SlipBatch
from .inviting import Invitation, InvitationRound
from .signing_in import SignInAttempt, Throttle

__all__ = [
    "Account",
    "ActivationCode",
    "GuardianClaim",
    "Invitation",
    "InvitationRound",
    "KnownDevice",
    "PhoneCode",
    "RoleAssignment",
    "SignInAttempt",
    "SlipBatch",
    "Throttle",
]
