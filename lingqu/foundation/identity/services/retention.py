"""How long identity keeps what grows. The sign-in log stays seven months: law asks for six."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection

from lingqu.kernel.clock import now

from ..models import DataFile, Invitation, InvitationRound, KnownDevice, SlipBatch

ATTEMPT_DAYS, DEVICE_DAYS, BATCH_DAYS, CHUNK = 210, 400, 30, 20_000


def purge_attempts() -> int:
    """In transactions of bounded size, so that nobody waits."""
    total = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM identity_signinattempt WHERE id = ANY(ARRAY("
                "SELECT id FROM identity_signinattempt WHERE at < %s ORDER BY at LIMIT %s))",
                [now() - timedelta(days=ATTEMPT_DAYS), CHUNK],
            )
            total += cursor.rowcount
            if cursor.rowcount < CHUNK:
                return total


def purge_devices() -> int:
    return KnownDevice.objects.filter(seen_at__lt=now() - timedelta(days=DEVICE_DAYS)).delete()[0]


def purge_batches() -> int:
    """The files themselves go after a day: nobody holds a reference to them."""
    return SlipBatch.objects.filter(made_at__lt=now() - timedelta(days=BATCH_DAYS)).delete()[0]


def purge_data_files() -> int:
    """The files themselves go after a day: nobody holds a reference to them."""
    return DataFile.objects.filter(asked_at__lt=now() - timedelta(days=BATCH_DAYS)).delete()[0]


def purge_invitations() -> int:
    """Rounds and invitations after the life of a device: whoever has not come by then is invited anew."""
    old = now() - timedelta(days=DEVICE_DAYS)
    return (
        InvitationRound.objects.filter(made_at__lt=old).delete()[0]
        + Invitation.objects.filter(invited_at__lt=old).delete()[0]
    )
