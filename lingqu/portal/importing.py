"""The latest imports in reach, for home pages of those who run or watch them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from lingqu.foundation.intake import api as intake
from lingqu.kernel.actor import Actor

SHOWN = 6
TONES = {
    "applied": "green",
    "refused": "coral",
    "mapping": "amber",
    "checked": "amber",
    "reading": "brand",
    "applying": "brand",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportLine:
    """``blocked`` and ``to_review`` count rows that carry a finding of that severity."""

    number: str
    place: str
    who: str
    at: datetime
    rows: int
    blocked: int
    to_review: int
    state_label: str
    tone: str
    address: str


def latest_imports(actor: Actor) -> tuple[ImportLine, ...]:
    page = intake.list_imports(actor=actor)
    return tuple(_line(record) for record in page.items[:SHOWN])


def _line(record: Any) -> ImportLine:
    with_findings = record.counts.get("rows_with", {})
    return ImportLine(
        number=record.number, place=record.organisation.name, who=record.created_by, at=record.created_at,
        rows=record.counts.get("rows", 0), blocked=with_findings.get("block", 0),
        to_review=with_findings.get("review", 0), state_label=record.get_state_display(),
        tone=TONES.get(record.state, ""), address=reverse("intake:import", args=[record.number]),
    )  # fmt: skip
