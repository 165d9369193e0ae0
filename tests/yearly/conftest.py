"""Rollover plays in August."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from lingqu.foundation.registry import api as registry
from lingqu.kernel import clock

from .worlds import FROM


@pytest.fixture
def in_august(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    registry.ensure_school_year(FROM)
    monkeypatch.setattr(clock, "now", lambda: datetime(2027, 8, 20, 2, 0, tzinfo=UTC))
