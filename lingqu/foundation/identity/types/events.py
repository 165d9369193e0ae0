"""Facts that identity publishes."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountActivated:
    """Somebody has set a password with a one-use code: the account is in use from now on."""

    account_id: UUID
    person_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLocked:
    account_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleGranted:
    assignment_id: int
    account_id: UUID
    role: str
    organisation_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleEnded:
    assignment_id: int
    account_id: UUID
    role: str
    organisation_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardianClaimed:
    """A claim waits for the class teacher."""

    claim_id: UUID
    child_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardianClaimDecided:
    """``person_id``: the claimant, where there is an account."""

    claim_id: UUID
    child_id: UUID
    is_confirmed: bool
    person_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionsEnded:
    """SSO sessions are over, at most 500 in one fact. ``because`` is a :class:`SessionEnd` value."""

    session_ids: tuple[UUID, ...]
    because: str
