"""Scheduled work of the records."""

from __future__ import annotations

from datetime import timedelta

from lingqu.kernel.clock import now
from lingqu.kernel.jobs import job

from .models import Refusal
from .services import volumes

REFUSAL_DAYS, CHUNK = 30, 20_000


@job(queue="default", every="17 3 * * *", lock="records.refusals")
def purge_refusals() -> None:
    """What was refused a month ago, in steps of bounded size."""
    limit = now() - timedelta(days=REFUSAL_DAYS)
    while True:
        old = list(Refusal.objects.filter(at__lt=limit).order_by("id").values_list("id", flat=True)[:CHUNK])
        Refusal.objects.filter(id__in=old).delete()
        if len(old) < CHUNK:
            return


@job(queue="default", every="7 * * * *", lock="records.volumes")
def count_volumes() -> None:
    """Statements of today and yesterday."""
    volumes.count_volumes()
