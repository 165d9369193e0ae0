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


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A class or an organisation, as far as a filling needs it. ``path`` is the place where rights are asked."""

    id: UUID
    path: str
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLink:
    """A button among the actions of a page."""

    label: str
    url: str
    icon: str = ""


CLASS_LINKS: Slot[Spot, PageLink] = Slot("registry.class_links")
"""Given a class (with its school's path), where a module above has something to do for it."""
ORGANISATION_LINKS: Slot[Spot, PageLink] = Slot("registry.organisation_links")
"""The same for an organisation."""
PERSON_LINKS: Slot[Spot, PageLink] = Slot("registry.person_links")
"""The same for a person; ``code`` is the person's number, ``path`` where the person's data is kept in order."""
