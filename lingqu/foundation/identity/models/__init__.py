"""Tables of identity: accounts, roles on tree positions, one-use codes, claims, SSO and class sessions, the sign-in log."""

from .accounts import Account, KnownDevice, RoleAssignment
from .classroom import ClassCard, ClassPin, ClassSession, RoomSeat, ScreenRequest
from .codes import ActivationCode, GuardianClaim, PhoneCode, SlipBatch
from .factors import OneTimeApp, RecoveryCode
from .inviting import Invitation, InvitationRound
from .real_names import RealNameProof
from .revoking import GuardianRevocation
from .signing_in import SignInAttempt, Throttle
from .sso import SsoSession
from .texting import SliderChallenge, SmsBudget, SmsTemplate, SmsUse

__all__ = [
    "Account",
    "ActivationCode",
    "ClassCard",
    "ClassPin",
    "ClassSession",
    "GuardianClaim",
    "GuardianRevocation",
    "Invitation",
    "InvitationRound",
    "KnownDevice",
    "OneTimeApp",
    "PhoneCode",
    "RealNameProof",
    "RecoveryCode",
    "RoleAssignment",
    "RoomSeat",
    "ScreenRequest",
    "SignInAttempt",
    "SliderChallenge",
    "SlipBatch",
    "SmsBudget",
    "SmsTemplate",
    "SmsUse",
    "SsoSession",
    "Throttle",
]
