"""Scheduled work of the service hall."""

from __future__ import annotations

from lingqu.kernel.jobs import job

from .processes import install_services
from .services import beyond, expiring


@job(queue="default", every="17 * * * *", lock="service_hall.services")
def install() -> None:
    """The shipped definitions are in force at the top; an office's own are left alone."""
    install_services()


@job(queue="default", every="40 6 * * *", lock="service_hall.expiring")
def remind_of_returns() -> None:
    """休学 that ends soon, and transfers beyond the province that stand still, are on the desk of whoever keeps the school's
    register."""
    expiring.remind_of_returns()
    beyond.remind_of_late()
