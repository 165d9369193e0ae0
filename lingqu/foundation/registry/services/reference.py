"""Reference data that every home has: code tables, the school year, the root organisation."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext

from lingqu.kernel import audit, changes
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import today

from ..models import CodeTable, CodeValue, FieldDefinition, Organisation, OrganisationCount, SchoolYear
from ..types.names import name_key

DATA = Path(__file__).resolve().parents[1] / "data"
SINGLE_TABLES: dict[str, tuple[str, str]] = {
    "sex": ("性别", "GB/T 2261.1"),
    "ethnic_groups": ("民族", "GB/T 3304"),
    "family_relation": ("家庭关系", "GB/T 4761"),
    "id_types": ("身份证件类型", "JY/T 1001 SFZJLX"),
    "school_types": ("学校办学类型", "JY/T 1001 BXLX"),
    "grades_project": ("年级", ""),
    "subjects_jyt1001": ("中小学课程", "JY/T 1001 ZXXKC"),
    "subjects_project": ("学科", "课程方案 2022，代码沿用 JY/T 1001 ZXXKC"),
    "education_level": ("学历", "GB/T 4658"),
    "household_type": ("户口性质", ""),
    "stages_project": ("学段", ""),
    "political_status": ("政治面貌", "GB/T 4762"),
    "degree": ("学位", "GB/T 6864"),
    "post_kinds": ("岗位", ""),
    "professional_titles_edu": ("专业技术职务", "GB/T 8561"),
}
BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz"


def base36(value: int) -> str:
    """Path labels: short, and ``-`` sorts before every character of theirs."""
    text = ""
    while True:
        value, rest = divmod(value, 36)
        text = BASE36[rest] + text
        if not value:
            return text


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def _split(text: str | None) -> list[str]:
    return [part for part in (text or "").split("|") if part]


@transaction.atomic
def load_code_tables() -> int:
    """Bring the packaged code tables into the database; idempotent, keeps local values and synonyms.

    Returns the number of values. Synonyms of ``code_synonyms.csv`` and of the tables themselves are joined with what the
    region has added.
    """
    tables, values = _packaged_tables()
    CodeTable.objects.bulk_create(
        tables, update_conflicts=True, unique_fields=["code"], update_fields=["name", "standard", "version"]
    )
    known = {
        (table, code): synonyms
        for table, code, synonyms in CodeValue.objects.values_list("table_id", "code", "synonyms")
        if synonyms
    }
    extra = {(row["table"], row["code"]): _split(row["synonyms"]) for row in _rows("code_synonyms")}
    for value in values:
        place = (value.table_id, value.code)
        joined = [*value.synonyms, *extra.get(place, ()), *known.get(place, ())]
        value.synonyms = [word for word in dict.fromkeys(joined) if word != value.name]
    CodeValue.objects.bulk_create(
        values, update_conflicts=True, unique_fields=["table", "code"],
        update_fields=["name", "parent_code", "note", "sort_order", "synonyms"], batch_size=2000,
    )  # fmt: skip
    return len(values)


def _packaged_tables() -> tuple[list[CodeTable], list[CodeValue]]:
    tables: list[CodeTable] = []
    values: list[CodeValue] = []
    for name, (label, standard) in SINGLE_TABLES.items():
        tables.append(CodeTable(code=name, name=label, standard=standard, version="2026-11"))
        for order, row in enumerate(_rows(name)):
            short = row.get("short_name") or ""
            values.append(
                CodeValue(
                    table_id=name, code=row["code"], name=row["name"], parent_code=row.get("parent_code") or "",
                    note=row.get("note") or "", sort_order=order,
                    synonyms=[*([short] if short else []), *_split(row.get("synonyms"))],
                )
            )  # fmt: skip
    rows = _rows("jyt1001_code_tables")
    for code, label in {row["table_code"]: row["table_name"] for row in rows}.items():
        tables.append(CodeTable(code=code, name=label, standard=f"JY/T 1001 {code}", version="2012"))
    values += [
        CodeValue(
            table_id=row["table_code"], code=row["code"], name=row["name"], note=row["note"] or "", sort_order=order
        )
        for order, row in enumerate(rows)
    ]
    return tables, values


@transaction.atomic
def load_field_definitions() -> int:
    """Bring ownership, sensitivity and spellings of the fields into the database; the region's own owners stay."""
    FieldDefinition.objects.bulk_create(
        [
            FieldDefinition(**{**row, "synonyms": _split(row["synonyms"])})
            for row in _rows("field_definitions")
        ],
        update_conflicts=True, unique_fields=["entity", "field"],
        update_fields=["label", "element", "sensitivity", "code_table", "synonyms"],
    )  # fmt: skip
    return FieldDefinition.objects.count()


def school_year_of(day: date) -> str:
    """JY/T 1001 XN of a day: a school year starts on 1 September, rosters of the next one arrive from August."""
    start = day.year if day.month >= 8 else day.year - 1
    return f"{start}-{start + 1}"


@transaction.atomic
def ensure_school_year(code: str) -> SchoolYear:
    start = int(code[:4])
    found, _made = SchoolYear.objects.get_or_create(
        code=code, defaults={"start_on": date(start, 9, 1), "end_on": date(start + 1, 8, 31)}
    )
    if code == school_year_of(today()) and not found.is_current:
        SchoolYear.objects.update(is_current=False)
        found.is_current = True
        found.save(update_fields=["is_current"])
    return found


def turn_school_year() -> None:
    """Make the year of today the present one; a platform may run through 1 August without a restart."""
    ensure_school_year(school_year_of(today()))


def next_label() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('registry_organisation_label')")
        row = cursor.fetchone()
    return base36(int(row[0]))


@transaction.atomic
def ensure_root(*, name: str = "", code: str = "", actor: Actor | None = None) -> Organisation:
    """The node's root organisation; the first call makes it, later ones return it unchanged.

    Without name and code it is called 教育局 and carries the node's code. Acts as the platform unless an actor is given.
    """
    actor = actor or Actor.system("registry")
    name, code = name or gettext("教育局"), code or str(settings.LINGQU_NODE)
    actor = actor or Actor.system("set-up")
    prepare()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('registry.root'))")
    root = Organisation.objects.filter(parent=None).first()
    if root is not None:
        return root
    label, (key, initials) = next_label(), name_key(name)
    root = Organisation.objects.create(
        code=code, name=name, kind="bureau", label=label, path=label, name_key=key, name_initials=initials
    )
    OrganisationCount.objects.create(organisation=root)
    audit.record(actor, "registry.organisation.created", subject_kind="organisation", subject_id=root.id, path=label)
    changes.log("registry.organisation", [root.id], "c")
    return root


def prepare() -> None:
    """What must be there before anything is imported; called after each migration."""
    load_code_tables()
    load_field_definitions()
    turn_school_year()
