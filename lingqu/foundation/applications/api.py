"""The door of applications: what protocols and other modules above may use."""

from .printing import printed
from .selectors.apps import check_secret, find_application, get_application
from .selectors.claims import claims_of, released_scopes
from .selectors.consents import missing_consent, needs_consent, needs_guardian
from .selectors.entering import require_entry
from .selectors.settings import require_settings
from .services.consents import end_consent, give_consent, give_consent_for
from .services.registering import Details, change_details, create_draft, create_live
from .services.secrets import make_secret, revoke_secret
from .services.states import resume, retire, suspend
from .services.subjects import find_account_by_subject, subject_of
from .services.taking_part import join, log_request, record_release
from .types import rights
from .types.events import ApplicationRetired, ApplicationSuspended, ConsentEnded, SecretRotated
from .types.scopes import SCOPES, Scope
from .types.slots import CREATORS, ENTRIES, GUIDES, LOGOUT, SETTINGS
from .types.values import App, EntryRefused, Example, Guide, LogoutCall, NewSecret, SettingsCard, Took

__all__ = [
    "CREATORS",
    "ENTRIES",
    "GUIDES",
    "LOGOUT",
    "SCOPES",
    "SETTINGS",
    "App",
    "ApplicationRetired",
    "ApplicationSuspended",
    "ConsentEnded",
    "Details",
    "EntryRefused",
    "Example",
    "Guide",
    "LogoutCall",
    "NewSecret",
    "Scope",
    "SecretRotated",
    "SettingsCard",
    "Took",
    "change_details",
    "check_secret",
    "claims_of",
    "create_draft",
    "create_live",
    "end_consent",
    "find_account_by_subject",
    "find_application",
    "get_application",
    "give_consent",
    "give_consent_for",
    "join",
    "log_request",
    "make_secret",
    "missing_consent",
    "needs_consent",
    "needs_guardian",
    "printed",
    "record_release",
    "released_scopes",
    "require_entry",
    "require_settings",
    "resume",
    "retire",
    "revoke_secret",
    "rights",
    "subject_of",
    "suspend",
]
