"""From the cells of a file to lessons: class, subject, teacher and room resolved, everything unresolved named."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from ..selectors.context import SchoolContext, subject_reader
from ..selectors.lessons import subject_short
from ..types.findings import Finding, finding
from ..types.grids import Cell, Said, read_cell, read_grid
from ..types.rooms import Rooms
from .writing import NewLesson

SHORTEST_NAME = 2


@dataclass(slots=True, kw_only=True)
class Plan:
    """Lessons to write for ``classes``, in the order of the file."""

    lessons: list[NewLesson] = field(default_factory=list)
    classes: set[UUID] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)


def plan_sheets(
    context: SchoolContext, file: str, sheets: Iterable[tuple[str, Sequence[Sequence[str]]]],
    slots: Callable[[UUID], frozenset[str]], rooms: Rooms | None = None,
) -> Plan:  # fmt: skip
    """Read every sheet. ``slots`` are the slots of a class's bell schedule; an empty set lets every slot pass. Rooms that
    ``rooms`` does not know are named."""
    rooms = rooms or Rooms(())
    plan = Plan()
    taken: dict[tuple[UUID, int, str], str] = {}
    subjects = subject_reader()
    for title, rows in sheets:
        grid = read_grid(title, rows, context.is_class)
        if grid.problem:
            plan.findings.append(finding(grid.problem, sheet=title))
        for name in grid.classes:
            class_id = context.find_class(name)
            if class_id is not None:
                plan.classes.add(class_id)
        for cell in grid.cells:
            _plan_cell(plan, context, file, title, cell, subjects, slots, taken, rooms)
    if plan.classes:
        for class_id, group in context.groups.items():
            if class_id not in plan.classes:
                plan.findings.append(finding("class_missing", sheet=file, value=group.name))
    return plan


def _plan_cell(
    plan: Plan, context: SchoolContext, file: str, sheet: str, cell: Cell, subjects: Callable[[str], str],
    slots: Callable[[UUID], frozenset[str]], taken: dict[tuple[UUID, int, str], str], rooms: Rooms,
) -> None:  # fmt: skip
    class_id = context.find_class(cell.class_name)
    if class_id is None:
        return
    where = {"sheet": sheet, "cell": cell.place, "value": cell.text}
    known = slots(class_id)
    if known and cell.slot not in known:
        plan.findings.append(finding("unknown_period", **where))
        return
    key = (class_id, cell.weekday, cell.slot)
    if key in taken:
        plan.findings.append(finding("twice", **where, other=taken[key]))
        return
    taken[key] = f"{sheet} {cell.place}"
    for said in read_cell(cell.text, subjects, context.is_teacher):
        if not said.subject:
            plan.findings.append(finding("unknown_subject", **where))
            continue
        teachers = _teachers(plan, context, class_id, said, where)
        if rooms.is_unknown(said.room):
            nearest = rooms.nearest(said.room)
            rule = "unknown_room" if nearest else "unknown_room_alone"
            plan.findings.append(finding(rule, **where, name=said.room, nearest=nearest))
        plan.lessons.append(
            NewLesson(
                class_id=class_id, weekday=cell.weekday, slot=cell.slot, subject=said.subject, weeks=said.weeks,
                room=said.room[:40], origin=f"{file} · {sheet} {cell.place}"[:200], teachers=teachers,
            )
        )  # fmt: skip


def _teachers(
    plan: Plan, context: SchoolContext, class_id: UUID, said: Said, where: dict[str, str]
) -> tuple[UUID, ...]:
    """The people of a lesson: those the cell names, or whom 任课 says."""
    planned = [taught.teacher.id for taught in context.taught.get((class_id, said.subject), ())]
    strangers = [word for word in said.unknown if _looks_like_a_name(word)]
    for word in said.unknown:
        plan.findings.append(
            finding("unknown_teacher" if word in strangers else "not_understood", **{**where, "value": word})
        )
    if not said.teachers:
        if planned or strangers or not said.subject.isdigit():
            return () if strangers else tuple(dict.fromkeys(planned))
        plan.findings.append(finding("nobody", **where))
        return ()
    found: list[UUID] = []
    for name in said.teachers:
        people = [teacher.id for teacher in context.staff[name]]
        fitting = [person for person in people if person in planned] or people
        if len(fitting) > 1:
            plan.findings.append(finding("namesakes", **where, name=name, count=len(people)))
            continue
        found += fitting
        if said.subject.isdigit() and fitting[0] not in planned:
            plan.findings.append(finding("not_teaching", **where, name=name, subject=subject_short(said.subject)))
    return tuple(dict.fromkeys(found))


def _looks_like_a_name(word: str) -> bool:
    return SHORTEST_NAME <= len(word) <= 4 and all("一" <= sign <= "鿿" or sign == "·" for sign in word)
