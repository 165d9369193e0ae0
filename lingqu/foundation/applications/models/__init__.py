"""Tables of applications: vendors and what they registered, what was granted, who took part, what was released."""

from .applications import Application, ApplicationFiling, Review, Secret, Vendor, VendorMember
from .grants import Adoption, Consent, ConsentBatch, ScopeGrant
from .people import LegacyAccount, SandboxClass, SandboxPerson, Subject
from .running import LogoutNotice, Participation, Release, RequestLog

__all__ = [
    "Adoption",
    "Application",
    "ApplicationFiling",
    "Consent",
    "ConsentBatch",
    "LegacyAccount",
    "LogoutNotice",
    "Participation",
    "Release",
    "RequestLog",
    "Review",
    "SandboxClass",
    "SandboxPerson",
    "ScopeGrant",
    "Secret",
    "Subject",
    "Vendor",
    "VendorMember",
]
