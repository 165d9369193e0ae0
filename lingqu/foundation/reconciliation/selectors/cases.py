"""Cases: lists that page by key, one case with both records, and who is to be called."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from lingqu.kernel import clock
from lingqu.kernel.actor import Actor
from lingqu.kernel.crypto import unseal_fields
from lingqu.kernel.errors import NotFound
from lingqu.kernel.pages import Page, merge_branches

from .. import policies, register
from ..models import Case, FileEntry, ListedChild, NationalFile, Reminder, Ticket
from ..types import rights
from ..types.words import CaseState, ReminderState, TicketState

FORTNIGHT = timedelta(days=14)
FILTERS = ("", "todo", "done", "late", "closed")


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a reader asks for: a bucket, a cause, a progress (``FILTERS``), the beginning of a name or a part of a school's."""

    bucket: str = ""
    cause: str = ""
    state: str = ""
    q: str = ""


def narrowed(rows: QuerySet[Case], wanted: Wanted) -> QuerySet[Case]:
    """The rows that are asked for; closed ones only when asked for."""
    bucket, state, q = wanted.bucket, wanted.state, wanted.q
    if bucket:
        rows = rows.filter(bucket=bucket)
    if wanted.cause:
        rows = rows.filter(cause=wanted.cause)
    if state == "late":
        rows = rows.filter(state=CaseState.TODO, due_on__lt=clock.today())
    elif state in CaseState.values:
        rows = rows.filter(state=state)
    else:
        rows = rows.exclude(state=CaseState.CLOSED)
    if q:
        rows = rows.filter(Q(name__startswith=q) | Q(school__name__contains=q))
    return rows


EVERYTHING = Wanted()


def _reminded() -> Subquery:
    """When the owner of a case was told last; a 催办 that reached nobody does not count."""
    told = Reminder.objects.filter(owner=OuterRef("owner")).exclude(state=ReminderState.UNREACHED)
    return Subquery(told.order_by("-sent_at").values("sent_at")[:1])


def list_cases(
    *, actor: Actor, path: str, wanted: Wanted = EVERYTHING, cursor: str = "", limit: int = 10
) -> Page[Case]:
    """Cases that are counted at the place, and those whose other school it is, each with the latest 催办 of its owner."""
    policies.require_view(actor, path)
    joined = Case.objects.select_related("school", "other_school", "owner").annotate(reminded_at=_reminded())
    branches = [joined.filter(path__within=path), joined.filter(other_path__within=path)]
    kept = [narrowed(rows, wanted) for rows in branches]
    is_whole = "." not in path
    return merge_branches(
        kept[:1] if is_whole else kept, order=("name_key", "id"), limit=limit, cursor=cursor, with_total=False
    )


def get_case(*, actor: Actor, case_id: int) -> Case:
    """The case; :class:`NotFound` when there is none, :class:`Forbidden` out of reach."""
    rows = Case.objects.select_related("school", "other_school", "owner", "person").annotate(reminded_at=_reminded())
    case = rows.filter(id=case_id).first()
    if case is None:
        raise NotFound()
    policies.require_see_case(actor, case)
    return case


def find_reminder(organisation: Any) -> Reminder | None:
    """The 催办 of the last fortnight that the organisation itself should read."""
    since = clock.now() - FORTNIGHT
    return Reminder.objects.filter(owner=organisation, sent_at__gte=since).order_by("-sent_at").first()


def classes_of(cases: Iterable[Case]) -> dict[UUID, str]:
    """The class of each child who sits in one; one statement."""
    ids = [case.person_id for case in cases if case.person_id]
    rows = register.seats().filter(person_id__in=ids, valid_to=None).exclude(class_group__kind="teaching")
    return dict(rows.values_list("person_id", "class_group__name"))


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
        is_same = made and made[0].kind == "seat" and row.school is not None and made[0].school == row.school.name
        if is_same and not made[0].number and case.entries > 1:
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


def listed_at(school_path: str, person_ids: Iterable[UUID]) -> tuple[date, frozenset[UUID]] | None:
    """Day of the newest national file that has rows of a school, and who of these people stands in it anywhere; None
    without such a file."""
    labels = school_path.split(".")
    above = [".".join(labels[: place + 1]) for place in range(len(labels))]
    for file in NationalFile.objects.filter(path__in=above).order_by("-as_of", "-staged_at")[:3]:
        rows = FileEntry.objects.filter(file=file)
        if rows.filter(path=school_path).exists():
            ids = list(person_ids)
            return file.as_of, frozenset(rows.filter(person_id__in=ids).values_list("person_id", flat=True))
    return None
