"""Brings a database to this version's schema: check, back up, migrate. Run as ``python -m lingqu.config.schema``.

Prints one JSON line. Exit code 3 = refused (wrong collation, or the database was written by a newer version).
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django

from lingqu import __version__
from lingqu.config.env import env, use_settings
from lingqu.config.words import gettext as _
from lingqu.kernel.errors import Conflict

REFUSED = 3
LOCK_KEY = 0x4C51_0001
"""Advisory lock: two starts on one database migrate one after the other."""


class SchemaRefused(Exception):
    """This database must not be used by this version; the message says why."""


def check_collation(connection: Any) -> None:
    """Only builtin C.UTF-8 or ICU: other providers change their order with the operating system and break indexes."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT datlocprovider, coalesce(datlocale, ''), datctype, pg_encoding_to_char(encoding) "
            "FROM pg_database WHERE datname = current_database()"
        )
        provider, locale, ctype, encoding = cursor.fetchone()
    name = locale if provider == "b" else ctype
    is_good = provider == "i" or name.replace("-", "").upper() == "C.UTF8"
    if encoding != "UTF8" or not is_good:
        told = _(
            "数据库使用 %(encoding)s 和区域 %(locale)s；灵渠需要 UTF8 和 builtin C.UTF-8 或 ICU。请这样建立：CREATE DATABASE … "
            "TEMPLATE template0 LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'"
        )
        raise SchemaRefused(told % {"encoding": encoding, "locale": name or locale})


def check_version(connection: Any) -> None:
    if connection.pg_version < 180000:
        told = _("灵渠需要 PostgreSQL 18 或更新版本，这个数据库是 %(version)d。")
        raise SchemaRefused(told % {"version": connection.pg_version // 10000})


def newer_migrations(executor: Any) -> list[str]:
    """Migrations that the database has and this version does not know: signs of a newer version."""
    known_apps = {app for app, _name in executor.loader.graph.nodes}
    unknown = set(executor.loader.applied_migrations) - set(executor.loader.disk_migrations)
    return sorted(
        f"{app}.{name}" for app, name in unknown if app in known_apps and not _is_replaced(executor, app, name)
    )


def _is_replaced(executor: Any, app: str, name: str) -> bool:
    return any((app, name) in migration.replaces for migration in executor.loader.disk_migrations.values())


def usable_executor() -> Any:
    """Django's migration executor for the default database. Changes nothing; raises :class:`SchemaRefused`."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    check_version(connection)
    check_collation(connection)
    executor = MigrationExecutor(connection)
    if unknown := newer_migrations(executor):
        told = _("数据库由更新的灵渠版本写过（%(names)s）。请启动那个版本，或恢复这个版本的备份。")
        raise SchemaRefused(told % {"names": ", ".join(unknown[:3])})
    return executor


def ensure_schema(*, backup_folder: Path | None) -> dict[str, Any]:
    """Migrate the default database. ``backup_folder`` receives a dump first when there is content to lose."""
    from django.core.management import call_command
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK_KEY])
    executor = usable_executor()
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    had_content = bool(executor.loader.applied_migrations)
    backup: Path | None = None
    if plan and had_content and backup_folder is not None:
        backup = _copy(backup_folder)
    if plan:
        call_command("migrate", interactive=False, verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK_KEY])
    return {"migrated": len(plan), "fresh": not had_content, "backup": str(backup) if backup else None}


def _copy(folder: Path) -> Path:
    """The database as it is, in the form that ``lingqu restore`` takes."""
    from lingqu.config.backup import make_backup
    from lingqu.config.home import new_mark, read_mark

    mark = read_mark(env().home) or new_mark(kind="real", version="")
    target = folder / f"before-upgrade-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    make_backup(target, mark=mark, with_key=False, with_files=False, tell=lambda text: None)
    return target


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def settle(kind: str, *, is_changed: bool) -> None:
    """Bring the index under its newest key, note what this home is, and after a change of schema or version bring the
    packaged reference data in. A real home has its root organisation before anybody can ask for a page; the demo city brings its own."""
    from lingqu.foundation.registry import api as registry
    from lingqu.governance.service_hall import api as service_hall
    from lingqu.kernel import rotation
    from lingqu.kernel.home import find_home, set_up

    try:
        rotation.advance_index(tell=_tell)
    except Conflict as refusal:
        if refusal.code != "keys_in_use" or rotation.has_begun():
            raise
        _tell(refusal.message)  # the index keeps its present key until the next start
    rotation.plan_resealing()
    before = find_home()
    if is_changed or before is None or before.version != __version__:
        registry.prepare()
    if kind != "demo":
        registry.ensure_root()
        service_hall.install_services()
    set_up(kind=kind, node_code=env().node_code, version=__version__)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kind", choices=["demo", "real"], default="real")
    parser.add_argument("--check", action="store_true", help="only say whether this version may use the database")
    options = parser.parse_args()
    use_settings()
    django.setup()
    try:
        if options.check:
            executor = usable_executor()
            plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
            print(json.dumps({"pending": len(plan)}))
            return 0
        result = ensure_schema(backup_folder=env().home / "backups")
        settle(options.kind, is_changed=bool(result["migrated"]))
    except (SchemaRefused, Conflict) as refusal:
        print(json.dumps({"refused": str(refusal)}))
        return REFUSED
    print(json.dumps(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
