"""The quality of a delivery in percent: how complete, correct and consistent its rows are."""

from __future__ import annotations

from collections import Counter

from ..rules import RULES
from ..types import BLOCK, HINT, Delivery

WEIGHT = {BLOCK: 1.0, "review": 0.5, HINT: 0.1}


def quality_of(delivery: Delivery) -> dict[str, int]:
    """100 less the weighted findings per 100 rows, by aspect; ``score`` is the mean. Empty without rows."""
    rows = sum(delivery.rows.values())
    if not rows:
        return {}
    lost: Counter[str] = Counter()
    for rule, count in delivery.rules.items():
        lost[RULES[rule].aspect] += WEIGHT[RULES[rule].severity] * count  # type: ignore[assignment]
    made = {aspect: max(0, round(100 - 100 * lost[aspect] / rows)) for aspect in ("complete", "correct", "consistent")}
    return {**made, "score": round(sum(made.values()) / 3)}
