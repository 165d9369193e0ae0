"""Keys turn, and what is over goes."""

from __future__ import annotations

from lingqu.kernel.jobs import job

from .services import authentication, grants, keys


@job(queue="maintenance", every="17 * * * *")
def turn_keys() -> None:
    keys.turn()


@job(queue="maintenance", every="41 3 * * *")
def purge_oidc() -> None:
    grants.purge()
    authentication.purge()
