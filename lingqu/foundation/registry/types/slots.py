"""Places that modules above may fill, in their ``contributions.py``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
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


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonSpot:
    """A person whose page is open: ``ids`` with merged records, ``holds`` says whether the reader has a right on them."""

    ids: tuple[UUID, ...]
    is_self: bool
    holds: Callable[[str], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberLine:
    """A number under which a person is known elsewhere. ``valid_to`` is None while it counts."""

    label: str
    value: str
    valid_from: date
    valid_to: date | None = None


PERSON_NUMBERS: Slot[PersonSpot, tuple[NumberLine, ...]] = Slot("registry.person_numbers")
"""Given a person, the numbers that the reader may see; what counts today comes first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NumbersFound:
    """Numbers of one chunk with their people. ``table`` is temporary: ``row_id, person_id, issuer, value, begin_on, end_on``;
    ``scope`` is the path that the importer reaches. Part of the caller's transaction."""

    cursor: Any
    table: str
    scope: str
    as_of: date
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NumbersTaken:
    """What became of them; ``refused``: row, rule and the sentence that names both people."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: tuple[tuple[int, str, str], ...] = ()


NUMBERS_FOUND: Slot[NumbersFound, NumbersTaken] = Slot("registry.numbers_found")
"""Filled by the module that keeps the numbers of other platforms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepBack:
    """A school is about to leave a school year again into which it went up."""

    school_id: UUID
    to_year: str


STEP_BACK: Slot[StepBack, None] = Slot("registry.step_back")
"""Told inside the transaction that takes the step back, before the classes go that it made: whoever carried something over
into them takes it out, or the class stays."""
