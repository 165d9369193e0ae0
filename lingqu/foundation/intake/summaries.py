"""What pages and reports need of a delivery once its rows are gone: kept with the import as JSON."""

from __future__ import annotations

from typing import Any

from .types import Delivery, SheetMapping

MOST_SHEETS = 2000
SAMPLED = 40


def summary_of(delivery: Delivery) -> dict[str, Any]:
    """Exact counts, quality, and how each sheet was understood."""
    asked = [sheet for sheet in delivery.sheets if sheet.needs_a_person]
    shown = asked + [sheet for sheet in delivery.sheets if not sheet.needs_a_person]
    return {
        "severities": delivery.severities, "rows_with": delivery.rows_with, "rules": delivery.rules,
        "rows_of": delivery.rows, "rejected_of": delivery.rejected, "quality": delivery.quality,
        "sheets": [_sheet(sheet, with_samples=n < SAMPLED) for n, sheet in enumerate(shown[:MOST_SHEETS])],
    }  # fmt: skip


def _sheet(sheet: SheetMapping, *, with_samples: bool) -> dict[str, Any]:
    return {
        "file": sheet.file, "sheet": sheet.sheet, "kind": sheet.kind, "digest": sheet.digest, "header_row": sheet.header_row,
        "headings": list(sheet.headings), "columns": list(sheet.columns), "confidence": [round(c, 2) for c in sheet.confidence],
        "samples": [list(row) for row in sheet.samples] if with_samples else [], "problem": sheet.problem,
        "is_confirmed": sheet.is_confirmed, "needs_a_person": sheet.needs_a_person,
    }  # fmt: skip
