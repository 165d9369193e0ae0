"""Values that cross identity's door."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from lingqu.kernel.actor import Right
from lingqu.kernel.pages import Page


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleChoice:
    """One role that an account may act in. ``key`` names it in the session: ``role`` or ``role@organisation``.

    ``origin`` is ``granted`` or ``derived``; ``until`` is when a granted one ends.
    """

    key: str
    role: str
    organisation_id: UUID | None
    organisation_name: str
    path: str
    rights: tuple[Right, ...]
    origin: str = "derived"
    until: datetime | None = None
    detail: str = ""
    """What tells it apart: names of classes, of children."""

    def is_live(self, at: datetime) -> bool:
        return self.until is None or at < self.until


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Who an account stands for and what it may act as, most useful first."""

    account_id: UUID
    login: str
    person_id: UUID | None
    name: str
    choices: tuple[RoleChoice, ...]
    own: tuple[Right, ...]
    """Rights that hold in every role: one's own record."""
    factor_due: datetime | None = None
    """When a second factor must be set up that a role asks for; None: none asks, or it is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A session that began after the door asked for the second factor on behalf of a module above; ``told`` is what that
    module left there."""

    session_id: UUID
    told: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionFact:
    """One SSO session, as protocols copy it. ``id`` is the ``sid``; ``auth_time`` and ``amr`` (RFC 8176) say when and how
    the account proved itself last; ``kind`` is a :class:`SessionKind` value; ``ended_because`` is empty while it runs."""

    id: UUID
    account_id: UUID
    kind: str
    amr: tuple[str, ...]
    auth_time: datetime
    began_at: datetime
    expires_at: datetime
    group_id: UUID | None
    ended_at: datetime | None
    ended_because: str

    def is_live(self, at: datetime) -> bool:
        return self.ended_at is None and at < self.expires_at


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherDoor:
    """A way to sign in that leads elsewhere first."""

    label: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EnteredApp:
    """An application that a session entered. ``is_told``: it hears of the end; ``minutes``: for how long it may stay open
    else, if that is known."""

    name: str
    is_told: bool
    minutes: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One of several accounts behind a phone, as shown to its holder."""

    account_id: UUID
    name: str
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Accounts whose password was right; more than one only behind a shared phone."""

    accounts: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCode:
    """What a one-use code stands for, as far as its holder may see before using it.

    ``initial`` is the first character of the name (of the child, for a guardian's code).
    """

    code_hash: UUID
    purpose: str
    initial: str
    login: str
    where: str
    simple_password: bool
    account_id: UUID | None
    child_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantedRole:
    """A granted role as listed."""

    id: int
    role: str
    account_id: UUID
    login: str
    name: str
    organisation_id: UUID
    organisation_name: str
    path: str
    valid_from: datetime
    valid_until: datetime | None
    granted_by: str
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassAccount:
    """One pupil's line in the account list of a class."""

    account_id: UUID
    person_id: UUID
    person_number: str
    name: str
    number: int | None
    state: str
    last_login: datetime | None
    guardians: int
    guardians_active: int
    has_code: bool
    proof: Proof | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffAccount:
    account_id: UUID | None
    person_id: UUID
    person_number: str
    name: str
    staff_number: str
    state: str
    last_login: datetime | None
    invitation: InvitationSent | None = None
    has_address: bool = False
    """The register has an e-mail address or a phone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationSent:
    """The last invitation of an account. ``shown`` is the masked address, ``state`` that of the message.

    ``state`` is ``queued``, ``sent``, ``failed``, ``expired``, or empty when the message is forgotten.
    """

    channel: str
    shown: str
    at: datetime
    by: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffProgress:
    """How far the staff of a place has come. ``by_email`` and ``by_sms`` count whom an invitation could reach."""

    staff: int
    active: int
    invited: int
    never: int
    without_address: int
    by_email: int
    by_sms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassAccounts:
    """How far a class has come."""

    class_id: UUID
    name: str
    pupils: int
    pupils_active: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A guardian's claim that waits for the class teacher."""

    id: UUID
    child_id: UUID
    child_name: str
    name: str
    phone_masked: str
    relation: str
    registered: tuple[str, ...]
    """Guardians the register already names for the child."""
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Watcher:
    """A role or post that may see somebody, and who holds it now: names where there are few, else a number."""

    role: str
    place: str
    names: tuple[str, ...]
    count: int
    sees: str
    """``masked``: name, class, masked numbers; ``clear``: also sensitive values, with a stated purpose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One unmasked read of somebody's sensitive values."""

    at: datetime
    name: str
    role: str
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt to sign in, and what its outcome means to whoever helps."""

    at: datetime
    outcome: str
    label: str
    advice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPaper:
    """A code that is out. ``way`` is ``paper``, ``email`` or ``sms``."""

    issued_at: datetime
    expires_at: datetime
    issued_by: str
    way: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """One real-name check of an account. ``revoked_at`` None while it holds."""

    id: int
    source: str
    source_label: str
    detail: str
    noted_at: datetime
    noted_by: str
    revoked_at: datetime | None
    revoked_by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RealNameRow:
    """Somebody of a school with the proof that holds, if any. ``detail`` is the grade code or the staff number."""

    person_number: str
    name: str
    detail: str
    has_account: bool
    proof: Proof | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """SMS a month of one place. ``said_by`` is the place whose number holds, empty for the platform's default;
    ``stopped_by`` the place that stopped sending; ``own_*`` is what was set at the place itself."""

    monthly: int
    said_by: str
    stopped_by: str
    own_monthly: int | None
    is_stopped: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateRow:
    """A kind of SMS with the names of its variables and the service's template, if one was entered."""

    kind: str
    title: str
    params: tuple[str, ...]
    code: str
    sign_name: str
    state: str
    state_label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """An SMS that did not arrive: when, what about, why."""

    at: datetime
    title: str
    cause: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPage:
    """One account for those who administer it. ``name`` is empty for readers who may not know whose it is."""

    account_id: UUID
    login: str
    name: str
    person_number: str
    """Empty for a duty account and for readers who may not know whose it is."""
    where: tuple[str, ...]
    state: str
    locked_until: datetime | None
    lock_reason: str
    opened_at: datetime
    activated_at: datetime | None
    last_login: datetime | None
    has_phone: bool
    has_factor: bool
    email: str
    devices: int
    failures: int
    """Failed attempts within the last day."""
    attempts: tuple[Attempt, ...]
    code: OpenPaper | None
    invitation: InvitationSent | None
    is_staff: bool
    pupil_class: UUID | None
    proofs: tuple[Proof, ...]
    """Real-name checks, those that hold first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One sign-in of somebody's own account. ``where`` is a browser and system in words; ``ended_because`` empty while it
    runs."""

    id: UUID
    where: str
    kind: str
    amr: tuple[str, ...]
    began_at: datetime
    seen_at: datetime
    ended_at: datetime | None
    ended_because: str
    is_here: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Stuck:
    """Somebody who may not get in. ``failed_at``, ``cause`` and ``advice`` are of the last attempt, if it failed."""

    person_id: UUID
    name: str
    place: str
    detail: str
    login: str
    state: str
    state_label: str
    failed_at: datetime | None
    cause: str
    advice: str
    last_login: datetime | None
    has_pin: bool
    proof: Proof | None
    """The real-name check that holds, if any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorNeed:
    """What the node asks: these roles need a second factor ``grace_days`` after first use, role or change of the rule.

    ``since`` and ``changed_by`` are empty while the defaults hold."""

    roles: tuple[str, ...]
    grace_days: int
    since: datetime | None = None
    changed_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleFactors:
    """A role, whether it needs a second factor, and how many accounts it is granted to, with and without one."""

    role: str
    title: str
    is_needed: bool
    holders: int
    with_factor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FiguresLine:
    """The sign-in figures of a place or a kind of people; ``cells`` in the order of ``selectors.figures.COLUMNS``."""

    label: str
    code: str = ""
    cells: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FiguresPage:
    """One place: by kind of people, and by what lies directly below it for one kind. ``counted_at`` is None before the first
    count."""

    name: str
    code: str
    above: tuple[tuple[str, str], ...]
    counted_at: datetime | None
    parts: tuple[FiguresLine, ...]
    below: Page[FiguresLine]
    total: FiguresLine


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRuleFact:
    """A rule as it holds now; ``unit`` says what the threshold counts, empty for rules without one."""

    code: str
    title: str
    text: str
    unit: str
    is_on: bool
    threshold: int
