"""Values that the register's pages and verbs show. Labels are translated text, codes stay codes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from .grades import sex_label


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One line of the organisation tree. ``figure`` is pupils for a school, organisations below for the others."""

    id: UUID
    code: str
    name: str
    kind: str
    figure: int
    path: str
    depth: int = 0
    is_current: bool = False
    children: tuple[Node | Folder, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """Schools of one type under a node with many schools."""

    label: str
    figure: int
    is_open: bool
    children: tuple[Node, ...]
    depth: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Sums over a subtree."""

    organisations: int = 0
    schools: int = 0
    students: int = 0
    registered: int = 0
    staff: int = 0
    guardians: int = 0
    classes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Active:
    """What keeps an organisation from being closed."""

    students: int
    staff: int
    organisations: int

    @property
    def is_any(self) -> bool:
        return bool(self.students or self.staff or self.organisations)


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationCard:
    """``direction``: ``head`` = the other one leads this organisation, ``member`` = it is led by this one."""

    id: int
    kind: str
    label: str
    direction: str
    code: str
    name: str
    role: str
    valid_from: date
    valid_to: date | None
    until: date | None = None
    role_label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationCard:
    id: UUID
    code: str
    name: str
    short_name: str
    kind: str
    kind_label: str
    type_label: str
    ownership_label: str
    schooling: str
    schooling_label: str
    class_display: str
    address: str
    phone: str
    path: str
    parent_code: str
    parent_name: str
    territory_name: str
    principal: str
    campuses: int
    closed_on: date | None
    synthetic: bool
    totals: Totals
    relations: tuple[RelationCard, ...] = ()

    @property
    def is_school(self) -> bool:
        return self.kind in ("school", "teaching_point")

    @property
    def mean_class_size(self) -> float:
        return round(self.totals.students / self.totals.classes, 1) if self.totals.classes else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRef:
    id: UUID
    number: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassCard:
    """A class in a list. ``norm``: the largest size by the norm of its stage; ``grades`` has two for 复式."""

    id: UUID
    name: str
    written_name: str
    kind: str
    kind_label: str
    grades: tuple[str, ...]
    grade_label: str
    serial: int | None
    size: int
    norm: int
    room: str
    campus: str
    heads: tuple[PersonRef, ...] = ()
    school_code: str = ""
    school_name: str = ""
    school_year: str = ""

    @property
    def is_over(self) -> bool:
        return self.size > self.norm

    @property
    def lacks_head(self) -> bool:
        return self.kind != "teaching" and not self.heads


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeClasses:
    """Classes of one grade in a school; several grades stand under 复式."""

    code: str
    label: str
    students: int
    classes: tuple[ClassCard, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterRow:
    """One pupil of a class roster. ``attendance`` is a code of 就读; guests are marked."""

    person: PersonRef
    place: int | None
    sex_label: str
    grade_label: str
    attendance: str
    attendance_label: str
    school_number: str
    boarding: bool | None
    since: date

    @property
    def is_guest(self) -> bool:
        return self.attendance == "guest"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaughtSubject:
    """``id`` is the assignment."""

    id: int
    subject: str
    label: str
    teacher: PersonRef
    weekly_periods: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassPage:
    card: ClassCard
    school_id: UUID
    school_code: str
    school_name: str
    school_path: str
    school_year: str
    local_name: str
    deputies: tuple[PersonRef, ...]
    teaching: tuple[TaughtSubject, ...]
    roster: tuple[RosterRow, ...]
    is_current: bool
    closed_on: date | None = None

    @property
    def boarders(self) -> int:
        return sum(1 for row in self.roster if row.boarding)

    @property
    def guests(self) -> int:
        return sum(1 for row in self.roster if row.is_guest)

    @property
    def boys(self) -> int:
        return sum(1 for row in self.roster if row.sex_label == sex_label("1"))


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    """One line of a list of people. ``parts``: what the person is here (student, staff, guardian)."""

    id: UUID
    number: str
    name: str
    sex_label: str
    part: str
    part_label: str
    place: str
    detail: str
    state: str
    state_label: str
    tone: str
    note: str = ""
    secondary: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldValue:
    """``shown`` is masked unless revealed; ``is_masked`` tells which. ``owner_label`` says who maintains the field."""

    field: str
    label: str
    shown: str
    is_sensitive: bool = False
    is_masked: bool = False
    owner: str = "local"
    owner_label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEvent:
    """One dated fact of a life in the register. ``on`` is a day; open episodes end with None."""

    on: date
    kind: str
    title: str
    detail: str = ""
    tag: str = ""
    tone: str = "neutral"
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardianCard:
    person: PersonRef | None
    name: str
    relation_label: str
    kind_label: str
    phone: str
    is_primary: bool
    lives_with: bool | None = None
    id: int = 0
    since: date | None = None
    until: date | None = None
    proof: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterFact:
    """学籍: what the national register said, and when."""

    school_name: str
    number: str
    state_label: str
    grade_label: str
    source: str
    as_of: date
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolmentFact:
    """就读: where the child sits."""

    id: int
    school_id: UUID
    school_code: str
    school_name: str
    grade_label: str
    attendance: str
    attendance_label: str
    school_number: str
    boarding: bool | None
    valid_from: date
    valid_to: date | None
    reason: str = ""
    expected_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentFact:
    school_code: str
    school_name: str
    relation_label: str
    employment_label: str
    staff_number: str
    post: str
    title: str
    subject: str
    full_time: bool | None
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessEntry:
    at: datetime
    who: str
    role: str
    purpose: str
    action_label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonPage:
    """``entities``: student, staff, guardian as far as they apply, the first decides field ownership."""

    id: UUID
    number: str
    name: str
    sex_label: str
    age: int | None
    entities: tuple[str, ...]
    deceased_on: date | None
    synthetic: bool
    path: str
    organisation_name: str
    fields: tuple[FieldValue, ...]
    enrolments: tuple[EnrolmentFact, ...] = ()
    register: tuple[RegisterFact, ...] = ()
    appointments: tuple[AppointmentFact, ...] = ()
    duties: tuple[str, ...] = ()
    classes: tuple[ClassCard, ...] = ()
    taught: tuple[tuple[ClassCard, str, float | None], ...] = ()
    guardians: tuple[GuardianCard, ...] = ()
    wards: tuple[tuple[PersonRef, str, str], ...] = ()
    timeline: tuple[TimelineEvent, ...] = ()
    merged_numbers: tuple[str, ...] = ()
    as_of: date | None = None
    is_revealed: bool = False

    @property
    def entity(self) -> str:
        return self.entities[0] if self.entities else "guardian"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """A pair of records in the list of suspects."""

    id: int
    first: PersonRow
    second: PersonRow
    rule: str
    rule_label: str
    state: str
    state_label: str
    found_at: datetime
    decided_by: str = ""
    decided_at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One line of two records side by side. ``same``: None where one of them says nothing."""

    label: str
    first: str
    second: str
    same: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Result of a search. ``total_text`` is exact to 1,000; ``hint`` asks for more letters when a name is too common."""

    rows: tuple[PersonRow, ...]
    next: str | None = None
    previous: str | None = None
    total_text: str = "0"
    hint: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixCell:
    """``state``: ``ok``, ``gap`` (nobody teaches it), ``over`` (a teacher above the limit), ``none`` (not taught here)."""

    subject: str
    teachers: tuple[TaughtSubject, ...]
    state: str
    expected: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixRow:
    card: ClassCard
    cells: tuple[MatrixCell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixColumn:
    subject: str
    label: str
    short_label: str
    teachers: int
    periods: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixTask:
    """Something to settle: ``kind`` gap, head or over."""

    kind: str
    class_id: UUID | None
    subject: str
    title: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """任课 of one grade (or all of a small school): classes × subjects."""

    school_year: str
    grade: str
    grades: tuple[tuple[str, str], ...]
    columns: tuple[MatrixColumn, ...]
    rows: tuple[MatrixRow, ...]
    tasks: tuple[MatrixTask, ...]
    cells: int
    gaps: int
    over: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A teacher who could take a cell; ``periods`` per week now, ``is_full`` at or above the limit."""

    person: PersonRef
    staff_number: str
    subjects: tuple[str, ...]
    classes: int
    periods: float
    is_full: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PastedLine:
    """``state``: writable, choose (namesakes), unknown_teacher, unknown_class, unknown_subject, bad, present."""

    line: int
    text: str
    state: str
    message: str
    class_id: UUID | None = None
    class_name: str = ""
    subject: str = ""
    subject_label: str = ""
    person_id: UUID | None = None
    teacher: str = ""
    weekly_periods: float | None = None
    choices: tuple[Candidate, ...] = field(default=())
