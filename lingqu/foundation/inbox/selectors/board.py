"""The sender's view: how many confirmed and how, by class or by part of the area, and who is missing with phones.

Everything is counted from the register of today: whoever died, left or lost a child by decision is not there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q

from lingqu.foundation.registry import api as registry
from lingqu.kernel.errors import Forbidden

from .. import register
from ..models import Attachment, Notice, Receipt, Sum
from ..policies import Reach
from ..types.words import Audience, Subject, Way
from .expected import EXPECTED_OF, SENT, values_of

MOST_LISTED = 5000
"""Beyond this the missing are listed part by part only."""
PAGE = 30
WIDE = 20_000
SCHOOL_KINDS = ("school", "teaching_point")
STATES = ("online", "phone", "paper", "read", "unread", "unreachable")
MISSING = ("read", "unread", "unreachable")
GIVEN = "given"
"""Asks for those who confirmed."""
PLACES = {
    Subject.POST: """SELECT e.subject, o.name AS name, o.name_key, '' AS number, o.id AS organisation_id, o.path,
        NULL::uuid AS class_id, '' AS class_name, EXISTS (SELECT 1 FROM registry_postholder h JOIN registry_person w
          ON w.id = h.person_id AND w.deceased_on IS NULL WHERE h.post_id = p.id AND h.valid_to IS NULL) AS reachable
      FROM expected e JOIN registry_post p ON e.kind = 'post' AND p.id = e.subject JOIN registry_organisation o ON o.id = p.organisation_id""",
    Subject.CHILD: """SELECT DISTINCT ON (e.subject) e.subject, c.name, c.name_key, c.number, o.id AS organisation_id, o.path,
        g.id AS class_id, COALESCE(g.name, '') AS class_name, EXISTS (SELECT 1 FROM registry_guardianship w
          JOIN registry_person q ON q.id = w.guardian_id AND q.deceased_on IS NULL
          WHERE w.child_id IN (e.subject, s.id) AND w.valid_to IS NULL AND w.kind <> 'proxy') AS reachable
      FROM expected e JOIN registry_person c ON e.kind = 'child' AND c.id = e.subject
      CROSS JOIN LATERAL (SELECT e.subject AS id UNION ALL
        SELECT x.id FROM registry_person x WHERE x.canonical_id = e.subject) s
      JOIN registry_enrolment n ON n.person_id = s.id AND n.valid_to IS NULL
      JOIN registry_organisation o ON o.id = n.school_id
      LEFT JOIN registry_classmembership m ON m.person_id = s.id AND m.valid_to IS NULL
      LEFT JOIN registry_classgroup g ON g.id = m.class_group_id AND g.school_id = o.id AND g.kind <> 'teaching'
      ORDER BY e.subject, g.id NULLS LAST, n.id""",
    Subject.PERSON: """SELECT DISTINCT ON (e.subject) e.subject, c.name, c.name_key, c.number, o.id AS organisation_id, o.path,
        g.id AS class_id, COALESCE(g.name, '') AS class_name, true AS reachable
      FROM expected e JOIN registry_person c ON e.kind = 'person' AND c.id = e.subject
      LEFT JOIN registry_appointment a ON a.person_id = e.subject AND a.valid_to IS NULL
      LEFT JOIN registry_enrolment n ON n.person_id = e.subject AND n.valid_to IS NULL AND a.id IS NULL
      LEFT JOIN registry_classmembership m ON m.person_id = n.person_id AND m.valid_to IS NULL
      LEFT JOIN registry_classgroup g ON g.id = m.class_group_id AND g.school_id = n.school_id AND g.kind <> 'teaching'
      JOIN registry_organisation o ON o.id = COALESCE(a.organisation_id, n.school_id, c.organisation_id)
      ORDER BY e.subject, a.id, g.id NULLS LAST, n.id""",
}  # fmt: skip
WIDE_CHILDREN = """SELECT x.subject, o.path, NULL::uuid AS class_id, x.reachable FROM (
    SELECT a.subject, (array_agg(n.school_id ORDER BY n.id) FILTER (WHERE n.id IS NOT NULL))[1] AS school_id,
      bool_or(k.child_id IS NOT NULL) AS reachable
    FROM (SELECT subject, subject AS id FROM expected UNION ALL
      SELECT e.subject, m.id FROM registry_person m JOIN expected e ON e.subject = m.canonical_id) a
    LEFT JOIN registry_enrolment n ON n.person_id = a.id AND n.valid_to IS NULL
    LEFT JOIN (SELECT DISTINCT w.child_id FROM registry_guardianship w JOIN registry_person q ON q.id = w.guardian_id
        AND q.deceased_on IS NULL WHERE w.valid_to IS NULL AND w.kind <> 'proxy') k ON k.child_id = a.id
    GROUP BY a.subject) x JOIN registry_organisation o ON o.id = x.school_id"""
"""Children with their schools as above, for sums over tens of thousands: whole tables are joined once."""
GOT = """SELECT min(r.read_at) AS read_at, (array_agg(r.way ORDER BY r.confirmed_at NULLS LAST))[1] AS way"""
GOT_EACH = f"""LEFT JOIN LATERAL ({GOT} FROM (SELECT placed.subject AS id UNION ALL
    SELECT x.id FROM registry_person x WHERE x.canonical_id = placed.subject) a
  JOIN inbox_receipt r ON r.notice_id = %(notice)s AND r.kind = %(kind)s AND r.subject = a.id) got ON true"""  # noqa: S608
GOT_ALL = f"""LEFT JOIN ({GOT}, COALESCE(p.canonical_id, r.subject) AS subject FROM inbox_receipt r
  LEFT JOIN registry_person p ON p.id = r.person_id WHERE r.notice_id = %(notice)s AND r.kind = %(kind)s
  GROUP BY 3) got ON got.subject = placed.subject"""
"""What was read and confirmed, looked up for each or counted over the whole notice."""
ROWS = """WITH {expected} placed AS ({places}),
row AS (SELECT placed.*, got.read_at, CASE WHEN COALESCE(got.way, '') <> '' THEN got.way WHEN got.read_at IS NOT NULL THEN 'read'
    WHEN placed.reachable THEN 'unread' ELSE 'unreachable' END AS state
  FROM placed {got}
  WHERE (%(whole)s OR placed.path <@ ANY(%(paths)s::ltree[]) OR placed.class_id = ANY(%(classes)s::uuid[]))
    AND (%(part)s = '' OR placed.path <@ %(part)s::ltree) AND (%(class)s::uuid IS NULL OR placed.class_id = %(class)s))"""
GROUPED = """{rows} SELECT {group}, state, count(*) FROM row GROUP BY 1, 2"""
LISTED = """{rows} SELECT subject, name, number, organisation_id, class_name, state, read_at, path::text FROM row
  WHERE state = ANY(%(states)s) ORDER BY class_name, name_key, subject LIMIT %(limit)s OFFSET %(offset)s"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which part: ``kind`` of receipt, a subtree, a class, a state; ``page`` counts from 0. ``root``: the path of the class's
    school."""

    kind: str
    part: str = ""
    class_id: UUID | None = None
    root: str = ""
    state: str = ""
    page: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One class, or one part of the area; ``code`` leads to it."""

    name: str
    code: str
    confirmed: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    subject: UUID
    name: str
    number: str
    where: str
    state: str
    read_at: Any
    calls: tuple[registry.Call, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A confirmation with what was said in it."""

    name: str
    number: str
    where: str
    receipt: Receipt
    files: tuple[Attachment, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """``counted_at``: when the sums were made, if not for this look."""

    states: dict[str, int]
    groups: tuple[Group, ...]
    counted_at: datetime | None = None

    @property
    def total(self) -> int:
        return sum(self.states.values())

    @property
    def confirmed(self) -> int:
        return sum(self.states[state] for state in Way.values)

    @property
    def missing(self) -> int:
        return self.total - self.confirmed


def get_board(notice: Notice, reach: Reach, wanted: Wanted) -> Board:
    """States and groups in one statement, names of the groups in another."""
    is_by_class = (wanted.part != "" or notice.organisation.kind in SCHOOL_KINDS) and _are_pupils(notice, wanted)
    depth = len((wanted.part or str(notice.path)).split("."))
    if is_wide(notice, reach, wanted):
        return _wide_board(notice, wanted)
    group = "class_id::text" if is_by_class else f"subpath(path, 0, least(nlevel(path), {depth + 1}))::text"
    with connection.cursor() as cursor:
        cursor.execute(GROUPED.format(rows=_rows(wanted), group=group), _values(notice, reach, wanted))
        found = cursor.fetchall()
    return _board_of(found, is_by_class=is_by_class)


def is_wide(notice: Notice, reach: Reach, wanted: Wanted) -> bool:
    """Whether the sums of the whole of a notice to tens of thousands are asked for."""
    is_part = wanted.part not in ("", str(notice.path)) or wanted.class_id is not None
    return reach.whole and not is_part and notice.reach.get(wanted.kind, 0) > WIDE


def _wide_board(notice: Notice, wanted: Wanted) -> Board:
    """As ``services.summing`` kept it, else counted here and now."""
    kept = Sum.objects.filter(notice=notice, kind=wanted.kind).first()
    found = kept.counted if kept is not None else count_wide(notice, wanted.kind)
    return replace(_board_of(found, is_by_class=False), counted_at=kept.counted_at if kept is not None else None)


def count_wide(notice: Notice, kind: str) -> list[list[Any]]:
    """(path of a part of the sender's area, state, number). Whose receipt is expected is written down first, so that the
    planner knows how many they are."""
    wanted, depth = Wanted(kind=kind), len(str(notice.path).split("."))
    group = f"subpath(path, 0, least(nlevel(path), {depth + 1}))::text"
    values = _values(notice, Reach(whole=True), wanted)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '128MB'")
        cursor.execute(
            f"CREATE TEMP TABLE inbox_expected ON COMMIT DROP AS WITH {SENT} {EXPECTED_OF[Subject(kind)]}", values
        )
        cursor.execute("ANALYZE inbox_expected")
        places = WIDE_CHILDREN if kind == Subject.CHILD else PLACES[Subject(kind)]
        rows = ROWS.format(expected="expected AS (SELECT * FROM inbox_expected),", places=places, got=GOT_ALL)
        cursor.execute(GROUPED.format(rows=rows, group=group), values)
        found = cursor.fetchall()
        cursor.execute("DROP TABLE inbox_expected")
    return [list(row) for row in found]


def _board_of(found: list[Any], *, is_by_class: bool) -> Board:
    states = dict.fromkeys(STATES, 0)
    by_group: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(STATES, 0))
    for key, state, count in found:
        states[state] += count
        by_group[key or ""][state] += count
    groups = _class_groups(by_group) if is_by_class else _place_groups(by_group)
    return Board(states=states, groups=tuple(sorted(groups, key=lambda one: (_share(one), one.name))))


def list_missing(notice: Notice, reach: Reach, wanted: Wanted, *, limit: int = PAGE) -> tuple[Missing, ...]:
    """A page of those who have not confirmed, with whom to call; three statements at most."""
    rows = _listed(notice, reach, wanted, [wanted.state] if wanted.state in MISSING else MISSING, limit)
    ids = [row[0] for row in rows]
    calls = registry.post_calls(ids) if wanted.kind == Subject.POST else _calls(rows, wanted)
    names = _names({row[3] for row in rows if not row[4]})
    return tuple(
        Missing(
            subject=row[0], name=row[1], number=row[2], where=row[4] or names[row[3]], state=row[5], read_at=row[6],
            calls=calls.get(row[0], ()),
        )
        for row in rows
    )  # fmt: skip


def list_given(notice: Notice, reach: Reach, wanted: Wanted, *, limit: int = PAGE) -> tuple[Given, ...]:
    """A page of those who confirmed, with their words and files; four statements at most."""
    rows = _listed(notice, reach, wanted, Way.values, limit)
    ids = [row[0] for row in rows]
    own = Receipt.objects.filter(notice=notice, kind=wanted.kind, confirmed_at__isnull=False).select_related("person")
    receipts: dict[UUID, Receipt] = {}
    for receipt in own.filter(Q(subject__in=ids) | Q(person__canonical__in=ids)).order_by("confirmed_at"):
        person = receipt.person
        receipts.setdefault(person.canonical_id or person.id if person else receipt.subject, receipt)
    files: dict[int, list[Attachment]] = defaultdict(list)
    for file in Attachment.objects.filter(receipt__in=[one.id for one in receipts.values()]).order_by("added_at"):
        files[file.receipt_id or 0].append(file)
    names = _names({row[3] for row in rows if not row[4]})
    return tuple(
        Given(
            name=row[1], number=row[2], where=row[4] or names[row[3]], receipt=(one := receipts[row[0]]), files=tuple(files[one.id])
        )
        for row in rows
        if row[0] in receipts
    )  # fmt: skip


def _listed(notice: Notice, reach: Reach, wanted: Wanted, states: Iterable[str], limit: int) -> list[Any]:
    values = _values(notice, reach, wanted)
    values |= {"states": list(states), "limit": limit, "offset": wanted.page * limit}
    with connection.cursor() as cursor:
        cursor.execute(LISTED.format(rows=_rows(wanted)), values)
        return cursor.fetchall()


def _are_pupils(notice: Notice, wanted: Wanted) -> bool:
    if wanted.kind != Subject.PERSON:
        return wanted.kind == Subject.CHILD
    return bool(notice.targets.filter(audience=Audience.PUPIL, handed_by=None).exists())


def _calls(rows: Iterable[Any], wanted: Wanted) -> dict[UUID, tuple[registry.Call, ...]]:
    """Guardians of children and of pupils, who sit in a class; everybody else's own phone."""
    seated = [row[0] for row in rows if wanted.kind == Subject.CHILD or row[4]]
    others = [row[0] for row in rows if row[0] not in set(seated)]
    found = registry.people_calls(seated, of_children=True) if seated else {}
    return found | (registry.people_calls(others, of_children=False) if others else {})


def require_expected(notice: Notice, reach: Reach, kind: str, subject: UUID) -> str:
    """The state of one subject within reach; :class:`Forbidden` for anybody to whom the notice is not addressed."""
    if kind not in Subject.values:
        raise Forbidden()
    wanted = Wanted(kind=kind)
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_rows(wanted)} SELECT state FROM row WHERE subject = %(subject)s",  # noqa: S608
            _values(notice, reach, wanted) | {"subject": subject},
        )
        row = cursor.fetchone()
    if row is None:
        raise Forbidden()
    return str(row[0])


