"""Each test begins with empty limits and memories; a school with a class, its teacher and two pupils."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest

from lingqu.foundation.identity import testing
from lingqu.foundation.identity.middleware import forget_standings
from lingqu.foundation.oidc.services import keys

from .tool import VendorTool, running


@dataclass(frozen=True, slots=True)
class School:
    organisation: Any
    group: Any
    other_group: Any
    teacher: Any
    pupils: tuple[Any, ...]
    stranger: Any
    """A pupil of the other class."""


@pytest.fixture(autouse=True)
def _fresh(request: pytest.FixtureRequest) -> Iterator[None]:
    """Keys and standings are remembered by the process, and each test has its own database."""
    keys.forget()
    forget_standings()
    if {"db", "transactional_db", "live_server"} & set(request.fixturenames):
        request.getfixturevalue("db")
        testing.forget_limits()
    yield
    keys.forget()


@pytest.fixture
def place(live_server: Any, settings: Any) -> Iterator[tuple[str, VendorTool]]:
    """A running platform and a vendor's tool beside it."""
    settings.PUBLIC = urlsplit(live_server.url)
    settings.LINGQU_OUTGOING_ALLOW = ["127.0.0.1/32"]
    with running() as tool:
        yield live_server.url, tool


@pytest.fixture
def school(db: None) -> School:
    return make_school()


def make_school(code: str = "3301000001") -> School:
    organisation = testing.make_school(code, "云汀市第三中学（演示）")
    group = testing.make_class(organisation, "八（3）班")
    other = testing.make_class(organisation, "八（4）班")
    person = testing.make_person("苏文", organisation=organisation)
    testing.employ(person, organisation)
    testing.teach(person, group)
    return School(
        organisation, group, other, testing.account_for(person),
        tuple(_pupil(name, group) for name in ("周禾", "江一帆")), _pupil("陈默", other),
    )  # fmt: skip


def _pupil(name: str, group: Any) -> Any:
    person = testing.make_person(name, organisation=group.school)
    testing.seat(person, group, "G08")
    return testing.account_for(person)
