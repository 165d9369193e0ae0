"""Forwards and what was refused of them."""

from __future__ import annotations

from ..models import DeadLetter, Forward, Tenant

MOST = 200


def list_forwards() -> list[Forward]:
    rows = Forward.objects.select_related("tenant__application", "tenant__organisation").order_by("id")
    return list(rows[:MOST])


def list_letters() -> list[DeadLetter]:
    """The latest refusals of all forwards."""
    return list(DeadLetter.objects.select_related("forward").order_by("-id")[:MOST])


def list_tenants() -> list[Tenant]:
    rows = Tenant.objects.select_related("application", "organisation")
    return list(rows.order_by("application__name", "organisation__code", "id")[:1000])
