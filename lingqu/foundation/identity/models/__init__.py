"""Tables of identity: accounts, roles on tree positions, one-use codes, claims of guardians, SSO sessions, the sign-in log."""

from .accounts import Account, KnownDevice, RoleAssignment
from .codes import ActivationCode, GuardianClaim, PhoneCode, SlipBatch
from .inviting import Invitation, InvitationRound
from .signing_in import SignInAttempt, Throttle
from .sso import SsoSession

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
    "SsoSession",
    "Throttle",
]
