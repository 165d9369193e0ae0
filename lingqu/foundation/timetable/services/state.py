"""What tells every process that calendars, bell times or versions changed."""

from __future__ import annotations

from django.db import connection


def count_up() -> None:
    """In the writer's transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO timetable_calendarstate (id, number) VALUES (1, 1)"
            " ON CONFLICT (id) DO UPDATE SET number = timetable_calendarstate.number + 1"
        )
