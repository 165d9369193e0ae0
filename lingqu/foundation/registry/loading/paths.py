"""Moving a subtree: every stored path at or below the old place is rewritten, in whatever table it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection, transaction

TABLES: dict[str, tuple[str, ...]] = {
    "registry_organisation": ("path", "territory_path"),
    "registry_person": ("path",),
    "registry_enrolment": ("path",),
    "registry_registerentry": ("path",),
    "registry_appointment": ("path",),
    "registry_duty": ("path",),
    "registry_listexport": ("path",),
}


@transaction.atomic
def follow_move(tables: Mapping[str, Sequence[str]], before: str, after: str) -> int:
    """For handlers of ``OrganisationMoved``: rewrite the path columns of a module's own ``tables``. Nothing is left to
    do the second time. Returns the number of rows."""
    with connection.cursor() as cursor:
        return rewrite_paths(cursor, before, after, tables)


def rewrite_paths(cursor: Any, before: str, after: str, tables: Mapping[str, Sequence[str]] = TABLES) -> int:
    """Replace the prefix ``before`` by ``after``; returns the number of rows."""
    rewritten = 0
    for table, columns in tables.items():
        for column in columns:
            cursor.execute(
                f"""UPDATE {table} SET {column} = CASE WHEN {column} = %(before)s::ltree THEN %(after)s::ltree
                      ELSE %(after)s::ltree || subpath({column}, nlevel(%(before)s::ltree)) END
                    WHERE {column} >= %(before)s::ltree AND {column} < %(end)s::ltree""",  # noqa: S608
                {"before": before, "after": after, "end": before + "-"},
            )
            rewritten += cursor.rowcount
    return rewritten
