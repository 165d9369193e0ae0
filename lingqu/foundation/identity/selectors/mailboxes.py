"""Where people may be written to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from ..models import Account


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """``email``: proved by its owner, else empty. ``language``: chosen by the owner, else empty."""

    email: str = ""
    language: str = ""


def person_with_email(address: str) -> UUID | None:
    """The person who proved this address, the working one after a merge; None when several did or nobody."""
    if not address:
        return None
    rows = Account.objects.filter(verified_email=address, state="active").exclude(person=None).select_related("person")
    found = {row.person.canonical_id or row.person_id for row in rows if row.person is not None}
    return found.pop() if len(found) == 1 else None


def mailboxes_of(person_ids: Iterable[UUID]) -> dict[UUID, Mailbox]:
    """Of each person who may be written to; one statement. Whoever has stopped or closed accounts only is left out; an
    empty mailbox stands for whoever has no account yet or has not proved an address."""
    wanted = list(person_ids)
    rows = Account.objects.filter(Q(person_id__in=wanted) | Q(person__canonical_id__in=wanted))
    held: dict[UUID, list[tuple[str, str, str]]] = defaultdict(list)
    for own, canonical, *rest in rows.values_list(
        "person_id", "person__canonical_id", "state", "verified_email", "language"
    ):
        held[canonical or own].append((rest[0], rest[1], rest[2]))
    found = {}
    for person_id in wanted:
        accounts = held[person_id]
        usable = [one for one in accounts if one[0] in ("active", "new")]
        if usable or not accounts:
            state, email, language = min(usable, default=("new", "", ""))
            found[person_id] = Mailbox(email=email if state == "active" else "", language=language)
    return found
