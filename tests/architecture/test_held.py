"""Whoever takes along what is held about them gets it from every module."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps

from lingqu.foundation.registry.types.held import HANDED_OUT, HELD

ABOUT_PEOPLE = {"registry.Person", "identity.Account"}


def tables_about_people() -> list[str]:
    """Tables above the register with a key to a person or an account; the register's own are its record of the person."""
    found = set()
    for model in apps.get_models():
        if model._meta.app_label == "registry" or not model.__module__.startswith("lingqu."):
            continue
        keys: list[Any] = [field for field in model._meta.concrete_fields if field.is_relation]
        if any(field.related_model._meta.label in ABOUT_PEOPLE for field in keys):
            found.add(model._meta.db_table)
    return sorted(found)


@pytest.mark.parametrize("table", tables_about_people())
def test_a_table_about_people_is_handed_out_or_says_why_not(table: str) -> None:
    assert table in HANDED_OUT, f"{table}: registry.hand_out or registry.keep_back in its module's contributions.py"


def test_nothing_is_named_that_does_not_exist() -> None:
    tables = {model._meta.db_table for model in apps.get_models()}
    assert sorted(set(HANDED_OUT) - tables) == []
    assert set(HELD.names) <= set(HANDED_OUT.values())
