"""Frozen reports: the latest of each school, the history of one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from ..models import Report


def former_values(collection_id: UUID, schools: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """School → what it last reported in a collection; one statement."""
    rows = Report.objects.filter(answer__collection_id=collection_id, answer__school_id__in=list(schools))
    latest = rows.order_by("answer_id", "-version").distinct("answer_id")
    return dict(latest.values_list("answer__school_id", "values"))


def digest_of(values: Mapping[str, Any], number: str, school: str, version: int) -> str:
    """SHA-256 over everything that a report says and which one it is."""
    held = {"number": number, "school": school, "version": version, "values": values}
    text = json.dumps(held, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
