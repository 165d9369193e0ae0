"""The rule that counts at a place on a day: that of the nearest office which set one, else the platform's own."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, cast

from django.db.models import Q

from lingqu.kernel.clock import today

from .. import register
from ..models import GuideNote, PlaceRule
from ..types.rules import Rule, RuleKind, SeatRule, SuspensionRule, TransferRule, WithdrawalRule, read

SHIPPED = Path(__file__).resolve().parents[1] / "data" / "rules.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """A rule with where it comes from. ``organisation`` is empty for the platform's own."""

    kind: str
    rule: Rule
    values: dict[str, Any]
    source: str
    organisation: str = ""
    organisation_code: str = ""
    valid_from: date | None = None
    set_by: str = ""


@cache
def shipped() -> dict[str, Stated]:
    rows = json.loads(SHIPPED.read_text(encoding="utf-8"))
    return {
        row["kind"]: Stated(
            kind=row["kind"], rule=read(row["kind"], row["values"]), values=row["values"], source=row["source"]
        )
        for row in rows
    }


def _on(day: date) -> Q:
    return Q(valid_from__lte=day) & (Q(valid_to=None) | Q(valid_to__gt=day))


def rules_at(paths: Iterable[str], kind: str, on: date | None = None) -> dict[str, Stated]:
    """The rule of a kind at each of several paths: one statement."""
    wanted = list(paths)
    above = {prefix for path in wanted for prefix in register.prefixes(path)}
    rows = PlaceRule.objects.filter(_on(on or today()), kind=kind, path__in=sorted(above)).select_related(
        "organisation"
    )
    found = {str(row.path): row for row in rows}
    return {path: _nearest(found, path, kind) for path in wanted}


def _nearest(found: dict[str, PlaceRule], path: str, kind: str) -> Stated:
    row = next((found[one] for one in register.prefixes(path) if one in found), None)
    return _stated(row) if row is not None else shipped()[kind]


def _stated(row: PlaceRule) -> Stated:
    return Stated(
        kind=row.kind, rule=read(row.kind, row.values), values=row.values, source=row.source,
        organisation=row.organisation.name, organisation_code=row.organisation.code or "", valid_from=row.valid_from,
        set_by=row.set_by,
    )  # fmt: skip


def rule_at(path: str, kind: str, on: date | None = None) -> Stated:
    return rules_at([path], kind, on)[path]


def transfer_rule(path: str, on: date | None = None) -> TransferRule:
    return cast(TransferRule, rule_at(path, RuleKind.TRANSFER, on).rule)


def suspension_rule(path: str, on: date | None = None) -> SuspensionRule:
    return cast(SuspensionRule, rule_at(path, RuleKind.SUSPENSION, on).rule)


def withdrawal_rule(path: str, on: date | None = None) -> WithdrawalRule:
    return cast(WithdrawalRule, rule_at(path, RuleKind.WITHDRAWAL, on).rule)


def seat_rules(paths: Iterable[str]) -> dict[str, SeatRule]:
    return {path: cast(SeatRule, one.rule) for path, one in rules_at(paths, RuleKind.SEATS).items()}


def list_stated(path: str) -> tuple[Stated, ...]:
    """Each kind of rule as it counts at a place today."""
    return tuple(rule_at(path, kind) for kind in RuleKind.values)


def list_versions(organisation: Any, kind: str) -> tuple[PlaceRule, ...]:
    """What an office set, newest first; what begins later stands above what counts today."""
    return tuple(PlaceRule.objects.filter(organisation=organisation, kind=kind).order_by("-valid_from")[:20])


def note_at(path: str, service: str) -> GuideNote | None:
    """What the nearest office added to a guide."""
    rows = GuideNote.objects.filter(path__in=register.prefixes(path), service=service).select_related("organisation")
    return max(rows, key=lambda row: str(row.path).count("."), default=None)
