"""How a class is called one year later: by the school's rule, and in the spelling its school uses."""

from __future__ import annotations

from collections.abc import Iterator

from ..types.class_names import read_class_name
from ..types.grades import SHORT, display_name, stage_of, staged_label
from .steps import SchoolStep, YearStep


def name_of(school: SchoolStep, *, grades: tuple[str, ...], serial: int | None, entry_year: int | None,
            written: str, kind: str) -> str:  # fmt: skip
    """The display name; ``written`` is already next year's spelling."""
    if not grades:
        return written
    return display_name(
        school.class_display, grades=grades, serial=serial, entry_year=entry_year, written=written,
        schooling=school.schooling, kind=kind, is_staged=len({stage_of(g, school.schooling) for g in school.grades}) > 1,
    )  # fmt: skip


def next_spelling(
    written: str, school: SchoolStep, step: YearStep, *, before: str, after: str, serial: int | None
) -> str:
    """The same spelling one grade on (七(3)班 → 八(3)班, 703 → 803); names that say no grade stay (启航班, 2024级3班).

    What the new year's file will probably write, so that its rows find the class that rolled over.
    """
    for candidate in (written, *_candidates(written, school, before, after)):
        found = read_class_name(
            candidate, schooling=school.schooling, school_year=step.to_year, stages=sorted(school.stages)
        )
        if found.grades == (after,) and found.serial == serial and not found.doubt:
            return candidate
    return written


def multigrade_spelling(grades: tuple[str, ...]) -> str:
    """1+2复式: what a 复式班 is called that says its grades."""
    return "+".join(str(int(grade[1:])) if grade.startswith("G") else SHORT[grade] for grade in grades) + "复式"


def _candidates(written: str, school: SchoolStep, before: str, after: str) -> Iterator[str]:
    pairs = [(staged_label(before, school.schooling), staged_label(after, school.schooling))]
    pairs.append((SHORT.get(before, before), SHORT.get(after, after)))
    if before.startswith("G"):
        old, new = int(before[1:]), int(after[1:])
        pairs += [(str(old), str(new)), (_wide(old), _wide(new))]
        if old >= 10:
            pairs.append((str(old - 9), str(new - 9)))
    for old_text, new_text in pairs:
        if old_text in written:
            yield written.replace(old_text, new_text, 1)


def _wide(number: int) -> str:
    return "".join(chr(ord(digit) - ord("0") + ord("０")) for digit in str(number))
