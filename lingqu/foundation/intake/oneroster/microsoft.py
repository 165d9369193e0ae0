"""Microsoft School Data Sync, V1 (six files with ``SIS ID``) and V2.1 (OneRoster with other columns), read as OneRoster.

V1 keeps pupils, teachers and guardians apart, so their keys get a word before them; a person in several schools stands
in several rows. Rows of relations have no key of their own: theirs is made of what they join.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl

from ..reading.limits import refuse
from ..reading.sheets import Sheet
from .bundle import HEADINGS, Bundle, column, frame_of, headings_of, stem

TEACHING_ROLES = ("professor", "faculty", "instructor", "lecturer", "adjunct", "substituteteacher", "teacherassistant")
"""Roles of V2.1 that OneRoster does not know; all of them teach."""
GUARDING_ROLES = ("parent", "relative", "guardian")
SLASHED = r"^(\d{1,2})/(\d{1,2})/(\d{4})$"
PLACE = ("row_number", "file", "sheet", "status")


class Microsoft(Bundle):
    """A set without manifest: every file is whole. Files are found whatever the case of their names."""

    standard = ""
    required: dict[str, tuple[str, ...]] = {}
    version = "1.2"

    def __init__(self, sheets: Sequence[Sheet]) -> None:
        self.sheets = {stem(sheet.file).lower(): sheet for sheet in sheets}
        self.manifest = {}
        self._check()

    def _check(self) -> None:
        for file, columns in self.required.items():
            if file.lower() not in self.sheets:
                raise refuse("oneroster_missing", "", missing=f"{file}.csv")
            have = headings_of(self.sheets[file.lower()])
            for wanted in columns:
                if wanted not in have:
                    sheet = self.sheets[file.lower()]
                    raise refuse("oneroster_column", sheet.file, column=wanted, version=self.standard)

    def has(self, file: str) -> bool:
        return file.lower() in self.sheets

    def table(self, file: str) -> pl.DataFrame:
        return frame_of(self.sheets[file.lower()])


def days(frame: pl.DataFrame, name: str) -> pl.Expr:
    """A date column whose ``1/2/2026`` is month first, unless a first number in the file is more than twelve."""
    text = column(frame, name)
    first, second, year = (text.str.extract(SLASHED, group).str.zfill(2) for group in (1, 2, 3))
    is_day_first = (
        bool(frame.select((first.cast(pl.Int8) > 12).any().fill_null(False)).item()) if frame.height else False
    )
    month, day = (second, first) if is_day_first else (first, second)
    iso = pl.concat_str(year, month, day, separator="-")
    return pl.when(text.str.contains(SLASHED)).then(iso).otherwise(text)


class Second(Microsoft):
    """V2.1: OneRoster's files, some columns named otherwise, guardians in ``relationships``."""

    standard = "Microsoft SDS V2.1"
    required = {
        "orgs": ("sourcedId", "name", "type"), "users": ("sourcedId", "givenName", "familyName"),
        "roles": ("userSourcedId", "orgSourcedId", "role"),
    }  # fmt: skip
    headings = {
        **HEADINGS,
        "courses": {**HEADINGS["courses"], "code": "code"},
        "classes": {**HEADINGS["classes"], "school_ref": "orgSourcedId", "session_refs": "sessionSourcedIds"},
        "students": {**HEADINGS["students"], "school_ref": "orgSourcedId"},
        "staff": {**HEADINGS["staff"], "school_ref": "orgSourcedId"},
        "guardians": {**HEADINGS["guardians"], "child_ref": "relationshipUserSourcedId"},
    }  # fmt: skip

    @staticmethod
    def fits(sheets: Sequence[Sheet]) -> bool:
        heads = {stem(sheet.file).lower(): set(headings_of(sheet)) for sheet in sheets}
        if "manifest" in heads or "sourcedId" not in heads.get("users", set()) & heads.get("orgs", set()):
            return False
        roles, classes = heads.get("roles", set()), heads.get("classes", set())
        own_roles = bool(roles) and "sourcedId" not in roles and "orgSourcedId" in roles
        return own_roles or ("orgSourcedId" in classes and "schoolSourcedId" not in classes)

    def mode(self, name: str) -> str:
        return "bulk" if self.has(name) else "absent"

    def read(self, name: str) -> pl.DataFrame:
        if not self.has(name):
            return super().read(name)
        frame = self.table(name)
        made = SECOND.get(name)
        return made(self, frame) if made else frame

    def users(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Guardians of each pupil, joined; the grade stands with the role."""
        grades = self.table("roles").select(
            pl.col("userSourcedId").alias("sourcedId"), column(self.table("roles"), "grade").alias("grades")
        )
        grades = grades.filter(pl.col("grades") != "").unique("sourcedId", keep="first", maintain_order=True)
        frame = frame.drop("grades", strict=False).join(grades, on="sourcedId", how="left", maintain_order="left")
        agents = self.relations().group_by("userSourcedId", maintain_order=True).agg(
            pl.col("relationshipUserSourcedId").str.join(",").alias("agentSourcedIds")
        )  # fmt: skip
        return frame.join(agents, left_on="sourcedId", right_on="userSourcedId", how="left", maintain_order="left")

    def relations(self) -> pl.DataFrame:
        names = ("userSourcedId", "relationshipUserSourcedId", "relationshipRole")
        if not self.has("relationships"):
            return pl.DataFrame(schema=dict.fromkeys(names, pl.String))
        frame = self.table("relationships")
        return frame.select(*(column(frame, name).alias(name) for name in names)).filter(
            pl.col("relationshipUserSourcedId") != ""
        )

    def roles(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The stated roles, and one for each guardian who stands only in ``relationships``."""
        own = frame.with_columns(
            pl.col("role").str.to_lowercase().replace(dict.fromkeys(TEACHING_ROLES, "teacher")),
            roleType=pl.when(column(frame, "isPrimary").str.to_lowercase() == "true").then(pl.lit("primary")).otherwise(pl.lit("")),
        )  # fmt: skip
        role = pl.col("relationshipRole").str.to_lowercase()
        kin = self.relations().select(
            pl.col("relationshipUserSourcedId").alias("userSourcedId"), pl.lit("").alias("orgSourcedId"),
            pl.when(role.is_in(GUARDING_ROLES)).then(role).otherwise(pl.lit("guardian")).alias("role"),
            pl.lit("").alias("roleType"), pl.lit("").alias("status"),
        )  # fmt: skip
        kin = kin.unique("userSourcedId", keep="first", maintain_order=True)
        stated = own.filter(pl.col("role").is_in(GUARDING_ROLES))["userSourcedId"]
        return pl.concat([own, kin.filter(~pl.col("userSourcedId").is_in(stated.implode()))], how="diagonal")


def _courses(_set: Second, frame: pl.DataFrame) -> pl.DataFrame:
    return frame.rename({"code": "courseCode", "subject": "subjects"}, strict=False)


def _classes(_set: Second, frame: pl.DataFrame) -> pl.DataFrame:
    return frame.rename({"orgSourcedId": "schoolSourcedId", "sessionSourcedIds": "termSourcedIds"}, strict=False)


def _enrollments(_set: Second, frame: pl.DataFrame) -> pl.DataFrame:
    role = column(frame, "role").str.to_lowercase()
    return frame.with_columns(
        role.replace(dict.fromkeys(TEACHING_ROLES, "teacher")).alias("role"),
        sourcedId=pl.concat_str("classSourcedId", "userSourcedId", role, separator=":"),
    )


SECOND: dict[str, Callable[[Second, pl.DataFrame], pl.DataFrame]] = {
    "users": Second.users, "roles": Second.roles, "courses": _courses, "classes": _classes, "enrollments": _enrollments,
}  # fmt: skip


class First(Microsoft):
    """V1: School, Section, Student, Teacher, StudentEnrollment, TeacherRoster; User and Guardianrelationship may follow."""

    standard = "Microsoft SDS V1"
    version = "1.1"
    required = {
        "School": ("SIS ID", "Name"), "Section": ("SIS ID", "School SIS ID", "Section Name"),
        "Student": ("SIS ID", "School SIS ID", "First Name", "Last Name"),
        "Teacher": ("SIS ID", "School SIS ID", "First Name", "Last Name"),
        "StudentEnrollment": ("Section SIS ID", "SIS ID"), "TeacherRoster": ("Section SIS ID", "SIS ID"),
    }  # fmt: skip
    headings = {
        "organisations": {"key": "SIS ID", "name": "Name", "code": "School Number"},
        "sessions": {"key": "Term SIS ID", "title": "Term Name", "start_on": "Term StartDate", "end_on": "Term EndDate"},
        "courses": {"key": "Course SIS ID", "title": "Course Name", "organisation_ref": "School SIS ID"},
        "classes": {"key": "SIS ID", "school_ref": "School SIS ID", "written_name": "Section Name"},
        "students": {"key": "SIS ID", "school_ref": "School SIS ID", "name": "Last Name", "birth_date": "Birthdate"},
        "staff": {"key": "SIS ID", "school_ref": "School SIS ID", "name": "Last Name"},
        "guardians": {"key": "Email", "child_ref": "SIS ID", "name": "Last Name"},
        "memberships": {"key": "SIS ID", "class_ref": "Section SIS ID", "person_ref": "SIS ID"},
    }  # fmt: skip

    @staticmethod
    def fits(sheets: Sequence[Sheet]) -> bool:
        heads = {stem(sheet.file).lower(): set(headings_of(sheet)) for sheet in sheets}
        return any(
            "SIS ID" in heads.get(name, set()) and mark in heads[name]
            for name, mark in (("section", "Section Name"), ("student", "School SIS ID"), ("teacher", "School SIS ID"))
        )

    def mode(self, name: str) -> str:
        return "bulk" if name in FIRST else "absent"

    def read(self, name: str) -> pl.DataFrame:
        return FIRST[name](self) if name in FIRST else super().read(name)

    def orgs(self) -> pl.DataFrame:
        frame = self.table("School")
        return frame.select(
            pl.col("SIS ID").alias("sourcedId"), pl.col("Name").alias("name"), pl.lit("school").alias("type"),
            column(frame, "School Number").alias("identifier"), *PLACE,
        )  # fmt: skip

    def sessions(self) -> pl.DataFrame:
        frame = self.table("Section")
        return frame.select(
            column(frame, "Term SIS ID").alias("sourcedId"), column(frame, "Term Name", "Term SIS ID").alias("title"),
            pl.lit("term").alias("type"), days(frame, "Term StartDate").alias("startDate"),
            days(frame, "Term EndDate").alias("endDate"), *PLACE,
        ).filter((pl.col("sourcedId") != "") & (pl.col("startDate") != "")).unique("sourcedId", keep="first", maintain_order=True)  # fmt: skip

    def courses(self) -> pl.DataFrame:
        frame = self.table("Section")
        return frame.select(
            column(frame, "Course SIS ID").alias("sourcedId"), column(frame, "Course Name", "Course SIS ID").alias("title"),
            column(frame, "Course Number").alias("courseCode"), column(frame, "Course Subject").alias("subjects"),
            pl.col("School SIS ID").alias("orgSourcedId"), *PLACE,
        ).filter(pl.col("sourcedId") != "").unique("sourcedId", keep="first", maintain_order=True)  # fmt: skip

    def classes(self) -> pl.DataFrame:
        frame = self.table("Section")
        terms = self.sessions()["sourcedId"].implode()
        term = column(frame, "Term SIS ID")
        return frame.select(
            pl.col("SIS ID").alias("sourcedId"), pl.col("Section Name").alias("title"),
            pl.col("School SIS ID").alias("schoolSourcedId"), column(frame, "Course SIS ID").alias("courseSourcedId"),
            pl.when(term.is_in(terms)).then(term).otherwise(pl.lit("")).alias("termSourcedIds"),
            pl.lit("scheduled").alias("classType"), *PLACE,
        )  # fmt: skip

    def users(self) -> pl.DataFrame:
        kin = self.relations().group_by("child", maintain_order=True).agg(pl.col("guardian").str.join(","))
        pupils = self._people("Student", "student", "student", ("Student Number",)).join(
            kin, left_on="sourcedId", right_on="child", how="left", maintain_order="left"
        ).rename({"guardian": "agentSourcedIds"})  # fmt: skip
        return pl.concat(
            [pupils, self._people("Teacher", "teacher", "teacher", ("Teacher Number",)), self.guardians()],
            how="diagonal",
        )

    def _people(self, file: str, word: str, role: str, numbers: tuple[str, ...]) -> pl.DataFrame:
        """One row a person; the schools of all rows, the first one first."""
        frame = self.table(file)
        rows = frame.select(
            pl.concat_str(pl.lit(f"{word}:"), "SIS ID").alias("sourcedId"), pl.lit(role).alias("role"),
            pl.col("School SIS ID").alias("orgSourcedIds"), pl.col("First Name").alias("givenName"),
            column(frame, "Middle Name").alias("middleName"), pl.col("Last Name").alias("familyName"),
            column(frame, *numbers).alias("identifier"), column(frame, "Secondary Email").alias("email"),
            column(frame, "Grade").alias("grades"), days(frame, "Birthdate").alias("birthDate"), *PLACE,
        ).filter(pl.col("sourcedId") != f"{word}:")  # fmt: skip
        rest = pl.exclude("sourcedId", "orgSourcedIds").first()
        places = pl.col("orgSourcedIds").unique(maintain_order=True).str.join(",")
        return rows.group_by("sourcedId", maintain_order=True).agg(places, rest)

    def relations(self) -> pl.DataFrame:
        """``child, guardian, role`` of every pair."""
        if not self.has("Guardianrelationship"):
            return pl.DataFrame(schema=dict.fromkeys(("child", "guardian", "role"), pl.String))
        frame = self.table("Guardianrelationship")
        role = column(frame, "Role").str.to_lowercase()
        return frame.select(
            pl.concat_str(pl.lit("student:"), column(frame, "SIS ID")).alias("child"),
            pl.concat_str(pl.lit("guardian:"), column(frame, "Email").str.to_lowercase()).alias("guardian"),
            pl.when(role.is_in(GUARDING_ROLES)).then(role).otherwise(pl.lit("guardian")).alias("role"),
        ).filter(pl.col("guardian") != "guardian:")  # fmt: skip

    def guardians(self) -> pl.DataFrame:
        if not self.has("User"):
            return pl.DataFrame(schema={"sourcedId": pl.String})
        frame = self.table("User")
        roles = self.relations().unique("guardian", keep="first", maintain_order=True).select("guardian", "role")
        rows = frame.select(
            pl.concat_str(pl.lit("guardian:"), column(frame, "Email").str.to_lowercase()).alias("sourcedId"),
            column(frame, "First Name").alias("givenName"), column(frame, "Last Name").alias("familyName"),
            column(frame, "Email").alias("email"), column(frame, "Phone").alias("phone"), *PLACE,
        ).filter(pl.col("sourcedId") != "guardian:")  # fmt: skip
        joined = rows.join(roles, left_on="sourcedId", right_on="guardian", how="left", maintain_order="left")
        return joined.with_columns(pl.col("role").fill_null("guardian"))

    def demographics(self) -> pl.DataFrame:
        frame = self.table("Student")
        return frame.select(
            pl.concat_str(pl.lit("student:"), "SIS ID").alias("sourcedId"), days(frame, "Birthdate").alias("birthDate"),
            column(frame, "Gender").alias("sex"), *PLACE,
        )  # fmt: skip

    def enrollments(self) -> pl.DataFrame:
        schools = self.table("Section").select(
            pl.col("SIS ID").alias("classSourcedId"), pl.col("School SIS ID").alias("schoolSourcedId")
        )
        schools = schools.unique("classSourcedId", keep="first")
        parts = []
        for file, word in (("StudentEnrollment", "student"), ("TeacherRoster", "teacher")):
            person = pl.concat_str(pl.lit(f"{word}:"), "SIS ID")
            parts.append(
                self.table(file).select(
                    pl.concat_str("Section SIS ID", pl.lit(":"), person).alias("sourcedId"),
                    pl.col("Section SIS ID").alias("classSourcedId"), person.alias("userSourcedId"),
                    pl.lit(word).alias("role"), *PLACE,
                )
            )  # fmt: skip
        return pl.concat(parts).join(schools, on="classSourcedId", how="left", maintain_order="left")


FIRST: dict[str, Callable[[First], pl.DataFrame]] = {
    "orgs": First.orgs, "academicSessions": First.sessions, "courses": First.courses, "classes": First.classes,
    "users": First.users, "demographics": First.demographics, "enrollments": First.enrollments,
}  # fmt: skip
DIALECTS: tuple[type[Second] | type[First], ...] = (Second, First)
