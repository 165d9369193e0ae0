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
        connection.ensure_connection()
        link = connection.connection
        with connection.wrap_database_errors:
            if len(waiting) == 1:
                _run(psycopg.Cursor(link), *waiting[0])
                return
            answers = []
            with link.pipeline():
                for sql, values, asked in waiting:
                    cursor = psycopg.Cursor(link)
                    cursor.execute(sql, values, prepare=True)
                    if asked is not None:
                        answers.append((asked, cursor))
            for asked, cursor in answers:
                asked.rows = cursor.fetchall()


def run(sql: str, values: Sequence[Any]) -> None:
    """One statement whose answer nobody needs, prepared."""
    batch = Batch()
    batch.add(sql, values)
    batch.send()


def rows_of(sql: str, values: Sequence[Any]) -> list[Any]:
    """What one statement answers, prepared."""
    batch = Batch()
    asked = batch.ask(sql, values)
    batch.send()
    return asked.rows


def json_of(value: Any) -> str:
    """A value as the text of a ``jsonb`` parameter."""
    return msgspec.json.encode(value).decode()


def _run(cursor: psycopg.Cursor[Any], sql: str, values: Sequence[Any], asked: Asked | None) -> None:
    cursor.execute(sql, values, prepare=True)
    if asked is not None:
        asked.rows = cursor.fetchall()
