"""Queries of hot endpoints: written with the ORM, turned into SQL once a process, planned once a connection.

Making the SQL of a small query costs several times what running it costs, and PostgreSQL plans as long as it runs. ``build``
gets one example for each value, of the right type and unlike any constant of the query, and returns a ``values_list`` query;
``rows`` puts values in their places. SQL that is written by hand goes through ``prepared`` alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
from django.db import connection
from django.db.backends.utils import CursorDebugWrapper, CursorWrapper
from django.db.models import QuerySet


class _Prepared(psycopg.Cursor[Any]):
    """Statements are prepared at their first use on a connection; sessions of ours always belong to one process."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        return super().execute(query, params, **{**options, "prepare": True})


def prepared() -> CursorWrapper:
    """A cursor like ``connection.cursor()`` for SQL that is always the same text: PostgreSQL parses and plans it once."""
    connection.ensure_connection()
    raw = _Prepared(connection.connection)
    return CursorDebugWrapper(raw, connection) if connection.queries_logged else CursorWrapper(raw, connection)


class Compiled:
    """``Compiled(lambda id: Row.objects.filter(id=id).values_list("name"), id=UUID(int=1))``; rows are plain tuples as the
    driver gives them (JSON columns as text, binary ones as bytes)."""

    def __init__(self, build: Callable[..., QuerySet[Any, Any]], **examples: Any) -> None:
        self._build, self._examples = build, examples
        self._made: tuple[str, tuple[tuple[str, Any], ...]] | None = None

    def rows(self, **values: Any) -> list[tuple[Any, ...]]:
        sql, places = self._made or self._make()
        with prepared() as cursor:
            cursor.execute(sql, [values[name] if name else constant for name, constant in places])
            return cursor.fetchall()

    def row(self, **values: Any) -> tuple[Any, ...] | None:
        """The first row, if any; the query says which that is."""
        return next(iter(self.rows(**values)), None)

    def _make(self) -> tuple[str, tuple[tuple[str, Any], ...]]:
        sql, parameters = self._build(**self._examples).query.sql_with_params()
        places = tuple((self._name_of(value), value) for value in parameters)
        if {name for name, _value in places if name} != set(self._examples):
            raise ValueError("a value does not stand in the query as itself")
        self._made = sql, places
        return self._made

    def _name_of(self, value: Any) -> str:
        same = (name for name, example in self._examples.items() if type(value) is type(example) and value == example)
        return next(same, "")
