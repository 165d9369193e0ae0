"""Real-name states for pages: of one account, beside a list, and everybody of a school by state."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.pages import Page, page_of

from .. import policies, register
from ..models import RealNameProof
from ..types.values import Proof, RealNameRow
from ..types.words import RealNamePaper, RealNameSource

MOST_SHOWN = 50


def proofs_of(account_id: UUID) -> tuple[Proof, ...]:
    """Open proofs first, then revoked ones, the newest before the older; one statement."""
    rows = RealNameProof.objects.filter(account_id=account_id).order_by("-id")[:MOST_SHOWN]
    return tuple(sorted((as_proof(row) for row in rows), key=lambda one: one.revoked_at is not None))


def open_proofs(account_ids: Iterable[UUID]) -> dict[UUID, Proof]:
    """The oldest open proof of each verified account among these."""
    rows = RealNameProof.objects.filter(account_id__in=list(account_ids), revoked_at=None).order_by("-id")
    return {row.account_id: as_proof(row) for row in rows}


def as_proof(row: RealNameProof) -> Proof:
    papers = dict(RealNamePaper.choices)
    return Proof(
        id=row.id, source=row.source, source_label=str(RealNameSource(row.source).label),
        detail=str(papers.get(row.detail, row.detail)), noted_at=row.noted_at, noted_by=row.noted_by,
        revoked_at=row.revoked_at, revoked_by=row.revoked_by, reason=row.reason,
    )  # fmt: skip


def state_label(proof: Proof | None) -> str:
    """In words, with source and day told by the page."""
    return _("已核验") if proof else _("未核验")


def list_real_names(
    *, actor: Actor, school: Any, part: str = "students", state: str = "", cursor: str = "", limit: int = 50
) -> Page[RealNameRow]:
    """Pupils or staff of a school with the proof of their accounts, by name; ``state`` is ``yes``, ``no`` or empty."""
    require(policies.may_see_school_accounts(actor, school))
    rows = _people_at(school, part)
    if state in ("yes", "no"):
        rows = rows.filter(_is_verified() if state == "yes" else ~_is_verified())
    page = page_of(rows, order=("name_key", "id"), limit=limit, cursor=cursor)
    accounts = {account.id: row for row in page.items for account in row.person.accounts.all()}
    proofs = open_proofs(accounts)
    of_row = {row.id: account_id for account_id, row in accounts.items()}
    items = tuple(
        RealNameRow(
            person_number=row.person.number, name=row.person.name,
            detail=registry.grade_label(row.grade) if part == "students" else row.staff_number,
            has_account=row.id in of_row, proof=proofs.get(of_row[row.id]) if row.id in of_row else None,
        )
        for row in page.items
    )  # fmt: skip
    return page.showing(items)


def count_verified(school: Any, part: str) -> tuple[int, int]:
    """People of a part of the school, and how many of them are verified."""
    rows = _people_at(school, part)
    return rows.count(), rows.filter(_is_verified()).count()


def _is_verified() -> Exists:
    return Exists(RealNameProof.objects.filter(account__person=OuterRef("person"), revoked_at=None))


def _people_at(school: Any, part: str) -> Any:
    """Open 就读 of the school, or posts of those who work there; not the deceased."""
    name, place = ("enrolments", Q(school=school)) if part == "students" else ("appointments", Q(organisation=school))
    rows = register.people().model._meta.get_field(name).related_model.objects
    if part != "students":
        place &= Q(relation="works_at")
    found = rows.filter(place, path=school.path, valid_to=None, person__deceased_on=None)
    return found.select_related("person").prefetch_related("person__accounts")
