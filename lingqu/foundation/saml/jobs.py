"""Clearing away, and the successor of a key in time."""

from __future__ import annotations

from lingqu.kernel.jobs import job

from .services import keys
from .services.answering import purge


@job(queue="maintenance", every="27 * * * *")
def purge_saml() -> None:
    purge()


@job(queue="maintenance", every="37 3 * * *")
def renew_saml_key() -> None:
    keys.renew_due()