def _rows(wanted: Wanted) -> str:
    kind = Subject(wanted.kind)
    return ROWS.format(expected=f"{SENT}, expected AS ({EXPECTED_OF[kind]}),", places=PLACES[kind], got=GOT_EACH)


def _values(notice: Notice, reach: Reach, wanted: Wanted) -> dict[str, Any]:
    return {
        **values_of([notice.id], _roots(reach, wanted)), "notice": notice.id, "kind": wanted.kind, "whole": reach.whole, "paths": list(reach.paths),
        "classes": list(reach.classes), "part": wanted.part, "class": wanted.class_id,
    }  # fmt: skip


def _roots(reach: Reach, wanted: Wanted) -> list[str] | None:
    """Places below which everybody stands who is looked for; None: everywhere."""
    if root := wanted.root or wanted.part:
        return [root]
    is_bounded = not reach.whole and (reach.schools or not reach.classes)
    return [*reach.paths, *reach.schools] if is_bounded else None


def _class_groups(by_group: dict[str, dict[str, int]]) -> Iterable[Group]:
    names = registry.class_names(UUID(key) for key in by_group if key)
    for key, states in by_group.items():
        yield _group(names.get(UUID(key), "") if key else "—", key, states)


def _place_groups(by_group: dict[str, dict[str, int]]) -> Iterable[Group]:
    rows = register.organisations().filter(path__in=list(by_group)).values_list("path", "name", "code")
    names = {str(path): (name, code or "") for path, name, code in rows}
    for key, states in by_group.items():
        yield _group(*names.get(key, ("—", "")), states)


def _group(name: str, code: str, states: dict[str, int]) -> Group:
    return Group(
        name=name, code=code, confirmed=sum(states[one] for one in Way.values), total=sum(states.values())
    )  # fmt: skip


def _share(group: Group) -> float:
    return group.confirmed / group.total if group.total else 1.0


def _names(ids: set[UUID]) -> dict[UUID, str]:
    return dict(register.organisations().filter(id__in=ids).values_list("id", "name"))
