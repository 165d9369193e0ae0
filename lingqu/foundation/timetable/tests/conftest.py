from __future__ import annotations

from datetime import UTC, datetime

import pytest

from lingqu.foundation.registry import api as registry
from lingqu.kernel import clock


@pytest.fixture(autouse=True)
def _reference_data(request: pytest.FixtureRequest) -> None:
    if "db" in request.fixturenames or request.node.get_closest_marker("django_db"):
        request.getfixturevalue("db")
        registry.prepare()


@pytest.fixture(autouse=True)
def _friday(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is Friday, 20 November 2026, 09:20 in Shanghai."""
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 11, 20, 1, 20, tzinfo=UTC))
