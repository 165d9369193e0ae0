"""One world for the tests of a file: it is built once, and what a test changes is taken back after it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from lingqu.foundation.identity.middleware import forget_standings

from .world import Samples, World, build_world, samples


@pytest.fixture(scope="module")
def kept_world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Stands in a transaction around the transactions of the tests."""
    with django_db_blocker.unblock():
        around = transaction.atomic()
        around._from_testcase = True  # as Django's own around a test: ``durable`` blocks may stand inside
        with around:
            yield build_world()
            transaction.set_rollback(True)


@pytest.fixture(scope="module")
def kept_samples(kept_world: World) -> Samples:
    return samples(kept_world)


@pytest.fixture
def world(db: None, kept_world: World) -> World:
    forget_standings()
    return kept_world
