"""Each test begins with empty limits and without remembered standings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from lingqu.foundation.identity import testing
from lingqu.foundation.identity.middleware import forget_standings
from tests.upstream.platforms import Platform, platform

from .hearing import listen


@pytest.fixture(autouse=True)
def _fresh(db: None) -> None:
    testing.forget_limits()
    forget_standings()


@pytest.fixture
def county(db: None) -> Any:
    return testing.make_school("330101", "云汀县", kind="region")


@pytest.fixture
def school(county: Any) -> Any:
    return testing.make_school("3301010001", "第三中学", parent=county)


@pytest.fixture
def vendor(settings: Any) -> Iterator[Platform]:
    """A vendor's server on this machine, which may be called."""
    settings.LINGQU_OUTGOING_ALLOW = ("127.0.0.0/8",)
    with platform() as made:
        listen(made)
        yield made
