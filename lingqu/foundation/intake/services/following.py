"""Paths that imports repeat follow the organisation tree."""

from __future__ import annotations

from django.db import connection, transaction

from lingqu.foundation.registry import api as registry

TABLES = {"intake_import": ("path",), "intake_savedmapping": ("path",)}


@transaction.atomic
def follow_move(before: str, after: str) -> int:
    """Rewrite the paths at or below ``before``; nothing is left to do the second time. Returns the number of rows.

    A mapping of the same headings that was confirmed at the new place already wins over the one that moves.
    """
    values = {"before": before, "after": after, "end": f"{before}-"}
    with connection.cursor() as cursor:
        cursor.execute(
            """DELETE FROM intake_savedmapping m USING intake_savedmapping k
               WHERE m.path >= %(before)s::ltree AND m.path < %(end)s::ltree AND k.headings_hash = m.headings_hash
                 AND k.path = CASE WHEN m.path = %(before)s::ltree THEN %(after)s::ltree
                   ELSE %(after)s::ltree || subpath(m.path, nlevel(%(before)s::ltree)) END""",
            values,
        )
    return registry.follow_move(TABLES, before, after)
