"""What goes after its time."""

from __future__ import annotations

from datetime import timedelta

from lingqu.kernel.clock import today

from ..models import DayScore, Evaluation, Finding

DAYS = 400


def purge() -> int:
    """Findings that are gone, daily scores and evaluations, 400 days later; returns how many rows went."""
    limit = today() - timedelta(days=DAYS)
    gone, _kinds = Finding.objects.filter(gone_on__lt=limit).delete()
    old, _kinds = DayScore.objects.filter(day__lt=limit).delete()
    runs, _kinds = Evaluation.objects.filter(day__lt=limit).delete()
    return gone + old + runs
