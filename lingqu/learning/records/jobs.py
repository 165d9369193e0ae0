"""Scheduled work of the records."""

from __future__ import annotations

from datetime import timedelta

from lingqu.kernel.clock import now
from lingqu.kernel.jobs import job

from .models import Refusal
from .services import archiving, linking, partitions, references

REFUSAL_DAYS = 30


@job(queue="default", every="* * * * *", lock="records.link")
def link_actors() -> None:
    """Actors that nobody has asked about yet."""
    linking.link_actors()


@job(queue="default", every="*/10 * * * *", lock="records.settle")
def settle_references() -> None:
    """Statements that came at the same moment as one that refers to them."""
    references.settle_open()


@job(queue="default", every="17 1 * * *", lock="records.partitions")
def make_partitions() -> None:
    """Those of the next months."""
    partitions.make_partitions()


@job(queue="default", every="37 2 2 * *", lock="records.months")
def keep_months() -> None:
    """Months that are old enough move into files."""
    archiving.archive_due()


@job(queue="default", every="27 1 * * *", lock="records.refusals")
def purge_refusals() -> None:
    Refusal.objects.filter(at__lt=now() - timedelta(days=REFUSAL_DAYS)).delete()
