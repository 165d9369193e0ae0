"""Django's ``migrate``; an empty database receives :mod:`lingqu.config.baseline` first."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate
from django.db import connections

from lingqu.config import baseline


class Command(migrate.Command):
    def add_arguments(self, parser: Any) -> None:
        super().add_arguments(parser)
        parser.add_argument("--no-baseline", action="store_true", help="run each migration, also on an empty database")

    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        whole = not (options["app_label"] or options["plan"] or options["check_unapplied"])
        if whole and not options["no_baseline"] and baseline.is_empty(connection):
            baseline.load(connection)
        super().handle(*args, **options)
