"""The door of applications: what protocols and other modules above may use."""

from .asking import StaleQuestion, ask_consent
from .policies import may_manage
from .printing import printed
from .selectors.apps import app_of, app_rows, check_secret, find_application, get_application, is_client_id
from .selectors.claims import claims_of, claims_of_many, released_scopes
from .selectors.consents import missing_consent, needs_guardian
from .selectors.entering import adopting_organisations, open_roles, require_entry
from .selectors.sandbox import Played, find_played, list_sandbox_seats
from .selectors.settings import get_app_to_set, require_settings
from .selectors.shelf import list_shelf
from .services.adopting import Decision, adopt
from .services.consents import end_consent, give_consent, give_consent_for
from .services.filing import Filing, save_filing
from .services.granting import grant_scope
from .services.registering import Details, change_details, create_draft, create_live, note_logout_support
from .services.reviewing import give_opinion, submit
from .services.secrets import make_secret, revoke_secret
from .services.states import resume, retire, suspend
from .services.subjects import find_account_by_subject, subject_of, subjects_of
from .services.taking_part import join, log_request, record_release, record_releases, tell
from .services.vendors import AlreadyRegistered, Firm, register_vendor
from .types import rights
from .types.events import ApplicationRetired, ApplicationSuspended, ConsentEnded, SecretRotated
from .types.scopes import SCOPES, Scope
from .types.slots import AFTER_CONSENT, CREATORS, ENTRIES, GUIDES, KEY_REPLACERS, LOGOUT, SANDBOX_RESET, SETTINGS
from .types.values import AfterConsent, App, EntryRefused, Example, Guide, LogoutCall, NewSecret, SettingsCard, Took

__all__ = [
    "AFTER_CONSENT",
    "CREATORS",
    "ENTRIES",
    "GUIDES",
    "KEY_REPLACERS",
    "LOGOUT",
    "SANDBOX_RESET",
    "SCOPES",
    "SETTINGS",
    "AfterConsent",
    "AlreadyRegistered",
    "App",
    "ApplicationRetired",
    "ApplicationSuspended",
    "ConsentEnded",
    "Decision",
    "Details",
    "EntryRefused",
    "Example",
    "Filing",
    "Firm",
    "Guide",
    "LogoutCall",
    "NewSecret",
    "Played",
    "Scope",
    "SecretRotated",
    "SettingsCard",
    "StaleQuestion",
    "Took",
    "adopt",
    "adopting_organisations",
    "app_of",
    "app_rows",
    "ask_consent",
    "change_details",
    "check_secret",
    "claims_of",
    "claims_of_many",
    "create_draft",
    "create_live",
    "end_consent",
    "find_account_by_subject",
    "find_application",
    "find_played",
    "get_app_to_set",
    "get_application",
    "give_consent",
    "give_consent_for",
    "give_opinion",
    "grant_scope",
    "is_client_id",
    "join",
    "list_sandbox_seats",
    "list_shelf",
    "log_request",
    "make_secret",
    "may_manage",
    "missing_consent",
    "needs_guardian",
    "note_logout_support",
    "open_roles",
    "printed",
    "record_release",
    "record_releases",
    "register_vendor",
    "released_scopes",
    "require_entry",
    "require_settings",
    "resume",
    "retire",
    "revoke_secret",
    "rights",
    "save_filing",
    "subject_of",
    "subjects_of",
    "submit",
    "suspend",
    "tell",
]
