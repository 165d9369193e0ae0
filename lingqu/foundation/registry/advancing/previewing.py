"""What the next school year would bring, counted from the held plan. Nothing is written to the register."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from .holding import Choice, hold_plan
from .steps import CENTRAL, GRADUATE, MOVES, STAGE, UP, SchoolStep, YearStep

__all__ = ["ClassMove", "PupilNote", "SchoolMoves", "preview_schools"]
PLANNER = "SET LOCAL work_mem = '128MB'; SET LOCAL jit = off"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassMove:
    """One class of this year and what becomes of it. ``moves`` counts its pupils by move; ``after`` is the size of the
    class it becomes; ``head_id`` is the class teacher, ``head_stays`` whether they still work in the school."""

    class_id: UUID
    name: str
    grades: tuple[str, ...]
    kind: str
    size: int
    target_name: str
    target_grades: tuple[str, ...]
    is_new: bool
    after: int
    moves: dict[str, int]
    head_id: UUID | None
    head_stays: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PupilNote:
    """A pupil whom the rule for the class does not cover, or whom a person decided about. ``kind``: ``suspended``,
    ``returning``, ``repeat_refused``, ``grade_differs``, ``no_class``, ``grade_unknown``, ``no_central``, ``decided``."""

    person_id: UUID
    kind: str
    grade: str
    class_id: UUID | None
    following: str


@dataclass(slots=True, kw_only=True)
class SchoolMoves:
    """Figures of one school. ``entering`` counts new pupils by grade; ``missing`` are entry grades without any."""

    school: SchoolStep
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(MOVES, 0))
    entering: dict[str, int] = field(default_factory=dict)
    classes: list[ClassMove] = field(default_factory=list)
    notes: list[PupilNote] = field(default_factory=list)
    classes_after: int = 0

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(grade for grade in self.school.entry_grades() if not self.entering.get(grade))

    @property
    def moving(self) -> int:
        return sum(self.counts[move] for move in (UP, STAGE, CENTRAL, GRADUATE))

    @property
    def figures(self) -> dict[str, int]:
        """What a preview is compared by when it is applied."""
        return {**self.counts, "classes": len(self.classes), "after": self.classes_after}


def preview_schools(
    step: YearStep, schools: Sequence[SchoolStep], choices: Iterable[Choice] = ()
) -> tuple[SchoolMoves, ...]:
    """The moves of these schools; a few hundred schools at once is a good measure. The caller has checked the right."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(PLANNER)
        hold_plan(cursor, step, schools, choices)
        return summarise(cursor, schools)


def summarise(cursor: Any, schools: Sequence[SchoolStep]) -> tuple[SchoolMoves, ...]:
    """Counts of what :func:`hold_plan` left in the temporary tables."""
    found = {school.id: SchoolMoves(school=school) for school in schools}
    cursor.execute("SELECT school_id, move, count(*) FROM adv_pupil GROUP BY 1, 2")
    for school_id, move, number in cursor.fetchall():
        found[school_id].counts[move] = number
    cursor.execute("SELECT school_id, grade, count(*) FROM adv_pupil WHERE move = 'new' GROUP BY 1, 2")
    for school_id, grade, number in cursor.fetchall():
        found[school_id].entering[grade] = number
    cursor.execute(
        """SELECT school_id, count(DISTINCT COALESCE(target_id, id)) FROM adv_class WHERE kind <> 'teaching'
             AND (is_next OR target_id IS NOT NULL) GROUP BY 1"""
    )
    for school_id, number in cursor.fetchall():
        found[school_id].classes_after = number
    _add_classes(cursor, found)
    _add_notes(cursor, found)
    return tuple(found.values())


CLASSES = """
SELECT k.school_id, k.id, k.name, k.grades, k.kind, COALESCE(k.target_name, ''), COALESCE(k.target_grades, '{}'),
  COALESCE(k.is_new, false), h.person_id, COALESCE(h.is_employed, false)
FROM adv_class k
LEFT JOIN LATERAL (SELECT d.person_id, EXISTS (SELECT 1 FROM registry_appointment a JOIN registry_person p ON p.id = a.person_id
      AND p.deceased_on IS NULL WHERE a.person_id = d.person_id AND a.organisation_id = k.school_id AND a.valid_to IS NULL)
      AS is_employed
    FROM registry_duty d WHERE d.class_group_id = k.id AND d.kind = 'head_teacher' AND d.valid_to IS NULL
    ORDER BY d.id DESC LIMIT 1) h ON true
WHERE NOT k.is_next AND k.kind <> 'teaching' ORDER BY k.school_id, k.grades, k.serial NULLS LAST, k.name
"""


def _add_classes(cursor: Any, found: dict[UUID, SchoolMoves]) -> None:
    moves: dict[UUID, dict[str, int]] = defaultdict(dict)
    cursor.execute("SELECT class_id, move, count(*) FROM adv_pupil WHERE class_id IS NOT NULL GROUP BY 1, 2")
    for class_id, move, number in cursor.fetchall():
        moves[class_id][move] = number
    cursor.execute(
        """SELECT k.id, count(p.enrolment_id) FROM adv_class k JOIN adv_pupil p ON p.target_id = k.target_id
           WHERE NOT k.is_next GROUP BY 1"""
    )
    after = dict(cursor.fetchall())
    cursor.execute(CLASSES)
    for school_id, class_id, name, grades, kind, target, target_grades, is_new, head, stays in cursor.fetchall():
        found[school_id].classes.append(
            ClassMove(
                class_id=class_id, name=name, grades=tuple(grades), kind=kind, size=sum(moves[class_id].values()),
                target_name=target, target_grades=tuple(target_grades), is_new=is_new, after=after.get(class_id, 0),
                moves=moves[class_id], head_id=head, head_stays=stays,
            )
        )  # fmt: skip


NOTES = """
SELECT p.school_id, p.person_id, p.grade, p.class_id, p.following, CASE
    WHEN p.is_chosen THEN 'decided'
    WHEN p.move = 'unknown' THEN CASE WHEN p.following = '' THEN 'grade_unknown' ELSE 'no_central' END
    WHEN p.is_refused THEN 'repeat_refused'
    WHEN p.move = 'stay' AND p.is_due THEN 'returning'
    WHEN p.move = 'stay' THEN 'suspended'
    WHEN p.class_id IS NULL THEN 'no_class'
    ELSE 'grade_differs' END
FROM adv_pupil p LEFT JOIN adv_class k ON k.id = p.class_id
WHERE p.is_chosen OR p.is_refused OR p.move IN ('unknown', 'stay')
   OR (p.move IN ('up', 'stage') AND (p.class_id IS NULL OR NOT p.grade = ANY(k.grades)))
ORDER BY p.school_id, p.name_key, p.enrolment_id
"""


def _add_notes(cursor: Any, found: dict[UUID, SchoolMoves]) -> None:
    cursor.execute(NOTES)
    for school_id, person_id, grade, class_id, following, kind in cursor.fetchall():
        note = PupilNote(person_id=person_id, kind=kind, grade=grade, class_id=class_id, following=following)
        found[school_id].notes.append(note)
