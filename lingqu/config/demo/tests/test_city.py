"""Properties of the generated city: who is in it, whose numbers they bear, what refers to what."""

from __future__ import annotations

import re
from collections import Counter, defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lingqu.config.demo.city import City
from lingqu.config.demo.numbers import check_digit
from lingqu.config.demo.rows import FIELDS, Roster
from lingqu.config.demo.subjects import subjects_of
from lingqu.foundation.registry.api import read_class_name
from lingqu.kernel.errors import Invalid

YEAR = 2026
Rows = dict[str, list[dict[str, str]]]


def rows_of(people: int, *, seed: int = 7) -> Rows:
    found: Rows = defaultdict(list)
    for _school, roster in City(people, seed=seed, school_year=YEAR).rosters():
        for kind, fields in FIELDS.items():
            found[kind] += [dict(zip(fields, row, strict=True)) for row in roster.of(kind)]
    return found


@pytest.fixture(scope="module")
def town() -> Rows:
    return rows_of(24_000)


def codes(rows: Rows) -> dict[str, str]:
    """Code of every way to write an organisation."""
    return {name: row["code"] for row in rows["organisations"] for name in (row["code"], row["name"])}


@pytest.mark.parametrize("people", [500, 600, 777, 2_000, 8_000, 12_000, 15_000, 24_000])
def test_exactly_as_many_people_as_asked_for(people):
    rows = rows_of(people)
    ids = [row["id_number"] for kind in ("staff", "guardians") for row in rows[kind] if row["id_number"]]
    without_id = [row for row in rows["guardians"] if not row["id_number"]]
    assert len(rows["students"]) + len(set(ids)) + len(without_id) == people


@settings(max_examples=25)
@given(st.integers(500, 7_000), st.integers(1, 10**6))
def test_every_size_has_its_guardians(people, seed):
    """A city that cannot place them says so while it is made; two a child are the most that any class needs."""
    city = City(people, seed=seed, school_year=YEAR)
    for _school, _roster in city.rosters():
        pass
    assert people - city.plan.pupils - city.staff < 1.6 * city.plan.pupils


@pytest.mark.parametrize("people", [*range(500, 20_000, 250), 50_000, 1_000_000])
def test_plans_leave_room_for_the_guardians(people):
    city = City(people, school_year=YEAR)
    guardians = people - city.plan.pupils - city.staff
    assert 0.5 * city.plan.pupils <= guardians < 1.6 * city.plan.pupils


def test_same_arguments_give_the_same_rows_and_another_seed_others():
    assert rows_of(2_000) == rows_of(2_000)
    assert rows_of(2_000)["students"] != rows_of(2_000, seed=8)["students"]


@pytest.mark.parametrize("people", [499, 0, -5, 5_000_001])
def test_impossible_sizes_are_refused(people):
    with pytest.raises(Invalid):
        City(people)


def test_id_numbers_are_right_and_belong_to_nobody(town):
    people = [row for kind in ("students", "staff", "guardians") for row in town[kind] if row["id_number"]]
    assert all(row["synthetic"] == "是" for row in people)
    for row in people:
        number = row["id_number"]
        assert number[:2] == "00" and len(number) == 18
        assert check_digit(number[:17]) == number[17]
        assert number[6:14] == row["birth_date"].replace("-", "")
        assert (int(number[16]) % 2 == 1) == (row["sex"] == "男")


def test_id_numbers_are_not_shared_by_two_people(town):
    owners: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for kind in ("students", "staff", "guardians"):
        for row in town[kind]:
            if row["id_number"]:
                owners[row["id_number"]].add((row["name"], row["birth_date"]))
    assert all(len(found) == 1 for found in owners.values())


def test_register_numbers_are_unique_and_well_formed(town):
    numbers = [row["register_number"] for row in town["students"] if row["register_number"]]
    assert len(numbers) == len(set(numbers))
    assert all(re.fullmatch(r"[GJ]\d{17}[\dX]", number) for number in numbers)


