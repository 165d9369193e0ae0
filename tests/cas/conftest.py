"""Each test begins with empty limits and without remembered standings; a teacher of a school."""

from __future__ import annotations

from typing import Any

import pytest

from lingqu.foundation.identity import testing
from lingqu.foundation.identity.middleware import forget_standings


@pytest.fixture(autouse=True)
def _fresh(db: None) -> None:
    testing.forget_limits()
    forget_standings()


@pytest.fixture
def teacher(db: None) -> Any:
    school = testing.make_school()
    person = testing.make_person("苏文", organisation=school)
    testing.employ(person, school)
    testing.teach(person, testing.make_class(school))
    return testing.account_for(person)
