from __future__ import annotations

from collections.abc import Iterator

import pytest

from lingqu.foundation.identity.middleware import forget_standings
from lingqu.foundation.oidc.services import keys


@pytest.fixture(autouse=True)
def fresh_keys() -> Iterator[None]:
    """Each test has its own database, so what the process remembers of the last one goes."""
    keys.forget()
    forget_standings()
    yield
    keys.forget()
