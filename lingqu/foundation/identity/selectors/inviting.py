"""Whom of the staff an invitation may reach, and how far a place has come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower

from lingqu.kernel import clock, crypto, delivery

from .. import register
from ..models import Account, Invitation, InvitationRound
from ..types.values import InvitationSent, StaffProgress
from .accounts import normalised_phone

NEVER, INVITED, IN = "never", "invited", "in"
"""Parts of a staff list: without invitation, invited and not in yet, in use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reachable:
    """Somebody who may be invited, with the address the register has; ``channel`` is empty when there is none.

    ``is_shared``: the address stands for somebody else of the staff too, so a code sent there would be anybody's.
    """

    account_id: UUID
    person_id: UUID
    name: str
    path: str
    channel: str = ""
    address: str = ""
    is_shared: bool = False


def posts_at(school: Any) -> Any:
    """Open posts of living people who work at exactly this place, one row a post."""
    posts = register.people().model._meta.get_field("appointments").related_model.objects
    return posts.filter(
        path=str(school.path), valid_to=None, relation="works_at", person__canonical=None, person__deceased_on=None
    )


def invitable(school: Any) -> QuerySet[Account]:
    """Accounts not in use of people who work here today. Nobody who has died under any of their numbers."""
    today = posts_at(school).filter(valid_from__lte=clock.today())
    return (
        Account.objects.filter(state="new", person__in=today.values("person"))
        .exclude(person__merged__deceased_on__isnull=False)
        .select_related("person")
    )


def reachable(accounts: Iterable[Account]) -> tuple[Reachable, ...]:
    """E-mail first, else a mobile number, as the register has them; both are unverified until the code is used."""
    rows = list(accounts)
    phones = _shared_phones([row.person.phone_blind for row in rows if row.person and row.person.phone_blind])
    emails = _shared_emails([row.person.email.lower() for row in rows if row.person and row.person.email])
    return tuple(_reachable(row, phones, emails) for row in rows if row.person is not None)


def _reachable(row: Account, phones: set[UUID], emails: set[str]) -> Reachable:
    person: Any = row.person
    email = person.email.strip()
    phone = normalised_phone(crypto.unseal_fields(person.sealed).get("phone", "")) if person.sealed else ""
    is_shared = email.lower() in emails if email else person.phone_blind in phones
    return Reachable(
        account_id=row.id, person_id=person.id, name=person.name, path=str(person.path),
        channel="email" if email else "sms" if phone else "", address=email or phone,
        is_shared=bool(email or phone) and is_shared,
    )  # fmt: skip


def _shared_phones(blinds: Sequence[UUID]) -> set[UUID]:
    """Those that stand for more than one living person with an open post, wherever that is."""
    rows = register.people().filter(
        phone_blind__in=blinds, canonical=None, deceased_on=None, appointments__isnull=False,
        appointments__valid_to=None,
    )  # fmt: skip
    counted = rows.values("phone_blind").annotate(n=Count("id", distinct=True)).filter(n__gt=1)
    return set(counted.values_list("phone_blind", flat=True))


def _shared_emails(addresses: Sequence[str]) -> set[str]:
    """Those written for several of the people asked about, or that open another account already."""
    twice = {address for address, count in Counter(addresses).items() if count > 1}
    taken = Account.objects.exclude(verified_email="").filter(verified_email__in=addresses)
    return twice | set(taken.values_list(Lower("verified_email"), flat=True))


def in_part(posts: Any, part: str) -> Any:
    """The posts whose holders stand where ``part`` says; any other word leaves them all."""
    invited = Exists(Invitation.objects.filter(account__person=OuterRef("person")))
    if part == NEVER:
        return posts.filter(~invited, person__accounts__state="new")
    if part == INVITED:
        return posts.filter(invited, person__accounts__state="new")
    if part == IN:
        return posts.filter(person__accounts__activated_at__isnull=False)
    return posts


def progress_of(school: Any) -> StaffProgress:
    """How many of the staff are in, invited, not invited, and how many have no address: one statement."""
    invited = Exists(Invitation.objects.filter(account__person=OuterRef("person")))
    new = Q(person__accounts__state="new")
    bare = Q(person__email="", person__phone_blind=None)
    found = posts_at(school).annotate(invited=invited).aggregate(
        staff=Count("person", distinct=True),
        active=Count("person", distinct=True, filter=Q(person__accounts__activated_at__isnull=False)),
        invited_only=Count("person", distinct=True, filter=new & Q(invited=True)),
        never=Count("person", distinct=True, filter=new & Q(invited=False)),
        without_address=Count("person", distinct=True, filter=new & bare),
        by_email=Count("person", distinct=True, filter=new & ~Q(person__email="")),
        by_sms=Count("person", distinct=True, filter=new & Q(person__email="") & Q(person__phone_blind__isnull=False)),
    )  # fmt: skip
    return StaffProgress(
        staff=found["staff"], active=found["active"], invited=found["invited_only"], never=found["never"],
        without_address=found["without_address"], by_email=found["by_email"], by_sms=found["by_sms"],
    )  # fmt: skip


def latest_invitations(account_ids: Sequence[UUID]) -> dict[UUID, InvitationSent]:
    """The newest invitation of each account, with what became of its message: two statements."""
    rows = Invitation.objects.filter(account_id__in=account_ids).order_by("account_id", "-id").distinct("account_id")
    found = list(rows)
    states = delivery.states_of([row.message_id for row in found])
    return {
        row.account_id: InvitationSent(
            channel=row.channel, shown=row.shown, at=row.invited_at, by=row.invited_by,
            state=states.get(row.message_id, ""),
        )
        for row in found
    }  # fmt: skip


def list_rounds(school: Any, most: int = 3) -> tuple[InvitationRound, ...]:
    """The last rounds of a place, newest first."""
    return tuple(InvitationRound.objects.filter(organisation=school).order_by("-made_at")[:most])
