"""Scheduled work of identity."""

from __future__ import annotations

from uuid import UUID

from lingqu.kernel.jobs import job

from .middleware import actor_for
from .services import (
    alerts,
    classroom,
    codes,
    figures,
    inviting,
    locking,
    phones,
    real_names,
    retention,
    revoking,
    slider,
    slips,
    sso,
    taking,
    texting,
    throttle,
)


@job(queue="default", retry=3)
def make_school_slips(*, batch_id: str) -> None:
    """The ZIP that a school ordered."""
    slips.make_batch(UUID(batch_id))


@job(queue="default", retry=3)
def make_data_file(*, file_id: str) -> None:
    """Everything held about somebody, in the name of who asked, as far as that account may now."""
    found = taking.find_orderer(UUID(file_id))
    if found is not None:
        account, role = found
        taking.make(UUID(file_id), actor=actor_for(account, role))


@job(queue="default", retry=3)
def send_invitations(*, round_id: str) -> None:
    """The messages of a round that a school ordered; a second run goes on where the first was killed."""
    inviting.send_round(UUID(round_id))


@job(queue="default", every="*/5 * * * *")
def open_due_accounts() -> None:
    """Accounts that were stopped until a day that has come."""
    locking.open_due()


@job(queue="default", every="* * * * *")
def end_due_sessions() -> None:
    """Sessions whose time is over, class sessions at the bell among them."""
    sso.end_due()


@job(queue="default", every="23 * * * *")
def match_real_names() -> None:
    """What the national register and proved phones say about who people are."""
    real_names.match_register()


@job(queue="default", every="17 * * * *")
def purge_sign_in() -> None:
    """Buckets that are empty, phone numbers a day after their code ended."""
    throttle.purge()
    phones.purge()
    slider.purge()


@job(queue="default", every="*/5 * * * *")
def watch_sign_ins() -> None:
    """Alerts about what has piled up."""
    alerts.watch()


@job(queue="default", every="2-59/15 * * * *")
def tell_alerts() -> None:
    """One e-mail a reader with the alerts that are new."""
    alerts.tell()


@job(queue="default", every="23 * * * *")
def count_sign_ins() -> None:
    """How far accounts are in use, place by place."""
    figures.count_sign_ins()


@job(queue="default", every="41 18 * * *")
def purge_identity() -> None:
    """Old attempts, devices, codes, batches and alerts; the networks that are schools are learned anew."""
    alerts.learn_networks()
    alerts.purge()
    retention.purge_attempts()
    retention.purge_devices()
    retention.purge_batches()
    retention.purge_data_files()
    retention.purge_invitations()
    codes.purge()
    classroom.purge()
    texting.purge()
    revoking.purge()
    sso.purge()
