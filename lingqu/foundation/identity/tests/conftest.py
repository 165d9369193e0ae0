"""Fixtures of identity's tests."""

from __future__ import annotations

import pytest

from lingqu.foundation.identity import testing
from lingqu.foundation.identity.middleware import forget_standings
from lingqu.foundation.identity.models import Account


@pytest.fixture(autouse=True)
def empty_memory() -> None:
    forget_standings()


@pytest.fixture
def teacher(db: None) -> Account:
    school = testing.make_school()
    person = testing.make_person("李老师", organisation=school)
    testing.employ(person, school)
    return testing.account_for(person)
