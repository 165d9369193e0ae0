"""Every figure of the tables = an independent recomputation from the register's raw rows = the sheet = the class pages."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from django.core.cache import cache

from lingqu.foundation.registry import api as registry
from lingqu.foundation.registry import loading, testing
from lingqu.foundation.registry.models import Appointment, ClassGroup, ClassMembership, Enrolment, Organisation, Person
from lingqu.foundation.registry.services import attributes, classes, deaths, merging, organisations, people, seats
from lingqu.foundation.registry.types.attributes import AttributeWish
from lingqu.foundation.statistics import testing as statistics
from lingqu.foundation.statistics.models import Sheet, SnapshotPupil
from lingqu.foundation.statistics.selectors import figures, sheets
from lingqu.foundation.statistics.selectors.figures import Scope, list_tables
from lingqu.foundation.statistics.services import conditions, snapshots
from lingqu.foundation.statistics.services import sheets as services
from lingqu.foundation.statistics.tables import SHEET_TABLES
from lingqu.foundation.statistics.types.words import Side
from lingqu.kernel.actor import Actor, Right
from lingqu.kernel.clock import today
from lingqu.kernel.errors import Forbidden, Invalid
from lingqu.kernel.models import AuditEntry

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")
OF_PUPILS = ("grades", "attendance", "ages", "classes", "sizes")
OF_STAFF = ("employment", "titles", "educations", "degrees", "teacher_ages", "subjects")
STUDIED = {
    "11": "doctor", "14": "master", "21": "bachelor", "22": "college", "31": "college", "41": "upper", "71": "below", "": "",
}  # fmt: skip
"""学历 → band; who did not finish (22) counts one level lower."""
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
    made: dict[str, Counter[tuple[str, str]]] = {name: Counter() for name in (*OF_PUPILS, *OF_STAFF)}
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
        for post in Appointment.objects.filter(organisation=school, relation="works_at", valid_to=None):
            _count_teacher(made, school, post)
    return made


def _count_teacher(made: dict[str, Counter[tuple[str, str]]], school: Any, post: Any) -> None:
    person = post.person
    taught = sorted(person.teaching.filter(class_group__school=school, valid_to=None).values_list("subject", flat=True))
    subject = post.subject or (taught[0] if taught else "")
    by_rule = post.employment_kind != "substitute" and (
        post.post == "10" or (post.post in ("", "31") and subject != "")
    )
    full = by_rule if post.full_time is None else post.full_time
    age = int(age_on(person.birth_date, today()))
    band = "0-24" if age < 25 else "60-" if age >= 60 else f"{age // 5 * 5}-{age // 5 * 5 + 4}"
    rows = {
        "titles": post.title, "teacher_ages": band, "subjects": subject, "degrees": person.attributes["degree"][:1],
        "educations": STUDIED[person.attributes["education_level"]],
    }  # fmt: skip
    for column in ({"1": "male", "2": "female"}[person.sex], "total"):
        made["employment"][post.employment_kind, column] += 1
        for table, row in rows.items():
            made[table][row, column] += full
    made["employment"][post.employment_kind, "full_time"] += full
    is_ours = person.appointments.filter(organisation=school, relation="employs", valid_to=None).exists()
    made["employment"][post.employment_kind, "employs"] += is_ours


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
        assert set(tables) == {*wanted, "changes"}, "every table is recomputed here or, the changes, below"
    whole = list_tables(scopes[0][0])["grades"].value("total")
    assert whole == sum(list_tables(scope)["grades"].value("total") for scope, _schools in scopes[4:]) > 60


def test_changes_equal_a_comparison_pupil_by_pupil(city: dict[str, Any]) -> None:
    """The eleven other tables are recomputed above; this one compares two days."""
    county, (first, second, _third) = city["counties"][0], city["schools"]
    leaver, rester, returner, mover = _of(first, "registered", 2) + _of(first, "absent", 1) + _of(second, "guest", 1)

    def seated() -> dict[Any, Counter[Any]]:
        return {
            school.id: Counter(
                Enrolment.objects.filter(school=school, valid_to=None).exclude(attendance="absent").values_list("person_id", flat=True)
            )
            for school in (first, second)
        }  # fmt: skip

    before, earlier = seated(), today() - timedelta(days=9)
    snapshots.perform(snapshots.request_snapshot(actor=SYSTEM, organisation_code=county.code, taken_on=earlier).id)
    leaver.enrolments.filter(valid_to=None).update(valid_to=today() - timedelta(days=2))
    rester.enrolments.filter(valid_to=None).update(attendance="absent")
    returner.enrolments.filter(valid_to=None).update(attendance="registered")
    seat = mover.enrolments.get(valid_to=None)
    Enrolment.objects.filter(id=seat.id).update(valid_to=today() - timedelta(days=1))
    Enrolment.objects.create(
        person=mover, school=first, path=first.path, name_key=seat.name_key, grade=seat.grade, attendance="guest",
        valid_from=today() - timedelta(days=1),
    )  # fmt: skip
    now = seated()
    taken = snapshots.perform(
        snapshots.request_snapshot(actor=SYSTEM, organisation_code=county.code, taken_on=today()).id
    )
    for school in (first, second):
        table = list_tables(Scope(snapshot=taken, path=str(school.path)))["changes"]
        came, went = now[school.id] - before[school.id], before[school.id] - now[school.id]
        assert (table.value("came"), table.value("went")) == (came.total(), went.total())
        total = list_tables(Scope(snapshot=taken, path=str(school.path)))["grades"].value("total")
        assert total == before[school.id].total() + came.total() - went.total()
    codes = {
        line.key: line.cells[:2] for line in list_tables(Scope(snapshot=taken, path=str(county.path)))["changes"].lines
    }
    assert codes == {"12": (1, 0), "13": (1, 0), "23": (0, 1), "27": (0, 1), "-?": (0, 1)}


def _of(school: Any, attendance: str, number: int) -> list[Any]:
    """So many more pupils of the school's first class."""
    group = school.class_groups.order_by("serial").first()
    return [testing.make_pupil(group, sex="1", attendance=attendance) for _n in range(number)]


