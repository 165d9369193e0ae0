"""Scheduled work of the register."""

from __future__ import annotations

from uuid import UUID

from lingqu.kernel.actor import Actor
from lingqu.kernel.jobs import job

from .selectors.places import root_organisation
from .services import expiring, exporting, merging
from .services.reference import turn_school_year


@job(queue="default", every="5 16 * * *")
def end_expired_relations() -> None:
    """Just after midnight of the platform's zone (UTC+8)."""
    turn_school_year()
    expiring.end_expired()


@job(queue="default", every="35 16 * * *")
def find_suspects_everywhere() -> None:
    """Pairs that the day's imports and forms have made, before people come to work."""
    root = root_organisation()
    if root is not None:
        merging.find_suspects(actor=Actor.system("registry"), path=str(root.path))


@job(queue="default", retry=1)
def find_suspects(*, path: str) -> None:
    """What a reader of the suspects asked for."""
    merging.find_suspects(actor=Actor.system("registry"), path=path)


@job(queue="default", retry=3)
def make_list_export(*, export_id: str) -> None:
    """The file of a list that another person approved."""
    exporting.make_export(UUID(export_id))
