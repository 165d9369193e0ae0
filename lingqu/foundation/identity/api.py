"""The door of identity: all that other modules may use."""

from .middleware import actor_for
from .on_screen import allowed as on_class_screen
from .parting import ask_to_leave, leave_and_show, list_entered
from .proving import ASKED, door, was_proved
from .roles import ROLES, title_of
from .selectors.accounts import accounts_of_person, find_account, find_account_of, get_account, name_of
from .selectors.claims import count_claims
from .selectors.factors import has_factor
from .selectors.granted import is_role_held, may_play
from .selectors.mailboxes import Mailbox, mailboxes_of, person_with_email
from .selectors.real_names import open_proofs
from .selectors.sessions import find_sso_session
from .selectors.standing import standing_of
from .services.activation import put_in_use
from .services.figures import count_sign_ins
from .services.issuing import IssuedCode, issue_codes, set_password
from .services.locking import end_all_sessions, lock_account, unlock_account
from .services.opening import open_account_for, open_accounts, open_duty_account
from .services.real_names import note as note_real_name
from .services.roles import end_role, grant_role
from .services.signing_in import end_sessions, refresh_rights
from .services.sso import end as end_sso_sessions
from .services.sso import end_own as end_own_sessions
from .sessions import await_second, leave, session_of
from .sessions import begin as begin_session
from .types import rights
from .types.events import (
    AccountActivated,
    AccountLocked,
    GuardianClaimDecided,
    GuardianClaimed,
    RoleEnded,
    RoleGranted,
    SessionsEnded,
)
from .types.slots import ARRIVED, ENTERED, ONWARD, OTHER_DOORS, OWN_LINKS, PLAYED, SCREEN_TILES
from .types.values import Arrival, EnteredApp, OtherDoor, RoleChoice, SessionFact, Standing
from .types.words import RealNameSource, SessionEnd, SessionKind

__all__ = [
    "ARRIVED",
    "ASKED",
    "ENTERED",
    "ONWARD",
    "OTHER_DOORS",
    "OWN_LINKS",
    "PLAYED",
    "ROLES",
    "SCREEN_TILES",
    "AccountActivated",
    "AccountLocked",
    "Arrival",
    "EnteredApp",
    "GuardianClaimDecided",
    "GuardianClaimed",
    "IssuedCode",
    "Mailbox",
    "OtherDoor",
    "RealNameSource",
    "RoleChoice",
    "RoleEnded",
    "RoleGranted",
    "SessionEnd",
    "SessionFact",
    "SessionKind",
    "SessionsEnded",
    "Standing",
    "accounts_of_person",
    "actor_for",
    "ask_to_leave",
    "await_second",
    "begin_session",
    "count_claims",
    "count_sign_ins",
    "door",
    "end_all_sessions",
    "end_own_sessions",
    "end_role",
    "end_sessions",
    "end_sso_sessions",
    "find_account",
    "find_account_of",
    "find_sso_session",
    "get_account",
    "grant_role",
    "has_factor",
    "is_role_held",
    "issue_codes",
    "leave",
    "leave_and_show",
    "list_entered",
    "lock_account",
    "mailboxes_of",
    "may_play",
    "name_of",
    "note_real_name",
    "on_class_screen",
    "open_account_for",
    "open_accounts",
    "open_duty_account",
    "open_proofs",
    "person_with_email",
    "put_in_use",
    "refresh_rights",
    "rights",
    "session_of",
    "set_password",
    "standing_of",
    "title_of",
    "unlock_account",
    "was_proved",
]
