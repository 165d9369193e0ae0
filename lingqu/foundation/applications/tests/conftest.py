"""Each test begins with empty limits and without remembered standings."""

from __future__ import annotations

import pytest

from lingqu.foundation.identity import testing
from lingqu.foundation.identity.middleware import forget_standings


@pytest.fixture(autouse=True)
def _fresh(db: None) -> None:
    testing.forget_limits()
    forget_standings()
