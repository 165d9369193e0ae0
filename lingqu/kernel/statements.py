"""Statements of the open transaction, sent together: prepared once for a connection, answered in one round trip.

For writes that happen hundreds of times a second. A statement keeps its text and gets its values beside it, so that neither
PostgreSQL nor psycopg reads it again; Django's own cursors write the values into the text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import psycopg
from django.db import connection

from .compiled import prepared


class Asked:
    """``rows``: what a statement answered, once its batch was sent."""

    __slots__ = ("rows",)

    def __init__(self) -> None:
        self.rows: list[Any] = []


class Batch:
    """Statements in order. Nothing has happened before ``send``; a sent batch is empty and may be filled again."""

    def __init__(self) -> None:
        self._waiting: list[tuple[str, Sequence[Any], Asked | None]] = []

    def add(self, sql: str, values: Sequence[Any]) -> None:
        """A statement whose answer nobody needs."""
        self._waiting.append((sql, values, None))

    def ask(self, sql: str, values: Sequence[Any]) -> Asked:
        asked = Asked()
        self._waiting.append((sql, values, asked))
        return asked

    def send(self) -> None:
        """One round trip. Raises Django's database errors for the first statement that failed; then nothing counts."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        if len(waiting) == 1:
            sql, values, asked = waiting[0]
            with prepared() as cursor:
                cursor.execute(sql, values)
                if asked is not None:
                    asked.rows = cursor.fetchall()
            return
        connection.ensure_connection()
        link = connection.connection
        if connection.queries_logged:
            _log(link, waiting)
        answers = []
        with connection.wrap_database_errors:
            with link.pipeline():
                for sql, values, asked in waiting:
                    one = psycopg.Cursor(link)
                    one.execute(sql, values, prepare=True)
                    if asked is not None:
                        answers.append((asked, one))
            for asked, one in answers:
                asked.rows = one.fetchall()


def run(sql: str, values: Sequence[Any]) -> None:
    """One statement whose answer nobody needs."""
    with prepared() as cursor:
        cursor.execute(sql, values)


def rows_of(sql: str, values: Sequence[Any]) -> list[Any]:
    """What one statement answers."""
    with prepared() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def json_of(value: Any) -> str:
    """A value as the text of a ``jsonb`` parameter."""
    return msgspec.json.encode(value).decode()


def _log(link: Any, waiting: Sequence[tuple[str, Sequence[Any], Any]]) -> None:
    """Where somebody counts the statements of a page, these count too."""
    with psycopg.ClientCursor(link) as cursor:
        connection.queries_log.extend(
            {"sql": cursor.mogrify(sql, values), "time": "0"} for sql, values, _asked in waiting
        )
