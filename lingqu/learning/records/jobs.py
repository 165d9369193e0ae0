"""Scheduled work of the records."""

from __future__ import annotations

from datetime import timedelta

from lingqu.kernel.clock import now
from lingqu.kernel.jobs import job

from .models import Refusal, Session
from .services import archiving, forwarding, linking, partitions, references, sessions, volumes

REFUSAL_DAYS, SESSION_DAYS, CHUNK = 30, 730, 20_000


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
    """Months that are old enough move into files; what is too old ends."""
    archiving.archive_due()
    archiving.drop_ended()


@job(queue="default", every="27 1 * * *", lock="records.refusals")
def purge_refusals() -> None:
    """What was refused a month ago, in steps of bounded size."""
    limit = now() - timedelta(days=REFUSAL_DAYS)
    while True:
        old = list(Refusal.objects.filter(at__lt=limit).order_by("id").values_list("id", flat=True)[:CHUNK])
        Refusal.objects.filter(id__in=old).delete()
        if len(old) < CHUNK:
            return


@job(queue="default", every="* * * * *", lock="records.forward")
def forward_statements() -> None:
    """Statements that go on to other stores."""
    forwarding.forward_due()


@job(queue="default", every="7 * * * *", lock="records.volumes")
def count_volumes() -> None:
    """Statements of today and yesterday."""
    volumes.count_volumes()


@job(queue="default", every="23 * * * *", lock="records.sessions")
def abandon_sessions() -> None:
    """Sessions of units from which nothing came for half a day."""
    sessions.abandon_old()


@job(queue="default", every="41 3 * * *", lock="records.old_sessions")
def purge_sessions() -> None:
    """Ended sessions of long ago; their statements stay."""
    limit = now() - timedelta(days=SESSION_DAYS)
    while True:
        old = list(
            Session.objects.filter(launched_at__lt=limit).exclude(ended_at=None).values_list("id", flat=True)[:CHUNK]
        )
        Session.objects.filter(id__in=old).delete()
        if len(old) < CHUNK:
            return
