"""The rows that :func:`registry.apply_batch` accepts: one canonical shape for every source of rosters.

Intake turns any file into these columns; registry matches, merges and keeps history. All values are text in their
canonical form (dates ``YYYY-MM-DD``, booleans ``1``/``0``, lists comma-joined); empty means "not stated" and never erases
what is known. ``key`` identifies the row within its source (a OneRoster sourcedId, or a key that intake derives from the
row) and must be unique per kind and file. ``*_ref`` columns name another row: a key of the same source, else a code
(organisations), else an exact name inside the school. ``row_number`` and ``file`` lead back to the report.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """``sensitive`` values are sealed before they reach a table; ``required`` rows without a value are refused."""

    name: str
    required: bool = False
    sensitive: bool = False


def _columns(text: str) -> tuple[Column, ...]:
    """``name!`` is required, ``name*`` is sensitive."""
    return tuple(Column(word.rstrip("!*"), "!" in word, "*" in word) for word in text.split())


ROW_KINDS: dict[str, tuple[Column, ...]] = {
    "organisations": _columns(
        "key! code name! short_name kind! school_type ownership parent_ref territory_ref central_ref schooling "
        "urban_rural division_code class_display address phone synthetic"
    ),
    "sessions": _columns("key! title! kind! start_on! end_on! parent_ref school_year"),
    "courses": _columns("key! title! code subject organisation_ref"),
    "classes": _columns(
        "key! school_ref! school_year kind grades entry_year serial written_name! local_name campus room class_type "
        "course_ref session_refs head_teacher_ref"
    ),
    "students": _columns(
        "key! name! sex birth_date id_type id_number* register_number* ethnicity nationality school_ref! class_ref grade "
        "school_number class_number attendance register_state register_school_ref register_as_of boarding entry_on "
        "phone* address* email household_type synthetic"
    ),
    "staff": _columns(
        "key! name! sex birth_date id_type id_number* ethnicity phone* email address* school_ref! employer_ref staff_number "
        "employment_kind post full_time duties stage subject title education_level degree entry_on head_class_ref synthetic"
    ),
    "guardians": _columns(
        "key! name! sex birth_date id_type id_number* phone* email address* child_ref! relation kind is_primary lives_with "
        "proof organisation_ref synthetic"
    ),
    "memberships": _columns("key! class_ref! person_ref! role! subject is_primary begin_on end_on"),
    "teaching": _columns("key! school_ref! class_ref! teacher_ref! subject! weekly_periods begin_on end_on synthetic"),
    "attributes": _columns(
        "key! student_ref person_number id_number* register_number* name school_ref class_ref begin_on end_on source migrant "
        "left_behind* inclusive* disability* orphan* aid* school_bus ethnic_class boarding home_taught"
    ),
    "numbers": _columns(
        "key! student_ref staff_ref person_number id_number* register_number* name school_ref staff_number issuer! value! "
        "begin_on end_on"
    ),
}
"""Kinds in the order in which they are applied."""

ROW_ORDER: tuple[str, ...] = tuple(ROW_KINDS)
