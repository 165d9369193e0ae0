"""What ``make soak`` compares: every row of a home in a form that does not depend on ids, serials, nonces and clocks.

An id is replaced by the name of the row it points to: a digest of that row's own stable columns, in which keys are named
the same way. Two homes that took in the same files with the same keys have the same rows, each as often.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

SERIAL = {"number", "login", "label", "xid", "import_id", "request_id", "last_role", "actor_name"}
"""Columns that count or name what happened and who imported, not what the register says; uniqueness of numbers is a constraint."""
MODULES = ("registry", "identity", "intake")
LEFT_OUT = {"intake.Import", "intake.ImportFile", "intake.PartialUpload", "identity.SignInAttempt", "identity.Throttle"}
CLOCKS = ("DateTimeField",)


def set_up(home: Path) -> None:
    """Django for its models and the keys of ``home``; nothing here connects through it."""
    os.environ.update(LINGQU_HOME=str(home), DJANGO_SETTINGS_MODULE="lingqu.config.settings.dev")
    import django

    django.setup()


def models_in_order() -> list[Any]:
    """Every model of the register, those that others point to first."""
    from django.apps import apps

    waiting = [
        model for label in MODULES for model in apps.get_app_config(label).get_models()
        if model._meta.label not in LEFT_OUT
    ]  # fmt: skip
    placed: list[Any] = []
    while waiting:
        ready = [model for model in waiting if not (_targets(model) & set(waiting)) - {model}]
        if not ready:
            raise ValueError(f"models point to each other in a ring: {waiting}")
        placed += ready
        waiting = [model for model in waiting if model not in ready]
    return placed


def _targets(model: Any) -> set[Any]:
    return {field.related_model for field in model._meta.concrete_fields if field.is_relation}


def entity_of(model: Any) -> str:
    """``registry.class_group``, as the change log names the entity."""
    return f"{model._meta.app_label}." + re.sub(r"(?<=[a-z])(?=[A-Z])", "_", model.__name__).lower()


class Reader:
    """Reads all rows of one home on one snapshot."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection
        self.names: dict[tuple[str, str], str] = {}
        self.any_name: dict[str, str] = {}
        self.places: dict[str, str] = {}

    def read(self) -> dict[str, Counter[str]]:
        """Canonical rows by table, each with how often it stands there."""
        found: dict[str, Counter[str]] = {}
        with self.connection.transaction():
            self.connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            self.places = dict(
                self.connection.execute("SELECT path::text, coalesce(code, name) FROM registry_organisation").fetchall()
            )
            for model in models_in_order():
                found[entity_of(model)] = Counter(self._rows_of(model))
            found["kernel.change"] = Counter(
                f"{entity} {operation} {self._name(entity, key)}"
                for entity, operation, key in self.connection.execute(
                    "SELECT entity, operation, entity_id FROM kernel_change"
                )
            )
            found["kernel.outbox"] = Counter(
                f"{kind} {self._stable(payload)}"
                for kind, payload in self.connection.execute("SELECT kind, payload FROM kernel_outbox")
            )
            found["kernel.audit"] = Counter(
                f"{action} {kind} {self._stable(data)}"
                for action, kind, data in self.connection.execute(
                    "SELECT action, subject_kind, data FROM kernel_audit WHERE action LIKE 'registry.%'"
                )
            )
        return found

    def _rows_of(self, model: Any) -> Iterator[str]:
        fields = list(model._meta.concrete_fields)
        columns = ", ".join(f'"{field.column}"' for field in fields)
        rows = self.connection.execute(f'SELECT {columns} FROM "{model._meta.db_table}"')  # noqa: S608
        key = next(place for place, field in enumerate(fields) if field.primary_key)
        for row in rows.fetchall():
            text = " ".join(
                f"{field.name}={self._value(model, field, value)}"
                for field, value in zip(fields, row, strict=True)
                if self._is_stable(model, field) and value is not None
            )
            name = hashlib.blake2b(text.encode(), digest_size=12).hexdigest()
            self.names[entity_of(model), str(row[key])] = name
            self.any_name[str(row[key])] = name
            yield text

    @staticmethod
    def _is_stable(model: Any, field: Any) -> bool:
        if field.name in SERIAL and not (field.name == "number" and model.__name__ == "ClassMembership"):
            return False
        made_up = field.primary_key and field.get_internal_type() in ("UUIDField", "BigAutoField", "SmallAutoField")
        return not made_up and field.get_internal_type() not in CLOCKS and field.related_model is not model

    def _value(self, model: Any, field: Any, value: Any) -> str:
        if field.name.startswith("sealed"):
            from lingqu.kernel import crypto

            return json.dumps(crypto.unseal_fields(value), sort_keys=True, ensure_ascii=False)
        if field.is_relation:
            if field.related_model._meta.label in LEFT_OUT:
                return "kept"
            return self._name(entity_of(field.related_model), value)
        if field.name in ("path", "territory_path"):
            return self.places.get(value, value)
        if field.name == "entity_uuid":
            return self.any_name.get(str(value), "?")
        if field.name == "touched":
            return ",".join(sorted(self.any_name.get(str(one), "?") for one in value))
        return self._stable(value) if isinstance(value, dict | list) else str(value)

    def _name(self, entity: str, key: Any) -> str:
        return self.names.get((entity, str(key)), f"?{key}" if entity.startswith(MODULES) else str(key))

    def _stable(self, value: Any) -> str:
        kept = {k: v for k, v in value.items() if k not in SERIAL} if isinstance(value, dict) else value
        return json.dumps(kept, sort_keys=True, ensure_ascii=False, default=str)


def rows_of(url: str) -> dict[str, Counter[str]]:
    """Every canonical row of the home whose database this is."""
    with psycopg.connect(url) as connection:
        return Reader(connection).read()


def differences(expected: dict[str, Counter[str]], found: dict[str, Counter[str]]) -> list[str]:
    """Rows that are missing or too many, at most five of each table and side."""
    told = []
    for table in expected:
        for sign, rows in (("missing", expected[table] - found[table]), ("too many", found[table] - expected[table])):
            if rows:
                told.append(f"{table}: {sum(rows.values())} {sign}")
                told += [f"    {count} × {row[:300]}" for row, count in list(rows.items())[:5]]
    return told