def test_phones_are_of_the_unassigned_prefix(town):
    phones = {row["phone"] for kind in ("students", "staff", "guardians") for row in town[kind]} - {""}
    assert all(re.fullmatch(r"120\d{8}", phone) for phone in phones)


def test_school_codes_and_names(town):
    schools = [row for row in town["organisations"] if row["school_type"]]
    assert all(re.fullmatch(r"(11|21|31|34)0099\d{4}", row["code"]) for row in schools)
    assert len({row["code"] for row in schools}) == len({row["name"] for row in schools}) == len(schools)
    assert all(row["name"].endswith("（演示）") for row in town["organisations"])


def test_every_reference_leads_somewhere(town):
    known = codes(town)
    classes = {(known[row["school_ref"]], row["written_name"]) for row in town["classes"]}
    assert len(classes) == len(town["classes"])
    staff = {(known[row["school_ref"]], row["staff_number"]) for row in town["staff"]}
    assert len(staff) == len(town["staff"])
    for row in town["teaching"]:
        assert (known[row["school_ref"]], row["class_ref"]) in classes
        assert (known[row["school_ref"]], row["teacher_ref"]) in staff
    heads = [(known[row["school_ref"]], row["head_teacher_ref"]) for row in town["classes"] if row["head_teacher_ref"]]
    assert set(heads) <= staff and len(heads) == len(set(heads))
    pupils = {(known[row["school_ref"]], row["school_number"]) for row in town["students"]}
    assert len(pupils) == len(town["students"])
    for row in town["guardians"]:
        assert (known[row["child_ref.school"]], row["child_ref.number"]) in pupils
    for row in town["organisations"]:
        assert all(not row[ref] or row[ref] in known for ref in ("parent_ref", "territory_ref", "central_ref"))


def test_class_names_of_pupils_and_classes_mean_the_same(town):
    known = codes(town)
    schooling = {
        row["code"]: "five_four" if row["schooling"] == "五四制" else "six_three" for row in town["organisations"]
    }
    stage = {row["code"]: "senior" if row["school_type"] == "高级中学" else "junior" for row in town["organisations"]}
    words = defaultdict(set)
    for row in town["classes"]:
        code = known[row["school_ref"]]
        options = {"schooling": schooling[code], "school_year": "2026-2027", "stage": stage[code]}
        words[code].add(read_class_name(row["written_name"], **options))
        words[code, "grade"].add(row["grades"])
    for row in town["students"]:
        code = known[row["school_ref"]]
        options = {"schooling": schooling[code], "school_year": "2026-2027", "stage": stage[code]}
        assert read_class_name(row["class_ref"], **options) in words[code], row["class_ref"]


def test_structure_has_every_unusual_kind(town):
    kinds = Counter(row["school_type"] for row in town["organisations"])
    expected = {"幼儿园", "小学", "小学教学点", "初级中学", "九年一贯制学校", "完全中学", "高级中学"}
    assert expected <= set(kinds)
    five_four = {row["code"] for row in town["organisations"] if row["schooling"] == "五四制"}
    known = codes(town)
    grades = {row["grades"] for row in town["classes"] if known[row["school_ref"]] in five_four}
    assert "六年级" in grades
    of_city = [row for row in town["organisations"] if row["parent_ref"] == "000100" and row["school_type"]]
    assert of_city and all(row["territory_ref"].startswith("0001") for row in of_city)
    assert any(row["kind"] == "复式班" for row in town["classes"])
    assert Counter(row["attendance"] for row in town["students"])["无籍借读"] > 20
    assert Counter(row["kind"] for row in town["guardians"])["委托监护"] > 50
    assert Counter(row["boarding"] for row in town["students"])["是"] > 300
    without_id = [row for row in town["students"] if not row["id_number"]]
    assert 0.005 < len(without_id) / len(town["students"]) < 0.03


