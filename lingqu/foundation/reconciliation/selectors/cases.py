"""Cases: lists that page by key, one case with both records, and who is to be called."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from lingqu.kernel import clock
from lingqu.kernel.actor import Actor
from lingqu.kernel.crypto import unseal_fields
from lingqu.kernel.errors import NotFound
from lingqu.kernel.pages import Page, merge_branches

from .. import policies, register
from ..models import Case, FileEntry, ListedChild, Ticket
from ..types import rights
from ..types.words import CaseState, TicketState

FILTERS = ("", "todo", "done", "late", "closed")
SCHOOL_DUTIES = ("register_officer", "school_admin", "academic_director", "principal")
OFFICE_DUTIES = ("register_officer", "county_officer", "school_admin", "bureau_leader")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Who acts for an organisation; empty names when nobody holds such a duty."""

    organisation: str
    name: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the records of a case. ``kind``: seat, entry or listed; identifiers are masked."""

    kind: str
    school: str
    number: str = ""
    id_number: str = ""
    birth: str = ""
    name: str = ""
    sex: str = ""
    state: str = ""
    attendance: str = ""
    grade: str = ""
    since: date | None = None


def _narrowed(rows: QuerySet[Case], *, bucket: str, state: str, q: str) -> QuerySet[Case]:
    if bucket:
        rows = rows.filter(bucket=bucket)
    if state == "late":
        rows = rows.filter(state=CaseState.TODO, due_on__lt=clock.today())
    elif state in CaseState.values:
        rows = rows.filter(state=state)
    else:
        rows = rows.exclude(state=CaseState.CLOSED)
    if q:
        rows = rows.filter(Q(name__startswith=q) | Q(school__name__contains=q))
    return rows


def list_cases(
    *, actor: Actor, path: str, bucket: str = "", state: str = "", q: str = "", cursor: str = "", limit: int = 10
) -> Page[Case]:
    """Cases that are counted at the place, and those whose other school it is; closed ones only when asked for."""
    policies.require_view(actor, path)
    joined = Case.objects.select_related("school", "other_school", "owner")
    branches = [joined.filter(path__within=path), joined.filter(other_path__within=path)]
    kept = [_narrowed(rows, bucket=bucket, state=state, q=q) for rows in branches]
    is_whole = "." not in path
    return merge_branches(
        kept[:1] if is_whole else kept, order=("name_key", "id"), limit=limit, cursor=cursor, with_total=False
    )


def get_case(*, actor: Actor, case_id: int) -> Case:
    """The case; :class:`NotFound` when there is none, :class:`Forbidden` out of reach."""
    case = Case.objects.select_related("school", "other_school", "owner", "person").filter(id=case_id).first()
    if case is None:
        raise NotFound()
    policies.require_see_case(actor, case)
    return case


def classes_of(cases: Iterable[Case]) -> dict[UUID, str]:
    """The class of each child who sits in one; one statement."""
    ids = [case.person_id for case in cases if case.person_id]
    rows = register.seats().filter(person_id__in=ids, valid_to=None).exclude(class_group__kind="teaching")
    return dict(rows.values_list("person_id", "class_group__name"))


def contacts_of(organisations: Iterable[Any]) -> dict[UUID, Contact]:
    """Who acts for each organisation by its duties: 学籍管理员 first; one statement."""
    known = {one.id: one for one in organisations if one is not None}
    rows = register.duties().filter(organisation_id__in=known, valid_to=None, person__deceased_on=None)
    found: dict[UUID, tuple[int, Any]] = {}
    for duty in rows.select_related("person").filter(kind__in={*SCHOOL_DUTIES, *OFFICE_DUTIES}).order_by("id"):
        wanted = OFFICE_DUTIES if known[duty.organisation_id].kind in ("region", "bureau") else SCHOOL_DUTIES
        if duty.kind in wanted:
            rank = wanted.index(duty.kind)
            if duty.organisation_id not in found or rank < found[duty.organisation_id][0]:
                found[duty.organisation_id] = (rank, duty.person)
    return {
        id: Contact(
            organisation=one.name, name=found[id][1].name if id in found else "",
            phone=unseal_fields(found[id][1].sealed).get("phone", "") if id in found else "",
        )
        for id, one in known.items()
    }  # fmt: skip


def sides_of(case: Case) -> tuple[Side, ...]:
    """Both records of a case beside each other: where the child sits, and every row of the newest file."""
    made: list[Side] = []
    if case.person_id is not None:
        seats = register.enrolments().filter(person_id=case.person_id, valid_to=None).select_related("school", "person")
        for seat in seats.order_by("-id")[:1]:
            person, former = seat.person, case.former
            born = date.fromisoformat(former["birth_date"]) if former.get("birth_date") else person.birth_date
            made.append(Side(
                kind="seat", school=seat.school.name, name=former.get("name") or person.name,
                sex=former.get("sex") or person.sex, grade=seat.grade,
                id_number=_masked(unseal_fields(person.sealed).get("id_number", "")), attendance=seat.attendance,
                birth=_month(born), since=seat.valid_from,
            ))  # fmt: skip
    rows = FileEntry.objects.filter(file_id=case.last_run.file_id, group_key=case.key).select_related("school")
    for row in rows.order_by("id")[:4]:
        is_here = bool(made) and made[0].kind == "seat" and row.school and made[0].school == row.school.name
        if is_here and case.entries > 1 and not made[0].number:
            made[0] = replace(made[0], number=row.number_shown, state=row.state)
            continue
        made.append(Side(
            kind="entry", school=row.school.name if row.school else "", number=row.number_shown, id_number=row.id_shown,
            birth=_month(row.birth_date), name=row.name, sex=row.sex, state=row.state, grade=row.grade, since=row.entry_on,
        ))  # fmt: skip
    return tuple(made)


def find_listed(case: Case) -> tuple[ListedChild, str] | None:
    """The row of the third list behind a child who never came, with the guardian's phone."""
    found = ListedChild.objects.filter(path=case.path, name=case.name).first() if case.cause == "never_came" else None
    return (found, unseal_fields(found.sealed).get("guardian_phone", "")) if found else None


def _masked(value: str) -> str:
    return f"{value[:3]}****{value[-3:]}" if len(value) > 8 else ("****" if value else "")


def _month(day: date | None) -> str:
    return f"{day.year}-{day.month:02d}-**" if day else ""


def list_tickets(*, actor: Actor, path: str, state: str = "", cursor: str = "", limit: int = 20) -> Page[Ticket]:
    """Wishes to change 关键数据 at a place, newest first."""
    policies.require_view(actor, path)
    rows = Ticket.objects.filter(path__within=path).select_related("person", "school").prefetch_related("evidence")
    rows = rows.filter(state=state if state in TicketState.values else TicketState.OPEN)
    return merge_branches([rows], order=("-id",), limit=limit, cursor=cursor)


def count_tickets(*, actor: Actor, path: str) -> dict[str, int]:
    policies.require_view(actor, path)
    return dict(Ticket.objects.filter(path__within=path).values_list("state").annotate(n=Count("id")))


def places_for(actor: Actor) -> tuple[Any, ...]:
    """Organisations at which the actor sees reconciliation, outermost first."""
    return tuple(register.organisations().filter(path__in=actor.paths(rights.VIEW)).order_by("path"))
