"""Places that modules above may fill, in their ``contributions.py``."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from lingqu.kernel.slots import Slot


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLine:
    """One line of the 账号 card on a person's page. ``url`` may lead to what can be done about it."""

    title: str
    detail: str
    state_label: str
    tone: str = "neutral"
    url: str = ""
    url_label: str = ""


PERSON_ACCOUNTS: Slot[UUID, tuple[AccountLine, ...]] = Slot("registry.person_accounts")
"""Given a person, their account lines."""
