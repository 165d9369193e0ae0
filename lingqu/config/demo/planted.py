"""Errors planted on purpose: known kinds, counted, each in a row of its own, so that a report can be checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from .rows import FIELDS, Roster, Row

FOREIGN_CODE = "9900999999"
UNKNOWN_STAFF = "T9999"
NOBODY = "查无此人"
CHILD_BLOCKED = "child_blocked"
"""Follow-on error: the row names a pupil whose own row was blocked."""
_CHILD_KEYS = tuple(FIELDS["guardians"].index(f"child_ref{part}") for part in ("", ".id_number", ".name", ".number"))


@dataclass(frozen=True, slots=True)
class ErrorKind:
    """``severity`` is what the import should say: block rows stay out, review and hint rows go in."""

    code: str
    kind: str
    field: str
    severity: str
    spoil: Callable[[str, Random], str]


def _damage(value: str, rng: Random) -> str:
    """What Excel makes of an 18-digit number, its last digits lost."""
    return f"{int(value[:17]) * 10:.5E}"


def _other_check(value: str, rng: Random) -> str:
    """Never 0: a wrong number that ends in 000 is what a damaged one looks like."""
    return value[:-1] + rng.choice([digit for digit in "123456789X" if digit != value[-1]])


KINDS: tuple[ErrorKind, ...] = (
    ErrorKind("id_damaged", "students", "id_number", "block", _damage),
    ErrorKind("name_missing", "students", "name", "block", lambda value, rng: ""),
    ErrorKind("sex_missing", "students", "sex", "block", lambda value, rng: ""),
    ErrorKind("class_unknown", "students", "class_ref", "block", lambda value, rng: "不存在班"),
    ErrorKind("school_unknown", "students", "school_ref", "block", lambda value, rng: FOREIGN_CODE),
    ErrorKind("id_check_digit", "students", "id_number", "review", _other_check),
    ErrorKind("date_impossible", "students", "birth_date", "review", lambda value, rng: value[:4] + "-13-05"),
    ErrorKind("name_spaced", "students", "name", "hint", lambda value, rng: f"{value[0]} {value[1:]} "),
    ErrorKind("staff_name_missing", "staff", "name", "block", lambda value, rng: ""),
    ErrorKind("child_unknown", "guardians", "child_ref.name", "block", lambda value, rng: NOBODY),
    ErrorKind("phone_short", "guardians", "phone", "review", lambda value, rng: value[:9]),
    ErrorKind("teacher_unknown", "teaching", "teacher_ref", "block", lambda value, rng: UNKNOWN_STAFF),
)


@dataclass(frozen=True, slots=True)
class Planted:
    """One planted error; ``row`` counts like a spreadsheet (the heading is row 1)."""

    file: str
    row: int
    kind: str
    field: str
    error: str
    severity: str


class Spoiler:
    """Spoils a share of the rows of pupils, staff, guardians and lessons, error kind after error kind."""

    def __init__(self, share: float, *, seed: int) -> None:
        self._share = share
        self._rng = Random(f"{seed}:errors")
        self._by_kind = {kind: tuple(error for error in KINDS if error.kind == kind) for kind in FIELDS}
        self._turn: Counter[str] = Counter()
        self.planted: list[Planted] = []

    def spoil(self, roster: Roster, *, files: dict[str, str], first_rows: dict[str, int]) -> None:
        """Change ``roster`` in place. A guardian of a blocked pupil is not spoiled again: one row, one error."""
        blocked: set[tuple[str, ...]] = set()
        for kind in ("students", "staff", "guardians", "teaching"):
            rows = roster.of(kind)
            for place, row in enumerate(rows):
                error = None
                if kind == "guardians" and _child_of(row) in blocked:
                    error = ErrorKind(CHILD_BLOCKED, kind, "child_ref", "block", lambda value, rng: value)
                elif self._rng.random() < self._share:
                    error = self._next_error(kind, row)
                if error is None:
                    continue
                rows[place] = _spoiled(row, error, self._rng)
                if kind == "students" and error.severity == "block":
                    blocked.add(_pupil_key(row))
                self.planted.append(
                    Planted(files[kind], first_rows[kind] + place, kind, error.field, error.code, error.severity)
                )

    def counts(self) -> dict[str, int]:
        return dict(Counter(planted.error for planted in self.planted))

    def blocked(self) -> dict[str, int]:
        """Rows per kind that must stay out."""
        return dict(Counter(planted.kind for planted in self.planted if planted.severity == "block"))

    def _next_error(self, kind: str, row: Row) -> ErrorKind | None:
        errors = self._by_kind[kind]
        error = errors[self._turn[kind] % len(errors)]
        if not _may_carry(error, row):
            return None
        self._turn[kind] += 1
        return error


def _may_carry(error: ErrorKind, row: Row) -> bool:
    if not row[FIELDS[error.kind].index(error.field)]:
        return False
    if error.kind == "staff":  # nobody else's row may depend on a blocked one
        return not row[FIELDS["staff"].index("subject")] and not row[FIELDS["staff"].index("head_class_ref")]
    return True


def _spoiled(row: Row, error: ErrorKind, rng: Random) -> Row:
    changed = list(row)
    column = FIELDS[error.kind].index(error.field)
    changed[column] = error.spoil(row[column], rng)
    if error.code == "child_unknown":  # no other way to the child may be left
        for key in _CHILD_KEYS:
            changed[key] = "" if key != column else changed[key]
    return tuple(changed)


def _child_of(row: Row) -> tuple[str, ...]:
    fields = FIELDS["guardians"]
    return (row[fields.index("child_ref.school")], row[fields.index("child_ref.number")])


def _pupil_key(row: Row) -> tuple[str, ...]:
    fields = FIELDS["students"]
    return (row[fields.index("school_ref")], row[fields.index("school_number")])
