"""Paths that reconciliation repeats follow the organisation tree."""

from __future__ import annotations

from django.db import connection, transaction

COLUMNS = {
    "reconciliation_nationalfile": ("path",), "reconciliation_fileentry": ("path",), "reconciliation_listedchild": ("path",),
    "reconciliation_run": ("path",), "reconciliation_tally": ("path",), "reconciliation_ticket": ("path",),
    "reconciliation_case": ("path", "other_path", "owner_path"),
}  # fmt: skip


@transaction.atomic
def follow_move(before: str, after: str) -> int:
    """Rewrite the paths at or below ``before``; nothing is left to do the second time. Returns the number of rows."""
    moved, values = 0, {"before": before, "after": after, "end": f"{before}-"}
    with connection.cursor() as cursor:
        for table, columns in COLUMNS.items():
            for column in columns:
                cursor.execute(
                    f"""UPDATE {table} SET {column} = CASE WHEN {column} = %(before)s::ltree THEN %(after)s::ltree
                          ELSE %(after)s::ltree || subpath({column}, nlevel(%(before)s::ltree)) END
                        WHERE {column} >= %(before)s::ltree AND {column} < %(end)s::ltree""",  # noqa: S608
                    values,
                )
                moved += cursor.rowcount
    return moved
