"""The state of applying one chunk: cursor, parameters, findings; and the resolution of references that kinds share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from ..models import Source
from .batch import Outcome, Prepared, RowFinding
from .staging import SENSITIVE, create_sql, key_digests

PERSON_REFERENCES = frozenset({"child_ref", "person_ref", "teacher_ref", "head_teacher_ref"})
MESSAGES = {
    "reference.school": _("没有找到这所学校。请核对学校代码或名称，或先导入学校。"),
    "reference.class": _("没有找到这个班级。请核对班级名称，或先导入班级。"),
    "reference.person": _("没有找到这个人。请先导入其所在的名册。"),
    "reference.child": _("没有找到这名学生。请核对学籍号、证件号，或学校、班级和姓名。"),
    "reference.parent": _("没有找到上级单位，已放在导入范围的顶级单位下。"),
    "reference.organisation": _("没有找到这个单位，这一项没有写入。"),
    "reference.course": _("没有找到这门课程，班级已写入但没有课程。"),
    "reference.session": _("没有找到这个学期，班级已写入但没有学期。"),
    "reference.teacher": _("没有找到这位教师，班主任没有写入。"),
    "session.dates": _("学期的起止日期不完整或前后颠倒，这一行没有写入。"),
    "scope.outside": _("这个单位不在本次导入的范围内。"),
    "organisation.ring": _("上级单位互相指向，已放在导入范围的顶级单位下。"),
    "attribute.other_name": _("这个号码登记的学生不叫这个名字，没有写入，请核对。"),
    "number.other_name": _("这个号码登记的人不叫这个名字，没有写入，请核对。"),
    "attribute.no_pupil": _("这个人现在不在任何学校就读，学生属性没有写入。"),
    "person.suspect": _("符合条件的不止一人，需要人工确认，这一行没有写入。"),
    "person.contradiction": _("学籍号、证件号或学号指向不同的人，需要人工确认，这一行没有写入。"),
    "person.possible_duplicate": _("同一班级已有同名同性别的学生，已按新的人写入，请核对是否重复。"),
    "person.repeated": _("同一个人在文件中出现太多次，这一行没有写入。"),
    "person.national": _("这一项由国家系统管理，本次的值没有写入。请在国家系统中变更。"),
    "register.several": _("同一学生有多个学籍，请两校核对。"),
    "enrolment.several": _("同一学生在多所学校就读，请两校核对。"),
}


class Acquainted(Exception):
    """A chunk that runs ahead found somebody who is known already."""


@dataclass(slots=True, kw_only=True)
class Run:
    """``values`` are the named parameters that every statement may use."""

    cursor: Any
    prepared: Prepared
    source: Source
    as_of: date
    actor_name: str
    outcome: Outcome
    ahead: bool = False
    values: dict[str, Any] = field(default_factory=dict)
    moved: list[tuple[UUID, str, str]] = field(default_factory=list)
    """Organisations that moved: id, former path, new path."""
    left: set[UUID] = field(default_factory=set)
    """People who left a school or a place of work."""

    def __post_init__(self) -> None:
        batch = self.prepared.batch
        self.values = {
            "source_id": self.source.pk, "source": self.source.code, "scope": batch.scope,
            "scope_end": batch.scope + "-", "as_of": self.as_of,
             "node": settings.LINGQU_NODE, "actor": self.actor_name, "import_id": batch.import_id,
            "kind": batch.kind, "pass": 1,
        }  # fmt: skip

    def do(self, sql: str, **values: Any) -> int:
        """Execute and return the number of rows."""
        self.cursor.execute(sql, {**self.values, **values})
        return int(self.cursor.rowcount)

    def rows(self, sql: str, **values: Any) -> list[tuple[Any, ...]]:
        self.cursor.execute(sql, {**self.values, **values})
        return list(self.cursor.fetchall())

    def note_left(self, sql: str, **values: Any) -> None:
        """``sql`` finds people who leave a place by this chunk."""
        self.left.update(row[0] for row in self.rows(sql, **values))

    def table(self, name: str, sql: str, **values: Any) -> int:
        """A temporary table of this chunk, made anew."""
        self.cursor.execute(f"DROP TABLE IF EXISTS {name}")
        return self.do(f"CREATE TEMP TABLE {name} ON COMMIT DROP AS {sql}", **values)

    def copy(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        with self.cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)

    def stage(self) -> None:
        self.cursor.execute("DROP TABLE IF EXISTS load_stage")
        self.cursor.execute(create_sql(self.prepared.batch.kind))
        columns = ", ".join(f'"{name}"' for name in self.prepared.columns)
        with self.cursor.copy(f"COPY load_stage ({columns}) FROM STDIN (FORMAT csv, NULL '')") as copy:
            copy.write(self.prepared.data)
        self.cursor.execute("ANALYZE load_stage")

    def note(
        self, row_id: int, rule: str, field_name: str, severity: str, *, responsible: str = "", message: str = "",
        value: str = "",
    ) -> None:  # fmt: skip
        """A finding about one staged row; sensitive values and names of people are masked."""
        row = self.prepared.frame.row(row_id, named=True)
        value = value or str(row.get(field_name) or "")
        if field_name in SENSITIVE or field_name in PERSON_REFERENCES:
            value = masked(value)
        self.outcome.findings.append(
            RowFinding(
                file=row["file"] or "", sheet=row["sheet"] or "", row=row["row_number"], kind=self.prepared.batch.kind,
                field=field_name, rule=rule, severity=severity, message=message or str(MESSAGES[rule]), value=value,
                responsible=responsible or str(row.get("school_ref") or ""),
            )
        )  # fmt: skip

    def reject(self, rows: Iterable[tuple[int, str, str]]) -> set[int]:
        """Rows that are not applied: (row, rule, field). They leave the staging table."""
        gone: set[int] = set()
        for row_id, rule, field_name in rows:
            if row_id in gone:
                continue
            gone.add(row_id)
            is_suspect = rule.startswith("person.")
            self.note(row_id, rule, field_name, "review" if is_suspect else "block")
            self.outcome.suspects += is_suspect
            self.outcome.rejected += not is_suspect
        if gone:
            self.do("DELETE FROM load_stage WHERE row_id = ANY(%(gone)s)", gone=list(gone))
        return gone

    def log(self, entity: str, sql: str, operation: str = "c", **values: Any) -> int:
        """Run ``sql`` (an INSERT or UPDATE that returns ids) and write one change row per returned id."""
        self.do(
            f"WITH made AS ({sql}) INSERT INTO kernel_change (entity, entity_id, operation)"  # noqa: S608
            f" SELECT '{entity}', id::text, '{operation}' FROM made",
            **values,
        )
        return int(self.cursor.rowcount)


def masked(value: str) -> str:
    """``370****3X``; short values (names) keep their first character."""
    return f"{value[:3]}****{value[-2:]}" if len(value) > 8 else value[:1] + "*" * (len(value) - 1)


def resolve_organisations(run: Run, *columns: str) -> None:
    """``load_org``: every distinct reference of these columns with the organisation it names, and whether it is in
    scope.

    A reference is a key of this source, else a code, else a name that is unique within the scope.
    """
    frame = run.prepared.frame
    values = sorted({value for column in columns for value in frame[column].unique() if value})
    run.table(
        "load_org",
        """SELECT r.ref, o.id, o.path, o.name, o.schooling, o.class_display,
             (o.path >= %(scope)s::ltree AND o.path < %(scope_end)s::ltree) AS in_scope
           FROM (SELECT k.ref, COALESCE(
               (SELECT l.entity_uuid FROM registry_sourcelink l WHERE l.source_id = %(source_id)s
                  AND l.kind = 'organisations' AND l.key_hash = k.digest),
               (SELECT c.id FROM registry_organisation c WHERE c.code = k.ref),
               (SELECT (array_agg(n.id))[1] FROM registry_organisation n WHERE n.name = k.ref
                  AND n.path >= %(scope)s::ltree
                  AND n.path < %(scope_end)s::ltree HAVING count(*) = 1)) AS found
             FROM unnest(%(refs)s::text[], %(digests)s::uuid[]) AS k(ref, digest)) r
           LEFT JOIN registry_organisation o ON o.id = r.found""",
        refs=values, digests=key_digests("organisations", values),
    )  # fmt: skip


def resolve_classes(run: Run, column: str, *, by_school: bool = True) -> None:
    """``load_class``: every distinct (school reference, class reference) with the class it names.

    A class is named by its key in this source, else by a name in the school: of the current year before older ones.
    """
    frame = run.prepared.frame
    pairs = frame.select("school_ref" if by_school else frame[column].alias("school_ref"), column).unique().drop_nulls()
    digests = key_digests("classes", pairs[column])
    named = (
        """(SELECT c.id FROM registry_classgroup c JOIN load_org o ON o.id = c.school_id WHERE o.ref = k.school_ref
             AND k.ref IN (c.written_name, c.name, c.local_name) ORDER BY c.school_year_id DESC, c.id LIMIT 1)"""
        if by_school
        else "NULL::uuid"
    )
    run.table(
        "load_class",
        f"""SELECT r.school_ref, r.ref, c.id, c.school_id, c.grades, o.path FROM (SELECT k.school_ref, k.ref, COALESCE(
               (SELECT l.entity_uuid FROM registry_sourcelink l WHERE l.source_id = %(source_id)s AND l.kind = 'classes'
                  AND l.key_hash = k.digest), {named}) AS found
             FROM unnest(%(schools)s::text[], %(refs)s::text[], %(digests)s::uuid[]) AS k(school_ref, ref, digest)) r
           LEFT JOIN registry_classgroup c ON c.id = r.found LEFT JOIN registry_organisation o ON o.id = c.school_id""",  # noqa: S608
        schools=pairs["school_ref"].to_list(), refs=pairs[column].to_list(), digests=digests,
    )  # fmt: skip


def touch(run: Run, sql: str, **values: Any) -> None:
    """Organisations (first column) whose maintained counts this chunk may have changed."""
    run.outcome.touched |= {UUID(str(row[0])) for row in run.rows(sql, **values) if row[0]}
