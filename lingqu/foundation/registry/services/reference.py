"""Reference data that every home has: code tables, the school year, the root organisation."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, models, transaction
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
Row = Mapping[str, Any]
"""Columns of a table by name."""
BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz"


def base36(value: int) -> str:
    """Path labels: short, and ``-`` sorts before every character of theirs."""
    text = ""
    while True:
        value, rest = divmod(value, 36)
        text = BASE36[rest] + text
        if not value:
            return text


@lru_cache
def _rows(name: str) -> tuple[Mapping[str, str], ...]:
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        return tuple(csv.DictReader(handle))


def _split(text: str | None) -> list[str]:
    return [part for part in (text or "").split("|") if part]


def _bring(model: type[models.Model], rows: Sequence[Row], *, by: Sequence[str], owned: Sequence[str]) -> None:
    """Write those rows that are not stored as they are: one statement when all are. ``owned``: the columns that the package
    keeps; the region's own columns and rows stay."""
    asked = (*by, *owned)
    stored = {tuple(row[: len(by)]): row for row in model._default_manager.values_list(*asked)}
    told = [row for row in rows if stored.get(tuple(row[name] for name in by)) != tuple(row[name] for name in asked)]
    if told:
        model._default_manager.bulk_create(
            [model(**row) for row in told],
            update_conflicts=True,
            unique_fields=by,
            update_fields=owned,
            batch_size=2000,
        )


@transaction.atomic
def load_code_tables() -> int:
    """Bring the packaged code tables into the database; idempotent, keeps local values and synonyms.

    Returns the number of values. Synonyms of ``code_synonyms.csv`` and of the tables themselves are joined with what the
    region has added.
    """
    _bring(CodeTable, _packaged_tables(), by=("code",), owned=("name", "standard", "version"))
    known = {
        (table, code): synonyms
        for table, code, synonyms in CodeValue.objects.exclude(synonyms=[]).values_list("table_id", "code", "synonyms")
    }
    values = [
        {**value, "synonyms": _joined(value, known.get((value["table_id"], value["code"]), ()))}
        for value in _packaged_values()
    ]
    owned = ("name", "parent_code", "note", "sort_order", "synonyms")
    _bring(CodeValue, values, by=("table_id", "code"), owned=owned)
    return len(values)


def _joined(value: Row, known: Iterable[str]) -> list[str]:
    return [word for word in dict.fromkeys([*value["synonyms"], *known]) if word != value["name"]]


def _packaged_tables() -> list[Row]:
    tables: list[Row] = [
        {"code": name, "name": label, "standard": standard, "version": "2026-11"}
        for name, (label, standard) in SINGLE_TABLES.items()
    ]
    for code, label in {row["table_code"]: row["table_name"] for row in _rows("jyt1001_code_tables")}.items():
        tables.append({"code": code, "name": label, "standard": f"JY/T 1001 {code}", "version": "2012"})
    return tables


@lru_cache
def _packaged_values() -> tuple[Row, ...]:
    extra = {(row["table"], row["code"]): _split(row["synonyms"]) for row in _rows("code_synonyms")}
    found = [(name, order, row) for name in SINGLE_TABLES for order, row in enumerate(_rows(name))]
    found += [(row["table_code"], order, row) for order, row in enumerate(_rows("jyt1001_code_tables"))]
    return tuple(
        {
            "table_id": table, "code": row["code"], "name": row["name"], "parent_code": row.get("parent_code") or "",
            "note": row.get("note") or "", "sort_order": order,
            "synonyms": [
                *_split(row.get("short_name")), *_split(row.get("synonyms")), *extra.get((table, row["code"]), ())
            ],
        }
        for table, order, row in found
    )  # fmt: skip


@transaction.atomic
def load_field_definitions() -> int:
    """Bring ownership, sensitivity and spellings of the fields into the database; the region's own owners stay."""
    rows = [{**row, "synonyms": _split(row["synonyms"])} for row in _rows("field_definitions")]
    owned = ("label", "element", "sensitivity", "code_table", "synonyms")
    _bring(FieldDefinition, rows, by=("entity", "field"), owned=owned)
    return len(rows)


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
    turn_school_year()
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
