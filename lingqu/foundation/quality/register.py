"""The register's linkable models, read by relation and never written here."""

from __future__ import annotations

from typing import Any

from django.apps import apps


def people() -> Any:
    return apps.get_model("registry", "Person").objects


def classes() -> Any:
    return apps.get_model("registry", "ClassGroup").objects
