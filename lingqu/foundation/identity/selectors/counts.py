"""Figures about accounts."""

from __future__ import annotations

from django.db import connection


def count_accounts(path: str) -> int:
    """Accounts of people whose owning organisation lies at or below ``path``."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM identity_account a JOIN registry_person p ON p.id = a.person_id"
            " WHERE p.path >= %s::ltree AND p.path < %s::ltree",
            [path, f"{path}-"],
        )
        return int(cursor.fetchone()[0])
