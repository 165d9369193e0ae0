"""Published OneRoster sets come in with the counts that a hand count gives, and a second import changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection

from lingqu.foundation.intake import api as intake
from lingqu.foundation.registry import api as registry
from lingqu.kernel.actor import Actor

from .conftest import Read

SETS = Path(__file__).resolve().parents[5] / "shared" / "data" / "oneroster"
ACTOR = Actor.system("test")
HAND_COUNTS = {
    "csv-1.1-base": {"organisations": 2, "classes": 3, "people": 2, "enrolments": 2, "memberships": 3, "accounts": 2},
    "csv-moodle": {"organisations": 1, "classes": 1, "people": 6, "enrolments": 3},
    "csv-microsoft-sds-v2.1": {
        "organisations": 4,
        "classes": 2,
        "people": 8,
        "enrolments": 4,
        "appointments": 3,
        "guardianships": 3,
        "memberships": 6,
        "accounts": 8,
    },
}


def paths_of(name: str) -> list[Path]:
    folder = SETS / name
    assert folder.is_dir(), f"the shared OneRoster set {name} is not beside the checkout"
    return sorted(path for path in folder.iterdir() if path.suffix in {".csv", ".zip"})


def imported(name: str) -> dict[str, dict[str, int]]:
    root = registry.ensure_root()
    paths = paths_of(name)
    record = intake.create_import(actor=ACTOR, scope=str(root.path), paths=paths, source=name, into_demo=True)
    files = [intake.ReadFile(name=path.name, path=path) for path in paths]
    return intake.run_import(actor=ACTOR, import_id=record.id, files=files).as_counts()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", HAND_COUNTS)
def test_a_published_set_gives_the_hand_count_and_then_no_change(name: str) -> None:
    first = imported(name)
    assert {kind: first["created"][kind] for kind in HAND_COUNTS[name]} == HAND_COUNTS[name]
    second = imported(name)
    assert sum(second["created"].values()) == 0
    assert sum(second["updated"].values()) == 0


FIRST_FORM = {
    "School.csv": "SIS ID,Name,School Number\nA,Synthetic School A,9900000001\nB,Synthetic School B,\n",
    "Section.csv": "SIS ID,School SIS ID,Section Name,Term SIS ID,Term Name,Term StartDate,Term EndDate,Course SIS ID,Course Name\n"
    "s1,A,Maths 1,T1,Autumn,9/1/2026,1/31/2027,M,Maths\ns2,A,Maths 2,T1,Autumn,9/1/2026,1/31/2027,M,Maths\n"
    "s3,B,Art,,,,,,\n",
    "Student.csv": "SIS ID,School SIS ID,Username,First Name,Last Name,Grade,Birthdate\n1,A,p1,Ann,Ash,7,2013-03-05\n"
    "2,A,p2,Ben,Birch,7,\n3,B,p3,Cy,Cedar,8,\n4,X,p4,Dee,Doe,8,\n",
    "Teacher.csv": "SIS ID,School SIS ID,Username,First Name,Last Name\n1,B,t1,Tom,Teak\n1,A,t1,Tom,Teak\n2,A,t2,Una,Umber\n",
    "StudentEnrollment.csv": "Section SIS ID,SIS ID\ns1,1\ns2,2\ns3,3\ns9,1\n",
    "TeacherRoster.csv": "Section SIS ID,SIS ID\ns1,1\ns3,1\ns2,2\n",
    "User.csv": "Email,First Name,Last Name,Phone\nmum@example.test,May,Ash,\n",
    "Guardianrelationship.csv": "SIS ID,Email,Role\n1,mum@example.test,Parent\n2,Mum@example.test,Relative\n",
}


def test_the_first_microsoft_form_keeps_pupils_and_teachers_apart(read: Read) -> None:
    """Pupil 1 and teacher 1 are two people; a teacher in two rows works at two schools, the first row's first."""
    made = read(FIRST_FORM)
    assert made.refusal == ""
    assert made.rows == {
        "organisations": 2, "sessions": 1, "courses": 1, "classes": 3, "students": 4, "staff": 2, "guardians": 1,
        "memberships": 7,
    }  # fmt: skip
    assert made.frames["staff"].select("key", "school_ref").rows() == [
        ("teacher:1", "B"), ("teacher:1", "A"), ("teacher:2", "A"),
    ]  # fmt: skip
    assert made.frames["students"]["key"].to_list() == ["student:1", "student:2", "student:3"]
    assert made.frames["students"]["grade"].to_list() == ["G07", "G07", "G08"]
    assert sorted(made.frames["guardians"]["child_ref"]) == ["student:1", "student:2"]
    blocked = made.findings.filter(made.findings["severity"] == "block").select("file", "row", "column", "rule").rows()
    assert sorted(blocked) == [
        ("Student.csv", 5, "School SIS ID", "reference_school"),
        ("StudentEnrollment.csv", 5, "Section SIS ID", "reference_class"),
    ]


@pytest.mark.parametrize("missing", ["School.csv", "Teacher.csv", "TeacherRoster.csv"])
def test_half_a_microsoft_set_names_what_is_missing(read: Read, missing: str) -> None:
    made = read({name: text for name, text in FIRST_FORM.items() if name != missing})
    assert made.refusal_code == "oneroster_missing"
    assert missing in made.refusal


ORGS = "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId\nd,,,Bureau,district,,\n"
ORGS += "a,,,School A,school,,d\nb,,,School B,school,,d\n"
USERS_11 = "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,givenName,familyName\n"


def test_staff_of_several_organisations_in_1_1_have_one_row_each(read: Read) -> None:
    users = USERS_11 + 't,,,true,"d,b,a,x",teacher,t,三,张\np,,,true,a,principal,p,四,李\n'
    made = read({"orgs.csv": ORGS, "users.csv": users})
    assert made.frames["staff"].select("key", "school_ref", "duties").rows() == [
        ("t", "b", ""), ("t", "d", ""), ("t", "a", ""), ("p", "a", "principal"),
    ]  # fmt: skip
    assert made.rows["staff"] == 2
    assert made.rules["reference_place"] == 1


def test_staff_of_several_roles_in_1_2_have_the_primary_first(read: Read) -> None:
    users = "sourcedId,status,dateLastModified,enabledUser,username,givenName,familyName\nt,,,true,t,三,张\n"
    roles = "sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId\n"
    roles += "r1,,,t,secondary,principal,,,a\nr2,,,t,primary,teacher,,,b\nr3,,,t,secondary,teacher,,,a\n"
    made = read({"orgs.csv": ORGS, "users.csv": users, "roles.csv": roles})
    assert made.frames["staff"].select("school_ref", "duties").rows() == [("b", ""), ("a", "principal")]


@pytest.mark.django_db(transaction=True)
def test_appointments_of_the_microsoft_set_are_one_a_place() -> None:
    imported("csv-microsoft-sds-v2.1")
    with connection.cursor() as cursor:
        cursor.execute("SELECT p.name, count(*) FROM registry_appointment a JOIN registry_person p ON p.id = a.person_id"
                       " WHERE a.valid_to IS NULL GROUP BY p.name ORDER BY p.name")  # fmt: skip
        assert cursor.fetchall() == [("Jason Jonzer", 1), ("Kristen Fein", 2)]
