"""Shared by every test of the project. The database comes from the plugin ``lingqu.config.throwaway``: real PostgreSQL,
started for the run when ``DATABASE_URL`` is not set."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management.color import no_style
from django.db import connection
from django.test import TransactionTestCase
from django.urls import get_resolver
from hypothesis import settings

from lingqu.foundation.registry import api as registry

settings.register_profile("lingqu", deadline=None)
settings.load_profile("lingqu")  # a busy machine is no counterexample
SLOW_LAST = ("browser", "process")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Quick tests first; tests marked ``deep`` run only when asked for by ``-m``."""
    chosen = str(config.getoption("markexpr"))
    if "deep" not in chosen:
        for item in items:
            if item.get_closest_marker("deep"):
                item.add_marker(pytest.mark.skip(reason="runs in make test-deep"))
    items.sort(key=lambda item: any(item.get_closest_marker(mark) for mark in SLOW_LAST))
    for item in items:
        item.add_marker(pytest.mark.xdist_group(group_of(item)))
        if any(item.get_closest_marker(mark) for mark in SLOW_LAST):
            item.add_marker(pytest.mark.flaky(reruns=1))  # decision 0045


def group_of(item: pytest.Item) -> str:
    """Tests that one worker of a parallel run takes together: a file, all journeys (one city), one by one what starts a
    platform of its own."""
    file = item.nodeid.partition("::")[0]
    if item.get_closest_marker("process"):
        return item.nodeid
    return "journeys" if "tests/journeys/" in file else file


@pytest.fixture(autouse=True)
def nothing_is_remembered() -> None:
    """What pages keep for a minute (the platform's name) belongs to the database of the test before."""
    cache.clear()


def _keep_kinds_and_permissions(self: TransactionTestCase) -> None:
    """After a test that commits every table is emptied but those of Django's content types and permissions, which no test
    changes: to make them anew for each of 200 tables takes longer than the emptying."""
    connection.ensure_connection()
    kept = {"django_content_type", "auth_permission"}
    tables = set(connection.introspection.django_table_names(only_existing=True, include_views=False)) - kept
    connection.ops.execute_sql_flush(connection.ops.sql_flush(no_style(), sorted(tables), allow_cascade=True))


TransactionTestCase._fixture_teardown = _keep_kinds_and_permissions


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """The code tables stand in the database before the first test, so a test that prepares the register only compares them.
    All addresses are loaded: a module that a test with another clock is the first to import would keep that clock."""
    assert get_resolver().url_patterns
    with django_db_blocker.unblock():
        _load_reference_data()


def _load_reference_data() -> None:
    registry.load_code_tables()
    registry.load_field_definitions()


@pytest.fixture(autouse=True)
def what_a_flush_leaves_and_takes(request: pytest.FixtureRequest) -> Iterator[None]:
    """Transactional tests commit, and the flush after them leaves out the tables of the job queue (they are unmanaged) and
    takes the code tables."""
    yield
    marker = request.node.get_closest_marker("django_db")
    commits = bool(marker and marker.kwargs.get("transaction")) or bool(
        {"transactional_db", "live_server"} & set(request.fixturenames)
    )
    if commits:
        with request.getfixturevalue("django_db_blocker").unblock(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_jobs")
            _load_reference_data()
