"""The schema as one text: what an empty database receives instead of a hundred migrations.

Django renders all related models again after each operation of a migration, so its time grows with the square of the number of
tables: 36 s of processor time at 150 tables, 2 s with this text. ``baseline.sql`` holds what the migrations named in its head give;
later ones run on top of it as usual. ``make baseline`` writes it; ``make test-deep`` compares both ways.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("baseline.sql")
HEAD = "-- migration "

Names = dict[tuple[str, str], str]
"""(app label, name of the migration) → digest of its file."""


def digests(connection: Any) -> Names:
    """The migrations of this version, in the order in which an empty database takes them."""
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes(), clean_start=True)
    return {(one.app_label, one.name): _digest(type(one).__module__) for one, _backwards in plan}


def _digest(module: str) -> str:
    return hashlib.sha256(Path(str(sys.modules[module].__file__)).read_bytes()).hexdigest()[:16]


def held(text: str) -> Names:
    """The migrations that ``text`` stands for."""
    found: Names = {}
    for line in text.splitlines():
        if not line.startswith(HEAD):
            break
        app, name, digest = line.removeprefix(HEAD).split()
        found[app, name] = digest
    return found


def written(names: Names, statements: str) -> str:
    head = "".join(f"{HEAD}{app} {name} {digest}\n" for (app, name), digest in names.items())
    return head + "\n" + statements


def stale(connection: Any) -> list[str]:
    """Migrations in the text whose files have changed or gone since; it must not be loaded then."""
    present = digests(connection)
    return [
        f"{app}.{name}" for (app, name), digest in held(FILE.read_text()).items() if present.get((app, name)) != digest
    ]


def is_empty(connection: Any) -> bool:
    return not connection.introspection.table_names(include_views=True)


def load(connection: Any) -> None:
    """Make the tables of the text in an empty database and note its migrations as applied; all or nothing."""
    from django.db import transaction
    from django.db.migrations.recorder import MigrationRecorder

    text = FILE.read_text()
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute(text)
        _note(MigrationRecorder(connection), held(text))


def _note(recorder: Any, names: Iterable[tuple[str, str]]) -> None:
    for app, name in names:
        recorder.record_applied(app, name)
