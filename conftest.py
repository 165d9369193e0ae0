"""Shared by every test of the project. The database comes from the plugin ``lingqu.config.throwaway``: real PostgreSQL,
started for the run when ``DATABASE_URL`` is not set."""

from __future__ import annotations

import pytest

SLOW_LAST = ("browser", "process")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Quick tests first; tests marked ``deep`` run only when asked for by ``-m``."""
    chosen = str(config.getoption("markexpr"))
    if "deep" not in chosen:
        for item in items:
            if item.get_closest_marker("deep"):
                item.add_marker(pytest.mark.skip(reason="runs in make test-deep"))
    items.sort(key=lambda item: any(item.get_closest_marker(mark) for mark in SLOW_LAST))
