"""How many people a part of the tree holds: chooses indexes, promises nothing."""

from __future__ import annotations

from django.core.cache import cache
from django.db import connection

SECONDS = 60


def roots() -> tuple[str, ...]:
    found: tuple[str, ...] | None = cache.get("registry.roots")
    if found is None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT path::text FROM registry_organisation WHERE parent_id IS NULL")
            found = tuple(row[0] for row in cursor.fetchall())
        cache.set("registry.roots", found, SECONDS)
    return found


def scope_size(path: str) -> int:
    """People of a subtree by the maintained totals, remembered for a minute: it only chooses the index."""
    key = f"registry.scope.{path}"
    found: int | None = cache.get(key)
    if found is None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT COALESCE(sum(c.students + c.staff + c.guardians), 0) FROM registry_organisation o "
                "JOIN registry_organisationcount c ON c.organisation_id = o.id WHERE o.path >= %s::ltree AND o.path < %s::ltree",
                [path, f"{path}-"],
            )
            found = int(cursor.fetchone()[0])
        cache.set(key, found, SECONDS)
    return found