def test_class_sizes_follow_the_norms(town):
    sizes = Counter((row["school_ref"], row["class_ref"]) for row in town["students"])
    grade = {(row["school_ref"], row["class_ref"]): row["grade"] for row in town["students"]}
    junior = [
        size for key, size in sizes.items() if grade[key] in ("七年级", "八年级", "九年级", "高一", "高二", "高三")
    ]
    assert 42 < sum(junior) / len(junior) < 49
    assert sum(size > 55 for size in junior) / len(junior) < 0.08


def test_teaching_covers_nearly_all_lessons_and_leaves_some_gaps(town):
    have = {(row["school_ref"], row["class_ref"], row["subject"]) for row in town["teaching"]}
    words = {"一年级": "G01", "五年级": "G05", "八年级": "G08", "九年级": "G09", "高一": "G10"}
    wanted = [
        (row["school_ref"], row["written_name"], subject)
        for row in town["classes"]
        if row["grades"] in words
        for subject, _periods in subjects_of(words[row["grades"]])
    ]
    gaps = [key for key in wanted if key not in have]
    assert 0 < len(gaps) < 0.05 * len(wanted)


@pytest.mark.parametrize("people", [2_000, 24_000])
def test_the_story_of_the_pictures(people):
    rows = rows_of(people)
    known = codes(rows)
    third = known["云汀市第三中学（演示）"]
    assert third == "3100990003"
    in_class = [
        row for row in rows["students"] if known[row["school_ref"]] == third and row["class_ref"] == "八（3）班"
    ]
    assert len(in_class) == 42
    zhou = next(row for row in in_class if row["name"] == "周禾")
    assert (zhou["class_number"], zhou["school_number"], zhou["boarding"]) == ("17", "2025030317", "是")
    guardians = [row for row in rows["guardians"] if row["child_ref"] == zhou["register_number"]]
    assert [(row["name"], row["relation"]) for row in guardians] == [("王若琳", "母亲"), ("周启明", "父亲")]
    sister = next(row for row in rows["students"] if row["name"] == "周穗" and row["class_ref"] == "三（2）班")
    mothers = [row for row in rows["guardians"] if row["name"] == "王若琳" and row["phone"] == zhou["phone"]]
    assert {row["child_ref"] for row in mothers} == {zhou["register_number"], sister["register_number"]}
    assert zhou["phone"] == sister["phone"] != ""
    taught = [row for row in rows["teaching"] if known[row["school_ref"]] == third]
    lessons = {(row["teacher_ref.name"], row["subject"]) for row in taught if row["class_ref"] == "八（3）班"}
    assert {("吴静", "语文"), ("苏明", "数学"), ("程岳", "物理")} <= lessons
    head = next(row for row in rows["staff"] if row["name"] == "吴静")
    assert head["head_class_ref"] == "八（3）班"
    gaps = {
        row["subject"]
        for row in rows["teaching"]
        if known[row["school_ref"]] == third and row["class_ref"] == "八（4）班"
    }
    assert "物理" not in gaps and "数学" in gaps


def test_village_point_has_eleven_children_in_two_grades():
    rows = rows_of(2_000)
    point = next(row for row in rows["organisations"] if row["name"] == "石泉镇柳溪教学点（演示）")
    pupils = [row for row in rows["students"] if codes(rows)[row["school_ref"]] == point["code"]]
    assert len(pupils) == 11 and {row["grade"] for row in pupils} == {"一年级", "二年级"}
    assert {row["class_ref"] for row in pupils} == {"1+2复式班"}
    assert point["central_ref"] == codes(rows)["石泉镇中心小学（演示）"]


def test_a_teacher_is_also_a_mother():
    rows = rows_of(2_000)
    teacher = next(row for row in rows["staff"] if row["name"] == "方圆")
    assert [row["id_number"] for row in rows["guardians"] if row["name"] == "方圆"] == [teacher["id_number"]]


def test_rosters_are_as_wide_as_their_headings():
    for _school, roster in City(600, school_year=YEAR).rosters():
        assert isinstance(roster, Roster)
        assert all(len(row) == len(fields) for kind, fields in FIELDS.items() for row in roster.of(kind))
