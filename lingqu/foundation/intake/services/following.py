"""Paths that imports repeat follow the organisation tree."""

from __future__ import annotations

from django.db import connection, transaction

TABLES = ("intake_import", "intake_savedmapping")


@transaction.atomic
def follow_move(before: str, after: str) -> int:
    """Rewrite the paths at or below ``before``; nothing is left to do the second time. Returns the number of rows.

    A mapping of the same headings that was confirmed at the new place already wins over the one that moves.
    """
    moved = 0
    values = {"before": before, "after": after, "end": f"{before}-"}
    with connection.cursor() as cursor:
        cursor.execute(
            """DELETE FROM intake_savedmapping m USING intake_savedmapping k
               WHERE m.path >= %(before)s::ltree AND m.path < %(end)s::ltree AND k.headings_hash = m.headings_hash
                 AND k.path = CASE WHEN m.path = %(before)s::ltree THEN %(after)s::ltree
                   ELSE %(after)s::ltree || subpath(m.path, nlevel(%(before)s::ltree)) END""",
            values,
        )
        for table in TABLES:
            cursor.execute(
                f"""UPDATE {table} SET path = CASE WHEN path = %(before)s::ltree THEN %(after)s::ltree
                      ELSE %(after)s::ltree || subpath(path, nlevel(%(before)s::ltree)) END
                    WHERE path >= %(before)s::ltree AND path < %(end)s::ltree""",  # noqa: S608
                values,
            )
            moved += cursor.rowcount
    return moved
