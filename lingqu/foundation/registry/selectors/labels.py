"""Names of coded values, kept in the process for a while: code tables change a few times a year."""

from __future__ import annotations

from collections.abc import Mapping

from django.core.cache import cache

from ..models import CodeValue, FieldDefinition

SECONDS = 300


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
    return labels(table).get(code, code) if code else ""


def subject_names() -> Mapping[str, tuple[str, str]]:
    """Subject code → (name, short name)."""
    key = "registry.labels.subject_names"
    found: dict[str, tuple[str, str]] | None = cache.get(key)
    if found is None:
        rows = CodeValue.objects.filter(table_id="subjects_project").order_by("sort_order")
        found = {row.code: (row.name, _short(row)) for row in rows}
        cache.set(key, found, SECONDS)
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