def test_sheet_prints_the_tables_figure_by_figure(city: dict[str, Any], taken: Any) -> None:
    for school in city["schools"]:
        printed = sheets.numbers_of(taken, str(school.path))
        tables = list_tables(Scope(snapshot=taken, path=str(school.path)))
        for code in SHEET_TABLES:
            assert printed[code]["lines"] == [[line.key, *line.cells] for line in tables[code].lines], code
        rooms = sheets.figures_of(taken, str(school.path)).rooms
        assert sum(room.size for room in rooms) == tables["grades"].value("total")
        assert len(rooms) == tables["classes"].value("total") == tables["sizes"].value("total")


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


def test_snapshot_and_sheet_stay_after_edits_of_every_kind(city: dict[str, Any]) -> None:
    first, second, third = city["schools"]
    leaver, merged, kept, dead, traited = _of(first, "registered", 5)
    taken = statistics.take(city["root"])
    round_ = statistics.make_round(city["root"], snapshot_id=taken.id)
    sheet = services.submit_sheet(actor=SYSTEM, round_id=round_.id, school_code=first.code)
    statistics.check_all(sheet)
    services.confirm_sheet(actor=SYSTEM, sheet_id=sheet.id, ticks=("pupils", "staff", "attributes", "sizes"))
    places = [str(city["root"].path), *(str(place.path) for place in (*city["counties"], *city["schools"]))]

    def told() -> dict[str, Any]:
        cache.clear()
        scopes = {(path, side): Scope(snapshot=taken, path=path, side=side) for path in places for side in Side.values}
        return {
            **{str(key): {code: as_counter(one) for code, one in list_tables(scope).items()} for key, scope in scopes.items()},
            "sheet": sheets.numbers_of(taken, str(first.path)), "digest": sheets.digest_of(taken, str(first.path)),
        }  # fmt: skip

    before, day = told(), today()
    assert before["digest"] == sheet.digest
    organisations.edit_organisation(actor=SYSTEM, organisation_id=first.id, values={"name": "改名中学"})
    organisations.move_organisation(
        actor=SYSTEM, organisation_id=second.id, parent_id=city["counties"][1].id, on=day, reason="区划调整"
    )
    seat = ClassMembership.objects.get(person=traited, valid_to=None)
    other = testing.make_class(first, seat.class_group.grades[0], 9, name="另一班")
    classes.edit_class(actor=SYSTEM, class_id=seat.class_group_id, values={"local_name": "启航班"})
    seats.move_to_class(actor=SYSTEM, person_id=seat.person_id, class_id=other.id, on=day, reason="家长申请")
    seats.leave_school(actor=SYSTEM, person_id=leaver.id, school_id=first.id, on=day, kind="suspended", reason="病休",
                       expected_on=day + timedelta(days=200))  # fmt: skip
    merging.merge_people(actor=SYSTEM, kept_id=kept.id, merged_id=merged.id, reason="同一人")
    deaths.mark_deceased(actor=SYSTEM, person_id=dead.id, on=day, proof="证明")
    for kind in ("migrant", "boarding"):
        for is_on in (True, False):
            wish = AttributeWish(
                person_id=traited.id, is_on=is_on, value="other_province" if kind == "migrant" and is_on else ""
            )
            attributes.record_attributes(actor=SYSTEM, kind=kind, wishes=[wish], on=day, source="核对")
    people.edit_person(actor=SYSTEM, person_id=traited.id, changes={"boarding": "1"}, reason="住校")
    _import_again(first)
    Person.objects.filter(appointments__organisation=third).update(attributes={"degree": "2", "education_level": "11"})
    Appointment.objects.filter(organisation=third).update(title="A1", valid_to=day)
    assert told() == before
    assert snapshots.find_differences(taken.id) == []
    assert Sheet.objects.get(id=sheet.id).digest == before["digest"]


def _import_again(school: Any) -> None:
    """A roster of the school with one new child and none of the others: they are proposed for removal."""
    rows = [{
        "key": "new", "name": "新来", "sex": "1", "school_ref": school.code, "grade": "G07", "class_ref": "", "file": "a.csv",
        "sheet": "", "row_number": 2,
    }]  # fmt: skip
    batch = registry.Batch(
        kind="students", source="again", scope=str(testing.make_root().path), rows=pl.DataFrame(rows)
    )
    loading.apply_batch(actor=SYSTEM, batch=batch)
    keys = registry.with_digests("students", pl.DataFrame(rows))["key_hash"]
    registry.find_removals(source_id=registry.source_of("again").pk, kind="students", keys=keys)


def test_figures_stay_after_later_edits(city: dict[str, Any], taken: Any) -> None:
    scope = Scope(snapshot=taken, path=str(city["root"].path))
    before = {code: as_counter(one) for code, one in list_tables(scope).items()}
    Enrolment.objects.update(grade="G12", boarding=True)
    Organisation.objects.filter(id=city["schools"][0].id).update(name="改名", schooling="six_three")
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
