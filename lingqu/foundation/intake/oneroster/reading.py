"""A OneRoster set → a delivery: references checked, tobedeleted left out, findings as for every roster."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from lingqu.foundation.registry.api import ROW_KINDS, ROW_ORDER, read_class_name

from ..checks.dates import INCOMPLETE, read_day
from ..checks.duplicates import check_unique
from ..checks.findings import Findings
from ..checks.identity import check_emails, check_names
from ..checks.places import Directory
from ..checks.work import WHO, WORST, Work
from ..reading.sheets import Sheet
from ..rosters.quality import quality_of
from ..types import BLOCK, HINT, ONEROSTER, REVIEW, Delivery, Lookup
from .bundle import DELTA, Bundle, column, is_bundle
from .microsoft import DIALECTS
from .people import DUTIES, GUARDIAN, RELATIONS, ROLES_OF_ONE_PLACE, STAFF, STUDENT, grades_of, people_of

ORG_KINDS = {
    "school": "school", "department": "department", "district": "region", "local": "region", "state": "region",
    "national": "region", "college": "institution", "university": "institution",
}  # fmt: skip
MODES = {
    "organisations": "orgs", "sessions": "academicSessions", "courses": "courses", "classes": "classes",
    "students": "users", "staff": "users", "guardians": "users", "memberships": "enrollments",
}  # fmt: skip


def read_bundle(sheets: Sequence[Sheet], *, lookup: Lookup) -> Delivery:
    """The whole set, checked as one."""
    return _Reading(bundle_of(sheets), lookup).delivery()


def is_set(sheets: Sequence[Sheet]) -> bool:
    """Whether the sheets are one set of a known dialect, not rosters with headings of their own."""
    return is_bundle(sheets) or any(one.fits(sheets) for one in DIALECTS)


def bundle_of(sheets: Sequence[Sheet]) -> Bundle:
    """The set in the dialect in which it is written."""
    dialect = next((one for one in DIALECTS if one.fits(sheets)), Bundle)
    return dialect(sheets)


class _Reading:
    def __init__(self, bundle: Bundle, lookup: Lookup) -> None:
        self.bundle, self.lookup, self.findings = bundle, lookup, Findings()
        self.directory = Directory(lookup)
        self.works: dict[str, Work] = {}
        self.rows: dict[str, int] = {}
        self.removals: list[pl.DataFrame] = []
        self.names: dict[str, str] = {}

    def delivery(self) -> Delivery:
        self._organisations()
        self._sessions()
        self._courses()
        self._classes()
        self._people()
        self._memberships()
        return self._finish()

    def _start(self, kind: str, frame: pl.DataFrame) -> Work:
        """Rows that are not marked for deletion, as a work; the marked ones are noted as removals."""
        leaving = frame["status"] == "tobedeleted"
        if leaving.any():
            self.removals.append(frame.filter(leaving).select(pl.lit(kind).alias("kind"), "key").unique())
        live = frame.filter(~leaving)
        self.rows[kind] = live.height
        work = Work(kind, live, self.bundle.headings[kind], self.findings)
        self.works[kind] = work
        return work

    def _keys(self, *kinds: str) -> set[str]:
        return {key for kind in kinds if kind in self.works for key in self._good(kind)["key"].to_list()}

    def _good(self, kind: str) -> pl.DataFrame:
        work = self.works[kind]
        return work.frame.filter(work.is_good())

    def _accepts(self, kind: str, refs: pl.Series) -> frozenset[str]:
        """References that are known, here or (in a delta, or where the file is absent) from before."""
        here = self._keys(kind) if kind != "people" else self._keys("students", "staff", "guardians")
        kinds = ("students", "staff", "guardians") if kind == "people" else (kind,)
        wanted = set(refs.unique().to_list()) - here - {""}
        may_be_old = any(self.bundle.mode(MODES[one]) in {DELTA, "absent"} for one in kinds)
        if not wanted or not may_be_old:
            return frozenset(here)
        if self.lookup.is_known is None:
            return (
                frozenset(here | wanted)
                if any(self.bundle.mode(MODES[one]) == DELTA for one in kinds)
                else frozenset(here)
            )
        return frozenset(here | {key for one in kinds for key in self.lookup.is_known(one, sorted(wanted))})

    def _reference(self, work: Work, field: str, kind: str, rule: str, *, is_required: bool) -> None:
        known = self._accepts(kind, work.frame[field])
        unknown = (pl.col(field) != "") & ~pl.col(field).is_in(list(known))
        mask = work.frame.select(unknown.alias("m")).to_series()
        work.flag(rule, mask, field)
        if not is_required:
            work.blank(pl.lit(mask), field)

    def _days(self, work: Work, *fields: str) -> None:
        for field in fields:
            made, unread = work.translated(
                field, lambda text: read_day(text[:10]) if read_day(text[:10]) != INCOMPLETE else None
            )
            work.flag("date_invalid", unread, field)
            work.set(**{field: pl.when(pl.lit(unread)).then(pl.lit("")).otherwise(made)})

    def _organisations(self) -> None:
        rows = self.bundle.read("orgs")
        kind = column(rows, "type").str.to_lowercase()
        frame = rows.select(
            pl.col("sourcedId").alias("key"), column(rows, "name").alias("name"), kind.alias("type"),
            column(rows, "identifier").alias("code"), column(rows, "parentSourcedId").alias("parent_ref"),
            "status", "file", "sheet", "row_number",
        )  # fmt: skip
        work = self._start("organisations", frame)
        work.set(**{WHO: pl.col("name")})
        self.names = dict(frame.select("key", "name").rows())
        work.require("key", "name")
        work.flag("value_unknown", ~pl.col("type").is_in([*ORG_KINDS, ""]), "kind", value="type")
        work.set(kind=pl.col("type").replace_strict({**ORG_KINDS, "": "school"}, default="institution"))
        outside = [code for code in work.frame["code"].unique() if code and self.directory.is_outside(code)]
        work.flag("out_of_scope", pl.col("code").is_in(outside), "code", value="name")
        twice = (pl.col("code") != "") & ~pl.col("code").is_first_distinct()
        mask = work.frame.select(twice.alias("m")).to_series()
        work.flag("number_repeated", mask, "code", detail=pl.lit(""))
        work.blank(pl.lit(mask), "code")
        check_unique(work, "key")
        self._reference(work, "parent_ref", "organisations", "reference_parent", is_required=False)

    def _sessions(self) -> None:
        rows = self.bundle.read("academicSessions")
        frame = rows.select(
            pl.col("sourcedId").alias("key"), column(rows, "title").alias("title"), column(rows, "type").alias("kind"),
            column(rows, "startDate").alias("start_on"), column(rows, "endDate").alias("end_on"),
            column(rows, "parentSourcedId").alias("parent_ref"), column(rows, "schoolYear").alias("school_year"),
            "status", "file", "sheet", "row_number",
        )  # fmt: skip
        work = self._start("sessions", frame)
        work.require("key", "title")
        self._days(work, "start_on", "end_on")
        work.require("start_on", "end_on")
        end = pl.col("school_year").str.extract(r"^(\d{4})", 1).cast(pl.Int32, strict=False)
        work.set(school_year=pl.when(end.is_not_null()).then(pl.format("{}-{}", end - 1, end)).otherwise(pl.lit("")))
        work.set(kind=pl.when(pl.col("kind") == "").then(pl.lit("term")).otherwise("kind"))
        check_unique(work, "key")
        self._reference(work, "parent_ref", "sessions", "reference_parent", is_required=False)

    def _courses(self) -> None:
        rows = self.bundle.read("courses")
        frame = rows.select(
            pl.col("sourcedId").alias("key"), column(rows, "title").alias("title"), column(rows, "courseCode").alias("code"),
            column(rows, "subjects").str.split(",").list.first().fill_null("").str.strip_chars().alias("subject"),
            column(rows, "orgSourcedId").alias("organisation_ref"), "status", "file", "sheet", "row_number",
        )  # fmt: skip
        work = self._start("courses", frame)
        work.require("key", "title")
        check_unique(work, "key")
        self._reference(work, "organisation_ref", "organisations", "reference_parent", is_required=False)

    def _classes(self) -> None:
        rows = self.bundle.read("classes")
        grades = pl.Series(
            [
                ",".join(grades_of(text))
                for text in rows.with_columns(_grades=column(rows, "grades", "grade"))["_grades"]
            ],
            dtype=pl.String,
        )
        scheduled = column(rows, "classType").str.to_lowercase() == "scheduled"
        frame = rows.select(
            pl.col("sourcedId").alias("key"), column(rows, "schoolSourcedId").alias("school_ref"),
            column(rows, "title").alias("written_name"), pl.lit(grades).alias("grades"), column(rows, "location").alias("room"),
            pl.when(scheduled).then(pl.lit("teaching")).otherwise(pl.lit("administrative")).alias("kind"),
            column(rows, "courseSourcedId").alias("course_ref"),
            column(rows, "termSourcedIds").str.replace_all(r"\s", "").alias("session_refs"), "status", "file", "sheet", "row_number",
        )  # fmt: skip
        work = self._start("classes", frame)
        self._answers(work, "school_ref")
        work.require("key", "written_name", "school_ref")
        check_unique(work, "key")
        self._reference(work, "school_ref", "organisations", "reference_school", is_required=True)
        self._reference(work, "course_ref", "courses", "reference_course", is_required=False)
        self._session_refs(work)
        read = [read_class_name(text, school_year=self.lookup.school_year) for text in work.frame["written_name"]]
        plain = pl.Series([",".join(r.grades) if r.serial and not r.doubt else "" for r in read], dtype=pl.String)
        serial = pl.Series([str(r.serial or "") if r.grades and not r.doubt else "" for r in read], dtype=pl.String)
        work.set(
            grades=pl.when(pl.col("grades") == "").then(pl.lit(plain)).otherwise("grades"), serial=pl.lit(serial),
            school_year=pl.lit(self.lookup.school_year),
        )  # fmt: skip

    def _session_refs(self, work: Work) -> None:
        refs = pl.Series([part for text in work.frame["session_refs"] for part in text.split(",")], dtype=pl.String)
        known = self._accepts("sessions", refs)

        def kept(text: str) -> str:
            return ",".join(part for part in text.split(",") if part in known)

        made, _none = work.translated("session_refs", kept)
        work.set(_kept=made)
        work.flag("reference_session", pl.col("_kept") != pl.col("session_refs"), "session_refs")
        work.set(session_refs=pl.col("_kept"))

    def _answers(self, work: Work, field: str) -> None:
        named = pl.col(field).replace(self.names) if self.names else pl.col(field)
        work.set(**{WHO: pl.when(named == "").then(pl.lit(self.lookup.organisation)).otherwise(named)})

    def _people(self) -> None:
        people = people_of(self.bundle)
        known = self._accepts("organisations", people["orgs"].str.split(",").explode().fill_null(""))
        schools = {
            k
            for k, kind in self._good("organisations").select("key", "kind").rows()
            if kind in {"school", "teaching_point"}
        }
        orgs = people["orgs"].to_list()
        ordered = people["is_ordered"].to_list()
        chosen = [_school_of(text, known, set() if o else schools) for text, o in zip(orgs, ordered, strict=True)]
        people = people.with_columns(pl.Series("school_ref", chosen, dtype=pl.String))
        role = pl.col("role_name")
        unknown_role = ~role.is_in([*STUDENT, *GUARDIAN, *STAFF])
        pupils = people.filter(role.is_in(STUDENT))
        guardians = people.filter(role.is_in(GUARDIAN))
        staff = people.filter(role.is_in(STAFF) | unknown_role)
        self._students(pupils)
        self._staff(staff)
        self._guardians(guardians, people)

    def _person(self, work: Work) -> None:
        work.require("key", "name")
        check_names(work)
        check_emails(work)
        self._days(work, "birth_date")
        work.flag("sex_missing", pl.col("sex") == "", "sex")
        work.set(sex=pl.when(pl.col("sex") == "").then(pl.lit("0")).otherwise("sex"))

    def _students(self, frame: pl.DataFrame) -> None:
        grade = pl.Series([(grades_of(text) or [""])[0] for text in frame["grades"]], dtype=pl.String)
        work = self._start(
            "students", frame.with_columns(grade=grade, school_number=pl.col("identifier"), entry_on=pl.lit(""))
        )
        self._answers(work, "school_ref")
        work.require("school_ref")
        self._reference(work, "school_ref", "organisations", "reference_school", is_required=True)
        work.flag(
            "several_orgs",
            pl.col("orgs").str.contains(",", literal=True),
            "school_ref",
            value="orgs",
            detail=pl.col("school_ref"),
        )
        self._person(work)
        check_unique(work, "key")

    def _staff(self, frame: pl.DataFrame) -> None:
        work = self._start("staff", frame.with_columns(staff_number=pl.col("identifier")))
        self._answers(work, "school_ref")
        work.flag("role_unknown", ~pl.col("role_name").is_in(STAFF), "duties", value="role_name")
        work.require("school_ref")
        self._reference(work, "school_ref", "organisations", "reference_school", is_required=True)
        self._person(work)
        check_unique(work, "key")
        self._places_of_work(work)

    def _places_of_work(self, work: Work) -> None:
        """A member of staff works at every organisation that is named: one row each, the first one first."""
        orgs = work.frame["orgs"].str.split(",")
        known = self._accepts("organisations", orgs.explode().fill_null(""))
        lost = [[org for org in places if org and org not in known] for places in orgs.to_list()]
        work.set(_lost=pl.lit(pl.Series([",".join(names) for names in lost], dtype=pl.String)))
        work.flag("reference_place", work.is_good() & (pl.col("_lost") != ""), "school_ref", value="_lost")
        places = [
            _places(row["orgs"], row["org_roles"], row["role_name"], row["school_ref"], known)
            for row in work.frame.select("orgs", "org_roles", "role_name", "school_ref").iter_rows(named=True)
        ]
        made = work.frame.with_columns(
            pl.Series("school_ref", [[org for org, _duties in one] for one in places], dtype=pl.List(pl.String)),
            pl.Series("duties", [[duties for _org, duties in one] for one in places], dtype=pl.List(pl.String)),
        ).explode("school_ref", "duties")
        nth = pl.int_range(pl.len()).over("file", "row_number")
        work.frame = made.with_columns(pl.when((nth == 0) | (pl.col(WORST) == 3)).then(WORST).otherwise(0).alias(WORST))

    def _guardians(self, frame: pl.DataFrame, people: pl.DataFrame) -> None:
        """``agents`` may stand at the guardian, at the child, or at both."""
        roles = dict(people.filter(pl.col("status") != "tobedeleted").select("key", "role_name").rows())
        own = frame.select("key", pl.col("agents").str.split(",")).explode("agents").rename({"agents": "child_ref"})
        theirs = (
            people.filter(pl.col("role_name").is_in(STUDENT) & (pl.col("agents") != ""))
            .select(pl.col("key").alias("child_ref"), pl.col("agents").str.split(",").alias("key")).explode("key")
        )  # fmt: skip
        pairs = (
            pl.concat([own.select("key", "child_ref"), theirs.select("key", "child_ref")])
            .filter(pl.col("child_ref") != "")
            .unique(maintain_order=True)
        )
        links = frame.join(pairs, on="key", how="left", maintain_order="left").with_columns(
            pl.col("child_ref").fill_null("")
        )
        links = links.with_columns(relation=pl.col("role_name").replace_strict(RELATIONS, default=""))
        work = self._start("guardians", links)
        self.rows["guardians"] = frame.filter(pl.col("status") != "tobedeleted").height
        self._answers(work, "school_ref")
        self._person(work)
        known = self._accepts("students", work.frame["child_ref"])
        work.flag("reference_child", (pl.col("child_ref") != "") & ~pl.col("child_ref").is_in(list(known)), "child_ref")
        work.frame = work.frame.filter((pl.col("child_ref") == "") | pl.col("child_ref").is_in(list(known)))
        work.flag("guardian_alone", pl.col("child_ref") == "", "child_ref")
        self._ignored_agents(people, roles)

    def _ignored_agents(self, people: pl.DataFrame, roles: dict[str, str]) -> None:
        """Agents of pupils and staff who are no guardians: the standard allows any user; the register keeps none."""
        rows = people.filter(
            (pl.col("agents") != "") & ~pl.col("role_name").is_in(GUARDIAN) & (pl.col("status") != "tobedeleted")
        )
        for row in rows.iter_rows(named=True):
            for agent in row["agents"].split(","):
                if agent and roles.get(agent, "") not in GUARDIAN:
                    self.findings.note(
                        "agent_ignored", file=row["file"], row=row["row_number"], kind="guardians", field="child_ref",
                        column="agentSourcedIds", value=agent, responsible=self.names.get(row["school_ref"], ""),
                    )  # fmt: skip

    def _memberships(self) -> None:
        rows = self.bundle.read("enrollments")
        frame = rows.select(
            pl.col("sourcedId").alias("key"), column(rows, "classSourcedId").alias("class_ref"),
            column(rows, "userSourcedId").alias("person_ref"), column(rows, "role").str.to_lowercase().alias("role"),
            column(rows, "primary").str.to_lowercase().replace_strict({"true": "1", "false": "0"}, default="").alias("is_primary"),
            column(rows, "beginDate").alias("begin_on"), column(rows, "endDate").alias("end_on"),
            column(rows, "schoolSourcedId").alias("school"), "status", "file", "sheet", "row_number",
        )  # fmt: skip
        work = self._start("memberships", frame)
        self._answers(work, "school")
        work.require("key", "class_ref", "person_ref", "role")
        check_unique(work, "key")
        self._reference(work, "class_ref", "classes", "reference_class", is_required=True)
        self._reference(work, "person_ref", "people", "reference_person", is_required=True)
        self._days(work, "begin_on", "end_on")
        pupils = self._keys("students")
        differs = (pl.col("role") == "student") & ~pl.col("person_ref").is_in(list(pupils)) & work.is_good()
        others = dict.fromkeys(self._keys("staff"), "staff") | dict.fromkeys(self._keys("guardians"), "guardian")
        named = pl.col("person_ref").replace_strict(others, default="") if others else pl.lit("")
        if self.bundle.mode("users") == "bulk":
            work.flag("role_conflict", differs, "role", detail=named)

    def _finish(self) -> Delivery:
        made = Delivery(kind=ONEROSTER, rows=self.rows)
        worst = {BLOCK: 0, REVIEW: 0, HINT: 0}
        for kind in ROW_ORDER:
            work = self.works.get(kind)
            if work is None:
                continue
            kept = self._good(kind)
            made.rejected[kind] = work.frame.filter(~work.is_good())["key"].len()
            worst[REVIEW] += kept.filter(pl.col(WORST) == 2).height
            worst[HINT] += kept.filter(pl.col(WORST) == 1).height
            if self.bundle.mode(MODES[kind]) != "absent":
                made.frames[kind] = _canonical(kind, kept)
        worst[BLOCK] = sum(made.rejected.values())
        made.rows_with = worst
        made.findings = self.findings.table()
        made.severities = self.findings.severities()
        made.rules = dict(self.findings.rules)
        if self.removals:
            made.removals = pl.concat(self.removals)
        made.complete = frozenset(kind for kind, name in MODES.items() if self.bundle.mode(name) == "bulk")
        made.quality = quality_of(made)
        return made


def _school_of(text: str, known: frozenset[str], schools: set[str]) -> str:
    """The organisation a user belongs to: the first known school, else the first known one, else the first."""
    parts = [part for part in text.split(",") if part]
    ranked = sorted(parts, key=lambda part: (part not in schools, part not in known))
    return ranked[0] if ranked else ""


def _places(orgs: str, org_roles: str, role: str, first: str, known: frozenset[str]) -> list[tuple[str, str]]:
    """(organisation, duties there) of one member of staff; ``first`` leads, unknown organisations are left out."""
    names = [name for name in orgs.split(",") if name]
    roles = dict(zip(names, org_roles.split(","), strict=False)) if org_roles else {}

    def duties(org: str) -> str:
        held = roles.get(org, role).split(ROLES_OF_ONE_PLACE)
        return ",".join(dict.fromkeys(DUTIES[one] for one in held if one in DUTIES))

    ordered = [first, *(name for name in names if name != first and name in known)]
    return [(org, duties(org)) for org in dict.fromkeys(ordered)]


def _canonical(kind: str, frame: pl.DataFrame) -> pl.DataFrame:
    names = [entry.name for entry in ROW_KINDS[kind]]
    return frame.select(
        *(pl.col(name).fill_null("") if name in frame.columns else pl.lit("").alias(name) for name in names),
        "file", "sheet", pl.col("row_number").cast(pl.Int64),
    )  # fmt: skip
