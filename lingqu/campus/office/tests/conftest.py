from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import resolve

from lingqu.campus.office import testing
from lingqu.foundation.registry import api as registry
from lingqu.kernel import clock
from lingqu.kernel.actor import Actor


@pytest.fixture(autouse=True)
def _reference_data(request: pytest.FixtureRequest) -> None:
    if "db" in request.fixturenames or request.node.get_closest_marker("django_db"):
        request.getfixturevalue("db")
        registry.prepare()


@pytest.fixture(autouse=True)
def _friday(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is Friday, 20 November 2026, 07:00 in Shanghai."""
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 11, 19, 23, 0, tzinfo=UTC))


@pytest.fixture
def school(db: None) -> testing.School:
    return testing.School()


Visit = Callable[..., HttpResponse]


@pytest.fixture
def visit(db: None) -> Visit:
    """Call an address as an actor; domain errors are raised, not drawn."""
    session = SessionStore()

    def call(actor: Actor, url: str, data: dict[str, Any] | None = None) -> HttpResponse:
        request = RequestFactory().get(url) if data is None else RequestFactory().post(url, data)
        request.actor, request.session, request.request_id = actor, session, "test"  # type: ignore[attr-defined]
        request._messages = FallbackStorage(request)  # type: ignore[attr-defined]
        found = resolve(request.path)
        return found.func(request, *found.args, **found.kwargs)

    return call
