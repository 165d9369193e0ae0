"""Every figure of the tables = an independent recomputation from the register's raw rows = the sheet = the class pages."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import pytest

from lingqu.foundation.registry import api as registry
from lingqu.foundation.registry.models import Appointment, ClassGroup, ClassMembership, Enrolment, Organisation
from lingqu.foundation.statistics.models import SnapshotPupil
from lingqu.foundation.statistics.selectors import figures, sheets
from lingqu.foundation.statistics.selectors.figures import Scope, list_tables
from lingqu.foundation.statistics.services import conditions, snapshots
from lingqu.kernel.actor import Actor, Right
from lingqu.kernel.clock import today
from lingqu.kernel.errors import Forbidden, Invalid
from lingqu.kernel.models import AuditEntry

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")
TRAITS = {"migrant": "migrant", "left_behind": "left_behind", "included": "inclusive"}


def age_on(born: date | None, day: date) -> str:
    return "" if born is None else str(day.year - born.year - ((day.month, day.day) < (born.month, born.day)))


def stage(grade: str, schooling: str) -> str:
    if grade[0] == "K":
        return "preschool"
    number = int(grade[1:])
    if number >= 10:
        return "senior"
    return "junior" if number >= 7 or (number == 6 and schooling == "five_four") else "primary"


def recomputed(schools: list[Any]) -> dict[str, Counter[tuple[str, str]]]:
    """(row, column) → figure by table, in plain Python from the tables of the register."""
    made: dict[str, Counter[tuple[str, str]]] = {
        name: Counter() for name in ("grades", "attendance", "ages", "classes", "sizes", "employment", "titles")
    }
    seats: Counter[Any] = Counter()
    for school in schools:
        for row in Enrolment.objects.filter(school=school, valid_to=None).select_related("person"):
            person, here = row.person, row.attendance != "absent"
            held = set(person.pupil_attributes.filter(valid_to=None).values_list("kind", flat=True))
            of = stage(row.grade, school.schooling)
            made["attendance"][of, row.attendance] += 1
            made["attendance"][of, "present"] += here
            made["attendance"][of, "on_register"] += row.attendance in ("registered", "absent", "home_taught")
            if not here:
                continue
            seats[ClassMembership.objects.get(person=person, valid_to=None).class_group_id] += 1
            sex = {"1": "male", "2": "female"}.get(person.sex, "unstated")
            for column, applies in {
                sex: True, "total": True, "boarding": row.boarding is True, "home_taught": row.attendance == "home_taught",
                **{column: kind in held for column, kind in TRAITS.items()},
            }.items():  # fmt: skip
                made["grades"][row.grade, column] += applies
            age = age_on(person.birth_date, today())
            made["ages"][age, row.grade] += 1
            made["ages"][age, "total"] += 1
        for group in ClassGroup.objects.filter(school=school):
            size, grade = seats[group.id], group.grades[0]
            band = next(
                code
                for most, code in (
                    (25, "to25"),
                    (35, "to35"),
                    (45, "to45"),
                    (55, "to55"),
                    (65, "to65"),
                    (999, "over65"),
                )
                if size <= most
            )
            rule = next(
                code for most, code in ((45, "to45"), (50, "to50"), (55, "to55"), (999, "over55")) if size <= most
            )
            for column in (band, "total"):
                made["classes"][grade, column] += 1
            for column in (rule, "total"):
                made["sizes"][stage(grade, school.schooling), column] += 1
        for post in Appointment.objects.filter(organisation=school, valid_to=None).select_related("person"):
            full = post.employment_kind != "substitute" and (
                post.post == "10" or (post.post in ("", "31") and post.subject != "")
            )
            sex = {"1": "male", "2": "female"}[post.person.sex]
            for column in (sex, "total"):
                made["employment"][post.employment_kind, column] += 1
                made["titles"][post.title, column] += full
            made["employment"][post.employment_kind, "full_time"] += full
    return made


def as_counter(filled: figures.Filled) -> Counter[tuple[str, str]]:
    return Counter(
        {(line.key, code): value for line in filled.lines for (code, _label), value in zip(filled.columns, line.cells, strict=True)}
    )  # fmt: skip


@pytest.fixture
def taken(city: dict[str, Any]) -> Any:
    made = snapshots.request_snapshot(actor=SYSTEM, organisation_code=city["root"].code, taken_on=today())
    return snapshots.perform(made.id)


def test_every_figure_equals_the_recomputation_in_both_ways_of_counting(city: dict[str, Any], taken: Any) -> None:
    first, second = city["counties"]
    scopes = [
        (Scope(snapshot=taken, path=str(city["root"].path)), city["schools"]),
        (Scope(snapshot=taken, path=str(first.path)), city["schools"][:2]),
        (Scope(snapshot=taken, path=str(second.path)), []),
        (Scope(snapshot=taken, path=str(second.path), side="territory"), city["schools"][2:]),
        *((Scope(snapshot=taken, path=str(school.path)), [school]) for school in city["schools"]),
    ]
    for scope, schools in scopes:
        tables, wanted = list_tables(scope), recomputed(schools)
        for code, counter in wanted.items():
            assert +as_counter(tables[code]) == +counter, (code, scope.path)
    whole = list_tables(scopes[0][0])["grades"].value("total")
    assert whole == sum(list_tables(scope)["grades"].value("total") for scope, _schools in scopes[4:]) > 60


def test_sheet_and_class_pages_say_the_same(city: dict[str, Any], taken: Any) -> None:
    registry.recount()
    for school in city["schools"]:
        found = sheets.figures_of(taken, str(school.path))
        tables = list_tables(Scope(snapshot=taken, path=str(school.path)))
        parts = {part.code: part for part in sheets.parts_of(found)}
        labels = dict(zip(parts["pupils"].head, parts["pupils"].foot, strict=True))
        assert labels["小计"] == f"{tables['grades'].value('total'):,}"
        assert labels["班数"] == str(ClassGroup.objects.filter(school=school).count())
        assert dict(zip(parts["staff"].head, parts["staff"].rows[0], strict=True))["合计"] == str(
            tables["employment"].value("total")
        )
        rows = dict(zip(parts["attendance"].head, parts["attendance"].rows[0], strict=True))
        assert rows["就读合计"] == labels["小计"]
        absent = {
            row["class_id"]: row["n"]
            for row in _absent(taken, school)
        }  # fmt: skip
        for group in ClassGroup.objects.filter(school=school):
            frozen = next(size for name, size in _sizes(taken, school) if name == group.id)
            assert group.size - absent.get(group.id, 0) == frozen, "the class page, without those who are away"


def _absent(taken: Any, school: Any) -> list[dict[str, Any]]:
    from django.db.models import Count

    rows = SnapshotPupil.objects.filter(snapshot=taken, school_id=school.id, attendance="absent")
    return list(rows.values("class_id").annotate(n=Count("id")))


def _sizes(taken: Any, school: Any) -> list[tuple[Any, int]]:
    from lingqu.foundation.statistics.models import SnapshotClass

    return list(SnapshotClass.objects.filter(snapshot=taken, school_id=school.id).values_list("class_id", "size"))


def test_figures_stay_after_later_edits(city: dict[str, Any], taken: Any) -> None:
    scope = Scope(snapshot=taken, path=str(city["root"].path))
    before = {code: as_counter(one) for code, one in list_tables(scope).items()}
    Enrolment.objects.update(grade="G12", boarding=True)
    Organisation.objects.filter(id=city["schools"][0].id).update(name="改名", schooling="six_three")
    from django.core.cache import cache

    cache.clear()
    assert {code: as_counter(one) for code, one in list_tables(scope).items()} == before


def test_rows_behind_a_figure_are_as_many_and_only_those_one_may_see(city: dict[str, Any], taken: Any) -> None:
    scope = Scope(snapshot=taken, path=str(city["root"].path))
    tables = list_tables(scope)
    line = max(tables["grades"].lines, key=lambda one: one.cells[-1])
    total = tables["grades"].value("total", line.key)
    found: list[Any] = []
    after = ""
    while True:
        rows, after = figures.rows_behind(
            actor=SYSTEM, scope=scope, table="grades", row=line.key, column="total", after=after, limit=7
        )
        found += rows
        if not after:
            break
    assert len(found) == len({row[0] for row in found}) == total
    school = city["schools"][0]
    reader = Actor(kind="account", name="r", rights=(Right(registry.rights.PERSON_VIEW, str(school.path)),))
    rows, _next = figures.rows_behind(actor=reader, scope=scope, table="grades", row=None, column="total", limit=5000)
    own = list_tables(Scope(snapshot=taken, path=str(school.path)))["grades"].value("total")
    assert len(rows) == own
    assert {row[2] for row in rows} == {school.name}


def test_names_behind_sensitive_attributes_need_the_right_a_purpose_and_leave_a_trace(
    city: dict[str, Any], taken: Any
) -> None:
    scope, path = Scope(snapshot=taken, path=str(city["root"].path)), str(city["root"].path)

    def names(*codes: str, purpose: str = "", column: str = "left_behind") -> int:
        reader = Actor(kind="account", name="r", purpose=purpose, rights=tuple(Right(code, path) for code in codes))
        rows, _next = figures.rows_behind(
            actor=reader, scope=scope, table="grades", row=None, column=column, limit=5000
        )  # fmt: skip
        return len(rows)

    grades = list_tables(scope)["grades"]
    with pytest.raises(Invalid):
        names(registry.rights.PERSON_VIEW, registry.rights.ATTRIBUTE_VIEW)
    assert names(registry.rights.PERSON_VIEW, purpose="核对") == 0
    assert names(registry.rights.ATTRIBUTE_VIEW, purpose="核对") == grades.value("left_behind") > 0
    assert AuditEntry.objects.filter(action="statistics.rows.revealed").count() == 2
    assert names(registry.rights.ATTRIBUTE_VIEW, column="migrant") == grades.value("migrant") > 0
    assert names(registry.rights.PERSON_VIEW, column="migrant") == 0


def test_a_school_sees_its_own_figures_and_no_others(city: dict[str, Any], taken: Any) -> None:
    school, other = city["schools"][:2]
    reader = Actor(kind="account", name="r", rights=(Right("statistics.snapshot.view", str(school.path)),))
    assert figures.get_snapshot(actor=reader, snapshot_id=taken.id).path == str(school.path)
    for place in (other.code, city["root"].code, "nowhere"):
        with pytest.raises(Forbidden):
            figures.get_snapshot(actor=reader, snapshot_id=taken.id, place=place)


def test_conditions_are_frozen_with_the_school(city: dict[str, Any]) -> None:
    school = city["schools"][0]
    conditions.save_conditions(
        actor=SYSTEM, school_code=school.code, year=registry.school_year_of(today()), typed={"books": "1,200"},
        pasted="学生用终端\t85", rooms="101\t普通教室\t50\t教学楼\n物理\t实验室\t48\t",
    )  # fmt: skip
    taken = snapshots.perform(
        snapshots.request_snapshot(actor=SYSTEM, organisation_code=city["root"].code, taken_on=today()).id
    )
    conditions.save_conditions(
        actor=SYSTEM, school_code=school.code, year=registry.school_year_of(today()), typed={"books": "9"}
    )
    total = figures.get_conditions_total(Scope(snapshot=taken, path=str(city["root"].path)))
    items = {code: (value, schools) for code, _label, value, schools in total.items}
    assert (items["books"], items["pupil_terminals"], items["beds"]) == ((1200, 1), (85, 1), (0, 0))
    assert {code: count for code, _label, count in total.rooms} == {"classroom": 1, "laboratory": 1}
    assert (total.schools, total.reported) == (3, 1)
