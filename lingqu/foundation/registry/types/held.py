"""What modules hold about somebody, for the person, or a guardian, to take along.

    registry.hand_out("lti", held, "lti_score")                    # in contributions.py: held(actor, about) -> parts

Every table with a key to a person or account is named once: by the module that hands it out, or with the reason why nothing
of it is. A test counts them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from lingqu.kernel.actor import Actor
from lingqu.kernel.slots import Slot

MOST_ROWS = 5000
"""Rows of one part; the latest ones."""
Part = list[Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """Whose data: all ids that stand for the person, and the account if there is one."""

    person_ids: tuple[UUID, ...]
    account_id: UUID | None

    def named(self, person: str = "person", account: str = "account") -> Q:
        """Rows that name either; an empty field name leaves that out."""
        found = Q(**{f"{person}__in": self.person_ids}) if person and self.person_ids else Q(pk__in=[])
        return found | Q(**{account: self.account_id}) if account and self.account_id else found


HELD: Slot[About, Mapping[str, Part]] = Slot("registry.held")
"""Given whose data, lists of maps by the name of the part. Plain values; no secrets, no names of others."""
HANDED_OUT: dict[str, str] = {}
"""Table → the module that hands it out, or why nobody does."""


def hand_out(module: str, make: Callable[[Actor, About], Mapping[str, Part]], *tables: str) -> None:
    HELD.fill(module, make)
    HANDED_OUT.update(dict.fromkeys(tables, module))


def keep_back(why: str, *tables: str) -> None:
    HANDED_OUT.update(dict.fromkeys(tables, why))


def part_of(rows: QuerySet[Any], *columns: str, **named: Any) -> Part:
    """The latest rows as maps of these columns; ``named`` are expressions under a name of their own."""
    return list(rows.order_by("-pk").values(*columns, **named)[:MOST_ROWS])
