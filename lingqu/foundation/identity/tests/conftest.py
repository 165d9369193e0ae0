"""Fixtures of identity's tests."""

from __future__ import annotations

import pytest

from lingqu.foundation.identity.middleware import forget_standings


@pytest.fixture(autouse=True)
def empty_memory() -> None:
    forget_standings()
