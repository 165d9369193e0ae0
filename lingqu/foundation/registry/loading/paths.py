"""Moving a subtree: every stored path at or below the old place is rewritten, in whatever table it stands."""

from __future__ import annotations

from typing import Any

TABLES: dict[str, tuple[str, ...]] = {
    "registry_organisation": ("path", "territory_path"),
    "registry_person": ("path",),
    "registry_enrolment": ("path",),
    "registry_registerentry": ("path",),
    "registry_appointment": ("path",),
    "registry_duty": ("path",),
}


def rewrite_paths(cursor: Any, before: str, after: str) -> int:
    """Replace the prefix ``before`` by ``after``; returns the number of rows. Other modules follow
    ``OrganisationMoved``."""
    rewritten = 0
    for table, columns in TABLES.items():
        for column in columns:
            cursor.execute(
                f"""UPDATE {table} SET {column} = CASE WHEN {column} = %(before)s::ltree THEN %(after)s::ltree
                      ELSE %(after)s::ltree || subpath({column}, nlevel(%(before)s::ltree)) END
                    WHERE {column} >= %(before)s::ltree AND {column} < %(end)s::ltree""",  # noqa: S608
                {"before": before, "after": after, "end": before + "-"},
            )
            rewritten += cursor.rowcount
    return rewritten
