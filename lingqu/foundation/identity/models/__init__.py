"""Tables of identity: accounts, roles on tree positions, one-use codes, claims, SSO and class sessions, the sign-in log."""

from .accounts import Account, KnownDevice, RoleAssignment
from .alerts import Alert, AlertRecipient, AlertRule, SchoolNetwork
from .classroom import ClassCard, ClassPin, ClassSession, RoomSeat, ScreenRequest
from .codes import ActivationCode, GuardianClaim, PhoneCode, SlipBatch
from .factors import FactorRule, OneTimeApp, Passkey, RecoveryCode
from .figures import SignInFigures
from .inviting import Invitation, InvitationRound
from .real_names import RealNameProof
from .revoking import GuardianRevocation
from .signing_in import SignInAttempt, Throttle
from .sso import SsoSession
from .taking import DataFile
from .texting import SliderChallenge, SmsBudget, SmsTemplate, SmsUse

__all__ = [
    "Account",
    "ActivationCode",
    "Alert",
    "AlertRecipient",
    "AlertRule",
    "ClassCard",
    "ClassPin",
    "ClassSession",
    "DataFile",
    "FactorRule",
    "GuardianClaim",
    "GuardianRevocation",
    "Invitation",
    "InvitationRound",
    "KnownDevice",
    "OneTimeApp",
    "Passkey",
    "PhoneCode",
    "RealNameProof",
    "RecoveryCode",
    "RoleAssignment",
    "RoomSeat",
    "SchoolNetwork",
    "ScreenRequest",
    "SignInAttempt",
    "SignInFigures",
    "SliderChallenge",
    "SlipBatch",
    "SmsBudget",
    "SmsTemplate",
    "SmsUse",
    "SsoSession",
    "Throttle",
]
