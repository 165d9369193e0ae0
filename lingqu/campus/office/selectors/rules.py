"""Kinds of leave and limits as they count at a place."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ..models import LeaveRule, OnlineLeave
from ..types.values import BEGINNING, Kind, Online, Rules
from ..types.words import Audience


def rules_at(path: str, audience: str) -> Rules:
    """Those of the nearest organisation upwards that says something; one statement."""
    labels = path.split(".")
    above = [".".join(labels[: place + 1]) for place in range(len(labels))]
    rows = list(
        LeaveRule.objects.filter(organisation__path__in=above, audience=audience).select_related("organisation")
    )
    if not rows:
        return BEGINNING[Audience(audience)]
    return as_rules(max(rows, key=lambda row: str(row.organisation.path).count(".")))


def online_at(path: str) -> Online:
    """Whether leave is asked for online, as the nearest organisation upwards says; nobody says so: no. One statement."""
    labels = path.split(".")
    above = [".".join(labels[: place + 1]) for place in range(len(labels))]
    rows = OnlineLeave.objects.filter(organisation__path__in=above).select_related("organisation")
    row = max(rows, key=lambda one: str(one.organisation.path).count("."), default=None)
    if row is None:
        return Online(is_on=False)
    return Online(is_on=row.is_on, reason=row.reason, place=row.organisation.name, set_by=row.set_by, set_at=row.set_at)


def as_rules(row: LeaveRule) -> Rules:
    return Rules(
        audience=row.audience, first=row.first_days, second=row.second_days, kinds=tuple(map(_kind, row.kinds)),
        source=row.organisation.name, organisation_id=row.organisation_id,
    )  # fmt: skip


def _kind(one: dict[str, Any]) -> Kind:
    return Kind(
        code=one["code"], name=one["name"], is_illness=bool(one.get("is_illness")),
        quota=Decimal(one["quota"]) if one.get("quota") else None,
    )  # fmt: skip


def stored(kind: Kind) -> dict[str, Any]:
    return {
        "code": kind.code, "name": kind.name, "is_illness": kind.is_illness,
        "quota": str(kind.quota) if kind.quota is not None else "",
    }  # fmt: skip
