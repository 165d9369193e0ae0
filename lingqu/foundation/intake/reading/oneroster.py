"""OneRoster 1.1 and 1.2 CSV sets (1EdTech, CSV binding) to canonical frames."""

from __future__ import annotations

import polars as pl
from django.utils.translation import gettext as _

from .tables import Table, Unusable

FILES = ("orgs", "academicSessions", "courses", "classes", "users", "roles", "enrollments", "demographics")
ORG_KINDS = {"school": "school", "department": "department", "district": "region", "local": "region", "state": "region", "national": "region"}
SEX = {"male": "1", "female": "2", "m": "1", "f": "2", "unspecified": "9", "other": "9"}
STUDENT_ROLES = ("student",)
GUARDIAN_ROLES = ("parent", "guardian", "relative")


def is_oneroster(tables: list[Table]) -> bool:
    names = {_stem(table.file) for table in tables}
    return "manifest" in names or {"orgs", "users"} <= names


def _stem(file: str) -> str:
    return file.replace("\\", "/").rpartition("/")[2].removesuffix(".csv")


def _column(frame: pl.DataFrame, *names: str) -> pl.Expr:
    found = next((name for name in names if name in frame.columns), None)
    return pl.col(found) if found else pl.lit("")


class OneRoster:
    """The tables of one set by their standard names; absent ones are empty."""

    def __init__(self, tables: list[Table]) -> None:
        self.tables = {_stem(table.file): table for table in tables}
        manifest = self.tables.get("manifest")
        self.manifest: dict[str, str] = {}
        if manifest is not None and {"propertyName", "value"} <= set(manifest.frame.columns):
            self.manifest = dict(manifest.frame.select("propertyName", "value").rows())
        version = self.manifest.get("oneroster.version", "1.1")
        if version not in {"1.1", "1.2"}:
            raise Unusable(_("不支持 OneRoster %(version)s，请导出 1.1 或 1.2。") % {"version": version})
        for name in ("orgs", "users"):
            if name not in self.tables:
                raise Unusable(_("OneRoster 文件组缺少 %(name)s.csv。") % {"name": name})
        self.version = version

    def live(self, name: str) -> pl.DataFrame:
        """Rows of a file that are not marked ``tobedeleted``, with ``file`` and ``sheet``; empty when absent."""
        table = self.tables.get(name)
        if table is None or self.manifest.get(f"file.{name}") == "absent":
            return pl.DataFrame({"sourcedId": [], "row_number": []}, schema={"sourcedId": pl.String, "row_number": pl.Int32})
        frame = table.frame
        if "sourcedId" not in frame.columns and name != "demographics":
            raise Unusable(_("%(name)s.csv 没有 sourcedId 列。") % {"name": name})
        if "status" in frame.columns:
            frame = frame.filter(pl.col("status").str.to_lowercase() != "tobedeleted")
        return frame.with_columns(pl.lit(table.file).alias("file"), pl.lit("").alias("sheet"))

    def frames(self) -> dict[str, pl.DataFrame]:
        return {
            "organisations": self._organisations(), "sessions": self._sessions(), "courses": self._courses(),
            "classes": self._classes(), **self._people(), "memberships": self._memberships(),
        }  # fmt: skip

    def _organisations(self) -> pl.DataFrame:
        rows = self.live("orgs")
        kind = _column(rows, "type").replace_strict(ORG_KINDS, default="institution") if rows.height else pl.lit("school")
        kind = pl.when(_column(rows, "type") == "").then(pl.lit("school")).otherwise(kind)
        return rows.select(
            key="sourcedId", name=_column(rows, "name"), kind=kind, code=_column(rows, "identifier"),
            parent_ref=_column(rows, "parentSourcedId"), file=_column(rows, "file"), sheet=pl.lit(""), row_number="row_number",
        )  # fmt: skip

    def _sessions(self) -> pl.DataFrame:
        rows = self.live("academicSessions")
        return rows.select(
            key="sourcedId", title=_column(rows, "title"), kind=_column(rows, "type"), start_on=_column(rows, "startDate").str.slice(0, 10),
            end_on=_column(rows, "endDate").str.slice(0, 10), parent_ref=_column(rows, "parentSourcedId"),
            school_year=_column(rows, "schoolYear"), file=_column(rows, "file"), sheet=pl.lit(""), row_number="row_number",
        )  # fmt: skip

    def _courses(self) -> pl.DataFrame:
        rows = self.live("courses")
        return rows.select(
            key="sourcedId", title=_column(rows, "title"), code=_column(rows, "courseCode"), subject=_column(rows, "subjects"),
            organisation_ref=_column(rows, "orgSourcedId"), file=_column(rows, "file"), sheet=pl.lit(""), row_number="row_number",
        )  # fmt: skip

    def _classes(self) -> pl.DataFrame:
        rows = self.live("classes")
        kind = pl.when(_column(rows, "classType").str.to_lowercase() == "scheduled").then(pl.lit("teaching")).otherwise(pl.lit("administrative"))
        grades = _column(rows, "grades", "grade").str.replace_all(" ", "").str.replace_all(r"\b(\d)\b", "0$1").str.replace_all(r"\b(\d\d)\b", "G$1")
        return rows.select(
            key="sourcedId", school_ref=_column(rows, "schoolSourcedId"), written_name=_column(rows, "title"), kind=kind,
            grades=pl.when(grades.str.contains(r"^(G(0[1-9]|1[0-2]))(,G(0[1-9]|1[0-2]))*$")).then(grades).otherwise(pl.lit("")),
            room=_column(rows, "location"), course_ref=_column(rows, "courseSourcedId"), session_refs=_column(rows, "termSourcedIds"),
            file=_column(rows, "file"), sheet=pl.lit(""), row_number="row_number",
        )  # fmt: skip

    def _people(self) -> dict[str, pl.DataFrame]:
        users = self.live("users")
        roles = self.live("roles")
        if "userSourcedId" in roles.columns:  # 1.2: the primary role of each user, and its organisation
            main = roles.sort(pl.col("roleType") == "primary", descending=True).unique("userSourcedId", keep="first", maintain_order=True)
            users = users.join(main.select(pl.col("userSourcedId").alias("sourcedId"), "role", pl.col("orgSourcedId").alias("role_org")), on="sourcedId", how="left")
            users = users.with_columns(pl.col("role").fill_null(""), pl.col("role_org").fill_null(""))
        users = self._with_demographics(users)
        school = pl.when(_column(users, "role_org") != "").then(_column(users, "role_org")).otherwise(_column(users, "orgSourcedIds", "primaryOrgSourcedId").str.split(",").list.first().fill_null(""))
        family, given = _column(users, "familyName"), _column(users, "givenName")
        is_han = pl.concat_str(family, given).str.contains(r"^[\u4e00-\u9fff·]+$")
        base = users.with_columns(
            key=pl.col("sourcedId"), name=pl.when(is_han).then(pl.concat_str(family, given)).otherwise(pl.concat_str(given, family, separator=" ").str.strip_chars()),
            school_ref=school, phone=_column(users, "sms", "phone"), school_number=_column(users, "identifier"),
            role_name=_column(users, "role").str.to_lowercase(), agents=_column(users, "agentSourcedIds", "agents"),
        )  # fmt: skip
        columns = ["key", "name", "sex", "birth_date", "email", "phone", "file", "sheet", "row_number"]
        base = base.with_columns(_column(base, "email").alias("email"))
        pupils = base.filter(pl.col("role_name").is_in(STUDENT_ROLES)).select(*columns, "school_ref", "school_number")
        guardians = base.filter(pl.col("role_name").is_in(GUARDIAN_ROLES)).select(*columns, child_ref=pl.col("agents").str.split(",").list.first().fill_null(""))
        others = ~pl.col("role_name").is_in([*STUDENT_ROLES, *GUARDIAN_ROLES])
        staff = base.filter(others).select(*columns, "school_ref", staff_number="school_number")
        return {"students": pupils, "staff": staff, "guardians": guardians}

    def _with_demographics(self, users: pl.DataFrame) -> pl.DataFrame:
        facts = self.live("demographics")
        key = next((name for name in ("sourcedId", "userSourcedId") if name in facts.columns), None)
        if key is None or not facts.height:
            return users.with_columns(pl.lit("").alias("sex"), pl.lit("").alias("birth_date"))
        known = facts.select(
            pl.col(key).alias("sourcedId"), _column(facts, "sex").str.to_lowercase().replace_strict(SEX, default="0").alias("sex"),
            _column(facts, "birthDate", "birthdate").str.slice(0, 10).alias("birth_date"),
        ).unique("sourcedId", keep="first")  # fmt: skip
        return users.join(known, on="sourcedId", how="left").with_columns(pl.col("sex", "birth_date").fill_null(""))

    def _memberships(self) -> pl.DataFrame:
        rows = self.live("enrollments")
        return rows.select(
            key="sourcedId", class_ref=_column(rows, "classSourcedId"), person_ref=_column(rows, "userSourcedId"),
            role=_column(rows, "role").str.to_lowercase(), begin_on=_column(rows, "beginDate").str.slice(0, 10),
            end_on=_column(rows, "endDate").str.slice(0, 10), file=_column(rows, "file"), sheet=pl.lit(""), row_number="row_number",
        )  # fmt: skip
