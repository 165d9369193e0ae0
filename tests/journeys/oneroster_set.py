"""A OneRoster 1.2 set written to the published CSV binding: invented people, every file that concerns rosters.

Bulk files leave ``status`` and ``dateLastModified`` empty; delta files state both, as the binding asks.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

COLUMNS: dict[str, tuple[str, ...]] = {
    "orgs": ("name", "type", "identifier", "parentSourcedId"),
    "academicSessions": ("title", "type", "startDate", "endDate", "parentSourcedId", "schoolYear"),
    "courses": ("schoolYearSourcedId", "title", "courseCode", "grades", "orgSourcedId", "subjects", "subjectCodes"),
    "classes": ("title", "grades", "courseSourcedId", "classCode", "classType", "location", "schoolSourcedId",
                "termSourcedIds", "subjects", "subjectCodes", "periods"),
    "users": ("enabledUser", "username", "userIds", "givenName", "familyName", "middleName", "identifier", "email", "sms",
              "phone", "agentSourcedIds", "grades", "password", "userMasterIdentifier", "resourceSourcedIds",
              "preferredGivenName", "preferredMiddleName", "preferredFamilyName", "primaryOrgSourcedId", "pronouns"),
    "roles": ("userSourcedId", "roleType", "role", "beginDate", "endDate", "orgSourcedId", "userProfileSourcedId"),
    "userProfiles": ("userSourcedId", "profileType", "vendorId", "applicationId", "description", "credentialType", "username",
                     "password"),
    "enrollments": ("classSourcedId", "schoolSourcedId", "userSourcedId", "role", "primary", "beginDate", "endDate"),
    "demographics": ("birthDate", "sex", "americanIndianOrAlaskaNative", "asian", "blackOrAfricanAmerican",
                     "nativeHawaiianOrOtherPacificIslander", "white", "demographicRaceTwoOrMoreRaces",
                     "hispanicOrLatinoEthnicity", "countryOfBirthCode", "stateOfBirthAbbreviation", "cityOfBirth",
                     "publicSchoolResidenceStatus"),
}  # fmt: skip
OTHER_FILES = (
    "categories", "classResources", "courseResources", "lineItems", "lineItemLearningObjectiveIds", "lineItemScoreScales",
    "resources", "results", "resultLearningObjectiveIds", "resultScoreScales", "scoreScales", "userResources",
)  # fmt: skip
"""Files of the gradebook and resources, which the set does not bring."""
SCHOOLS, CLASSES, PUPILS = ("a", "b", "c"), (1, 2), 15
MODIFIED = "2026-11-02T08:00:00.000Z"
Row = dict[str, str]


def rows_of_set() -> dict[str, list[Row]]:
    """All rows by file, without status."""
    made: dict[str, list[Row]] = {name: [] for name in COLUMNS}
    made["orgs"].append({"sourcedId": "o-d", "name": "北岭区教育局（演示）", "type": "district"})
    _sessions(made)
    for school in SCHOOLS:
        _school(made, school)
    _shared_staff(made)
    return made


def _sessions(made: dict[str, list[Row]]) -> None:
    whole = {"title": "2026-2027学年", "type": "schoolYear", "startDate": "2026-09-01", "endDate": "2027-07-10"}
    term = {"title": "第一学期", "type": "semester", "startDate": "2026-09-01", "endDate": "2027-01-25"}
    made["academicSessions"] += [
        {"sourcedId": "y", **whole, "schoolYear": "2027"},
        {"sourcedId": "t1", **term, "parentSourcedId": "y", "schoolYear": "2027"},
    ]


def _school(made: dict[str, list[Row]], school: str) -> None:
    org = f"o-{school}"
    made["orgs"].append({"sourcedId": org, "name": f"北岭第{school.upper()}小学（演示）", "type": "school",
                         "identifier": f"009901{ord(school):04d}", "parentSourcedId": "o-d"})  # fmt: skip
    made["courses"].append({"sourcedId": f"c-{school}", "title": "语文", "courseCode": "YW", "orgSourcedId": org,
                            "subjects": "语文", "schoolYearSourcedId": "y"})  # fmt: skip
    _user(made, f"t-{school}", "teacher", org, ("师", f"{school}一"), sex="female")
    for serial in CLASSES:
        group = f"k-{school}{serial}"
        made["classes"].append(
            {"sourcedId": group, "title": f"三年级（{serial}）班", "grades": "03", "courseSourcedId": f"c-{school}",
             "classType": "homeroom", "schoolSourcedId": org, "termSourcedIds": "t1"}
        )  # fmt: skip
        _enrol(made, group, org, f"t-{school}", "teacher")
        for number in range(PUPILS):
            pupil = f"s-{school}{serial}{number:02d}"
            _user(made, pupil, "student", org, ("苗", f"{'甲乙丙'[number % 3]}{chr(0x4E00 + 7 * number + serial)}"),
                  sex="male" if number % 2 else "female", born=f"2017-{1 + number % 12:02d}-11")  # fmt: skip
            _enrol(made, group, org, pupil, "student")
            if number % 5 == 0:
                parent = f"p-{pupil}"
                _user(made, parent, "parent", org, ("苗", f"亲{chr(0x4E00 + 7 * number + serial)}"))
                made["users"][-2]["agentSourcedIds"] = parent


def _shared_staff(made: dict[str, list[Row]]) -> None:
    """One teaches at three schools, one leads a school and teaches at another, one works at the district."""
    _user(made, "t-x", "teacher", "o-b", ("巡", "教师"), sex="male")
    _role(made, "t-x", "aide", "o-a", "secondary")
    _role(made, "t-x", "teacher", "o-c", "secondary")
    _role(made, "t-x", "teacher", "o-b", "secondary")
    _user(made, "t-y", "principal", "o-a", ("长", "校"), sex="female")
    _role(made, "t-y", "teacher", "o-b", "secondary")
    _user(made, "t-z", "districtAdministrator", "o-d", ("局", "员"), sex="male")


def _user(made: dict[str, list[Row]], key: str, role: str, org: str, name: tuple[str, str], *, sex: str = "",
          born: str = "") -> None:  # fmt: skip
    made["users"].append({"sourcedId": key, "enabledUser": "true", "username": key, "familyName": name[0],
                          "givenName": name[1], "grades": "03" if role == "student" else "", "primaryOrgSourcedId": org})  # fmt: skip
    made["userProfiles"].append({"sourcedId": f"f-{key}", "userSourcedId": key, "profileType": "lms", "vendorId": "demo",
                                 "applicationId": "demo", "credentialType": "sso", "username": key})  # fmt: skip
    _role(made, key, role, org, "primary")
    if sex:
        made["demographics"].append({"sourcedId": key, "sex": sex, "birthDate": born})


def _role(made: dict[str, list[Row]], key: str, role: str, org: str, kind: str) -> None:
    number = len(made["roles"])
    made["roles"].append({"sourcedId": f"r-{number}", "userSourcedId": key, "roleType": kind, "role": role,
                          "orgSourcedId": org, "beginDate": "2026-09-01"})  # fmt: skip


def _enrol(made: dict[str, list[Row]], group: str, org: str, key: str, role: str) -> None:
    made["enrollments"].append({"sourcedId": f"e-{group}-{key}", "classSourcedId": group, "schoolSourcedId": org,
                                "userSourcedId": key, "role": role, "primary": "true" if role == "teacher" else ""})  # fmt: skip


def write_set(folder: Path, rows: Mapping[str, Sequence[Row]], *, mode: str = "bulk", **manifest: str) -> Path:
    """The set as files; ``manifest`` overrides properties (dots written as ``__``) whatever the files say."""
    folder.mkdir(parents=True, exist_ok=True)
    stated = {"manifest.version": "1.0", "oneroster.version": "1.2"}
    stated |= {f"file.{name}": mode if name in rows else "absent" for name in (*COLUMNS, *OTHER_FILES)}
    stated |= {"source.systemName": "北岭区学籍（演示）", "source.systemCode": "demo"}
    stated |= {name.replace("__", "."): value for name, value in manifest.items()}
    _write(
        folder / "manifest.csv", ("propertyName", "value"), ({"propertyName": k, "value": v} for k, v in stated.items())
    )
    for name, lines in rows.items():
        dated = {"status": "active", "dateLastModified": MODIFIED} if mode == "delta" else {}
        head = ("sourcedId", "status", "dateLastModified", *COLUMNS[name])
        _write(folder / f"{name}.csv", head, ({**dated, **line} for line in lines))
    return folder


def _write(path: Path, head: Sequence[str], lines: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, head, restval="")
        writer.writeheader()
        writer.writerows(lines)
