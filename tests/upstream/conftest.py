"""A platform above, a teacher of ours, and permission to call the own machine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from lingqu.foundation.identity import testing
from lingqu.foundation.identity.middleware import forget_standings
from lingqu.foundation.identity.models import Account
from lingqu.kernel import crypto

from . import platforms
from .platforms import Platform
from .visiting import ID_NUMBER


@pytest.fixture(autouse=True)
def _fresh(db: None, settings: Any) -> None:
    testing.forget_limits()
    forget_standings()
    settings.LINGQU_OUTGOING_ALLOW = ("127.0.0.0/8",)


@pytest.fixture
def above() -> Iterator[Platform]:
    with platforms.platform() as made:
        yield made


@pytest.fixture
def teacher() -> Account:
    school = testing.make_school()
    person = testing.make_person("苏文", organisation=school, id_blind=crypto.blind("id", ID_NUMBER))
    testing.employ(person, school, "T001")
    return testing.account_for(person)
