"""任课: classes × subjects with gaps, teachers above the limit, and who could take a cell."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from django.utils.translation import gettext as _

from ..models import Appointment, Organisation, TeachingAssignment
from ..types.cards import (
    Candidate,
    ClassCard,
    Matrix,
    MatrixCell,
    MatrixColumn,
    MatrixRow,
    MatrixTask,
    PersonRef,
    TaughtSubject,
)
from ..types.words import ClassKind
from .classes import as_taught, group_by_grade, list_classes
from .labels import subject_label, subject_names

WEEKLY_LIMIT = 18.0
"""Periods a week above which a teacher is marked; schools differ, the mark refuses nothing."""


def get_matrix(school: Organisation, grade: str = "") -> Matrix:
    """The matrix of one grade: three statements for the school, whatever the number of cells.

    A subject is expected in every class of a grade in which at least half of the classes have it.
    """
    cards = [card for card in list_classes(school) if card.kind != ClassKind.TEACHING]
    taught = list_assignments([card.id for card in cards])
    load = _load(row for rows in taught.values() for row in rows)
    grades = group_by_grade(cards)
    chosen = next((one for one in grades if one.code == grade), grades[0] if grades else None)
    shown = chosen.classes if chosen else ()
    expected = _expected(shown, taught)
    subjects = _ordered({row.subject for card in shown for row in taught[card.id]})
    rows = tuple(
        MatrixRow(card=card, cells=tuple(_cell(card, subject, taught[card.id], expected, load) for subject in subjects))
        for card in shown
    )
    return Matrix(
        school_year=max((card.school_year for card in shown), default=""), grade=chosen.code if chosen else "", rows=rows,
        grades=tuple((one.code, one.label) for one in grades),
        columns=tuple(_column(subject, [taught[card.id] for card in shown]) for subject in subjects),
        tasks=_tasks(rows, load, taught), cells=sum(cell.state != "none" for row in rows for cell in row.cells),
        gaps=sum(cell.state == "gap" for row in rows for cell in row.cells),
        over=sum(periods > WEEKLY_LIMIT for _person, periods in load.values()),
    )  # fmt: skip


def list_assignments(class_ids: Sequence[UUID]) -> dict[UUID, tuple[TaughtSubject, ...]]:
    rows = TeachingAssignment.objects.filter(class_group_id__in=class_ids, valid_to=None).select_related(
        "person__canonical"
    )
    found: dict[UUID, list[TaughtSubject]] = defaultdict(list)
    for row in rows.order_by("id"):
        found[row.class_group_id].append(as_taught(row))
    return defaultdict(tuple, {key: tuple(value) for key, value in found.items()})


def _load(rows: Iterable[TaughtSubject]) -> dict[UUID, tuple[PersonRef, float]]:
    found: dict[UUID, tuple[PersonRef, float]] = {}
    for row in rows:
        _person, periods = found.get(row.teacher.id, (row.teacher, 0.0))
        found[row.teacher.id] = (row.teacher, periods + (row.weekly_periods or 0.0))
    return found


def _expected(cards: Sequence[ClassCard], taught: dict[UUID, tuple[TaughtSubject, ...]]) -> dict[str, float | None]:
    """Subject → usual weekly periods, for subjects that at least half of the classes have."""
    having: Counter[str] = Counter()
    periods: dict[str, Counter[float]] = defaultdict(Counter)
    for card in cards:
        having.update({row.subject for row in taught[card.id]})
        for row in taught[card.id]:
            if row.weekly_periods is not None:
                periods[row.subject][row.weekly_periods] += 1
    return {
        subject: periods[subject].most_common(1)[0][0] if periods[subject] else None
        for subject, count in having.items()
        if count * 2 >= len(cards)
    }


def _ordered(subjects: Iterable[str]) -> list[str]:
    order = {code: place for place, code in enumerate(subject_names())}
    return sorted(subjects, key=lambda code: (order.get(code, len(order)), code))


def _cell(
    card: ClassCard,
    subject: str,
    rows: Sequence[TaughtSubject],
    expected: dict[str, float | None],
    load: dict[UUID, tuple[PersonRef, float]],
) -> MatrixCell:
    teachers = tuple(row for row in rows if row.subject == subject)
    if not teachers:
        state = "gap" if subject in expected else "none"
    else:
        state = "over" if any(load[row.teacher.id][1] > WEEKLY_LIMIT for row in teachers) else "ok"
    return MatrixCell(subject=subject, teachers=teachers, state=state, expected=expected.get(subject))


def _column(subject: str, classes: Sequence[Sequence[TaughtSubject]]) -> MatrixColumn:
    rows = [row for taught in classes for row in taught if row.subject == subject]
    name, short = subject_names().get(subject, (subject, subject))
    return MatrixColumn(
        subject=subject, label=name, short_label=short, teachers=len({row.teacher.id for row in rows}),
        periods=sum(row.weekly_periods or 0.0 for row in rows),
    )  # fmt: skip


def _tasks(
    rows: Sequence[MatrixRow], load: dict[UUID, tuple[PersonRef, float]], taught: dict[UUID, tuple[TaughtSubject, ...]]
) -> tuple[MatrixTask, ...]:
    made = []
    for row in rows:
        for cell in row.cells:
            if cell.state == "gap":
                title = _("%(name)s %(subject)s 无任课教师") % {
                    "name": row.card.name, "subject": subject_label(cell.subject),
                }  # fmt: skip
                detail = _("同年级每周 %(n)g 节") % {"n": cell.expected} if cell.expected else ""
                made.append(
                    MatrixTask(kind="gap", class_id=row.card.id, subject=cell.subject, title=title, detail=detail)
                )
        if row.card.lacks_head:
            title = _("%(name)s 缺班主任") % {"name": row.card.name}
            made.append(MatrixTask(kind="head", class_id=row.card.id, subject="", title=title, detail=""))
    for person, periods in sorted(load.values(), key=lambda pair: (-pair[1], pair[0].number)):
        if periods > WEEKLY_LIMIT:
            classes = sum(any(row.teacher.id == person.id for row in found) for found in taught.values())
            title = _("%(name)s 每周 %(n)g 节") % {"name": person.name, "n": periods}
            detail = _("超过 %(limit)g 节，共 %(classes)d 个班") % {"limit": WEEKLY_LIMIT, "classes": classes}
            made.append(MatrixTask(kind="over", class_id=None, subject="", title=title, detail=detail))
    return tuple(made)


def list_candidates(school: Organisation, subject: str = "") -> tuple[Candidate, ...]:
    """Staff of the school, those who teach the subject first, then by weekly periods (anywhere) from few to many."""
    working = Appointment.objects.filter(organisation=school, path=school.path, relation="works_at", valid_to=None)
    staff = list(working.filter(person__deceased_on=None, person__canonical=None).select_related("person"))
    taught: dict[UUID, list[TeachingAssignment]] = defaultdict(list)
    rows = TeachingAssignment.objects.filter(person_id__in=[one.person_id for one in staff], valid_to=None)
    for row in rows:
        taught[row.person_id].append(row)
    made = []
    for one in staff:
        mine = taught[one.person_id]
        periods = float(sum(row.weekly_periods or 0 for row in mine))
        made.append(
            Candidate(
                person=PersonRef(id=one.person_id, number=one.person.number, name=one.person.name),
                staff_number=one.staff_number, subjects=tuple(_ordered({row.subject for row in mine})),
                classes=len({row.class_group_id for row in mine}), periods=periods, is_full=periods >= WEEKLY_LIMIT,
            )
        )  # fmt: skip
    return tuple(
        sorted(
            made,
            key=lambda found: (subject not in found.subjects, found.periods, found.person.name, found.staff_number),
        )
    )
