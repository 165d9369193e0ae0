"""Facts that applications publish. Protocols end codes, tickets and tokens of the application at once."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationSuspended:
    application_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationRetired:
    application_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretRotated:
    """Another secret was made, or one was taken back."""

    application_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentEnded:
    """Somebody took consent back: tokens that carry these scopes for the account end."""

    application_id: UUID
    account_id: UUID
    scopes: tuple[str, ...]
