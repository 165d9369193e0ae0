"""The register's and identity's tables as this module reads them: through its own keys, never written."""

from __future__ import annotations

from typing import Any

from .models import Application, Consent


def organisations() -> Any:
    """Manager of Organisation."""
    model: Any = Application._meta.get_field("organisation").related_model
    return model.objects


def people() -> Any:
    """Manager of Person."""
    model: Any = Consent._meta.get_field("person").related_model
    return model.objects


def accounts() -> Any:
    """Manager of Account."""
    model: Any = Consent._meta.get_field("account").related_model
    return model.objects


def of_person(name: str) -> Any:
    """Manager of a relation of a person: enrolments, class_memberships, appointments, wards …"""
    return people().model._meta.get_field(name).related_model.objects


def classes() -> Any:
    """Manager of ClassGroup."""
    return of_person("class_memberships").model._meta.get_field("class_group").related_model.objects
