from __future__ import annotations

import pytest

from lingqu.foundation.registry import api as registry
from lingqu.foundation.workflow.selectors import clocks


@pytest.fixture(autouse=True)
def _reference_data(request: pytest.FixtureRequest) -> None:
    clocks.forget()
    if request.node.get_closest_marker("django_db"):
        request.getfixturevalue("db")
        registry.prepare()
