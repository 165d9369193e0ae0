"""Names of coded values in the reader's language, kept in the process for a while: code tables change a few times a
year. A value without an English name is shown in Chinese."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping
from functools import cache as kept
from pathlib import Path

from django.core.cache import cache

from lingqu.kernel.language import is_english

from ..models import CodeValue, FieldDefinition

SECONDS = 300
ENGLISH = Path(__file__).resolve().parents[1] / "data" / "english_names.csv"


@kept
def english_names() -> Mapping[str, Mapping[str, str]]:
    """Table → code → English name; the table ``field`` names the fields of people, organisations and classes."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    with ENGLISH.open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            found[row["table"]][row["code"]] = row["name"]
    return dict(found)


def labels(table: str) -> Mapping[str, str]:
    """Code → name of one table."""
    key = f"registry.labels.{table}"
    found: dict[str, str] | None = cache.get(key)
    if found is None:
        found = dict(CodeValue.objects.filter(table_id=table).order_by("sort_order").values_list("code", "name"))
        cache.set(key, found, SECONDS)
    return found


def label(table: str, code: str) -> str:
    """The name, or the code as the source wrote it."""
    if is_english() and code in (english := english_names().get(table, {})):
        return english[code]
    return labels(table).get(code, code) if code else ""


def subject_names() -> Mapping[str, tuple[str, str]]:
    """Subject code → (name, short name)."""
    key = "registry.labels.subject_names"
    found: dict[str, tuple[str, str]] | None = cache.get(key)
    if found is None:
        rows = CodeValue.objects.filter(table_id="subjects_project").order_by("sort_order")
        found = {row.code: (row.name, _short(row)) for row in rows}
        cache.set(key, found, SECONDS)
    if is_english():
        english = english_names()["subjects_project"]
        return {code: (english[code],) * 2 if code in english else names for code, names in found.items()}
    return found


def _short(row: CodeValue) -> str:
    fitting = [word for word in row.synonyms if len(word) < len(row.name)]
    return fitting[0] if fitting else row.name


def subject_label(code: str) -> str:
    return subject_names().get(code, (code, code))[0]


def subject_codes() -> Mapping[str, str]:
    """Every spelling of a subject → its code."""
    key = "registry.labels.subject_codes"
    found: dict[str, str] | None = cache.get(key)
    if found is None:
        found = {}
        for row in CodeValue.objects.filter(table_id="subjects_project").order_by("-sort_order"):
            found.update(dict.fromkeys(row.synonyms, row.code))
        for row in CodeValue.objects.filter(table_id="subjects_project"):
            found.update({row.name: row.code, row.code: row.code})
        cache.set(key, found, SECONDS)
    return found


def field_definitions(entity: str) -> Mapping[str, tuple[str, str, str]]:
    """Field → (label, owner, sensitivity) of one entity."""
    key = f"registry.labels.fields.{entity}"
    found: dict[str, tuple[str, str, str]] | None = cache.get(key)
    if found is None:
        rows = FieldDefinition.objects.filter(entity=entity).values_list("field", "label", "owner", "sensitivity")
        found = {field: (label, owner, sensitivity) for field, label, owner, sensitivity in rows}
        cache.set(key, found, SECONDS)
    if is_english():
        english = english_names()["field"]
        return {field: (english.get(field, values[0]), *values[1:]) for field, values in found.items()}
    return found


def field_labels() -> Mapping[str, str]:
    """Field → label over people, the pupils' words first."""
    return {
        field: values[0]
        for entity in ("guardian", "staff", "student")
        for field, values in field_definitions(entity).items()
    }


def forget() -> None:
    """After a change of the code tables."""
    cache.delete_many([f"registry.labels.{name}" for name in ("subject_names", "subject_codes")])
